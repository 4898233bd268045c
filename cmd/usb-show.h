/* usb-show.h: what usb-guard says, as one JSON object or for people */
/* SPDX-License-Identifier: ISC */
#ifndef USB_SHOW_H
#define USB_SHOW_H

#include "opt.h"
#include "usb-apply.h"

/*
 * Print the report of an apply or check and give the exit status.  The JSON has
 * "mode", "sealed", "found" and "findings" as mode-set reads them (plan.h).
 */
int usb_report(const struct bnd_usb_report *r, const struct opt_args *args);

/* What became of a device, in one word: "admitted", "denied", ... */
const char *usb_word(const struct bnd_usb_settled *s);

#endif
