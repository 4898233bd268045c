/* usb-show.h: what usb-guard says, as one JSON object or for people */
/* SPDX-License-Identifier: ISC */
#ifndef USB_SHOW_H
#define USB_SHOW_H

#include "json.h"
#include "opt.h"
#include "usb-report.h"

/*
 * Print the report of an apply or check and give the exit status.  The JSON has
 * "mode", "sealed", "found" and "findings" as mode-set reads them (plan.h).
 */
int usb_report(const struct bnd_usb_report *r, const struct opt_args *args);

/* Into an object that is open. */
void usb_json_scalars(struct bnd_json *j, const struct bnd_usb_report *r);
void usb_json_findings(struct bnd_json *j, const struct bnd_usb_report *r);

#endif
