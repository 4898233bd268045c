/* usb-view.h: everything a decision needs of one device, read once */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_VIEW_H
#define BND_USB_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "usb-desc.h"
#include "usb-device.h"
#include "usb-dir.h"

/* About 90 KiB: one a process.  d points into the rest. */
struct bnd_usb_view {
	struct bnd_usb_device d;
	unsigned devnum;
	bool authorized;
	struct bnd_usb_desc desc;
	size_t len;
	uint8_t bytes[BND_USB_DESC_MAX + 1];
	char strings[3][BND_USB_STRING_MAX + 1];
	char connect[32];
};

/*
 * Read all attributes; d.seen, twins and kept_console are left {0}.  devnum is
 * read again at the end: changed three times is BND_E_BUSY.  ENOENT, ENODEV in
 * errnum: it has gone.  connect_ms: how long to wait for connect_type.
 */
int bnd_usb_view_read(const struct bnd_usb_dir *dir, unsigned connect_ms,
    struct bnd_usb_view *v, struct bnd_err *err) BND_CHECK;

#endif
