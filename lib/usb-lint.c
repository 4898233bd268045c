/* usb-lint.c: what is not wrong with the rules, and hardly meant */
/* SPDX-License-Identifier: ISC */
#include "usb-lint.h"

#include <fcntl.h>
#include <stdio.h>

#include "scope.h"
#include "usb-console.h"
#include "usb-cover.h"
#include "usb-knob.h"
#include "usb-print.h"

/* Steps of comparing rules with rules: well under a second of them. */
#define STEPS_MAX (1u << 26)

struct look {
	const struct bnd_usb_rules *rules; /* by mode */
	struct bnd_usb_lint *l;
	enum bnd_mode mode; /* whose directory */
	size_t i;	    /* the rule's place in it */
	const struct bnd_usb_rule *r;
	size_t *steps;
};

static bool
allows(const struct look *at)
{
	return at->r->target == BND_USB_RULE_ALLOW;
}

/* As bnd_usb_covers(), until that has become too much. */
static bool
covers(const struct look *at, const struct bnd_usb_rule *r)
{
	size_t steps = 1;

	if (*at->steps > STEPS_MAX)
		return false;
	for (int by = 0; by < BND_USB_BYS; by++)
		steps += r->set[by].n * at->r->set[by].n;
	*at->steps += steps;
	if (*at->steps <= STEPS_MAX)
		return bnd_usb_covers(r, at->r);
	bnd_usb_warn(at->l, "many", at->r, 1,
	    "from here on rules are not compared with each other: there are "
	    "too many of them");
	return false;
}

static void
look_reached(const struct look *at)
{
	char where[200];

	for (size_t i = 0; i < at->i; i++) {
		const struct bnd_usb_rule *r = &at->rules[at->mode].rule[i];

		if (!covers(at, r))
			continue;
		bnd_usb_rule_where(r, where, sizeof(where));
		bnd_usb_warn(at->l, "unreached", at->r, 1,
		    "it is never reached: %s comes first", where);
		return;
	}
}

/* The rule that denies all of it in mode m, whatever is before that one. */
static const struct bnd_usb_rule *
denier(const struct look *at, enum bnd_mode m)
{
	const enum bnd_mode order[] = { m, BND_MODE_NONE };

	for (size_t k = 0; k < 2; k++) {
		const struct bnd_usb_rules *set = &at->rules[order[k]];

		for (size_t i = 0; i < set->n; i++) {
			if (set->rule[i].target == BND_USB_RULE_ALLOW)
				return NULL;
			if (covers(at, &set->rule[i]))
				return &set->rule[i];
		}
	}
	return NULL;
}

/* From TRUSTED on an allow rule only saves from the block rules behind it. */
static bool
saves(const struct look *at)
{
	const struct bnd_usb_rules *set = &at->rules[at->mode];

	for (size_t i = at->i + 1; i < set->n; i++)
		if (set->rule[i].target != BND_USB_RULE_ALLOW)
			return true;
	return false;
}

static void
look_dead(const struct look *at)
{
	char where[160];

	if (!allows(at) || at->mode == BND_MODE_NONE)
		return;
	for (enum bnd_mode m = BND_MODE_FIRST; m < at->mode; m++) {
		const struct bnd_usb_rule *r = denier(at, m);

		if (r == NULL)
			continue;
		bnd_usb_rule_where(r, where, sizeof(where));
		bnd_usb_warn(at->l, "dead", at->r, 1,
		    "it allows nothing: %s denies that by %s, and no mode is "
		    "laxer than a laxer one",
		    bnd_mode_name(m), where);
		return;
	}
	if (at->mode > BND_RESTRICTED && !saves(at))
		bnd_usb_warn(at->l, "dead", at->r, 1,
		    "it allows nothing: %s admits the baseline, and rules can "
		    "only take away",
		    bnd_mode_name(at->mode));
}

