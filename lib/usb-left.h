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

/* A device, as far as this is concerned. */
struct bnd_usb_item {
	char port[BND_USB_PORT_MAX];
	bool types; /* it is a keyboard, or would be one */
	bool stays; /* LOCKDOWN admits it, its hubs aside */
};

/*
 * Pure.  What types is what has turned out to; of a device that is not let in
 * what the baseline has learned of it, or else what it says.
 */
bool bnd_usb_types(
    const struct bnd_usb_device *d, const struct bnd_usb_policy *p);
bool bnd_usb_stays(
    const struct bnd_usb_device *d, const struct bnd_usb_policy *p);

/* Starts as {0}; keyboards on other buses than USB count as left. */
struct bnd_usb_left {
	unsigned now;	/* that type now, on any bus */
	unsigned other; /* of these, on others than USB */
	unsigned here;	/* and those that could, if they were let in */
	unsigned left;	/* of them all, in LOCKDOWN */
	bool meant;	/* lockdown_hid none: no baseline changes that */
	bool console;	/* lockdown_hid auto leaves none: there is a console */
};

/* All but the devices. */
int bnd_usb_left_begin(const struct bnd_root *root,
    const struct bnd_usb_policy *p, struct bnd_usb_left *l,
    struct bnd_err *err) BND_CHECK;
/* Pure.  What is behind a hub that does not stay does not stay. */
void bnd_usb_left_add(
    struct bnd_usb_left *l, const struct bnd_usb_item *item, size_t n);

/*
 * Both, by looking at every device, which waits for one that hangs.  p is
 * judged as it is, read or made up.  v is scratch.
 */
int bnd_usb_left_count(const struct bnd_root *root,
    const struct bnd_usb_policy *p, struct bnd_usb_view *v,
    struct bnd_usb_left *l, struct bnd_err *err) BND_CHECK;

/*
 * There is a keyboard, LOCKDOWN would leave none, and nothing says that this is
 * as it should be.
 */
bool bnd_usb_left_is_bad(const struct bnd_usb_left *l);

/* One sentence for a finding or a refusal, which names the ways out. */
void bnd_usb_left_text(const struct bnd_usb_left *l, char *text, size_t size);

#endif
