/* updown.h: links go down with what they lose kept, and up with it again */
/* SPDX-License-Identifier: ISC */
#ifndef BND_UPDOWN_H
#define BND_UPDOWN_H

#include "err.h"
#include "link.h"
#include "nl.h"
#include "note.h"
#include "root.h"

/*
 * Take links down: all real ones, or the one of that index whatever it is.
 * What a down destroys is kept first (snap.h).  A link that cannot be kept goes
 * down all the same, with a note.  dir is where, below the root; *count is how
 * many went down.  -1: one could not be taken down; the others were.
 */
int bnd_links_down(const struct bnd_root *root, const char *dir,
    struct bnd_nl *nl, const struct bnd_links *l, unsigned index,
    unsigned *count, struct bnd_notes *notes, struct bnd_err *err) BND_CHECK;

/*
 * Raise every link that has a file and put back what it had; the files are used
 * up.  What is not back, or not the link it was, is a note.  -1 only if the
 * kernel or the directory could not be asked at all.
 */
int bnd_snap_return(const struct bnd_root *root, const char *dir,
    struct bnd_nl *nl, unsigned *count, struct bnd_notes *notes,
    struct bnd_err *err) BND_CHECK;

#endif
