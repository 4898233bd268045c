/* usb-gone.h: a device that went: what its port's file knew of it */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_GONE_H
#define BND_USB_GONE_H

#include "usb-moment.h"
#include "usb-port.h"
#include "usb-settle.h"

/*
 * sysfs knows nothing of it any more; the caller holds the port's lock, which
 * is fd.  An intent without a result gets its answer, a device of the baseline its
 * record and perhaps its trip, and the file is emptied.
 */
void bnd_usb_gone(const struct bnd_root *root,
    const struct bnd_usb_order *order, int fd, const struct bnd_usb_port *p,
    const struct bnd_usb_moment *m, struct bnd_usb_settled *s);

/* The hook of a removal; devpath is checked as any other. */
int bnd_usb_gone_hook(const struct bnd_root *root, const char *devpath,
    const struct bnd_usb_order *order, struct bnd_usb_settled *s,
    struct bnd_err *err) BND_CHECK;

#endif
