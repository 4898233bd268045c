/* usb-seen.h: what a device's drivers made of it, whatever it says it is */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_SEEN_H
#define BND_USB_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "usb-device.h"
#include "usb-dir.h"

/*
 * Every node below the device, but none of another USB device behind it.  Only
 * nodes that are there now: drivers may make more later.
 */
int bnd_usb_seen_read(const struct bnd_usb_dir *dir, struct bnd_usb_seen *seen,
    struct bnd_err *err) BND_CHECK;

/* Whether a HID report descriptor is of usage page f1d0 (FIDO). */
bool bnd_usb_report_is_fido(const uint8_t *bytes, size_t len);

#endif
