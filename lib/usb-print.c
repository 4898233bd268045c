/* usb-print.c: rules as text, as USBGuard would print them */
/* SPDX-License-Identifier: ISC */
#include "usb-print.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "err.h"

static const char dots[] = "...";

struct out {
	char *text;
	size_t size, len;
	size_t cut; /* here the dots still fit, and no escape is in two */
	bool full;
	bool in_query;
};

BND_PRINTF(2, 3)
static void
put(struct out *o, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (o->full)
		return;
	if (o->len + sizeof(dots) <= o->size)
		o->cut = o->len;
	va_start(ap, fmt);
	n = vsnprintf(o->text + o->len, o->size - o->len, fmt, ap);
	va_end(ap);
	o->full = n < 0 || (size_t)n >= o->size - o->len;
	if (!o->full)
		o->len += (size_t)n;
}

static void
finish(struct out *o)
{
	if (o->full && o->size >= sizeof(dots))
		memcpy(o->text + o->cut, dots, sizeof(dots));
	else if (o->full)
		memset(o->text, 0, o->size);
}

static void
put_string(struct out *o, struct bnd_str s)
{
	put(o, "\"");
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			put(o, "\\%c", c);
		else if (c >= 0x20 && c <= 0x7e && !(c == ')' && o->in_query))
			put(o, "%c", c);
		else
			put(o, "\\x%02x", c);
	}
	put(o, "\"");
}

static void
put_id(struct out *o, const struct bnd_usb_value *v)
{
	if (v->id.stars > 1)
		put(o, "*:*");
	else if (v->id.stars == 1)
		put(o, "%04x:*", v->id.vendor);
	else
		put(o, "%04x:%04x", v->id.vendor, v->id.product);
}

static void
put_iface(struct out *o, const struct bnd_usb_value *v)
{
	if (v->iface.stars > 1)
		put(o, "%02x:*:*", v->iface.class);
	else if (v->iface.stars == 1)
		put(o, "%02x:%02x:*", v->iface.class, v->iface.subclass);
	else
		put(o, "%02x:%02x:%02x", v->iface.class, v->iface.subclass,
		    v->iface.protocol);
}

static void put_sets(struct out *o, const struct bnd_usb_rule *r);

/* Nothing quotes the bracket that ends a query. */
static void
put_query(struct out *o, const struct bnd_usb_rule *query)
{
	struct out in = *o;
	size_t len;

	put(&in, "(");
	len = in.len;
	in.in_query = true;
	put_sets(&in, query);
	/* Each attribute brings the blank before it. */
	if (!in.full && in.len > len) {
		memmove(in.text + len, in.text + len + 1, in.len - len);
		in.len--;
	}
	put(&in, ")");
	in.in_query = o->in_query;
	*o = in;
}

static void
put_cond(struct out *o, const struct bnd_usb_value *v)
{
	put(o, "%s%s", v->cond.negated ? "!" : "",
	    bnd_usb_cond_name(v->cond.word));
	if (v->cond.query != NULL)
		put_query(o, v->cond.query);
	else if (v->cond.arg.p != NULL)
		put(o, "(%.*s)", (int)v->cond.arg.len, v->cond.arg.p);
}

static void
put_value(struct out *o, enum bnd_usb_by by, const struct bnd_usb_value *v)
{
	if (by == BND_USB_BY_ID)
		put_id(o, v);
	else if (by == BND_USB_BY_IFACE)
		put_iface(o, v);
	else if (by == BND_USB_BY_IF)
		put_cond(o, v);
	else
		put_string(o, v->str);
}

static void
put_set(struct out *o, enum bnd_usb_by by, const struct bnd_usb_set *set)
{
	bool braces = set->n > 1 || set->op != BND_USB_EQUALS;

	put(o, " %s", bnd_usb_by_name(by));
	if (set->op != BND_USB_EQUALS)
		put(o, " %s", bnd_usb_op_name(set->op));
	if (braces)
		put(o, " {");
	for (const struct bnd_usb_value *v = set->first; v != NULL;
	     v = v->next) {
		put(o, " ");
		put_value(o, by, v);
	}
	if (braces)
		put(o, " }");
}

static void
put_sets(struct out *o, const struct bnd_usb_rule *r)
{
	for (int by = 0; by < BND_USB_BYS; by++)
		if (r->set[by].n > 0)
			put_set(o, (enum bnd_usb_by)by, &r->set[by]);
}

void
bnd_usb_rule_print(const struct bnd_usb_rule *r, char *text, size_t size)
{
	struct out o = { .text = text, .size = size };

	put(&o, "%s", bnd_usb_target_name(r->target));
	put_sets(&o, r);
	finish(&o);
}

void
bnd_usb_rule_where(const struct bnd_usb_rule *r, char *text, size_t size)
{
	struct out o = { .text = text, .size = size };
	char file[256];

	bnd_text_show(
	    (struct bnd_str){ r->file, strlen(r->file) }, file, sizeof(file));
	put(&o, "%s:%u", file, r->line);
	finish(&o);
}

static void
put_ifaces(struct out *o, const struct bnd_usb_desc *desc)
{
	if (desc->ifaces == 0)
		return;
	put(o, " with-interface%s", desc->ifaces > 1 ? " {" : "");
	for (size_t i = 0; i < desc->ifaces; i++)
		put(o, " %02x:%02x:%02x", desc->iface[i].class,
		    desc->iface[i].subclass, desc->iface[i].protocol);
	put(o, "%s", desc->ifaces > 1 ? " }" : "");
}

void
bnd_usb_device_rule(const struct bnd_usb_device *d, enum bnd_usb_target target,
    char *text, size_t size)
{
	struct out o = { .text = text, .size = size };
	const struct {
		enum bnd_usb_by by;
		struct bnd_str s;
	} strings[] = {
		{ BND_USB_BY_SERIAL, bnd_usb_trim(d->serial) },
		{ BND_USB_BY_NAME, bnd_usb_trim(d->name) },
		{ BND_USB_BY_HASH, { d->hash, strlen(d->hash) } },
		{ BND_USB_BY_PARENT,
		    { d->parent_hash, strlen(d->parent_hash) } },
		{ BND_USB_BY_PORT, { d->port, strlen(d->port) } },
	};

	put(&o, "%s id %04x:%04x", bnd_usb_target_name(target), d->desc->vendor,
	    d->desc->product);
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		put(&o, " %s ", bnd_usb_by_name(strings[i].by));
		put_string(&o, strings[i].s);
	}
	put_ifaces(&o, d->desc);
	if (d->connect.p != NULL) {
		put(&o, " %s ", bnd_usb_by_name(BND_USB_BY_CONNECT));
		put_string(&o, d->connect);
	}
	finish(&o);
}
