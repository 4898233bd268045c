/* usb-lint-rule.c: one rule, and what is hardly meant in it */
/* SPDX-License-Identifier: ISC */
#include "usb-lint-rule.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "usb-cover.h"

struct look {
	const struct bnd_usb_rule *r;
	const struct bnd_usb_buses *buses;
	struct bnd_usb_lint *l;
};

void
bnd_usb_warn(struct bnd_usb_lint *l, const char *code,
    const struct bnd_usb_rule *r, unsigned col, const char *fmt, ...)
{
	struct bnd_usb_warning *w = &l->w[l->n];
	va_list ap;

	if (l->n == BND_USB_WARNINGS_MAX) {
		l->lost++;
		return;
	}
	*w = (struct bnd_usb_warning){ .code = code, .rule = r, .col = col };
	va_start(ap, fmt);
	(void)vsnprintf(w->text, sizeof(w->text), fmt, ap);
	va_end(ap);
	l->n++;
}

static const struct bnd_usb_set *
set_of(const struct look *at, enum bnd_usb_by by)
{
	return &at->r->set[by];
}

static bool
says(const struct look *at, enum bnd_usb_by by)
{
	return set_of(at, by)->n > 0 && set_of(at, by)->op != BND_USB_NONE_OF;
}

static bool
allows(const struct look *at)
{
	return at->r->target == BND_USB_RULE_ALLOW;
}

/* Many have none, and then it is the empty one. */
static bool
says_serial(const struct look *at)
{
	const struct bnd_usb_value *v = set_of(at, BND_USB_BY_SERIAL)->first;

	while (v != NULL && v->str.len > 0)
		v = v->next;
	return says(at, BND_USB_BY_SERIAL) && v == NULL;
}

static bool
is_of_one_device(const struct look *at)
{
	return says(at, BND_USB_BY_HASH) ||
	    (says(at, BND_USB_BY_ID) && says_serial(at));
}

/* Only what makes no difference stands beside it. */
static bool
is_only_by(const struct look *at, enum bnd_usb_by by)
{
	for (int i = 0; i < BND_USB_BYS; i++)
		if (i != (int)by && i != BND_USB_BY_LABEL &&
		    i != BND_USB_BY_IF && at->r->set[i].n > 0)
			return false;
	return true;
}

static void
look_weak(const struct look *at)
{
	const struct bnd_usb_set *id = set_of(at, BND_USB_BY_ID);

	if (!allows(at) || is_of_one_device(at))
		return;
	if (is_only_by(at, BND_USB_BY_LABEL))
		bnd_usb_warn(
		    at->l, "weak", at->r, 1, "it lets in every device");
	else if (is_only_by(at, BND_USB_BY_NAME))
		bnd_usb_warn(at->l, "weak", at->r,
		    set_of(at, BND_USB_BY_NAME)->col,
		    "a name alone: any device may give itself any name, and "
		    "change it unnoticed");
	else if (is_only_by(at, BND_USB_BY_CONNECT))
		bnd_usb_warn(at->l, "connect", at->r,
		    set_of(at, BND_USB_BY_CONNECT)->col,
		    "a connect type alone: it says where, not what");
	else if (id->n > 0)
		bnd_usb_warn(at->l, "weak", at->r, id->col,
		    "an id without a serial number or hash: ids are easily "
		    "copied");
}

/* "" is what USBGuard says where the kernel says nothing. */
static void
look_connect(const struct look *at)
{
	for (const struct bnd_usb_value *v =
		 set_of(at, BND_USB_BY_CONNECT)->first;
	     v != NULL && allows(at); v = v->next)
		if (v->str.len == 0)
			bnd_usb_warn(at->l, "connect", at->r, v->col,
			    "where the kernel says no connect type the rule "
			    "does not match");
}

