/* usb-dry.h: what an apply would do, and what would die of it */
/* SPDX-License-Identifier: ISC */
#ifndef USB_DRY_H
#define USB_DRY_H

#include "opt.h"
#include "root.h"
#include "usb-report.h"

/*
 * Print what an apply that only looked has found, and give the exit status: 0,
 * or what kept it from looking.  Writes nothing.
 */
int usb_dry(const struct bnd_root *root, const struct bnd_usb_report *r,
    const struct opt_args *args);

#endif
