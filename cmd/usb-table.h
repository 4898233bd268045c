/* usb-table.h: what usb-guard says, for people */
/* SPDX-License-Identifier: ISC */
#ifndef USB_TABLE_H
#define USB_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "pen.h"
#include "usb-device.h"
#include "usb-report.h"

/* What became of a device, in one word: "admitted", "denied", ... */
const char *usb_word(const struct bnd_usb_settled *s);

/*
 * What a device is: what its drivers have made of it, or else what it says it
 * is ("keyboard+storage").  Always printable.
 */
void usb_what(const struct bnd_usb_device *d, char *text, size_t size);

/* The first line is the verdict; then what is wrong.  max: so many findings. */
void usb_table_head(
    const struct pen *p, const struct bnd_usb_report *r, size_t max);

/* A device; d is NULL where it was not looked at again. */
void usb_table_device(const struct pen *p, const struct bnd_usb_settled *s,
    const struct bnd_usb_device *d);

#endif
