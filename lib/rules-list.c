/* rules-list.c: the lines of the list, as rules */
/* SPDX-License-Identifier: ISC */
#include "rules-list.h"

#include <netinet/in.h> /* before linux/ headers that would redefine it */
#include <linux/if_ether.h>

#include "netval-addr.h"
#include "netval-proto.h"

/* A line as one chain sees it: the other end's packets have all turned round. */
struct view {
	const struct bnd_line *line;
	const struct bnd_rules_link *in, *out;
	const struct bnd_place *at; /* where frames are judged */
	const struct bnd_prefix *src, *dst;
	const struct bnd_ports *sport, *dport;
	uint8_t type;
};

static struct view
view_of(const struct bnd_render *r, const struct bnd_line *l, bool turned)
{
	struct view v = { .line = l,
		.src = &l->src,
		.dst = &l->dst,
		.sport = &l->sport,
		.dport = &l->dport,
		.type = l->type };

	if (l->in.name[0] != '\0')
		v.in = bnd_rules_find(r->in, &l->in);
	if (l->out.name[0] != '\0')
		v.out = bnd_rules_find(r->in, &l->out);
	if (!turned)
		return v;
	return (struct view){ .line = l,
		.in = v.out,
		.out = v.in,
		.src = v.dst,
		.dst = v.src,
		.sport = v.dport,
		.dport = v.sport,
		.type = bnd_icmp_answer(l->proto, l->type) };
}

static void
ports_in(struct bnd_render *r, enum bnd_match_key key,
    const struct bnd_ports *p, unsigned i)
{
	if (p->n > 0)
		bnd_rule_number(r, key, p->range[i].lo, p->range[i].hi);
}

/* One combination of ports; ethertype 0 is both families. */
static void
line_rule(struct bnd_render *r, const struct view *v, uint32_t ethertype,
    unsigned sport, unsigned dport)
{
	if (v->in != NULL)
		bnd_rule_link(r, true, v->in);
	if (v->out != NULL)
		bnd_rule_link(r, false, v->out);
	if (ethertype != 0)
		bnd_rule_layer(r, v->at, ethertype);
	bnd_rule_is(r, BND_M_L4PROTO, v->line->proto);
	bnd_rule_addr(r, BND_M_SADDR, v->src);
	bnd_rule_addr(r, BND_M_DADDR, v->dst);
	ports_in(r, BND_M_SPORT, v->sport, sport);
	ports_in(r, BND_M_DPORT, v->dport, dport);
	if (v->line->has_type)
		bnd_rule_is(r, BND_M_ICMPTYPE, v->type);
	bnd_rule_emit(r, BND_V_ACCEPT, v->line->number);
}

static void
line_family(struct bnd_render *r, const struct view *v, uint32_t ethertype)
{
	for (unsigned s = 0; s == 0 || s < v->sport->n; s++)
		for (unsigned d = 0; d == 0 || d < v->dport->n; d++)
			line_rule(r, v, ethertype, s, d);
}

static unsigned
family_of(const struct bnd_line *l)
{
	if (l->proto == IPPROTO_ICMP)
		return 4;
	if (l->proto == IPPROTO_ICMPV6)
		return 6;
	return l->src.family != 0 ? l->src.family : l->dst.family;
}

static void
line_families(struct bnd_render *r, const struct view *v)
{
	unsigned family = family_of(v->line);

	if (family == 0 && !bnd_rule_in_netdev(r)) {
		line_family(r, v, 0);
		return;
	}
	if (family != 6)
		line_family(r, v, ETH_P_IP);
	if (family != 4)
		line_family(r, v, ETH_P_IPV6);
}

/* A line that lets packets out, wherever the chain sees them. */
static void
line_places(struct bnd_render *r, const struct bnd_line *l, bool turned)
{
	struct view v = view_of(r, l, turned);
	struct bnd_places p = bnd_rule_places(r, turned ? v.in : v.out);

	for (size_t i = 0; i < p.n; i++) {
		*(turned ? &v.in : &v.out) = p.at[i].link;
		v.at = &p.at[i];
		line_families(r, &v);
	}
}

static void
line_rules(struct bnd_render *r, const struct bnd_line *l, bool turned)
{
	struct view v = view_of(r, l, turned);

	line_families(r, &v);
}

/* The far end of the line lies inside a class that wide lines do not open. */
static bool
is_special(const struct bnd_line *l)
{
	const struct bnd_prefix *far =
	    l->verb == BND_LINE_IN ? &l->src : &l->dst;

	for (const struct bnd_class *c = bnd_classes; c->kind != BND_CLASS_NONE;
	     c++)
		if (c->kind == BND_CLASS_INSIDE && far->family != 0 &&
		    bnd_prefix_inside(far, &c->prefix))
			return true;
	return false;
}

void
bnd_rules_list_lines(struct bnd_render *r, enum bnd_line_verb verb,
    enum bnd_pick pick, bool turned)
{
	for (size_t i = 0; i < bnd_rules_lines(r->in); i++) {
		const struct bnd_line *l = &r->in->list->line[i];

		if (l->verb != verb || l->mode < r->in->mode ||
		    bnd_rules_waiting(r->in, l) ||
		    (pick != BND_PICK_ALL &&
			is_special(l) != (pick == BND_PICK_SPECIAL)))
			continue;
		/* Frames of vpn links are not judged: they have none. */
		if (!bnd_rule_in_netdev(r))
			line_rules(r, l, turned);
		else if (bnd_rules_is_carrier(
			     r->in, bnd_rules_find(r->in, &l->out)))
			line_places(r, l, turned);
	}
}

/* A deny wins over every ordinary line, wherever that stands in the file. */
static void
classes(struct bnd_render *r, bool far_is_src, enum bnd_fate verdict)
{
	for (const struct bnd_class *c = bnd_classes; c->kind != BND_CLASS_NONE;
	     c++) {
		bnd_rule_layer(
		    r, NULL, c->prefix.family == 4 ? ETH_P_IP : ETH_P_IPV6);
		bnd_rule_addr(
		    r, far_is_src ? BND_M_SADDR : BND_M_DADDR, &c->prefix);
		bnd_rule_emit(r, verdict, 0);
	}
}

void
bnd_rules_list(struct bnd_render *r, enum bnd_line_verb verb, bool turned,
    enum bnd_fate deny)
{
	bnd_rules_list_lines(r, verb, BND_PICK_SPECIAL, turned);
	classes(r, (verb == BND_LINE_IN) != turned, deny);
	bnd_rules_list_lines(r, verb, BND_PICK_ORDINARY, turned);
}
