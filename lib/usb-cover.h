/* usb-cover.h: what one rule says of all that another speaks of */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_COVER_H
#define BND_USB_COVER_H

#include <stdbool.h>

#include "usb-term.h"

/* Whatever the later rule hits, the other hits too.  false: not shown. */
bool bnd_usb_covers(
    const struct bnd_usb_rule *r, const struct bnd_usb_rule *later);

/*
 * No device there can be is hit, by what one attribute asks for (true by a
 * literal condition is not looked for).  *by says which.
 */
bool bnd_usb_is_impossible(const struct bnd_usb_rule *r, enum bnd_usb_by *by);

#endif