/* One that says what it is, with and without media keys. */
static bool
hits_keyboards(const struct bnd_usb_rule *r)
{
	struct bnd_usb_desc desc = { .ifaces = 1,
		.iface = { { .class = BND_USB_CLASS_HID,
			       .subclass = 1,
			       .protocol = 1 },
		    { .class = BND_USB_CLASS_HID } } };
	struct bnd_usb_device d = { .desc = &desc };
	bool hit = bnd_usb_rule_hits(r, &d, NULL);

	desc.ifaces = 2;
	return hit || bnd_usb_rule_hits(r, &d, NULL);
}

/* An allow rule before it that may be meant for the keyboards of this host. */
static bool
has_exception(const struct look *at)
{
	for (size_t i = 0; i < at->i; i++) {
		const struct bnd_usb_rule *r = &at->rules[at->mode].rule[i];

		if (r->target == BND_USB_RULE_ALLOW &&
		    (r->set[BND_USB_BY_IFACE].n == 0 ||
			bnd_usb_hid_value(r) != NULL))
			return true;
	}
	return false;
}

/* A condition would be for something, too. */
static bool
is_by_interface_alone(const struct bnd_usb_rule *r)
{
	for (int by = 0; by < BND_USB_BYS; by++)
		if (by != BND_USB_BY_IFACE && by != BND_USB_BY_LABEL &&
		    r->set[by].n > 0)
			return false;
	return r->set[BND_USB_BY_IFACE].n > 0;
}

static void
look_keyboards(const struct look *at)
{
	if (allows(at) || !is_by_interface_alone(at->r) ||
	    !hits_keyboards(at->r) || has_exception(at))
		return;
	bnd_usb_warn(at->l, "keyboards", at->r,
	    at->r->set[BND_USB_BY_IFACE].col, "it takes every keyboard");
}

void
bnd_usb_lint(const struct bnd_usb_rules rules[BND_MODE_LAST + 1],
    const struct bnd_usb_buses *buses, struct bnd_usb_lint *l)
{
	size_t steps = 0;
	struct look at = { .rules = rules, .l = l, .steps = &steps };

	for (int m = BND_MODE_NONE; m <= BND_MODE_LAST; m++) {
		at.mode = (enum bnd_mode)m;
		for (at.i = 0; at.i < rules[m].n; at.i++) {
			at.r = &rules[m].rule[at.i];
			look_reached(&at);
			look_dead(&at);
			look_keyboards(&at);
			bnd_usb_lint_rule(at.r, buses, l);
		}
	}
}

/* ---- the host ---- */

void
bnd_usb_buses(const struct bnd_root *root, struct bnd_usb_buses *b)
{
	*b = (struct bnd_usb_buses){ .known = bnd_usb_is_here(root) };
	for (unsigned n = 1; b->known && n < 256; n++) {
		char path[64];
		SCOPED_FD int fd = -1;

		(void)snprintf(
		    path, sizeof(path), "sys/bus/usb/devices/usb%u", n);
		fd = bnd_root_open_sysfs(root, path, O_PATH, NULL);
		if (fd >= 0)
			b->bit[n / 32] |= UINT32_C(1) << n % 32;
	}
}

static bool
keeps_usb(const struct bnd_usb_policy *p)
{
	if (p->keep == BND_USB_KEEP_AUTO)
		return !p->other_console;
	return p->keep == BND_USB_KEEP;
}

void
bnd_usb_lint_console(const struct bnd_root *root,
    const struct bnd_usb_policy *p, struct bnd_usb_lint *l)
{
	struct bnd_usb_keyboards k = { 0 };

	if (!bnd_usb_is_here(root) || p->other_console)
		return;
	if (bnd_usb_keyboards(root, &k, NULL) == 0 && k.other > 0)
		return;
	for (size_t i = 0; keeps_usb(p) && i < p->base.n; i++)
		if ((p->base.known[i].kinds & BND_USB_IS_KBD) != 0)
			return;
	bnd_usb_warn(l, "no-keyboard", NULL, 0,
	    "LOCKDOWN leaves no keyboard: %s",
	    keeps_usb(p) ? "the baseline knows none, and there is no other"
			 : "lockdown_hid keeps none, and there is no other");
}
