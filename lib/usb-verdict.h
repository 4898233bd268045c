/* usb-verdict.h: device x policy x mode -> what may be let in, and why not */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_VERDICT_H
#define BND_USB_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "mode.h"
#include "usb-device.h"
#include "usb-policy.h"
#include "usb-rule.h"

#define BND_USB_REASON_LEN 200

enum bnd_usb_word {
	BND_USB_NOTHING = 0,
	BND_USB_DENY,
	BND_USB_REMOVE, /* deny, and make the port dead: a reject rule */
	BND_USB_ADMIT,
};

struct bnd_usb_verdict {
	enum bnd_usb_word word;
	bool console;	  /* admitted, and one of the console set */
	bool in_baseline; /* by identity and place, whatever the word */
	bool part;	  /* some of its interfaces only (usb_composite) */
	enum bnd_mode by; /* whose cell denied the whole; NONE: none */
	/* Bit n of word n / 32: interface number n may be authorised. */
	uint32_t ifaces[8];
	bool alert; /* it is not what it said it was: "hid: ", "kind: " */
	char reason[BND_USB_REASON_LEN]; /* printable; names file:line,
					  * ceiling or setting */
};

/*
 * Pure and total (bnd-usb(5), MODES): admitted in m only if every mode up to m
 * admits it, so no file makes a stricter mode laxer.  A policy that is not
 * usable, and what is no mode, admit the console set.  d->seen.looked false:
 * before the drivers came; true: what they made of it counts, too.
 */
void bnd_usb_judge(const struct bnd_usb_device *d,
    const struct bnd_usb_policy *p, enum bnd_mode m,
    const struct bnd_usb_others *others, struct bnd_usb_verdict *v);

bool bnd_usb_may_iface(const struct bnd_usb_verdict *v, uint8_t number);

/* What one mode by itself makes of the whole device, laxer ones aside. */
struct bnd_usb_cell {
	enum bnd_usb_word word;
	bool alert;
	bool alone; /* the reason is no matter of the mode */
	char reason[BND_USB_REASON_LEN];
};
void bnd_usb_cell(const struct bnd_usb_device *d,
    const struct bnd_usb_policy *p, enum bnd_mode m,
    const struct bnd_usb_others *others, struct bnd_usb_cell *c);

#endif
