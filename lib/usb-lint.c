/* usb-lint.c: what is not wrong with the rules, and not what was meant */
/* SPDX-License-Identifier: ISC */
#include "usb-lint.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "scope.h"
#include "usb-console.h"
#include "usb-cover.h"
#include "usb-knob.h"
#include "usb-print.h"

#define HID	  3

/* Steps of comparing rules with rules: well under a second of them. */
#define STEPS_MAX (1u << 26)

struct look {
	const struct bnd_usb_rules *rules; /* by mode */
	const struct bnd_usb_buses *buses;
	struct bnd_usb_lint *l;
	enum bnd_mode mode; /* whose directory */
	size_t i;	    /* the rule's place in it */
	const struct bnd_usb_rule *r;
	size_t *steps;
};

BND_PRINTF(5, 6)
static void
note(struct bnd_usb_lint *l, const char *code, const struct bnd_usb_rule *r,
    unsigned col, const char *fmt, ...)
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

/* ---- one rule by itself ---- */

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
		note(at->l, "weak", at->r, 1, "it lets in every device");
	else if (is_only_by(at, BND_USB_BY_NAME))
		note(at->l, "weak", at->r, set_of(at, BND_USB_BY_NAME)->col,
		    "a name alone: any device may give itself any name, and "
		    "change it unnoticed");
	else if (is_only_by(at, BND_USB_BY_CONNECT))
		note(at->l, "connect", at->r,
		    set_of(at, BND_USB_BY_CONNECT)->col,
		    "a connect type alone: it says where, not what");
	else if (id->n > 0)
		note(at->l, "weak", at->r, id->col,
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
			note(at->l, "connect", at->r, v->col,
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
			note(at->l, "duplicate", at->r, v->col,
			    "a value twice under equals: %s",
			    allows(at)
				? "USBGuard lets other interfaces pass with it;"
				  " match-all is plainer"
				: "it stands for any other interface, too");
			return;
		}
	}
}

static const struct bnd_usb_value *
hid_value(const struct bnd_usb_rule *r)
{
	const struct bnd_usb_value *v = r->set[BND_USB_BY_IFACE].first;

	while (v != NULL && v->iface.class != HID)
		v = v->next;
	return v;
}

static void
look_hid(const struct look *at)
{
	enum bnd_usb_op op = set_of(at, BND_USB_BY_IFACE)->op;
	const struct bnd_usb_value *v = hid_value(at->r);

	if (!allows(at) || v == NULL || is_of_one_device(at))
		return;
	if (op == BND_USB_ONE_OF || op == BND_USB_ALL_OF)
		note(at->l, "hid", at->r, v->col,
		    "it lets in what types and is something else besides; "
		    "match-all { 03:*:* } does not");
	else if (op == BND_USB_EQUALS || op == BND_USB_EQUALS_ORDERED)
		note(at->l, "hid", at->r, v->col,
		    "it misses keyboards with one more interface (media "
		    "keys); match-all { 03:*:* } does not");
}

/* One that says what it is, with and without media keys. */
static bool
hits_keyboards(const struct bnd_usb_rule *r)
{
	struct bnd_usb_desc desc = { .ifaces = 1,
		.iface = { { .class = HID, .subclass = 1, .protocol = 1 },
		    { .class = HID } } };
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
		    (r->set[BND_USB_BY_IFACE].n == 0 || hid_value(r) != NULL))
			return true;
	}
	return false;
}

static void
look_keyboards(const struct look *at)
{
	const struct bnd_usb_set *s = set_of(at, BND_USB_BY_IFACE);

	if (allows(at) || s->n == 0 || set_of(at, BND_USB_BY_IF)->n > 0 ||
	    !is_only_by(at, BND_USB_BY_IFACE) || !hits_keyboards(at->r) ||
	    has_exception(at))
		return;
	note(at->l, "keyboards", at->r, s->col, "it takes every keyboard");
}

static void
look_conditions(const struct look *at)
{
	for (const struct bnd_usb_value *v = set_of(at, BND_USB_BY_IF)->first;
	     v != NULL; v = v->next) {
		if (v->cond.word <= BND_USB_IF_ALLOWED)
			continue;
		note(at->l, "undecidable", at->r, v->col,
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
			note(at->l, "bus", at->r, v->col,
			    "there is no usb%u now; numbers of buses move",
			    (unsigned)n);
	}
}

static void
look_impossible(const struct look *at)
{
	enum bnd_usb_by by;

	if (bnd_usb_is_impossible(at->r, &by))
		note(at->l, "impossible", at->r, set_of(at, by)->col,
		    "it matches nothing: a device has one %s",
		    bnd_usb_by_name(by));
}

/* ---- one rule among the others ---- */

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
	note(at->l, "many", at->r, 1,
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
		note(at->l, "unreached", at->r, 1,
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
		note(at->l, "dead", at->r, 1,
		    "it allows nothing: %s denies that by %s, and no mode is "
		    "laxer than a laxer one",
		    bnd_mode_name(m), where);
		return;
	}
	if (at->mode > BND_RESTRICTED && !saves(at))
		note(at->l, "dead", at->r, 1,
		    "it allows nothing: %s admits the baseline, and rules can "
		    "only take away",
		    bnd_mode_name(at->mode));
}

static void (*const looks[])(const struct look *at) = {
	look_reached,
	look_dead,
	look_impossible,
	look_weak,
	look_connect,
	look_duplicate,
	look_hid,
	look_keyboards,
	look_ports,
	look_conditions,
};

void
bnd_usb_lint(const struct bnd_usb_rules rules[BND_MODE_LAST + 1],
    const struct bnd_usb_buses *buses, struct bnd_usb_lint *l)
{
	size_t steps = 0;
	struct look at = {
		.rules = rules, .buses = buses, .l = l, .steps = &steps
	};

	for (int m = BND_MODE_NONE; m <= BND_MODE_LAST; m++) {
		at.mode = (enum bnd_mode)m;
		for (at.i = 0; at.i < rules[m].n; at.i++) {
			at.r = &rules[m].rule[at.i];
			for (size_t k = 0; k < sizeof(looks) / sizeof(looks[0]);
			     k++)
				looks[k](&at);
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
	note(l, "no-keyboard", NULL, 0, "LOCKDOWN leaves no keyboard: %s",
	    keeps_usb(p) ? "the baseline knows none, and there is no other"
			 : "lockdown_hid keeps none, and there is no other");
}
