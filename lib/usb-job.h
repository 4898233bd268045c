/* usb-job.h: one device that is being settled: what is known, what was done */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_JOB_H
#define BND_USB_JOB_H

#include <stdbool.h>

#include "err.h"
#include "usb-bring.h"
#include "usb-dir.h"
#include "usb-moment.h"
#include "usb-peers.h"
#include "usb-policy.h"
#include "usb-port.h"
#include "usb-record.h"
#include "usb-settle.h"
#include "usb-view.h"

#define BND_USB_BELOW_MAX 400

/* For usb-settle.c and its two halves, usb-decide.c and usb-enforce.c. */
struct bnd_usb_job {
	const struct bnd_root *root;
	const struct bnd_usb_order *order;
	struct bnd_usb_view *view;
	struct bnd_usb_settled *s;
	struct bnd_usb_dir dir;
	struct bnd_usb_policy *policy; /* owned */
	struct bnd_usb_peers peers;
	struct bnd_usb_moment moment;
	int lock; /* the port's; -1 if nothing is to be written to it */
	struct bnd_err shut; /* why it could not be had, though it should */
	struct bnd_usb_port was, now; /* its file, as found and as it will be */
	bool known;  /* was speaks of the device that is here */
	bool said;   /* an intent is on record */
	bool failed; /* admitted, and could not be brought up */
	bool alert;  /* was let in, and is not what it said */
	bool gone;
	bool dead;   /* by our own hand */
	bool redone; /* what somebody had begun and not finished */
	struct bnd_usb_shown shown;
	bool is_shown;
	char below[BND_USB_BELOW_MAX]; /* ports that go with a hub */
};

/* A failure that may be the device's going; else it is kept, the first one. */
void bnd_usb_job_failed(struct bnd_usb_job *j, const struct bnd_err *why);
/* Read what the kernel shows of it now, and what its drivers have made of it. */
int bnd_usb_job_look(struct bnd_usb_job *j, struct bnd_err *err) BND_CHECK;
/* Whose record it is, and of what. */
struct bnd_usb_said bnd_usb_job_said(const struct bnd_usb_job *j);

#endif
