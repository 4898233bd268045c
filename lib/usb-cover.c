/* usb-cover.c: what one rule says of all that another speaks of */
/* SPDX-License-Identifier: ISC */
#include "usb-cover.h"

#include <string.h>

/* Whatever the narrow value matches, the wide one matches. */
static bool
is_within(enum bnd_usb_by by, const struct bnd_usb_value *narrow,
    const struct bnd_usb_value *wide)
{
	if (by == BND_USB_BY_ID)
		return wide->id.stars > 1 ||
		    (narrow->id.stars <= wide->id.stars &&
			narrow->id.vendor == wide->id.vendor &&
			(wide->id.stars > 0 ||
			    narrow->id.product == wide->id.product));
	if (by == BND_USB_BY_IFACE)
		return narrow->iface.stars <= wide->iface.stars &&
		    narrow->iface.class == wide->iface.class &&
		    (wide->iface.stars > 1 ||
			narrow->iface.subclass == wide->iface.subclass) &&
		    (wide->iface.stars > 0 ||
			narrow->iface.protocol == wide->iface.protocol);
	return narrow->str.len == wide->str.len &&
	    memcmp(narrow->str.p, wide->str.p, wide->str.len) == 0;
}

/* Values nest or lie apart: what two patterns match is never half the same. */
static bool
is_apart(enum bnd_usb_by by, const struct bnd_usb_value *a,
    const struct bnd_usb_value *b)
{
	return !is_within(by, a, b) && !is_within(by, b, a);
}

static bool
is_within_some(enum bnd_usb_by by, const struct bnd_usb_value *narrow,
    const struct bnd_usb_set *wide)
{
	const struct bnd_usb_value *v = wide->first;

	while (v != NULL && !is_within(by, narrow, v))
		v = v->next;
	return v != NULL;
}

static bool
all_within(enum bnd_usb_by by, const struct bnd_usb_set *narrow,
    const struct bnd_usb_set *wide)
{
	const struct bnd_usb_value *v = narrow->first;

	while (v != NULL && is_within_some(by, v, wide))
		v = v->next;
	return v == NULL;
}

static bool
some_within(enum bnd_usb_by by, const struct bnd_usb_set *narrow,
    const struct bnd_usb_set *wide)
{
	const struct bnd_usb_value *v = narrow->first;

	while (v != NULL && !is_within_some(by, v, wide))
		v = v->next;
	return v != NULL;
}

/* Each of the wide ones has a narrow one within it. */
static bool
each_holds(enum bnd_usb_by by, const struct bnd_usb_set *narrow,
    const struct bnd_usb_set *wide)
{
	for (const struct bnd_usb_value *w = wide->first; w != NULL;
	     w = w->next) {
		const struct bnd_usb_value *v = narrow->first;

		while (v != NULL && !is_within(by, v, w))
			v = v->next;
		if (v == NULL)
			return false;
	}
	return true;
}

static bool
all_apart(enum bnd_usb_by by, const struct bnd_usb_set *a,
    const struct bnd_usb_set *b)
{
	for (const struct bnd_usb_value *v = a->first; v != NULL; v = v->next)
		for (const struct bnd_usb_value *w = b->first; w != NULL;
		     w = w->next)
			if (!is_apart(by, v, w))
				return false;
	return true;
}

static bool
same_values(enum bnd_usb_by by, const struct bnd_usb_set *a,
    const struct bnd_usb_set *b)
{
	const struct bnd_usb_value *v = a->first, *w = b->first;

	if (a->n != b->n)
		return false;
	for (; v != NULL; v = v->next, w = w->next)
		if (!is_within(by, v, w) || !is_within(by, w, v))
			return false;
	return true;
}

/* What a set that hits tells of the device's own values, T. */
struct told {
	bool every_t; /* is in one of the set's */
	bool each_r;  /* of the set has a T */
	bool some_r;
	bool no_r;
};

