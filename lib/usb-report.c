/* usb-report.c: what settling every device came to */
/* SPDX-License-Identifier: ISC */
#include "usb-report.h"

#include <stdlib.h>
#include <string.h>

void
bnd_usb_report_free(struct bnd_usb_report *r)
{
	free(r->row);
	r->row = NULL;
	r->n = 0;
}

static unsigned
gravity(const struct bnd_err *e)
{
	static const enum bnd_kind order[] = { BND_E_NONE, BND_E_DENIED,
		BND_E_SYS, BND_E_INPUT, BND_E_UNLOGGED, BND_E_BUSY,
		BND_E_UNSAFE, BND_E_CORRUPT, BND_E_ENFORCER };
	unsigned i = 0;

	while (i < sizeof(order) / sizeof(order[0]) && order[i] != e->kind)
		i++;
	return i;
}

static void
graver(struct bnd_err *worst, const struct bnd_err *e)
{
	if (e->kind != BND_E_NONE && gravity(e) > gravity(worst))
		*worst = *e;
}

static void
judge_row(struct bnd_usb_report *r, const struct bnd_usb_settled *s)
{
	/* The laxest, as one may have been judged before the mode changed. */
	if (s->mode != BND_MODE_NONE && s->mode < r->mode)
		r->mode = s->mode;
	r->sealed &= s->holds;
	r->unlogged |= s->spooled || s->refused;
	r->trip |= s->trip;
	graver(&r->why, &s->trouble);
	if (s->vanished || (s->holds && s->whole))
		return;
	if (!s->holds)
		bnd_note(&r->findings, "device", "%s", s->why.text);
	else if (s->refused)
		bnd_note(
		    &r->findings, "unlogged", "%s: %s", s->port, s->why.text);
	else
		bnd_note(&r->findings, "failed", "%s", s->why.text);
	r->no |= s->holds && !s->refused && s->why.kind != BND_E_UNSAFE;
	if (!s->holds || s->refused || s->why.kind == BND_E_UNSAFE)
		graver(&r->why, &s->why);
}

void
bnd_usb_report_sum(struct bnd_usb_report *r)
{
	for (size_t i = 0; i < r->n; i++)
		judge_row(r, &r->row[i].s);
	if (!r->sealed && r->why.kind != BND_E_ENFORCER)
		(void)bnd_fail(&r->why, BND_E_ENFORCER, "%s",
		    r->findings.n > 0 ? r->findings.note[0].text
				      : "USB is not shown to be in force");
}

size_t
bnd_usb_report_items(
    const struct bnd_usb_report *r, bool now, struct bnd_usb_item *item)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct bnd_usb_settled *s = &r->row[i].s;

		if (s->controller || s->vanished)
			continue;
		memcpy(item[n].port, s->port, sizeof(item[n].port));
		item[n].types = s->types;
		item[n++].stays =
		    now ? s->verdict.word == BND_USB_ADMIT : s->stays;
	}
	return n;
}

int
bnd_usb_report_exit(const struct bnd_usb_report *r)
{
	/* What nothing has shown to be in force is not. */
	if (r->why.kind == BND_E_ENFORCER || (!r->sealed && !r->no))
		return bnd_kind_exit(BND_E_ENFORCER);
	if (r->no)
		return bnd_kind_exit(BND_E_DENIED);
	if (r->why.kind != BND_E_NONE)
		return bnd_kind_exit(r->why.kind);
	return r->unlogged ? bnd_kind_exit(BND_E_UNLOGGED) : 0;
}
