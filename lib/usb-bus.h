/* usb-bus.h: the devices of every bus, each branch in a process of its own */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_BUS_H
#define BND_USB_BUS_H

#include "err.h"
#include "root.h"
#include "usb-report.h"
#include "usb-settle.h"
#include "usb-walk.h"

/* A row an answer; one for each path, in no order between buses. */
struct bnd_usb_taker {
	void (*take)(void *ctx, const struct bnd_usb_row *row);
	void *ctx;
};

#define BND_USB_LATE_MS 6000 /* longer than a request of the kernel takes */

/*
 * A device that hangs costs its branch only, what hangs below one port of a root
 * hub: whoever waits for it cannot be killed and is left behind at the deadline.
 * Those without an answer by then are only looked at, for BND_USB_LATE_MS more; one
 * that cannot be has a row that holds nothing (BND_E_ENFORCER).
 */
int bnd_usb_bus_run(const struct bnd_root *root,
    const struct bnd_usb_order *order, const struct bnd_usb_paths *paths,
    unsigned deadline_ms, const struct bnd_usb_taker *taker,
    struct bnd_err *err) BND_CHECK;

/* Length of the part of path that names its branch ("/devices/.../usb1/1-1"). */
size_t bnd_usb_branch_of(const char *path);

#endif
