/* usb-print.h: rules as text, as USBGuard would print them */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_PRINT_H
#define BND_USB_PRINT_H

#include <stddef.h>

#include "usb-device.h"
#include "usb-term.h"

/* All of these are printable ASCII; what does not fit is cut with "...". */
#define BND_USB_RULE_TEXT   40960 /* any rule fits */
#define BND_USB_DEVICE_TEXT 49152 /* any device fits */

/* Parsed again it is the same rule. */
void bnd_usb_rule_print(const struct bnd_usb_rule *r, char *text, size_t size);
/* "/etc/bnd/usb.d/10-desk.rules:3" */
void bnd_usb_rule_where(const struct bnd_usb_rule *r, char *text, size_t size);
/* A device as a rule for it alone (status, baseline, --json). */
void bnd_usb_device_rule(const struct bnd_usb_device *d,
    enum bnd_usb_target target, char *text, size_t size);

#endif
