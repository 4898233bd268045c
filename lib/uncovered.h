/* uncovered.h: channels out of the host that the seal does not close */
/* SPDX-License-Identifier: ISC */
#ifndef BND_UNCOVERED_H
#define BND_UNCOVERED_H

#include "note.h"
#include "root.h"

/*
 * List those that are there, a note each, from what sysfs and procfs show below
 * root: nothing is opened that could load a module.  A network card that has no
 * link here, or was given away, is a finding as well (unseen).
 */
void bnd_uncovered_list(const struct bnd_root *root, struct bnd_notes *findings,
    struct bnd_notes *uncovered);

/* Network file systems that are mounted, and will hang. */
void bnd_uncovered_mounts(const struct bnd_root *root, struct bnd_notes *notes);

#endif
