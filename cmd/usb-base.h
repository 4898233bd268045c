/* usb-base.h: a change of the baseline, from what is asked to what is said */
/* SPDX-License-Identifier: ISC */
#ifndef USB_BASE_H
#define USB_BASE_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "mode.h"
#include "opt.h"
#include "root.h"
#include "usb-baseline.h"
#include "usb-left.h"
#include "usb-policy.h"
#include "usb-view.h"

enum usb_change_what {
	USB_SHOW = 0,
	USB_SAVE,
	USB_ADD,
	USB_REMOVE,
};

/* Large: one a process.  Starts as {0}. */
struct usb_change {
	enum usb_change_what what;
	const char *name; /* a port, or an identity */
	bool with_place;
	enum bnd_mode mode;
	bool was_held; /* what was read before was the policy in force */
	struct bnd_usb_baseline old, next;
	struct bnd_usb_policy policy;
	struct bnd_usb_view v, other;
	struct bnd_usb_left left;
	char identity[BND_USB_ID_LEN + 1]; /* of what is added */
	size_t used;			   /* of next.text */
	char *text, *was;		   /* the new file, and the old one */
	size_t len, was_len;
	bool was_there;
};

const char *usb_change_word(enum usb_change_what what);
/* The new file is the old one. */
bool usb_change_is_none(const struct usb_change *c);

/* usb-base-next.c: next and text, from old, what is asked and what is here. */
int usb_change_make_up(const struct bnd_root *root, struct usb_change *c,
    struct bnd_err *err) BND_CHECK;

/* usb-base-show.c: exit status of what was read, or of what was changed. */
int usb_change_show(const struct usb_change *c, const struct opt_args *args);
int usb_change_say(const struct usb_change *c, const struct opt_args *args);

#endif
