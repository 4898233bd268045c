/* usb-match.h: whether a rule speaks of a device */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_MATCH_H
#define BND_USB_MATCH_H

#include <stdbool.h>

#include "usb-device.h"
#include "usb-term.h"

/*
 * What a condition must know of the other devices: whether one that is now
 * authorised matches the query, asked by bnd_usb_rule_hits(query, it, NULL).
 * *unknown is set if that cannot be told.
 */
struct bnd_usb_others {
	bool (*any)(void *ctx, const struct bnd_usb_rule *query, bool *unknown);
	void *ctx;
};

/*
 * What cannot be decided counts against the device: it misses an allow rule
 * and hits the other two.  others NULL: nobody can tell.
 */
bool bnd_usb_rule_hits(const struct bnd_usb_rule *r,
    const struct bnd_usb_device *d, const struct bnd_usb_others *others);

#endif
