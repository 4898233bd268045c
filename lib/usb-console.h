/* usb-console.h: whether a human at the console can still type */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_CONSOLE_H
#define BND_USB_CONSOLE_H

#include <stdbool.h>

#include "err.h"
#include "root.h"

/*
 * Input nodes with letters or digits, by their real capabilities.  Those below
 * a USB device and those that are not (PS/2, a laptop's own) are counted apart.
 */
struct bnd_usb_keyboards {
	unsigned usb, other;
};
int bnd_usb_keyboards(const struct bnd_root *root, struct bnd_usb_keyboards *k,
    struct bnd_err *err) BND_CHECK;

/* Another local way in: an i8042 keyboard, or a serial console. */
bool bnd_usb_other_console(const struct bnd_root *root);

/* Words of capabilities/key, most significant first, as sysfs prints them. */
bool bnd_usb_keys_type(const char *words);

#endif
