/* usb-apply.h: settle for every device */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_APPLY_H
#define BND_USB_APPLY_H

#include "err.h"
#include "root.h"
#include "usb-report.h"
#include "usb-settle.h"

#define BND_USB_APPLY_MS \
	30000 /* for all devices, and BND_USB_LATE_MS to look */

/* Every device; order->only_look: only compare.  0: *r says what came of it. */
int bnd_usb_apply(const struct bnd_root *root,
    const struct bnd_usb_order *order, struct bnd_usb_report *r,
    struct bnd_err *err) BND_CHECK;

#endif
