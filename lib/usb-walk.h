/* usb-walk.h: every USB device of the host, parents first; knows libudev */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_WALK_H
#define BND_USB_WALK_H

#include <stddef.h>

#include "err.h"
#include "root.h"

/*
 * Paths ("/devices/...") of controllers and devices.  Only names are taken
 * from libudev, which caches attributes.  A root of -R is read without it.
 */
struct bnd_usb_paths {
	size_t n;
	char **path; /* owned */
};
int bnd_usb_walk(const struct bnd_root *root, struct bnd_usb_paths *paths,
    struct bnd_err *err) BND_CHECK;
/* The path of what has this name ("1-1.2", "usb1"); NULL: it is not here. */
const char *bnd_usb_paths_find(
    const struct bnd_usb_paths *paths, const char *name);
void bnd_usb_paths_free(struct bnd_usb_paths *paths);
#define SCOPED_USB_PATHS __attribute__((cleanup(bnd_usb_paths_free)))

#endif
