/* usb-verdict.c: device x policy x mode -> what may be let in, and why not */
/* SPDX-License-Identifier: ISC */
/*
 * 1. MUST: a mode admits what its own cell and every laxer mode's cell admit,
 *    interface by interface too; nothing here asks a stricter mode's rules or
 *    the baseline without having asked the laxer ones.
 * 2. MUST: every interface descriptor of every configuration and setting
 *    counts, for the kernel chooses the configuration and root may change it.
 * 3. MUST: a class is a claim.  What the drivers made of a device counts as
 *    soon as they have come, and denies whatever was believed before.
 * 4. MUST: without a policy there is the console set, and no rule counts.
 */
#include "usb-verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "usb-ceiling.h"
#include "usb-print.h"

#define HID	   0x03
#define HUB	   0x09
#define INPUT_NODE (BND_USB_IS_KBD | BND_USB_IS_POINTER | BND_USB_IS_INPUT)

/* One device before one policy. */
struct look {
	const struct bnd_usb_device *d;
	const struct bnd_usb_policy *p;
	const struct bnd_usb_others *others;
	const struct bnd_usb_rule *common; /* the first for all modes */
	const struct bnd_usb_known *known; /* its line, NULL without one */
	bool taken;			   /* its twins have all of its lines */
	bool kept; /* stays, as nobody can say who is known */
	bool part; /* d->desc is one interface of it */
};

BND_PRINTF(3, 4)
static bool
say(struct bnd_usb_cell *c, enum bnd_usb_word word, const char *fmt, ...)
{
	char raw[BND_USB_REASON_LEN];
	va_list ap;

	c->word = word;
	va_start(ap, fmt);
	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	bnd_text_show(
	    (struct bnd_str){ raw, strlen(raw) }, c->reason, sizeof(c->reason));
	return word != BND_USB_ADMIT;
}

/* ---- what is a matter of no mode ------------------------------------------- */

static bool
is_mixed_hub(const struct bnd_usb_desc *desc)
{
	if (bnd_usb_desc_is_hub(desc))
		return false;
	if (desc->class == HUB)
		return true;
	for (size_t i = 0; i < desc->ifaces; i++) {
		if (desc->iface[i].class == HUB)
			return true;
	}
	return false;
}

static unsigned
hub_depth(const struct bnd_usb_policy *p)
{
	return p->hub_depth != 0 ? p->hub_depth : BND_USB_HUB_DEPTH;
}

/* Bytes that cannot be judged, and one hub too many in a row. */
static bool
is_misshapen(const struct look *l, struct bnd_usb_cell *c)
{
	const struct bnd_usb_desc *desc = l->d->desc;
	unsigned hubs =
	    l->d->depth + (bnd_usb_desc_is_hub(desc) || is_mixed_hub(desc));

	c->alone = true;
	if (desc->bad != NULL)
		return say(c, BND_USB_DENY, "descriptors: %s", desc->bad);
	if (hubs > hub_depth(l->p))
		return say(c, BND_USB_DENY,
		    "hub depth: %u in a row, usb_hub_depth is %u", hubs,
		    hub_depth(l->p));
	c->alone = false;
	return false;
}

/* ---- rules ----------------------------------------------------------------- */

static const struct bnd_usb_rule *
rule_of(const struct look *l, enum bnd_mode m)
{
	const struct bnd_usb_rule *r =
	    bnd_usb_rules_first(&l->p->rules[m], l->d, l->others);

	return r != NULL ? r : l->common;
}

static bool
is_ruled_out(const struct bnd_usb_rule *r, struct bnd_usb_cell *c)
{
	bool reject;
	char where[BND_USB_REASON_LEN - 16];

	if (r == NULL || bnd_usb_rule_target(r) == BND_USB_RULE_ALLOW)
		return false;
	reject = bnd_usb_rule_target(r) == BND_USB_RULE_REJECT;
	bnd_usb_rule_where(r, where, sizeof(where));
	return say(c, reject ? BND_USB_REMOVE : BND_USB_DENY, "%s rule %s",
	    reject ? "reject" : "block", where);
}

/* ---- ceilings -------------------------------------------------------------- */

/* Nothing is said by 00, and ef:02 says that there are several functions. */
static bool
says_nothing(const struct bnd_usb_desc *desc)
{
	return desc->class == 0 ||
	    (desc->class == 0xef && desc->subclass == 2 && desc->protocol == 1);
}

