/* usb-moment.h: which mode a device is judged by, just now */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_MOMENT_H
#define BND_USB_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "mode.h"
#include "root.h"

struct bnd_usb_moment {
	enum bnd_mode mode;	 /* to judge by: effective, requests counted */
	enum bnd_mode committed; /* what was left for it, if it is entered */
	uint64_t gen;
	struct bnd_err why; /* of a state that cannot be used: LOCKDOWN */
};

/* No laxer than least, which may be BND_MODE_NONE. */
void bnd_usb_moment_take(
    const struct bnd_root *root, enum bnd_mode least, struct bnd_usb_moment *m);
bool bnd_usb_moment_same(
    const struct bnd_usb_moment *a, const struct bnd_usb_moment *b);

/*
 * Whether a device that should not come, or go, trips: from COLDROOM on, once it
 * is the mode of this host and not just being entered.  In LOCKDOWN there is
 * nothing left to trip.
 */
bool bnd_usb_moment_trips(const struct bnd_usb_moment *m);

#endif
