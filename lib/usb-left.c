/* usb-left.c: the keyboards that LOCKDOWN would leave */
/* SPDX-License-Identifier: ISC */
#include "usb-left.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scope.h"
#include "usb-console.h"
#include "usb-look.h"
#include "usb-verdict.h"
#include "usb-walk.h"

#define HID	 0x03
#define BOOT	 0x01
#define KEYBOARD 0x01

/* ---- pure ---- */

static bool
says_keyboard(const struct bnd_usb_desc *d)
{
	for (size_t i = 0; i < d->ifaces; i++)
		if (d->iface[i].class == HID && d->iface[i].subclass == BOOT &&
		    d->iface[i].protocol == KEYBOARD)
			return true;
	return false;
}

bool
bnd_usb_types(const struct bnd_usb_device *d, const struct bnd_usb_policy *p)
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

bool
bnd_usb_stays(const struct bnd_usb_device *d, const struct bnd_usb_policy *p)
{
	const struct bnd_usb_others others = { .any = unknown_others };
	struct bnd_usb_verdict v;

	bnd_usb_judge(d, p, BND_LOCKDOWN, &others, &v);
	return v.word == BND_USB_ADMIT;
}

/* "1-1.2" hangs at "1-1"; "1-1" at a root hub, which is never denied. */
static bool
hubs_stay(const struct bnd_usb_item *item, size_t n, const char *port)
{
	const char *dot = port + strlen(port);

	while ((dot = memrchr(port, '.', (size_t)(dot - port))) != NULL) {
		size_t i = 0, len = (size_t)(dot - port);

		while (i < n &&
		    (strlen(item[i].port) != len ||
			memcmp(item[i].port, port, len) != 0))
			i++;
		if (i == n || !item[i].stays)
			return false;
	}
	return true;
}

void
bnd_usb_left_add(
    struct bnd_usb_left *l, const struct bnd_usb_item *item, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!item[i].types)
			continue;
		l->here++;
		l->left +=
		    item[i].stays && hubs_stay(item, n, item[i].port) ? 1 : 0;
	}
}

/* ---- looking ---- */

int
bnd_usb_left_begin(const struct bnd_root *root, const struct bnd_usb_policy *p,
    struct bnd_usb_left *l, struct bnd_err *err)
{
	struct bnd_usb_keyboards k = { 0 };

	if (bnd_usb_keyboards(root, &k, err) == -1)
		return -1;
	*l = (struct bnd_usb_left){ .now = k.usb + k.other,
		.other = k.other,
		.here = k.other,
		.left = k.other,
		.meant = p->keep == BND_USB_KEEP_NONE,
		.console = p->keep == BND_USB_KEEP_AUTO && p->other_console };
	return 0;
}

/* Twins that stay take a line each. */
static unsigned
twins_of(const struct bnd_usb_item *item,
    const char (*identity)[BND_USB_ID_LEN + 1], size_t n, const char *of)
{
	unsigned twins = 0;

	for (size_t i = 0; i < n; i++)
		twins += item[i].stays && strcmp(identity[i], of) == 0;
	return twins;
}

int
bnd_usb_left_count(const struct bnd_root *root, const struct bnd_usb_policy *p,
    struct bnd_usb_view *v, struct bnd_usb_left *l, struct bnd_err *err)
{
	SCOPED_USB_PATHS struct bnd_usb_paths paths = { 0 };
	SCOPED_FREE struct bnd_usb_item *item = NULL;
	SCOPED_FREE char(*identity)[BND_USB_ID_LEN + 1] = NULL;
	enum bnd_usb_found found;
	struct bnd_err none = { 0 };
	size_t n = 0;

	if (bnd_usb_left_begin(root, p, l, err) == -1 ||
	    bnd_usb_walk(root, &paths, err) == -1)
		return -1;
	item = calloc(paths.n + 1, sizeof(*item));
	identity = calloc(paths.n + 1, sizeof(*identity));
	if (item == NULL || identity == NULL)
		return bnd_fail_errno(err, "cannot count keyboards");
	for (size_t i = 0; i < paths.n; i++) {
		/* One that cannot be read is none that LOCKDOWN leaves. */
		if (bnd_usb_look(root, paths.path[i], v, &found, NULL, &none) ==
			-1 ||
		    found == BND_USB_NONE)
			continue;
		v->d.twins = twins_of(item, identity, n, v->d.identity);
		memcpy(item[n].port, v->d.port, sizeof(item[n].port));
		memcpy(identity[n], v->d.identity, sizeof(identity[n]));
		item[n].types = bnd_usb_types(&v->d, p);
		item[n++].stays = bnd_usb_stays(&v->d, p);
	}
	bnd_usb_left_add(l, item, n);
	return 0;
}

bool
bnd_usb_left_is_bad(const struct bnd_usb_left *l)
{
	return l->here > 0 && l->left == 0 && !l->meant && !l->console;
}

void
bnd_usb_left_text(const struct bnd_usb_left *l, char *text, size_t size)
{
	(void)snprintf(text, size,
	    "LOCKDOWN would leave none of %u keyboard%s; ways out: one in the "
	    "baseline with lockdown_hid keep, a serial console, a rescue "
	    "medium; lockdown_hid none says that it is meant",
	    l->here, l->here == 1 ? "" : "s");
}