static bool
is_class_denied(const struct look *l, enum bnd_mode m, struct bnd_usb_cell *c)
{
	const struct bnd_usb_desc *desc = l->d->desc;
	enum bnd_usb_group g = bnd_usb_group(desc->class, desc->subclass);

	/* Drivers bind by the device's class as well (btusb). */
	if (!says_nothing(desc) && bnd_usb_ceiling_denies(m, g))
		return say(c, BND_USB_DENY,
		    "ceiling: %s, the device is %02x:%02x:%02x",
		    bnd_usb_group_name(g), desc->class, desc->subclass,
		    desc->protocol);
	for (size_t i = 0; i < desc->ifaces; i++) {
		const struct bnd_usb_iface *f = &desc->iface[i];

		g = bnd_usb_group(f->class, f->subclass);
		if (bnd_usb_ceiling_denies(m, g))
			return say(c, BND_USB_DENY,
			    "ceiling: %s, interface %u is %02x:%02x:%02x",
			    bnd_usb_group_name(g), f->number, f->class,
			    f->subclass, f->protocol);
	}
	return false;
}

/* As learned; its descriptors alone make a hub one. */
static unsigned
learned(const struct look *l)
{
	return l->known->kinds |
	    (bnd_usb_desc_is_hub(l->d->desc) ? (unsigned)BND_USB_IS_HUB : 0);
}

static bool
is_kind_denied(const struct look *l, enum bnd_mode m, struct bnd_usb_cell *c)
{
	unsigned denied;
	char words[BND_USB_KINDS_SIZE];

	if (l->known == NULL)
		return false;
	denied = bnd_usb_ceiling_kinds(m, learned(l));
	/* Nobody knows which interface makes it; a HID one makes none. */
	if (l->part && bnd_usb_desc_is_pure(l->d->desc, HID))
		denied = 0;
	bnd_usb_kinds_print(denied, words, sizeof(words));
	if (denied != 0)
		return say(c, BND_USB_DENY,
		    "ceiling: kind %s, learned by the baseline", words);
	if (bnd_usb_ceiling_human(m) &&
	    (learned(l) &
		(BND_USB_IS_KBD | BND_USB_IS_POINTER | BND_USB_IS_HUB)) == 0)
		return say(c, BND_USB_DENY,
		    "ceiling: the baseline knows no keyboard, pointer or hub "
		    "in it");
	return false;
}

static bool
is_over_ceiling(const struct look *l, enum bnd_mode m, struct bnd_usb_cell *c)
{
	if (m >= BND_RESTRICTED && is_mixed_hub(l->d->desc))
		return say(
		    c, BND_USB_DENY, "ceiling: a hub with another interface");
	return is_class_denied(l, m, c) || is_kind_denied(l, m, c);
}

/* ---- who is let in --------------------------------------------------------- */

static bool
is_stranger(const struct look *l, const char *what, struct bnd_usb_cell *c)
{
	c->alone = l->taken;
	if (l->taken)
		return say(c, BND_USB_DENY,
		    "duplicate identity: its twins have all of its lines of "
		    "the baseline");
	return say(c, BND_USB_DENY, "%s", what);
}

static bool
keeps_console(const struct bnd_usb_policy *p)
{
	return p->keep == BND_USB_KEEP ||
	    (p->keep == BND_USB_KEEP_AUTO && !p->other_console);
}

static bool
is_human(const struct look *l)
{
	if (bnd_usb_desc_is_hub(l->d->desc))
		return true;
	return !l->part && bnd_usb_desc_is_pure(l->d->desc, HID) &&
	    (l->kept || (l->known->kinds & BND_USB_IS_KBD) != 0);
}

/* Of those in the baseline, the console set. */
static bool
is_kept_out(const struct look *l, struct bnd_usb_cell *c)
{
	/* It was let in when that could be said. */
	if (!l->kept && !keeps_console(l->p))
		return say(c, BND_USB_DENY, "the console set is empty (%s)",
		    l->p->keep == BND_USB_KEEP_NONE
			? "lockdown_hid none"
			: "lockdown_hid auto, there is another console");
	if (!is_human(l))
		return say(c, BND_USB_DENY,
		    "neither a keyboard nor a hub of the console set");
	return false;
}

/* Whether m denies it for not being let in by anybody. */
static bool
is_unwanted(const struct look *l, enum bnd_mode m, const struct bnd_usb_rule *r,
    struct bnd_usb_cell *c)
{
	char where[BND_USB_REASON_LEN - 16];

	if (l->known != NULL || l->kept) {
		if (m == BND_LOCKDOWN && is_kept_out(l, c))
			return true;
		if (l->kept)
			return say(
			    c, BND_USB_ADMIT, "console set, since before");
		return say(c, BND_USB_ADMIT, "%s/" BND_USB_BASELINE_PATH ":%u",
		    m == BND_LOCKDOWN ? "console set, " : "", l->known->number);
	}
	if (m > BND_RESTRICTED)
		return is_stranger(l, "not in the baseline", c);
	if (r != NULL) {
		bnd_usb_rule_where(r, where, sizeof(where));
		return say(c, BND_USB_ADMIT, "allow rule %s", where);
	}
	if (m == BND_OPEN)
		return say(c, BND_USB_ADMIT, "no rule against it");
	return is_stranger(l, "no allow rule, and not in the baseline", c);
}

