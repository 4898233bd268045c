/* usb-policy.h: settings, rules and baseline, as one thing with one digest */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_POLICY_H
#define BND_USB_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "mode.h"
#include "policy.h"
#include "root.h"
#include "sign.h"
#include "usb-baseline.h"
#include "usb-rule.h"

#define BND_USB_RULES_DIR      "etc/bnd/usb.d"
#define BND_USB_ACCEPTED_PATH  "run/bnd/usb/policy"
#define BND_USB_HUB_DEPTH      5
#define BND_USB_RULES_FORBID   0137
#define BND_USB_RULES_FILE_MAX (1 << 20)
#define BND_USB_RULES_FILES    256 /* in one directory */

/*
 * Starts as {0}, which admits the console set only.  Large: not for the stack.
 */
struct bnd_usb_policy {
	bool usable; /* else: console set, because of why */
	struct bnd_err why;
	enum bnd_usb_keep keep; /* lockdown_hid (policy.h) */
	bool filter;		/* usb_composite */
	unsigned hub_depth;	/* usb_hub_depth; 0: not said */
	bool has_baseline_file; /* an absent one is an empty one */
	bool base_bad;		/* nobody can say who is known */
	struct bnd_usb_rules rules[BND_MODE_LAST + 1]; /* NONE: for all modes */
	struct bnd_usb_baseline base;
	char *base_text; /* its bytes, owned */
	size_t base_len;
	bool other_console; /* i8042 keyboard or serial console: auto is none */
	bool changed;	    /* it is not the one that was accepted last */
	bool accepted;	    /* by this call: worth a record */
	uint8_t digest[BND_HASH_LEN]; /* of all bytes parsed; 0: not usable */
};

/*
 * Read everything, each file a trusted one, in bytewise order of names.  Always
 * fills *p; -1: not usable, and err says why (INPUT: file:line:col; UNSAFE).
 * The baseline is kept if it alone was good, so that the console set is known.
 */
int bnd_usb_policy_load(const struct bnd_root *root, struct bnd_usb_policy *p,
    struct bnd_err *err) BND_CHECK;
void bnd_usb_policy_free(struct bnd_usb_policy *p);
#define SCOPED_USB_POLICY __attribute__((cleanup(bnd_usb_policy_free)))

/* Not usable after all, because of why. */
void bnd_usb_policy_refuse(
    struct bnd_usb_policy *p, enum bnd_kind kind, const char *why);
/* Another baseline, of which text is copied; or none that could be read. */
int bnd_usb_policy_know(struct bnd_usb_policy *p, const char *name,
    struct bnd_str text, struct bnd_err *err) BND_CHECK;
void bnd_usb_policy_forget(struct bnd_usb_policy *p);

#endif