static struct told
tell(enum bnd_usb_by by, const struct bnd_usb_set *s, bool strict)
{
	bool one_t = by != BND_USB_BY_IFACE;
	struct told t = { .no_r = s->op == BND_USB_NONE_OF };

	if (t.no_r)
		return t;
	t.each_r = s->op == BND_USB_EQUALS || s->op == BND_USB_ALL_OF ||
	    s->op == BND_USB_EQUALS_ORDERED || (one_t && s->n == 1);
	t.some_r = one_t || t.each_r || s->op == BND_USB_ONE_OF;
	t.every_t = one_t || s->op == BND_USB_MATCH_ALL ||
	    s->op == BND_USB_EQUALS_ORDERED ||
	    (s->op == BND_USB_EQUALS && (strict || s->n == 1));
	return t;
}

static bool
equals_covers(enum bnd_usb_by by, const struct bnd_usb_set *s, bool strict,
    const struct bnd_usb_set *later, bool later_strict)
{
	struct told t = tell(by, later, later_strict);

	if (by != BND_USB_BY_IFACE && s->n == 1)
		return t.some_r && all_within(by, later, s);
	if (!same_values(by, s, later))
		return false;
	if (later->op == BND_USB_EQUALS_ORDERED)
		return true;
	return later->op == BND_USB_EQUALS && s->op == BND_USB_EQUALS &&
	    (!strict || later_strict);
}

static bool
set_covers(enum bnd_usb_by by, const struct bnd_usb_set *s, bool strict,
    const struct bnd_usb_set *later, bool later_strict)
{
	struct told t = tell(by, later, later_strict);

	switch (s->op) {
	case BND_USB_EQUALS:
	case BND_USB_EQUALS_ORDERED:
		return equals_covers(by, s, strict, later, later_strict);
	case BND_USB_MATCH_ALL:
		return t.every_t && all_within(by, later, s);
	case BND_USB_ONE_OF:
		return (t.each_r && some_within(by, later, s)) ||
		    (t.some_r && all_within(by, later, s));
	case BND_USB_ALL_OF:
		return (t.each_r && each_holds(by, later, s)) ||
		    (t.some_r && s->n == 1 && all_within(by, later, s));
	case BND_USB_NONE_OF:
		return (t.every_t && all_apart(by, s, later)) ||
		    (t.no_r && all_within(by, s, later));
	case BND_USB_OPS:
		break;
	}
	return false;
}

bool
bnd_usb_covers(const struct bnd_usb_rule *r, const struct bnd_usb_rule *later)
{
	bool strict = r->target == BND_USB_RULE_ALLOW;
	bool later_strict = later->target == BND_USB_RULE_ALLOW;

	if (r->set[BND_USB_BY_IF].n > 0)
		return false;
	for (int i = 0; i < BND_USB_BYS; i++) {
		enum bnd_usb_by by = (enum bnd_usb_by)i;

		if (r->set[i].n == 0 || by == BND_USB_BY_LABEL)
			continue;
		/* Where the kernel says none, an allow rule misses. */
		if (by == BND_USB_BY_CONNECT && strict && !later_strict)
			return false;
		if (later->set[i].n == 0 ||
		    !set_covers(
			by, &r->set[i], strict, &later->set[i], later_strict))
			return false;
	}
	return true;
}

bool
bnd_usb_is_impossible(const struct bnd_usb_rule *r, enum bnd_usb_by *by)
{
	for (int i = 0; i < BND_USB_BYS; i++) {
		const struct bnd_usb_set *s = &r->set[i];

		*by = (enum bnd_usb_by)i;
		if (*by == BND_USB_BY_IFACE || *by == BND_USB_BY_IF ||
		    *by == BND_USB_BY_LABEL || s->n < 2)
			continue;
		/* A block rule hits a device of no connect type. */
		if (*by == BND_USB_BY_CONNECT &&
		    r->target != BND_USB_RULE_ALLOW)
			continue;
		if (s->op == BND_USB_EQUALS || s->op == BND_USB_EQUALS_ORDERED)
			return true;
		for (const struct bnd_usb_value *v = s->first->next;
		     s->op == BND_USB_ALL_OF && v != NULL; v = v->next)
			if (is_apart(*by, s->first, v))
				return true;
	}
	return false;
}
