/* usb-left.c: the keyboards that LOCKDOWN would leave */
/* SPDX-License-Identifier: ISC */
#include "usb-left.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "usb-console.h"
#include "usb-dir.h"
#include "usb-verdict.h"
#include "usb-walk.h"

#define HID	     0x03
#define BOOT	     0x01
#define KEYBOARD     0x01
#define ADMITTED_MAX 64 /* keyboards that are told apart */

/* Who was counted as left, so that a twin takes a line of its own. */
struct admitted {
	size_t n;
	char identity[ADMITTED_MAX][BND_USB_ID_LEN + 1];
};

static bool
says_keyboard(const struct bnd_usb_desc *d)
{
	for (size_t i = 0; i < d->ifaces; i++)
		if (d->iface[i].class == HID && d->iface[i].subclass == BOOT &&
		    d->iface[i].protocol == KEYBOARD)
			return true;
	return false;
}

static bool
types(const struct bnd_usb_device *d, const struct bnd_usb_policy *p)
{
	const struct bnd_usb_known *k;

	if (d->seen.looked)
		return (d->seen.kinds & BND_USB_IS_KBD) != 0;
	k = bnd_usb_baseline_of(&p->base, d->identity);
	if (k != NULL)
		return (k->kinds & BND_USB_IS_KBD) != 0;
	return says_keyboard(d->desc);
}

/* What a rule would ask of the others is not known for LOCKDOWN. */
static bool
unknown_others(void *ctx, const struct bnd_usb_rule *query, bool *unknown)
{
	(void)ctx, (void)query;
	*unknown = true;
	return false;
}

static bool
is_left(struct bnd_usb_device *d, const struct bnd_usb_policy *p,
    struct admitted *a)
{
	const struct bnd_usb_others others = { .any = unknown_others };
	struct bnd_usb_verdict v;

	d->twins = 0;
	for (size_t i = 0; i < a->n; i++)
		d->twins += strcmp(a->identity[i], d->identity) == 0;
	bnd_usb_judge(d, p, BND_LOCKDOWN, &others, &v);
	if (v.word != BND_USB_ADMIT)
		return false;
	if (a->n < ADMITTED_MAX)
		memcpy(a->identity[a->n++], d->identity, sizeof(d->identity));
	return true;
}

static void
look_at(const struct bnd_root *root, const char *path,
    const struct bnd_usb_policy *p, struct bnd_usb_view *v, struct admitted *a,
    struct bnd_usb_left *l)
{
	SCOPED_USB_DIR struct bnd_usb_dir dir = { .dir = -1, .authorized = -1 };
	struct bnd_err none = { 0 };

	/* One that cannot be read has gone, or is nothing that LOCKDOWN leaves. */
	if (bnd_usb_dir_open(root, path, false, &dir, &none) == -1 ||
	    dir.controller || bnd_usb_view_read(root, &dir, 0, v, &none) == -1)
		return;
	if (v->authorized && bnd_usb_view_seen(&dir, &v->d.seen, &none) == -1)
		v->d.seen = (struct bnd_usb_seen){ .looked = false };
	if (!types(&v->d, p))
		return;
	l->here++;
	l->left += is_left(&v->d, p, a);
}

int
bnd_usb_left_count(const struct bnd_root *root, const struct bnd_usb_policy *p,
    struct bnd_usb_view *v, struct bnd_usb_left *l, struct bnd_err *err)
{
	SCOPED_USB_PATHS struct bnd_usb_paths paths = { 0 };
	struct bnd_usb_keyboards k = { 0 };
	struct admitted a = { 0 };

	if (bnd_usb_keyboards(root, &k, err) == -1 ||
	    bnd_usb_walk(root, &paths, err) == -1)
		return -1;
	*l = (struct bnd_usb_left){ .now = k.usb + k.other,
		.here = k.other,
		.left = k.other,
		.meant = p->keep == BND_USB_KEEP_NONE,
		.console = p->keep == BND_USB_KEEP_AUTO && p->other_console };
	for (size_t i = 0; i < paths.n; i++)
		look_at(root, paths.path[i], p, v, &a, l);
	return 0;
}

bool
bnd_usb_left_is_bad(const struct bnd_usb_left *l)
{
	return l->here > 0 && l->left == 0 && !l->meant;
}

void
bnd_usb_left_text(const struct bnd_usb_left *l, char *text, size_t size)
{
	(void)snprintf(text, size,
	    "LOCKDOWN would leave none of %u keyboards%s; the ways out: a keyboard "
	    "in the baseline and lockdown_hid keep, a serial console, a rescue "
	    "medium",
	    l->here, l->console ? " but another console" : "");
}
