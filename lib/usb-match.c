/* usb-match.c: a rule and a device, and whether one speaks of the other */
/* SPDX-License-Identifier: ISC */
#include "usb-match.h"

#include <string.h>

/*
 * R are the values of the rule, T those of the device; a set matches when its
 * operator's line of bnd-usb(5) holds.  An allow rule matches no more than in
 * USBGuard, a block or reject rule no less, but for what bnd-usbguard(7) lists.
 */

static bool
same(struct bnd_str s, const char *p, size_t len)
{
	return s.len == len && memcmp(s.p, p, len) == 0;
}

static bool
is_iface(const struct bnd_usb_value *v, const struct bnd_usb_iface *t)
{
	return v->iface.class == t->class &&
	    (v->iface.stars > 1 || v->iface.subclass == t->subclass) &&
	    (v->iface.stars > 0 || v->iface.protocol == t->protocol);
}

static bool
is_id(const struct bnd_usb_value *v, const struct bnd_usb_desc *t)
{
	return (v->id.stars > 1 || v->id.vendor == t->vendor) &&
	    (v->id.stars > 0 || v->id.product == t->product);
}

static bool
is_string(const struct bnd_usb_value *v, struct bnd_str t)
{
	return same(v->str, t.len > 0 ? t.p : "", t.len);
}

static bool
is_text(const struct bnd_usb_value *v, const char *t)
{
	return same(v->str, t, strlen(t));
}

/* How many T the device has. */
static size_t
count(enum bnd_usb_by by, const struct bnd_usb_device *d)
{
	return by == BND_USB_BY_IFACE ? d->desc->ifaces : 1;
}

/* Whether R matches the T of that place. */
static bool
fits(enum bnd_usb_by by, const struct bnd_usb_value *v,
    const struct bnd_usb_device *d, size_t i)
{
	switch (by) {
	case BND_USB_BY_ID:
		return is_id(v, d->desc);
	case BND_USB_BY_SERIAL:
		return is_string(v, bnd_usb_trim(d->serial));
	case BND_USB_BY_NAME:
		return is_string(v, bnd_usb_trim(d->name));
	case BND_USB_BY_HASH:
		return is_text(v, d->hash);
	case BND_USB_BY_PARENT:
		return is_text(v, d->parent_hash);
	case BND_USB_BY_PORT:
		return is_text(v, d->port);
	case BND_USB_BY_IFACE:
		return is_iface(v, &d->desc->iface[i]);
	case BND_USB_BY_CONNECT:
		return is_string(v, d->connect);
	case BND_USB_BY_IF:
	case BND_USB_BY_LABEL:
	case BND_USB_BYS:
		break;
	}
	return false;
}

/* ---- operators ---- */

struct sides {
	enum bnd_usb_by by;
	const struct bnd_usb_set *r;
	const struct bnd_usb_device *d;
	size_t t;
};

static bool
has_t(const struct sides *s, const struct bnd_usb_value *v)
{
	for (size_t i = 0; i < s->t; i++)
		if (fits(s->by, v, s->d, i))
			return true;
	return false;
}

static bool
every_r_has_t(const struct sides *s)
{
	const struct bnd_usb_value *v = s->r->first;

	while (v != NULL && has_t(s, v))
		v = v->next;
	return v == NULL;
}

static bool
some_r_has_t(const struct sides *s)
{
	const struct bnd_usb_value *v = s->r->first;

	while (v != NULL && !has_t(s, v))
		v = v->next;
	return v != NULL;
}

static bool
every_t_has_r(const struct sides *s)
{
	for (size_t i = 0; i < s->t; i++) {
		const struct bnd_usb_value *v = s->r->first;

		while (v != NULL && !fits(s->by, v, s->d, i))
			v = v->next;
		if (v == NULL)
			return false;
	}
	return true;
}

static bool
pairwise(const struct sides *s)
{
	const struct bnd_usb_value *v = s->r->first;

	for (size_t i = 0; i < s->t; i++, v = v->next)
		if (!fits(s->by, v, s->d, i))
			return false;
	return true;
}