/* ---- what the drivers made of it ------------------------------------------- */

static bool
owns_up(const struct look *l)
{
	const struct bnd_usb_desc *desc = l->d->desc;

	if (l->kept ||
	    (l->known != NULL && (l->known->kinds & BND_USB_IS_KBD) != 0))
		return true;
	for (size_t i = 0; i < desc->ifaces; i++) {
		if (desc->iface[i].class == HID &&
		    desc->iface[i].subclass == 1 &&
		    desc->iface[i].protocol == 1)
			return true;
	}
	return false;
}

/* The kind "other" says that nothing has come yet. */
static unsigned
unexpected(const struct look *l, enum bnd_mode m)
{
	unsigned kinds = l->d->seen.kinds & ~(unsigned)BND_USB_IS_OTHER;

	if (l->known == NULL)
		return bnd_usb_ceiling_kinds(m, kinds);
	return bnd_usb_ceiling_kinds(m, kinds) | (kinds & ~learned(l));
}

static bool
is_report_other(const struct look *l)
{
	const struct bnd_usb_seen *seen = &l->d->seen;

	if (l->known == NULL ||
	    (!seen->has_report && (seen->kinds & INPUT_NODE) == 0))
		return false;
	return !seen->has_report || strcmp(seen->report, l->known->report) != 0;
}

/* Admitted so far; the last word is what it really is. */
static bool
is_found_out(const struct look *l, enum bnd_mode m, struct bnd_usb_cell *c)
{
	const struct bnd_usb_seen *seen = &l->d->seen;
	unsigned kinds;
	char words[BND_USB_KINDS_SIZE];

	if (!seen->looked || m < BND_RESTRICTED)
		return false;
	c->alert = c->alone = true;
	if ((seen->kinds & BND_USB_IS_KBD) != 0 && !owns_up(l))
		return say(c, BND_USB_DENY,
		    "hid: it types, and neither an interface nor the baseline "
		    "says so");
	kinds = m >= BND_TRUSTED ? unexpected(l, m) : 0;
	bnd_usb_kinds_print(kinds, words, sizeof(words));
	if (kinds != 0)
		return say(c, BND_USB_DENY,
		    "kind: it turned out to be %s, which was not learned",
		    words);
	if (bnd_usb_ceiling_human(m) && is_report_other(l))
		return say(c, BND_USB_DENY,
		    "hid: its report descriptors are not those that were "
		    "learned");
	c->alert = c->alone = false;
	return false;
}

/* ---- cells, and what they come to ------------------------------------------ */

static void
judge_cell(const struct look *l, enum bnd_mode m, struct bnd_usb_cell *c)
{
	const struct bnd_usb_rule *r = rule_of(l, m);

	*c = (struct bnd_usb_cell){ 0 };
	if (is_misshapen(l, c) || is_ruled_out(r, c) ||
	    is_over_ceiling(l, m, c) || is_unwanted(l, m, r, c))
		return;
	(void)is_found_out(l, m, c);
}

static struct look
look_at(const struct bnd_usb_device *d, const struct bnd_usb_policy *p,
    const struct bnd_usb_others *others)
{
	struct look l = { .d = d, .p = p, .others = others };

	l.common = bnd_usb_rules_first(&p->rules[BND_MODE_NONE], d, others);
	l.known = bnd_usb_baseline_find(&p->base, d, &l.taken);
	l.kept = l.known == NULL && p->base_bad && d->kept_console &&
	    p->keep != BND_USB_KEEP_NONE;
	return l;
}

void
bnd_usb_cell(const struct bnd_usb_device *d, const struct bnd_usb_policy *p,
    enum bnd_mode m, const struct bnd_usb_others *others,
    struct bnd_usb_cell *c)
{
	struct look l = look_at(d, p, others);

	if (m < BND_MODE_FIRST || m > BND_MODE_LAST)
		m = BND_MODE_LAST;
	judge_cell(&l, m, c);
}

/* The laxest mode from first on that denies; NONE if none does. */
static enum bnd_mode
denied_by(const struct look *l, enum bnd_mode first, enum bnd_mode last,
    struct bnd_usb_cell *c)
{
	for (enum bnd_mode m = first; m <= last; m++) {
		judge_cell(l, m, c);
		if (c->word != BND_USB_ADMIT)
			return m;
	}
	return BND_MODE_NONE;
}

static void
let_in(struct bnd_usb_verdict *v, uint8_t number)
{
	v->ifaces[number / 32] |= UINT32_C(1) << number % 32;
}

