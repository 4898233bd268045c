/* usb-knob.h: the kernel's own default for what is plugged in: no */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_KNOB_H
#define BND_USB_KNOB_H

#include <stdbool.h>

#include "err.h"
#include "note.h"
#include "root.h"
#include "usb-dir.h"

/* Whether this kernel has USB at all (usbcore). */
bool bnd_usb_is_here(const struct bnd_root *root);

/* The parameter a new controller takes its default from: 0, read back. */
int bnd_usb_knob_set(
    const struct bnd_root *root, struct bnd_err *err) BND_CHECK;
/* Both defaults of one bus: 0, read back. */
int bnd_usb_knob_set_bus(
    const struct bnd_usb_dir *controller, struct bnd_err *err) BND_CHECK;
/* Whether both are 0, and if not, by a note "default" each. */
int bnd_usb_knob_look_bus(const struct bnd_usb_dir *controller, bool *good,
    struct bnd_notes *notes, struct bnd_err *err) BND_CHECK;
/*
 * The parameter ("default"), and what the next boot begins with ("boot", see
 * usb-boot.h).  *good is about the first only.
 */
int bnd_usb_knob_look(const struct bnd_root *root, bool *good,
    struct bnd_notes *notes, struct bnd_err *err) BND_CHECK;

#endif
