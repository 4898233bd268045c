/* usb-lint-rule.h: warnings, and those that one rule by itself is worth */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_LINT_RULE_H
#define BND_USB_LINT_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "usb-term.h"

#define BND_USB_WARNINGS_MAX 256
#define BND_USB_CLASS_HID    3

struct bnd_usb_warning {
	const char *code; /* a literal: "weak" (bnd-usb(5), Warnings) */
	const struct bnd_usb_rule *rule; /* NULL: of none */
	unsigned col;
	char text[320]; /* one sentence, printable */
};

/* Starts as {0}.  What does not fit is counted.  Large: not for the stack. */
struct bnd_usb_lint {
	size_t n, lost;
	struct bnd_usb_warning w[BND_USB_WARNINGS_MAX];
};

BND_PRINTF(5, 6)
void bnd_usb_warn(struct bnd_usb_lint *l, const char *code,
    const struct bnd_usb_rule *r, unsigned col, const char *fmt, ...);

/* Numbers of the buses that are there. */
struct bnd_usb_buses {
	bool known; /* else nobody can tell, and no rule is told about it */
	uint32_t bit[8];
};

void bnd_usb_lint_rule(const struct bnd_usb_rule *r,
    const struct bnd_usb_buses *buses, struct bnd_usb_lint *l);

/* The first of its interfaces that is a HID; NULL if none. */
const struct bnd_usb_value *bnd_usb_hid_value(const struct bnd_usb_rule *r);

#endif
