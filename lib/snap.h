/* snap.h: what a link loses when it goes down, kept in a file */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SNAP_H
#define BND_SNAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "image.h"
#include "link.h"
#include "nl.h"
#include "root.h"

/*
 * One file a link, by its index, 0600, in a directory for each network
 * namespace: the kernel's own messages of its addresses, nexthops, routes of all
 * tables and permanent neighbours, between one that says which link it was and
 * one with the time and a digest.
 */
#define BND_SNAP_DIR	  "run/bnd/net/links" /* that of our own */
#define BND_SNAP_PATH	  96
#define BND_SNAP_PERSONAL "bnd-links-v1" /* of its digests */

/* One such file.  Start as {0}. */
struct bnd_snap {
	struct bnd_link was;
	struct bnd_nlbuf b;
	uint64_t boot_us; /* when it was kept */
};
void bnd_snap_free(struct bnd_snap *s);
#define SCOPED_SNAP __attribute__((cleanup(bnd_snap_free)))

/* Those of all links that come back. */
struct bnd_snaps {
	size_t n;
	struct bnd_snap *v;
	uint64_t boot_us; /* now */
};
void bnd_snaps_free(struct bnd_snaps *s);
#define SCOPED_SNAPS __attribute__((cleanup(bnd_snaps_free)))

/*
 * Keep what image has of the link.  A sound file of the same link that is
 * there already stays: it says how the link was when we first took it down.
 */
int bnd_snap_save(const struct bnd_root *root, const char *dir,
    const struct bnd_link *link, const struct bnd_image *image,
    struct bnd_err *err) BND_CHECK;

/* -1 for anything but a sound file. */
int bnd_snap_load(const struct bnd_root *root, const char *path,
    struct bnd_snap *s, struct bnd_err *err) BND_CHECK;
void bnd_snap_path(
    const char *dir, unsigned index, char path[static BND_SNAP_PATH]);
/* By index, kind and permanent hardware address; the name may change. */
bool bnd_snap_is_of(const struct bnd_link *a, const struct bnd_link *b);

#endif