bool
bnd_usb_may_iface(const struct bnd_usb_verdict *v, uint8_t number)
{
	return (v->ifaces[number / 32] >> number % 32 & 1) != 0;
}

/* All settings of one interface, behind what *some has already. */
static size_t
take_part(
    const struct bnd_usb_desc *all, unsigned number, struct bnd_usb_desc *some)
{
	size_t had = some->ifaces;

	for (size_t i = 0; i < all->ifaces; i++) {
		if (all->iface[i].number == number)
			some->iface[some->ifaces++] = all->iface[i];
	}
	return some->ifaces - had;
}

/* Whether one interface passes by its bytes, as if there were no other. */
static bool
is_part_good(struct look *l, unsigned number, enum bnd_mode m)
{
	struct bnd_usb_device d = *l->d;
	struct look part = *l;
	struct bnd_usb_desc one;
	struct bnd_usb_cell c;

	one = *d.desc;
	one.ifaces = 0;
	if (take_part(l->d->desc, number, &one) == 0 ||
	    one.ifaces == l->d->desc->ifaces)
		return false; /* not there, or all there is */
	d.desc = &one;
	d.seen.looked = false;
	part.d = &d;
	part.part = true;
	part.common =
	    bnd_usb_rules_first(&l->p->rules[BND_MODE_NONE], &d, l->others);
	return denied_by(&part, BND_RESTRICTED, m, &c) == BND_MODE_NONE;
}

/*
 * The interfaces that pass by themselves.  OPEN has admitted the whole, or a
 * mode would let in what OPEN does not; and what the drivers made of those that
 * pass is judged together, for nobody knows whose input node it is.
 */
static void
judge_parts(struct look *l, enum bnd_mode m, struct bnd_usb_verdict *v,
    struct bnd_usb_cell *c)
{
	struct bnd_usb_device d = *l->d;
	struct bnd_usb_desc some;
	struct look rest = *l;
	struct bnd_usb_cell found = { 0 };

	some = *d.desc;
	some.ifaces = 0;
	for (unsigned n = 0; n <= UINT8_MAX; n++) {
		if (is_part_good(l, n, m))
			(void)take_part(l->d->desc, n, &some);
	}
	d.desc = &some;
	rest.d = &d;
	if (some.ifaces == 0)
		return;
	if (is_found_out(&rest, m, &found)) {
		*c = found;
		v->alert = true;
		return;
	}
	v->word = BND_USB_ADMIT;
	v->part = true;
	for (size_t i = 0; i < some.ifaces; i++)
		let_in(v, some.iface[i].number);
}

static void
explain(const struct look *l, enum bnd_mode by, const struct bnd_usb_cell *c,
    struct bnd_usb_verdict *v)
{
	const char *in_part = v->part ? "in part: " : "";
	char raw[BND_USB_REASON_LEN];

	if (!l->p->usable && by != BND_MODE_NONE && !c->alone)
		(void)snprintf(
		    raw, sizeof(raw), "policy: %.190s", l->p->why.text);
	else if (by == BND_MODE_NONE || c->alone)
		(void)snprintf(
		    raw, sizeof(raw), "%s%.189s", in_part, c->reason);
	else
		(void)snprintf(raw, sizeof(raw), "%s%s: %.177s", in_part,
		    bnd_mode_name(by), c->reason);
	bnd_text_keep(
	    (struct bnd_str){ raw, strlen(raw) }, v->reason, sizeof(v->reason));
}

void
bnd_usb_judge(const struct bnd_usb_device *d, const struct bnd_usb_policy *p,
    enum bnd_mode m, const struct bnd_usb_others *others,
    struct bnd_usb_verdict *v)
{
	struct look l = look_at(d, p, others);
	struct bnd_usb_cell c, further;

	if (m < BND_MODE_FIRST || m > BND_MODE_LAST || !p->usable)
		m = BND_MODE_LAST;
	*v = (struct bnd_usb_verdict){ .in_baseline = l.known != NULL };
	v->by = denied_by(&l, BND_MODE_FIRST, m, &c);
	v->word = c.word;
	v->alert = c.alert;
	if (v->by == BND_MODE_NONE) {
		for (size_t i = 0; i < d->desc->ifaces; i++)
			let_in(v, d->desc->iface[i].number);
		v->console = m == BND_MODE_LAST ||
		    denied_by(&l, m + 1, BND_MODE_LAST, &further) ==
			BND_MODE_NONE;
	} else if (p->filter && v->by > BND_OPEN && !is_mixed_hub(d->desc) &&
	    c.word == BND_USB_DENY)
		judge_parts(&l, m, v, &c);
	explain(&l, v->by, &c, v);
}
