/* usb-rule.h: rules of any number of files, in order (bnd-usb(5), RULES) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_RULE_H
#define BND_USB_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "text.h"
#include "usb-device.h"
#include "usb-match.h"
#include "usb-parse.h"

#define BND_USB_RULES_MAX 4096 /* in all files of a set */

/* Starts as {0}. */
struct bnd_usb_rules {
	size_t n, room;
	struct bnd_usb_rule *rule;   /* owned */
	struct bnd_usb_chunk *chunk; /* owned: what the rules point to */
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

/* The first rule that speaks of the device; NULL if none. */
const struct bnd_usb_rule *bnd_usb_rules_first(const struct bnd_usb_rules *set,
    const struct bnd_usb_device *d, const struct bnd_usb_others *others);

/* Whether a rule of the set asks for the others, or for connect-type. */
bool bnd_usb_rules_ask_others(const struct bnd_usb_rules *set);
bool bnd_usb_rules_ask_connect(const struct bnd_usb_rules *set);

#endif
