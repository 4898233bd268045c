/* usb-left.h: the keyboards that LOCKDOWN would leave */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_LEFT_H
#define BND_USB_LEFT_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "root.h"
#include "usb-policy.h"
#include "usb-view.h"

/*
 * Counted over what types, whatever it says it is: input nodes of devices that
 * are let in, and of other buses; a device that is not let in yet counts as a
 * keyboard if the baseline has learned so, or else if it says so.
 */
struct bnd_usb_left {
	unsigned now;  /* that type now, on any bus */
	unsigned here; /* and those that could, if they were let in */
	unsigned left; /* of them all, in LOCKDOWN */
	bool meant;    /* lockdown_hid none: no baseline changes that */
	bool console;  /* lockdown_hid auto leaves none: there is a console */
};

/* p is judged as it is, read or made up.  v is scratch. */
int bnd_usb_left_count(const struct bnd_root *root,
    const struct bnd_usb_policy *p, struct bnd_usb_view *v,
    struct bnd_usb_left *l, struct bnd_err *err) BND_CHECK;

/* There is a keyboard, LOCKDOWN would leave none, and nobody said so. */
bool bnd_usb_left_is_bad(const struct bnd_usb_left *l);

/* One sentence for a finding or a refusal, which names the ways out. */
void bnd_usb_left_text(const struct bnd_usb_left *l, char *text, size_t size);

#endif