static void
look_duplicate(const struct look *at)
{
	const struct bnd_usb_set *s = set_of(at, BND_USB_BY_IFACE);

	if (s->op != BND_USB_EQUALS || says(at, BND_USB_BY_HASH))
		return;
	for (const struct bnd_usb_value *v = s->first; v != NULL; v = v->next) {
		for (const struct bnd_usb_value *w = s->first; w != v;
		     w = w->next) {
			if (memcmp(&v->iface, &w->iface, sizeof(v->iface)) != 0)
				continue;
			bnd_usb_warn(at->l, "duplicate", at->r, v->col,
			    "a value twice under equals: %s",
			    allows(at)
				? "USBGuard lets other interfaces pass with it;"
				  " match-all is plainer"
				: "it stands for any other interface, too");
			return;
		}
	}
}

const struct bnd_usb_value *
bnd_usb_hid_value(const struct bnd_usb_rule *r)
{
	const struct bnd_usb_value *v = r->set[BND_USB_BY_IFACE].first;

	while (v != NULL && v->iface.class != BND_USB_CLASS_HID)
		v = v->next;
	return v;
}

static void
look_hid(const struct look *at)
{
	enum bnd_usb_op op = set_of(at, BND_USB_BY_IFACE)->op;
	const struct bnd_usb_value *v = bnd_usb_hid_value(at->r);

	if (!allows(at) || v == NULL || is_of_one_device(at))
		return;
	if (op == BND_USB_ONE_OF || op == BND_USB_ALL_OF)
		bnd_usb_warn(at->l, "hid", at->r, v->col,
		    "it lets in what types and is something else besides; "
		    "match-all { 03:*:* } does not");
	else if (op == BND_USB_EQUALS || op == BND_USB_EQUALS_ORDERED)
		bnd_usb_warn(at->l, "hid", at->r, v->col,
		    "it misses keyboards with one more interface (media "
		    "keys); match-all { 03:*:* } does not");
}

static void
look_conditions(const struct look *at)
{
	for (const struct bnd_usb_value *v = set_of(at, BND_USB_BY_IF)->first;
	     v != NULL; v = v->next) {
		if (v->cond.word <= BND_USB_IF_ALLOWED)
			continue;
		bnd_usb_warn(at->l, "undecidable", at->r, v->col,
		    "%s cannot be decided here: the rule %s",
		    bnd_usb_cond_name(v->cond.word),
		    allows(at) ? "never matches" : "matches without it");
	}
}

static bool
is_bus(const struct bnd_usb_buses *b, unsigned n)
{
	return n < 256 && (b->bit[n / 32] >> n % 32 & 1) != 0;
}

static void
look_ports(const struct look *at)
{
	for (const struct bnd_usb_value *v = set_of(at, BND_USB_BY_PORT)->first;
	     v != NULL && at->buses->known; v = v->next) {
		struct bnd_str bus = bnd_str_until(v->str, '-');
		uint64_t n;

		if (bnd_text_take(&bus, "usb") || !bnd_text_u64(bus, 255, &n))
			continue;
		if (!is_bus(at->buses, (unsigned)n))
			bnd_usb_warn(at->l, "bus", at->r, v->col,
			    "there is no usb%u now; numbers of buses move",
			    (unsigned)n);
	}
}

static void
look_impossible(const struct look *at)
{
	enum bnd_usb_by by;

	if (bnd_usb_is_impossible(at->r, &by))
		bnd_usb_warn(at->l, "impossible", at->r, set_of(at, by)->col,
		    "it matches nothing: a device has one %s",
		    bnd_usb_by_name(by));
}

static void (*const looks[])(const struct look *at) = {
	look_impossible,
	look_weak,
	look_connect,
	look_duplicate,
	look_hid,
	look_ports,
	look_conditions,
};

void
bnd_usb_lint_rule(const struct bnd_usb_rule *r,
    const struct bnd_usb_buses *buses, struct bnd_usb_lint *l)
{
	const struct look at = { .r = r, .buses = buses, .l = l };

	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		looks[i](&at);
}
