/* usb-rule.h: rules in USBGuard's grammar (bnd-usb(5), RULES) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_RULE_H
#define BND_USB_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "text.h"
#include "usb-device.h"

#define BND_USB_RULES_MAX 4096 /* in all files of a set */
#define BND_USB_LINE_MAX  8192 /* bytes, without LF */

enum bnd_usb_target {
	BND_USB_TARGET_NONE = 0,
	BND_USB_RULE_ALLOW,
	BND_USB_RULE_BLOCK,
	BND_USB_RULE_REJECT,
};

struct bnd_usb_rule;

/* Starts as {0}; rules of any number of files, in order. */
struct bnd_usb_rules {
	size_t n;
	struct bnd_usb_rule *rule; /* owned */
};

/*
 * Add the rules of a text that is called name.  -1 with BND_E_INPUT and
 * "name:line:col: message": the whole set is freed and empty then, as nothing
 * of what has an error is used.
 */
int bnd_usb_rules_add(struct bnd_usb_rules *set, const char *name,
    struct bnd_str text, struct bnd_err *err) BND_CHECK;
void bnd_usb_rules_free(struct bnd_usb_rules *set);
#define SCOPED_USB_RULES __attribute__((cleanup(bnd_usb_rules_free)))

/* Rule i of the set, 0 to n - 1. */
const struct bnd_usb_rule *bnd_usb_rules_at(
    const struct bnd_usb_rules *set, size_t i);
enum bnd_usb_target bnd_usb_rule_target(const struct bnd_usb_rule *r);
/* "/etc/bnd/usb.d/10-desk.rules:3" */
void bnd_usb_rule_where(const struct bnd_usb_rule *r, char *text, size_t size);
/* The rule itself, as USBGuard would print it. */
void bnd_usb_rule_print(const struct bnd_usb_rule *r, char *text, size_t size);

/*
 * What a condition must know of the other devices: whether one that is now
 * authorised matches the query.  *unknown is set if that cannot be told.
 */
struct bnd_usb_others {
	bool (*any)(void *ctx, const struct bnd_usb_rule *query, bool *unknown);
	void *ctx;
};

/*
 * Whether the rule speaks of this device.  What cannot be decided counts
 * against the device: it misses an allow rule and hits the other two.
 */
bool bnd_usb_rule_hits(const struct bnd_usb_rule *r,
    const struct bnd_usb_device *d, const struct bnd_usb_others *others);

/* The first rule that does; NULL if none. */
const struct bnd_usb_rule *bnd_usb_rules_first(const struct bnd_usb_rules *set,
    const struct bnd_usb_device *d, const struct bnd_usb_others *others);

/* Whether a rule of the set asks for the others, or for connect-type. */
bool bnd_usb_rules_ask_others(const struct bnd_usb_rules *set);
bool bnd_usb_rules_ask_connect(const struct bnd_usb_rules *set);

/* A device as an allow rule for it alone (status, baseline, --json). */
void bnd_usb_device_rule(const struct bnd_usb_device *d,
    enum bnd_usb_target target, char *text, size_t size);

#endif
