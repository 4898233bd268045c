/* usb-lint.h: what is not wrong with the rules, and hardly meant */
/* SPDX-License-Identifier: ISC */
#ifndef BND_USB_LINT_H
#define BND_USB_LINT_H

#include "mode.h"
#include "root.h"
#include "usb-lint-rule.h"
#include "usb-policy.h"
#include "usb-rule.h"

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
