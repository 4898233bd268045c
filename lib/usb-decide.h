/* usb-decide.h: the verdict of a device, and its claim before the others */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_DECIDE_H
#define BND_USB_DECIDE_H

#include "usb-job.h"

/*
 * Decide and claim in one, so that no two can have the same place.  Whoever
 * contends with nobody waits for nobody, as a hundred may come at once.
 */
void bnd_usb_decide(struct bnd_usb_job *j);
/* Judge only, by what is known now of it and of the others. */
void bnd_usb_job_judge(struct bnd_usb_job *j);
/* Denied, whatever it was: "reason: why"; why may be NULL. */
void bnd_usb_job_deny(
    struct bnd_usb_job *j, const char *reason, const struct bnd_err *why);

/* The kernel shows what the verdict says, and nobody left it half done. */
bool bnd_usb_job_fits(const struct bnd_usb_job *j);

/* What its port's file says of it: j->now. */
void bnd_usb_job_file(struct bnd_usb_job *j, enum bnd_usb_phase phase);
/* The file before the deed: others go by it, and so does the next settle. */
int bnd_usb_job_announce(struct bnd_usb_job *j, struct bnd_err *err) BND_CHECK;

#endif
