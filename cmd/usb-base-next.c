/* usb-base-next.c: what the baseline will be */
/* SPDX-License-Identifier: ISC */
#include "usb-base.h"

#include <string.h>

#include "usb-look.h"
#include "usb-print.h"
#include "usb-walk.h"

/* A line more; its rule is copied. */
static int
put(struct usb_change *c, const struct bnd_usb_known *k, struct bnd_err *err)
{
	struct bnd_usb_baseline *b = &c->next;

	if (b->n == BND_USB_BASELINE_LINES ||
	    k->rule.len > BND_USB_BASELINE_MAX - c->used)
		return bnd_fail(
		    err, BND_E_INPUT, "the baseline would be too long");
	b->known[b->n] = *k;
	if (k->rule.len > 0)
		memcpy(b->text + c->used, k->rule.p, k->rule.len);
	b->known[b->n++].rule.p = b->text + c->used;
	c->used += k->rule.len;
	return 0;
}

/* What c->v shows. */
static int
put_seen(struct usb_change *c, struct bnd_err *err)
{
	static char rule[BND_USB_DEVICE_TEXT];
	struct bnd_usb_known k;

	bnd_usb_known_learn(&c->v.d, c->with_place, &k);
	bnd_usb_device_rule(&c->v.d, BND_USB_RULE_ALLOW, rule, sizeof(rule));
	k.rule = (struct bnd_str){ rule, strlen(rule) };
	return put(c, &k, err);
}

static int
save_all(const struct bnd_root *root, const struct bnd_usb_paths *paths,
    struct usb_change *c, struct bnd_err *err)
{
	enum bnd_usb_found found;

	for (size_t i = 0; i < paths->n; i++) {
		if (bnd_usb_look(
			root, paths->path[i], &c->v, &found, NULL, err) == -1)
			return -1;
		if (found == BND_USB_DEVICE && c->v.authorized &&
		    put_seen(c, err) == -1)
			return -1;
	}
	return 0;
}

/* How many of an identity are here: it needs no more lines than that. */
static size_t
count_here(const struct bnd_root *root, const struct bnd_usb_paths *paths,
    const char *identity, struct bnd_usb_view *v)
{
	enum bnd_usb_found found;
	struct bnd_err none = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < paths->n; i++)
		if (bnd_usb_look(
			root, paths->path[i], v, &found, NULL, &none) == 0 &&
		    found == BND_USB_DEVICE)
			n += strcmp(v->d.identity, identity) == 0;
	return n;
}

/* As it was if all that are alike have a line already. */
static int
add_one(const struct bnd_root *root, const struct bnd_usb_paths *paths,
    struct usb_change *c, struct bnd_err *err)
{
	const char *path = bnd_usb_paths_find(paths, c->name);
	enum bnd_usb_found found;
	size_t lines = 0;

	if (path == NULL)
		return bnd_fail(
		    err, BND_E_INPUT, "no USB device at port %s", c->name);
	if (bnd_usb_look(root, path, &c->v, &found, NULL, err) == -1)
		return -1;
	if (found == BND_USB_NONE || !c->v.authorized)
		return bnd_fail(err, BND_E_DENIED,
		    "%s is not let in now, so what it turns out to be cannot "
		    "be learned",
		    c->name);
	memcpy(c->identity, c->v.d.identity, sizeof(c->identity));
	for (size_t i = 0; i < c->old.n; i++)
		lines += strcmp(c->old.known[i].identity, c->identity) == 0;
	if (lines > 0 &&
	    lines >= count_here(root, paths, c->identity, &c->other))
		return 0;
	return put_seen(c, err);
}

static bool
is_named(const struct usb_change *c, const struct bnd_usb_known *k)
{
	return c->what == USB_REMOVE &&
	    strncmp(k->identity, c->name, strlen(c->name)) == 0;
}

/* A name stands for one identity; all lines of it go. */
static int
check_name(const struct usb_change *c, struct bnd_err *err)
{
	const struct bnd_usb_known *first = NULL;

	if (strlen(c->name) < BND_USB_ID_SHORT)
		return bnd_fail(err, BND_E_INPUT,
		    "an identity is named by its first %d characters or more",
		    BND_USB_ID_SHORT);
	for (size_t i = 0; i < c->old.n; i++) {
		const struct bnd_usb_known *k = &c->old.known[i];

		if (!is_named(c, k))
			continue;
		if (first != NULL && strcmp(first->identity, k->identity) != 0)
			return bnd_fail(err, BND_E_INPUT,
			    "%s stands for more than one device", c->name);
		first = k;
	}
	return first != NULL
	    ? 0
	    : bnd_fail(err, BND_E_DENIED, "%s is not in the baseline", c->name);
}

static int
fill(const struct bnd_root *root, struct usb_change *c, struct bnd_err *err)
{
	SCOPED_USB_PATHS struct bnd_usb_paths paths = { 0 };

	if (c->what == USB_REMOVE ? check_name(c, err) == -1
				  : bnd_usb_walk(root, &paths, err) == -1)
		return -1;
	for (size_t i = 0; i < c->old.n && c->what != USB_SAVE; i++)
		if (!is_named(c, &c->old.known[i]) &&
		    put(c, &c->old.known[i], err) == -1)
			return -1;
	if (c->what == USB_SAVE)
		return save_all(root, &paths, c, err);
	return c->what == USB_ADD ? add_one(root, &paths, c, err) : 0;
}

int
usb_change_make_up(
    const struct bnd_root *root, struct usb_change *c, struct bnd_err *err)
{
	if (fill(root, c, err) == -1)
		return -1;
	if (bnd_usb_baseline_print(
		&c->next, c->text, BND_USB_BASELINE_MAX, &c->len))
		return 0;
	return bnd_fail(err, BND_E_INPUT, "the baseline would be too long");
}
