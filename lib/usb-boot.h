/* usb-boot.h: whether the next boot begins with the kernel saying no */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_BOOT_H
#define BND_USB_BOOT_H

#include <stdbool.h>

#include "err.h"
#include "note.h"
#include "root.h"
#include "text.h"

/* What a text sets usbcore's authorized_default to. */
enum bnd_usb_boot {
	BND_USB_BOOT_NONE = 0, /* it does not */
	BND_USB_BOOT_NO,       /* to 0 */
	BND_USB_BOOT_OTHER,
};

/*
 * Pure.  The kernel's command line, where the last one counts (bootparam(7)),
 * and a file of modprobe.d(5), of which any that is not 0 counts.
 */
enum bnd_usb_boot bnd_usb_boot_cmdline(struct bnd_str line);
enum bnd_usb_boot bnd_usb_boot_modprobe(struct bnd_str text);

/*
 * A note "boot" for whatever would let the next boot begin otherwise; *good is
 * false then.  The command line is the present one.
 */
int bnd_usb_boot_look(const struct bnd_root *root, bool *good,
    struct bnd_notes *notes, struct bnd_err *err) BND_CHECK;

#endif
