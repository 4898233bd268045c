/* usb-look.h: a device as it is now, for whoever only looks */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_LOOK_H
#define BND_USB_LOOK_H

#include <sys/types.h>

#include "err.h"
#include "root.h"
#include "usb-view.h"

enum bnd_usb_found {
	BND_USB_NONE = 0, /* a root hub, or it has gone */
	BND_USB_DEVICE,	  /* *v is filled, and v->d.seen if it is let in */
};

/* path: "/devices/...", of usb-walk.h.  inode of its directory, or NULL. */
int bnd_usb_look(const struct bnd_root *root, const char *path,
    struct bnd_usb_view *v, enum bnd_usb_found *found, ino_t *inode,
    struct bnd_err *err) BND_CHECK;

#endif
