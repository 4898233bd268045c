/* usb-enforce.h: a device brought to its verdict, and judged by what it became */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_ENFORCE_H
#define BND_USB_ENFORCE_H

#include "usb-job.h"

/* What is let in is on record first; what does not come to rest is denied. */
void bnd_usb_enforce(struct bnd_usb_job *j);
/* Denied, if it is not shown to be. */
void bnd_usb_job_down(struct bnd_usb_job *j);

#endif
