/* usb-console.h: whether a human at the console can still type */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_CONSOLE_H
#define BND_USB_CONSOLE_H

#include <stdbool.h>

#include "err.h"
#include "root.h"

/*
 * Whole keyboards, by what their input nodes can do.  Those below a USB device
 * and those that are not (PS/2, a laptop's own) are counted apart; those that
 * programs make and those behind a radio are not counted.
 */
struct bnd_usb_keyboards {
	unsigned usb, other;
};
int bnd_usb_keyboards(const struct bnd_root *root, struct bnd_usb_keyboards *k,
    struct bnd_err *err) BND_CHECK;

/* Another local way in: a keyboard that is not on USB, or a serial console. */
bool bnd_usb_other_console(const struct bnd_root *root);

/*
 * Whether what has these keys can type: any letter or digit.  words is
 * capabilities/key, native longs in hex, most significant first.  What is no
 * such text may type.
 */
bool bnd_usb_keys_type(const char *words);

#endif
