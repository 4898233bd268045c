/* usb-left.c: the keyboards that LOCKDOWN would leave */
/* SPDX-License-Identifier: ISC */
#include "usb-left.h"

#include <stdio.h>
#include <string.h>

#include "usb-console.h"
#include "usb-look.h"
#include "usb-verdict.h"
#include "usb-walk.h"

#define HID	 0x03
#define BOOT	 0x01
#define KEYBOARD 0x01
#define LEFT_MAX 64 /* devices; LOCKDOWN leaves a few, or none */

/* What was counted as left: a hub carries others, a twin takes a line. */
struct kept {
	size_t n;
	struct {
		char port[BND_USB_PORT_MAX];
		char identity[BND_USB_ID_LEN + 1];
	} one[LEFT_MAX];
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

/* "1-1.2" hangs at "1-1"; "1-1" at a root hub, which is never denied. */
static bool
hub_is_kept(const struct kept *k, const char *port)
{
	const char *dot = strrchr(port, '.');
	size_t len = dot == NULL ? 0 : (size_t)(dot - port);

	for (size_t i = 0; i < k->n; i++)
		if (strlen(k->one[i].port) == len &&
		    strncmp(k->one[i].port, port, len) == 0)
			return true;
	return dot == NULL;
}

static bool
is_kept(
    struct bnd_usb_device *d, const struct bnd_usb_policy *p, struct kept *k)
{
	const struct bnd_usb_others others = { .any = unknown_others };
	struct bnd_usb_verdict v;

	d->twins = 0;
	for (size_t i = 0; i < k->n; i++)
		d->twins += strcmp(k->one[i].identity, d->identity) == 0;
	bnd_usb_judge(d, p, BND_LOCKDOWN, &others, &v);
	if (v.word != BND_USB_ADMIT || k->n == LEFT_MAX ||
	    !hub_is_kept(k, d->port))
		return false;
	memcpy(k->one[k->n].port, d->port, sizeof(d->port));
	memcpy(k->one[k->n++].identity, d->identity, sizeof(d->identity));
	return true;
}

static void
look_at(const struct bnd_root *root, const char *path,
    const struct bnd_usb_policy *p, struct bnd_usb_view *v, struct kept *k,
    struct bnd_usb_left *l)
{
	enum bnd_usb_found found;
	struct bnd_err none = { 0 };
	bool kept;

	/* One that cannot be read is none that LOCKDOWN leaves. */
	if (bnd_usb_look(root, path, v, &found, NULL, &none) == -1 ||
	    found == BND_USB_NONE)
		return;
	kept = is_kept(&v->d, p, k);
	if (types(&v->d, p)) {
		l->here++;
		l->left += kept;
	}
}

int
bnd_usb_left_count(const struct bnd_root *root, const struct bnd_usb_policy *p,
    struct bnd_usb_view *v, struct bnd_usb_left *l, struct bnd_err *err)
{
	SCOPED_USB_PATHS struct bnd_usb_paths paths = { 0 };
	struct bnd_usb_keyboards k = { 0 };
	struct kept kept = { 0 };

	if (bnd_usb_keyboards(root, &k, err) == -1 ||
	    bnd_usb_walk(root, &paths, err) == -1)
		return -1;
	*l = (struct bnd_usb_left){ .now = k.usb + k.other,
		.here = k.other,
		.left = k.other,
		.meant = p->keep == BND_USB_KEEP_NONE,
		.console = p->keep == BND_USB_KEEP_AUTO && p->other_console };
	for (size_t i = 0; i < paths.n; i++)
		look_at(root, paths.path[i], p, v, &kept, l);
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
