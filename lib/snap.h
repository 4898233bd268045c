/* snap.h: what a link loses when it goes down, kept and put back */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SNAP_H
#define BND_SNAP_H

#include "err.h"
#include "link.h"
#include "nl.h"
#include "note.h"
#include "root.h"

/*
 * One file a link, by its index, 0600: the kernel's own messages of its
 * addresses, nexthops, routes of all tables and permanent neighbours, between
 * one that says which link it was and one with the time and a digest.
 */
#define BND_SNAP_DIR "run/bnd/net/links"

/* What the kernel has for all links at one time.  Start as {0}. */
struct bnd_image {
	struct bnd_nlbuf addr, nexthop, route, neigh;
};
int bnd_image_read(
    struct bnd_nl *nl, struct bnd_image *image, struct bnd_err *err) BND_CHECK;
void bnd_image_free(struct bnd_image *image);
#define SCOPED_IMAGE __attribute__((cleanup(bnd_image_free)))

/*
 * Keep what image has of the link.  A sound file of the same link that is
 * there already stays: it says how the link was when we first took it down.
 */
int bnd_snap_save(const struct bnd_root *root, const struct bnd_link *link,
    const struct bnd_image *image, struct bnd_err *err) BND_CHECK;

/*
 * Raise every link that has a file and put back what it had; the files are used
 * up.  What is not back, or not the link it was, is a note.  -1 only if the
 * kernel or the directory could not be asked at all.
 */
int bnd_snap_return(const struct bnd_root *root, struct bnd_nl *nl,
    unsigned *count, struct bnd_notes *notes, struct bnd_err *err) BND_CHECK;

#endif
