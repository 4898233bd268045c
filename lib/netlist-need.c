/* netlist-need.c: what the fields of a line must be together */
/* SPDX-License-Identifier: ISC */
#include "netlist-need.h"

#include <netinet/in.h>

#define ASIZE(a) (sizeof(a) / sizeof((a)[0]))

unsigned
bnd_list_col(const struct bnd_list_reader *p, const char *at)
{
	return (unsigned)(at - p->text.p) + 1;
}

static unsigned
value_col(const struct bnd_list_reader *p, enum bnd_list_field f)
{
	return bnd_list_col(p, p->value[f].p);
}

static bool
needs(
    struct bnd_list_reader *p, const struct bnd_list_verb *v, unsigned verb_col)
{
	unsigned missing = v->needs & ~p->seen;

	if (v->verb == BND_LINE_IN && p->line.mode == BND_TRUSTED)
		missing |= BND_FIELD_BIT(BND_FIELD_IF) & ~p->seen;
	if ((p->seen &
		(BND_FIELD_BIT(BND_FIELD_SPORT) |
		    BND_FIELD_BIT(BND_FIELD_DPORT) |
		    BND_FIELD_BIT(BND_FIELD_TYPE))) != 0)
		missing |= BND_FIELD_BIT(BND_FIELD_PROTO) & ~p->seen;
	for (enum bnd_list_field f = BND_FIELD_IF; f < BND_FIELDS; f++)
		if ((missing & BND_FIELD_BIT(f)) != 0) {
			bnd_list_say(p->whole.report, BND_LIST_NEED, p->number,
			    verb_col, "the line needs %s=", bnd_list_fields[f]);
			return false;
		}
	if (v->verb == BND_LINE_OUT &&
	    (p->seen &
		(BND_FIELD_BIT(BND_FIELD_DST) |
		    BND_FIELD_BIT(BND_FIELD_DPORT))) == 0) {
		bnd_list_say(p->whole.report, BND_LIST_NEED, p->number,
		    verb_col, "the line needs dst= or dport=");
		return false;
	}
	return true;
}

static bool
suits_proto(struct bnd_list_reader *p)
{
	static const enum bnd_list_field ports[] = { BND_FIELD_SPORT,
		BND_FIELD_DPORT };

	for (size_t i = 0; i < ASIZE(ports); i++)
		if ((p->seen & BND_FIELD_BIT(ports[i])) != 0 &&
		    !bnd_proto_has_ports(p->line.proto)) {
			bnd_list_say(p->whole.report, BND_LIST_PORT, p->number,
			    value_col(p, ports[i]),
			    "the protocol has no ports");
			return false;
		}
	if (p->line.has_type && !bnd_proto_has_type(p->line.proto)) {
		bnd_list_say(p->whole.report, BND_LIST_TYPE, p->number,
		    value_col(p, BND_FIELD_TYPE), "the protocol has no type");
		return false;
	}
	return true;
}

/* The family that the protocol or the other address asks for. */
static bool
one_family(struct bnd_list_reader *p)
{
	const struct bnd_line *l = &p->line;
	unsigned want = l->proto == IPPROTO_ICMP ? 4
	    : l->proto == IPPROTO_ICMPV6	 ? 6
						 : 0;

	if (want != 0 && l->src.family != 0 && l->src.family != want) {
		bnd_list_say(p->whole.report, BND_LIST_FAMILY, p->number,
		    value_col(p, BND_FIELD_SRC), "the protocol is one of IPv%u",
		    want);
		return false;
	}
	if (want == 0)
		want = l->src.family;
	if (want != 0 && l->dst.family != 0 && l->dst.family != want) {
		bnd_list_say(p->whole.report, BND_LIST_FAMILY, p->number,
		    value_col(p, BND_FIELD_DST),
		    "the rest of the line is IPv%u", want);
		return false;
	}
	return true;
}

static bool
open_class(struct bnd_list_reader *p, enum bnd_list_field f,
    const struct bnd_prefix *addr)
{
	char text[BND_PREFIX_TEXT];

	if (addr->family == 0)
		return true;
	for (const struct bnd_class *c = bnd_classes; c->kind != BND_CLASS_NONE;
	     c++)
		if (c->kind == BND_CLASS_NEVER &&
		    bnd_prefix_inside(addr, &c->prefix)) {
			bnd_prefix_text(&c->prefix, text);
			bnd_list_say(p->whole.report, BND_LIST_CLASS, p->number,
			    value_col(p, f), "no line opens addresses of %s",
			    text);
			return false;
		}
	return true;
}

/* A source port narrows nothing: whoever sends chooses it. */
static void
not_wide(struct bnd_list_reader *p, unsigned verb_col)
{
	static const enum bnd_list_field addrs[] = { BND_FIELD_SRC,
		BND_FIELD_DST };
	const struct bnd_prefix *addr[] = { &p->line.src, &p->line.dst };
	unsigned enough = BND_FIELD_BIT(BND_FIELD_SRC) |
	    BND_FIELD_BIT(BND_FIELD_DST) | BND_FIELD_BIT(BND_FIELD_TYPE) |
	    BND_FIELD_BIT(BND_FIELD_DPORT);

	if ((p->seen & enough) == 0)
		bnd_list_say(p->whole.report, BND_LIST_WIDE, p->number,
		    verb_col,
		    "nearly everything: add an address, dport or type");
	for (size_t i = 0; i < ASIZE(addrs); i++)
		if ((p->seen & BND_FIELD_BIT(BND_FIELD_DPORT)) == 0 &&
		    addr[i]->family != 0 && addr[i]->len == 0) {
			bnd_list_say(p->whole.report, BND_LIST_WIDE, p->number,
			    value_col(p, addrs[i]),
			    "nearly everything: add a dport");
			return;
		}
}

void
bnd_list_need(
    struct bnd_list_reader *p, const struct bnd_list_verb *v, unsigned verb_col)
{
	if (needs(p, v, verb_col) && suits_proto(p) && one_family(p) &&
	    open_class(p, BND_FIELD_SRC, &p->line.src) &&
	    open_class(p, BND_FIELD_DST, &p->line.dst))
		not_wide(p, verb_col);
}
