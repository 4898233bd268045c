/* usb-lint.h: what is not wrong with the rules, and not what was meant */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_LINT_H
#define BND_USB_LINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "mode.h"
#include "root.h"
#include "usb-policy.h"
#include "usb-rule.h"

#define BND_USB_WARNINGS_MAX 256

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

/* Numbers of the buses that are there. */
struct bnd_usb_buses {
	bool known; /* else nobody can tell, and no rule is told about it */
	uint32_t bit[8];
};
void bnd_usb_buses(const struct bnd_root *root, struct bnd_usb_buses *b);

/* By mode, NONE for all, as in struct bnd_usb_policy.  In order of the rules. */
void bnd_usb_lint(const struct bnd_usb_rules rules[BND_MODE_LAST + 1],
    const struct bnd_usb_buses *buses, struct bnd_usb_lint *l);

/*
 * Whether LOCKDOWN leaves a keyboard: one of the baseline that is kept, or one
 * that is not on USB, or another console.
 */
void bnd_usb_lint_console(const struct bnd_root *root,
    const struct bnd_usb_policy *p, struct bnd_usb_lint *l);

#endif