static unsigned
stars(enum bnd_usb_by by, const struct bnd_usb_value *v)
{
	if (by == BND_USB_BY_IFACE)
		return v->iface.stars;
	return by == BND_USB_BY_ID ? v->id.stars : 0;
}

static bool
take_t(const struct sides *s, const struct bnd_usb_value *v, bool *used)
{
	for (size_t i = 0; i < s->t; i++) {
		if (!used[i] && fits(s->by, v, s->d, i)) {
			used[i] = true;
			return true;
		}
	}
	return false;
}

/*
 * A perfect matching: each T goes to one R.  What two values match is disjoint, or
 * all that one matches the other does too; so the narrow ones choose first, and
 * which of their T they take makes no difference to the wider ones.
 */
static bool
one_to_one(const struct sides *s)
{
	bool used[BND_USB_IFACES_MAX] = { false };

	for (unsigned n = 0; n <= 2; n++)
		for (const struct bnd_usb_value *v = s->r->first; v != NULL;
		     v = v->next)
			if (stars(s->by, v) == n && !take_t(s, v, used))
				return false;
	return true;
}

/*
 * { 08:*:* 08:*:* } must not let storage and a keyboard pass because each value
 * finds the storage.  A rule that denies stays as one-sided as it is there.
 */
static bool
set_hits(const struct sides *s, bool strict)
{
	switch (s->r->op) {
	case BND_USB_EQUALS:
		return s->r->n == s->t &&
		    (strict ? one_to_one(s) : every_r_has_t(s));
	case BND_USB_ALL_OF:
		return every_r_has_t(s);
	case BND_USB_ONE_OF:
		return some_r_has_t(s);
	case BND_USB_NONE_OF:
		return !some_r_has_t(s);
	case BND_USB_EQUALS_ORDERED:
		return s->r->n == s->t && pairwise(s);
	case BND_USB_MATCH_ALL:
		return every_t_has_r(s);
	case BND_USB_OPS:
		break;
	}
	return !strict;
}

/* ---- conditions ---- */

static bool
is_true(const struct bnd_usb_value *v, const struct bnd_usb_others *others,
    bool *unknown)
{
	bool is = false;

	if (v->cond.word > BND_USB_IF_ALLOWED ||
	    (v->cond.word == BND_USB_IF_ALLOWED && others == NULL))
		*unknown = true;
	else if (v->cond.word == BND_USB_IF_ALLOWED)
		is = others->any(others->ctx, v->cond.query, unknown);
	else
		is = v->cond.word == BND_USB_IF_TRUE;
	return is != v->cond.negated;
}

/* One that cannot be decided settles the whole set, whatever the others say. */
static bool
conditions_hit(const struct bnd_usb_set *set,
    const struct bnd_usb_others *others, bool strict)
{
	bool unknown = false;
	size_t yes = 0;

	for (const struct bnd_usb_value *v = set->first; v != NULL; v = v->next)
		yes += is_true(v, others, &unknown);
	if (unknown)
		return !strict;
	if (set->op == BND_USB_ONE_OF)
		return yes > 0;
	return set->op == BND_USB_NONE_OF ? yes == 0 : yes == set->n;
}

bool
bnd_usb_rule_hits(const struct bnd_usb_rule *r, const struct bnd_usb_device *d,
    const struct bnd_usb_others *others)
{
	bool strict = r->target == BND_USB_RULE_ALLOW;
	const struct bnd_usb_set *conditions = &r->set[BND_USB_BY_IF];

	for (int by = 0; by < BND_USB_BYS; by++) {
		struct sides s = {
			.by = (enum bnd_usb_by)by, .r = &r->set[by], .d = d
		};

		if (s.r->n == 0 || by == BND_USB_BY_IF ||
		    by == BND_USB_BY_LABEL)
			continue;
		if (by == BND_USB_BY_CONNECT && d->connect.p == NULL) {
			if (strict)
				return false;
			continue;
		}
		s.t = count(s.by, d);
		if (!set_hits(&s, strict))
			return false;
	}
	return conditions->n == 0 || conditions_hit(conditions, others, strict);
}
