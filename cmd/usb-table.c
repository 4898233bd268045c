/* usb-table.c: what usb-guard says, for people */
/* SPDX-License-Identifier: ISC */
/*
 * As net-table.c: the verdict first, then what is wrong, then the devices, a
 * row each that begins with its kind, so that grep finds it.  Names of devices
 * are bytes that a device chose.
 */
#include "usb-table.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

const char *
usb_word(const struct bnd_usb_settled *s)
{
	if (s->vanished)
		return "gone";
	if (s->controller)
		return s->holds ? "controller" : "NOT ENFORCED";
	if (!s->holds)
		return "NOT ENFORCED";
	if (s->verdict.word == BND_USB_ADMIT)
		return s->whole ? "admitted" : "failed";
	return s->verdict.word == BND_USB_REMOVE ? "rejected" : "denied";
}

/* ---- what it is ---- */

/* usb.org, "Defined Class Codes"; -1: any.  The first line that fits. */
static const struct {
	int class, protocol;
	const char *word;
} classes[] = {
	{ 0x01, -1, "sound" },
	{ 0x02, -1, "communication" },
	{ 0x03, 0x01, "keyboard" },
	{ 0x03, 0x02, "mouse" },
	{ 0x03, -1, "hid" },
	{ 0x06, -1, "camera" },
	{ 0x07, -1, "printer" },
	{ 0x08, -1, "storage" },
	{ 0x09, -1, "hub" },
	{ 0x0a, -1, "data" },
	{ 0x0b, -1, "smartcard" },
	{ 0x0d, -1, "security" },
	{ 0x0e, -1, "video" },
	{ 0x0f, -1, "health" },
	{ 0x10, -1, "audio-video" },
	{ 0x11, -1, "billboard" },
	{ 0xdc, -1, "diagnostic" },
	{ 0xe0, -1, "wireless" },
	{ 0xef, -1, "misc" },
	{ 0xfe, -1, "application" },
	{ 0xff, -1, "vendor" },
	{ -1, -1, "unknown" },
};

static size_t
class_of(const struct bnd_usb_iface *i)
{
	size_t n = 0;

	while (classes[n].class != -1 &&
	    (classes[n].class != i->class ||
		(classes[n].protocol != -1 &&
		    classes[n].protocol != i->protocol)))
		n++;
	return n;
}

/* Each class once, in the order of the table. */
static void
what_it_says(const struct bnd_usb_desc *d, char *text, size_t size)
{
	bool is[sizeof(classes) / sizeof(classes[0])] = { false };
	size_t len = 0;
	int more;

	(void)snprintf(text, size, "nothing");
	for (size_t i = 0; i < d->ifaces; i++)
		is[class_of(&d->iface[i])] = true;
	for (size_t n = 0; n < sizeof(classes) / sizeof(classes[0]); n++) {
		if (!is[n])
			continue;
		more = snprintf(text + len, size - len, "%s%s",
		    len > 0 ? "+" : "", classes[n].word);
		if (more < 0 || (size_t)more >= size - len)
			return;
		len += (size_t)more;
	}
}

void
usb_what(const struct bnd_usb_device *d, char *text, size_t size)
{
	if (d->seen.looked && d->seen.kinds != 0)
		bnd_usb_kinds_print(d->seen.kinds, text, size);
	else
		what_it_says(d->desc, text, size);
}

/* ---- rows ---- */

void
usb_table_head(const struct pen *p, const struct bnd_usb_report *r, size_t max)
{
	const char *is =
	    r->sealed ? "in force, as the kernel says" : "NOT in force";
	char text[ROW_MAX];
	size_t i;

	printf("%s: ", bnd_mode_name(r->mode));
	pen_write(p, r->sealed ? INK_GOOD : INK_BAD, is, (int)strlen(is));
	putchar('\n');
	for (i = 0; i < r->findings.n && i < max; i++) {
		(void)snprintf(text, sizeof(text), "%s: %s",
		    r->findings.note[i].code, r->findings.note[i].text);
		pen_row(p, INK_BAD, "finding", text);
	}
	if (r->findings.n + r->findings.lost > i) {
		(void)snprintf(text, sizeof(text), "and %zu more",
		    r->findings.n + r->findings.lost - i);
		pen_row(p, INK_BAD, "finding", text);
	}
	if (r->absent)
		pen_row(p, INK_DIM, "device", "none: this kernel has no USB");
}

static enum ink
ink_of(const struct bnd_usb_settled *s)
{
	if (s->vanished || s->controller)
		return s->holds || s->vanished ? INK_DIM : INK_BAD;
	if (!s->holds)
		return INK_BAD;
	if (s->verdict.word == BND_USB_ADMIT)
		return s->whole ? INK_GOOD : INK_WARN;
	return INK_DIM;
}

void
usb_table_device(const struct pen *p, const struct bnd_usb_settled *s,
    const struct bnd_usb_device *d)
{
	char text[ROW_MAX], what[48];
	const char *reason =
	    s->controller ? "what is plugged in is denied" : s->verdict.reason;

	(void)snprintf(
	    what, sizeof(what), "%s", s->id[0] != '\0' ? s->id : "-");
	if (d != NULL)
		usb_what(d, what, sizeof(what));
	/* What is denied is denied because of its verdict, done or not. */
	if (s->why.kind != BND_E_NONE &&
	    (s->controller || s->verdict.word == BND_USB_ADMIT))
		reason = s->why.text;
	(void)snprintf(text, sizeof(text), "%-7s  %-12s  %-16s  %-20s  %s",
	    s->port, usb_word(s), what, s->name[0] != '\0' ? s->name : "-",
	    reason);
	pen_row(p, ink_of(s), "device", text);
}
