/* rules.c: mode x list x links to packet rules, as data */
/* SPDX-License-Identifier: ISC */
#include "rules.h"

#include <netinet/in.h> /* before linux/ headers that would redefine it */
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <stdio.h>
#include <string.h>

/*
 * An accept is never final and opens nothing that somebody else closed; a drop
 * is final.  So a chain ends with the drop that makes it a seal, and what
 * stands before it is what the mode lets by.  -450 is before defragmentation,
 * conntrack, NAT and TPROXY, +300 after them: a list must judge the addresses
 * that really leave, a seal must judge before anybody can rewrite or queue.
 */
#define EARLY	   (-450)
#define LATE	   300
#define FRAMES	   (-500)
#define LO_INDEX   1 /* LOOPBACK_IFINDEX: of every network namespace */
#define ND_HOPS	   255
#define MLD_HOPS   1
#define ICMP4_DEST 3 /* unreachable, fragmentation needed */
#define ICMP6_DEST 1 /* unreachable */
#define ICMP6_BIG  2

struct render {
	const struct bnd_rules_in *in;
	const struct bnd_rules_sink *sink;
	struct bnd_err *err;
	int status;
	struct bnd_chain chain;
	struct bnd_rule rule; /* under construction */
};

/* ---- one rule -------------------------------------------------------------- */

static struct bnd_match *
add(struct render *r, enum bnd_match_key key)
{
	struct bnd_match *m = &r->rule.match[r->rule.matches++];

	*m = (struct bnd_match){ .key = key };
	return m;
}

static void
number(struct render *r, enum bnd_match_key key, uint32_t lo, uint32_t hi)
{
	struct bnd_match *m = add(r, key);

	m->lo = lo;
	m->hi = hi;
}

static void
is(struct render *r, enum bnd_match_key key, uint32_t n)
{
	number(r, key, n, n);
}

/* An address, unless every address will do. */
static void
address(struct render *r, enum bnd_match_key key, const struct bnd_prefix *p)
{
	if (p->family != 0 && p->len > 0)
		add(r, key)->prefix = *p;
}

static void
emit(struct render *r, enum bnd_fate verdict, unsigned line)
{
	r->rule.verdict = verdict;
	r->rule.line = line;
	if (r->status == 0)
		r->status =
		    r->sink->rule(r->sink->ctx, &r->chain, &r->rule, r->err);
	r->rule.matches = 0; /* what is behind is not looked at */
}

static bool
in_netdev(const struct render *r)
{
	return r->chain.family == BND_NETDEV;
}

/* Packets come by a link in these hooks, and leave by one in the others. */
static bool
inbound(const struct render *r)
{
	return r->chain.hook == BND_PREROUTING || r->chain.hook == BND_INPUT ||
	    r->chain.hook == BND_INGRESS;
}

static void
link_is(struct render *r, bool incoming, const struct bnd_rules_link *link)
{
	is(r, incoming ? BND_M_IIF : BND_M_OIF, link->index);
	if (link->kind[0] != '\0')
		memcpy(add(r, incoming ? BND_M_IIFKIND : BND_M_OIFKIND)->text,
		    link->kind, sizeof(link->kind));
}

/* The chain's own link, of whose packets the rules below speak. */
static void
here(struct render *r, const struct bnd_rules_link *link)
{
	if (link != NULL)
		link_is(r, inbound(r), link);
}

/*
 * The network layer.  On a link the type in the frame is looked at too, or a
 * tag around a listed packet would go unseen.
 */
static void
layer(struct render *r, const struct bnd_rules_link *link, uint32_t ethertype)
{
	if (!in_netdev(r)) {
		is(r, BND_M_NFPROTO,
		    ethertype == ETH_P_IP ? NFPROTO_IPV4 : NFPROTO_IPV6);
		return;
	}
	is(r, BND_M_PROTOCOL, ethertype);
	if (link != NULL && link->type == ARPHRD_ETHER)
		is(r, BND_M_ETHERTYPE, ethertype);
}

/* ---- links ----------------------------------------------------------------- */

/* Both words of a name; most differ in the first byte. */
static bool
is_called(const struct bnd_rules_link *link, const struct bnd_linkname *name)
{
	return link->name[0] == name->name[0] &&
	    strcmp(link->name, name->name) == 0 &&
	    strcmp(link->kind, name->kind) == 0;
}

const struct bnd_rules_link *
bnd_rules_find(const struct bnd_rules_in *in, const struct bnd_linkname *name)
{
	for (size_t i = 0; i < in->links; i++)
		if (is_called(&in->link[i], name))
			return &in->link[i];
	return NULL;
}

static size_t
lines(const struct bnd_rules_in *in)
{
	return in->list != NULL ? in->list->lines : 0;
}

static bool
named(const struct bnd_rules_in *in, enum bnd_line_verb verb,
    const struct bnd_rules_link *link)
{
	for (size_t i = 0; i < lines(in); i++) {
		const struct bnd_line *l = &in->list->line[i];

		if (l->verb == verb && is_called(link, &l->out))
			return true;
	}
	return false;
}

/* A link of a vpn line: no kind of it lets anybody choose that kind. */
static bool
is_vpn(const struct bnd_rules_in *in, const struct bnd_rules_link *link)
{
	return bnd_kind_is_vpn(link->kind) && named(in, BND_LINE_VPN, link);
}

static bool
is_lo(const struct bnd_rules_link *link)
{
	return link->index == LO_INDEX;
}

/* What TRUSTED's own packets may leave by, beside the vpn links. */
static bool
is_carrier(const struct bnd_rules_in *in, const struct bnd_rules_link *link)
{
	return !is_lo(link) &&
	    (named(in, BND_LINE_OUT, link) || named(in, BND_LINE_DHCP, link)) &&
	    !bnd_kind_is_tunnel(link->kind) && !bnd_kind_is_stacked(link->kind);
}

/* The link is there and one the mode takes. */
static bool
usable(const struct bnd_rules_in *in, const struct bnd_linkname *name)
{
	const struct bnd_rules_link *link;

	if (name->name[0] == '\0')
		return true;
	link = bnd_rules_find(in, name);
	if (link == NULL)
		return false;
	return in->mode != BND_TRUSTED || is_vpn(in, link) ||
	    is_carrier(in, link);
}

bool
bnd_rules_waiting(const struct bnd_rules_in *in, const struct bnd_line *line)
{
	bool used = in->mode == BND_TRUSTED ||
	    (in->mode == BND_RESTRICTED &&
		(line->verb == BND_LINE_IN || line->verb == BND_LINE_FORWARD));

	if (!used || line->mode < in->mode)
		return false;
	if (line->verb == BND_LINE_BYPASS)
		return bnd_rules_find(in, &line->out) == NULL;
	return !usable(in, &line->in) || !usable(in, &line->out);
}

/* ---- what the modes let by ------------------------------------------------- */

static void
drop_all(struct render *r)
{
	emit(r, BND_V_DROP, 0);
}

static void
lo(struct render *r)
{
	is(r, inbound(r) ? BND_M_IIF : BND_M_OIF, LO_INDEX);
	emit(r, BND_V_ACCEPT, 0);
}

static void
lo_else_drop(struct render *r)
{
	lo(r);
	drop_all(r);
}

/*
 * A packet in the original direction is no reply, however old its flow: it
 * must match the list every time, so a line taken away works at once.
 * RELATED is for errors only; a helper's data connection is a flow of its own.
 */
static void
replies(struct render *r)
{
	is(r, BND_M_CT_DIR, IP_CT_DIR_REPLY);
	is(r, BND_M_CT_STATE, BND_CT_ESTABLISHED);
	emit(r, BND_V_ACCEPT, 0);
	layer(r, NULL, ETH_P_IP);
	is(r, BND_M_L4PROTO, IPPROTO_ICMP);
	is(r, BND_M_CT_STATE, BND_CT_RELATED);
	emit(r, BND_V_ACCEPT, 0);
	layer(r, NULL, ETH_P_IPV6);
	is(r, BND_M_L4PROTO, IPPROTO_ICMPV6);
	is(r, BND_M_CT_STATE, BND_CT_RELATED);
	emit(r, BND_V_ACCEPT, 0);
}

static void
icmp6(struct render *r, const struct bnd_rules_link *link, unsigned hops,
    unsigned lo_type, unsigned hi_type)
{
	here(r, link);
	layer(r, link, ETH_P_IPV6);
	is(r, BND_M_L4PROTO, IPPROTO_ICMPV6);
	if (hops != 0)
		is(r, BND_M_HOPLIMIT, hops);
	number(r, BND_M_ICMPTYPE, lo_type, hi_type);
	emit(r, BND_V_ACCEPT, 0);
}

/* Neighbours and multicast listeners: nothing off the link can send these. */
static void
neighbours(struct render *r, const struct bnd_rules_link *link)
{
	icmp6(r, link, ND_HOPS, 133, 136);
	icmp6(r, link, MLD_HOPS, 130, 132);
	icmp6(r, link, MLD_HOPS, 143, 143);
}

static void
errors(struct render *r, const struct bnd_rules_link *link)
{
	here(r, link);
	layer(r, link, ETH_P_IP);
	is(r, BND_M_L4PROTO, IPPROTO_ICMP);
	is(r, BND_M_ICMPTYPE, ICMP4_DEST);
	emit(r, BND_V_ACCEPT, 0);
	icmp6(r, link, 0, ICMP6_DEST, ICMP6_BIG);
}

/* One direction of DHCP on a link, or on any. */
static void
dhcp(struct render *r, const struct bnd_rules_link *link, unsigned line)
{
	static const struct {
		uint16_t ethertype;
		uint16_t server, client;
	} kinds[] = { { ETH_P_IP, 67, 68 }, { ETH_P_IPV6, 547, 546 } };
	static const struct bnd_prefix local = { 6, 10, { 0xfe, 0x80 } };

	for (size_t i = 0; i < 2; i++) {
		bool answer = inbound(r);

		here(r, link);
		layer(r, link, kinds[i].ethertype);
		is(r, BND_M_L4PROTO, IPPROTO_UDP);
		if (kinds[i].ethertype == ETH_P_IPV6)
			address(r, BND_M_SADDR, &local);
		is(r, BND_M_SPORT, answer ? kinds[i].server : kinds[i].client);
		is(r, BND_M_DPORT, answer ? kinds[i].client : kinds[i].server);
		emit(r, BND_V_ACCEPT, line);
	}
}

/* Each carrier, with ARP where frames are judged. */
static void
carriers(struct render *r)
{
	for (size_t i = 0; i < r->in->links; i++) {
		const struct bnd_rules_link *link = &r->in->link[i];

		if (!is_carrier(r->in, link))
			continue;
		if (in_netdev(r)) {
			here(r, link);
			layer(r, link, ETH_P_ARP);
			emit(r, BND_V_ACCEPT, 0);
		}
		neighbours(r, link);
		if (inbound(r))
			errors(r, link);
	}
}

static void
dhcp_lines(struct render *r)
{
	for (size_t i = 0; i < lines(r->in); i++) {
		const struct bnd_line *l = &r->in->list->line[i];

		if (l->verb == BND_LINE_DHCP && !bnd_rules_waiting(r->in, l))
			dhcp(r, bnd_rules_find(r->in, &l->out), l->number);
	}
}

/* ---- lines of the list ----------------------------------------------------- */

/* A line as one chain sees it: the other end's packets have all turned round. */
struct view {
	const struct bnd_line *line;
	const struct bnd_rules_link *in, *out;
	const struct bnd_prefix *src, *dst;
	const struct bnd_ports *sport, *dport;
	uint8_t type;
};

static struct view
view_of(const struct render *r, const struct bnd_line *l, bool turned)
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
ports_in(struct render *r, enum bnd_match_key key, const struct bnd_ports *p,
    unsigned i)
{
	if (p->n > 0)
		number(r, key, p->range[i].lo, p->range[i].hi);
}

/* One combination of ports; ethertype 0 is both families. */
static void
line_rule(struct render *r, const struct view *v, uint32_t ethertype,
    unsigned sport, unsigned dport)
{
	if (v->in != NULL)
		link_is(r, true, v->in);
	if (v->out != NULL)
		link_is(r, false, v->out);
	if (ethertype != 0)
		layer(r, v->in != NULL ? v->in : v->out, ethertype);
	is(r, BND_M_L4PROTO, v->line->proto);
	address(r, BND_M_SADDR, v->src);
	address(r, BND_M_DADDR, v->dst);
	ports_in(r, BND_M_SPORT, v->sport, sport);
	ports_in(r, BND_M_DPORT, v->dport, dport);
	if (v->line->has_type)
		is(r, BND_M_ICMPTYPE, v->type);
	emit(r, BND_V_ACCEPT, v->line->number);
}

static void
line_family(struct render *r, const struct view *v, uint32_t ethertype)
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
line_rules(struct render *r, const struct bnd_line *l, bool turned)
{
	struct view v = view_of(r, l, turned);
	unsigned family = family_of(l);

	if (family == 0 && !in_netdev(r)) {
		line_family(r, &v, 0);
		return;
	}
	if (family != 6)
		line_family(r, &v, ETH_P_IP);
	if (family != 4)
		line_family(r, &v, ETH_P_IPV6);
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

enum pick {
	ALL,
	SPECIAL,
	ORDINARY,
};

static void
list_lines(
    struct render *r, enum bnd_line_verb verb, enum pick pick, bool turned)
{
	for (size_t i = 0; i < lines(r->in); i++) {
		const struct bnd_line *l = &r->in->list->line[i];

		if (l->verb != verb || l->mode < r->in->mode ||
		    bnd_rules_waiting(r->in, l) ||
		    (pick != ALL && is_special(l) != (pick == SPECIAL)))
			continue;
		/* Frames of vpn links are not judged: they have none. */
		if (!in_netdev(r) ||
		    is_carrier(r->in, bnd_rules_find(r->in, &l->out)))
			line_rules(r, l, turned);
	}
}

/* A deny wins over every ordinary line, wherever that stands in the file. */
static void
classes(struct render *r, bool far_is_src, enum bnd_fate verdict)
{
	for (const struct bnd_class *c = bnd_classes; c->kind != BND_CLASS_NONE;
	     c++) {
		layer(r, NULL, c->prefix.family == 4 ? ETH_P_IP : ETH_P_IPV6);
		address(r, far_is_src ? BND_M_SADDR : BND_M_DADDR, &c->prefix);
		emit(r, verdict, 0);
	}
}

static void
list(struct render *r, enum bnd_line_verb verb, bool turned, enum bnd_fate deny)
{
	list_lines(r, verb, SPECIAL, turned);
	classes(r, (verb == BND_LINE_IN) != turned, deny);
	list_lines(r, verb, ORDINARY, turned);
}

/* ---- the chains ------------------------------------------------------------ */

static void
restricted_in(struct render *r)
{
	lo(r);
	replies(r);
	neighbours(r, NULL);
	errors(r, NULL);
	dhcp(r, NULL, 0);
	list_lines(r, BND_LINE_IN, ALL, false);
	drop_all(r);
}

static void
restricted_forward(struct render *r)
{
	replies(r);
	list_lines(r, BND_LINE_FORWARD, ALL, false);
	drop_all(r);
}

static void
restricted_out(struct render *r)
{
	lo(r);
	is(r, BND_M_CT_STATE, BND_CT_NEW);
	emit(r, BND_V_COUNT, 0);
	is(r, BND_M_CT_STATE, BND_CT_NEW);
	emit(r, BND_V_LOG, 0);
}

static void
trusted_in(struct render *r)
{
	lo(r);
	replies(r);
	carriers(r);
	dhcp_lines(r);
	list(r, BND_LINE_IN, false, BND_V_DROP);
	drop_all(r);
}

static void
vpn_links(struct render *r)
{
	for (size_t i = 0; i < lines(r->in); i++) {
		const struct bnd_line *l = &r->in->list->line[i];

		if (l->verb != BND_LINE_VPN || bnd_rules_waiting(r->in, l))
			continue;
		link_is(r, false, bnd_rules_find(r->in, &l->out));
		emit(r, BND_V_ACCEPT, l->number);
	}
}

static void
trusted_leave(struct render *r, enum bnd_fate deny)
{
	lo(r);
	replies(r);
	carriers(r);
	dhcp_lines(r);
	list(r, BND_LINE_OUT, false, deny);
	vpn_links(r);
}

/* The answer stays on lo, and connect() fails at once. */
static void
trusted_out(struct render *r)
{
	trusted_leave(r, BND_V_REJECT);
	is(r, BND_M_L4PROTO, IPPROTO_TCP);
	emit(r, BND_V_REJECT_TCP, 0);
	emit(r, BND_V_REJECT, 0);
}

static void
trusted_late(struct render *r)
{
	trusted_leave(r, BND_V_DROP);
	drop_all(r);
}

static void
trusted_arp(struct render *r)
{
	for (size_t i = 0; i < r->in->links; i++)
		if (is_carrier(r->in, &r->in->link[i])) {
			here(r, &r->in->link[i]);
			emit(r, BND_V_ACCEPT, 0);
		}
	drop_all(r);
}

/* Both directions of what the list lets out, without conntrack. */
static void
trusted_frames(struct render *r)
{
	carriers(r);
	dhcp_lines(r);
	list(r, BND_LINE_OUT, inbound(r), BND_V_DROP);
	drop_all(r);
}

typedef void body(struct render *);

#define SEALED(b) [BND_AIRGAP] = (b), [BND_COLDROOM] = (b)

/* The table of net-seal(8), RULES.  No body: no such chain in that mode. */
static const struct spec {
	enum bnd_family family;
	enum bnd_hook hook;
	int priority;
	const char *name;
	body *body[BND_MODE_LAST + 1];
} table[] = {
	{ BND_INET, BND_PREROUTING, EARLY, "early-in",
	    { SEALED(lo_else_drop), [BND_LOCKDOWN] = drop_all } },
	{ BND_INET, BND_OUTPUT, EARLY, "early-out",
	    { SEALED(lo_else_drop), [BND_LOCKDOWN] = drop_all } },
	{ BND_INET, BND_INPUT, LATE, "in",
	    { [BND_RESTRICTED] = restricted_in, [BND_TRUSTED] = trusted_in } },
	{ BND_INET, BND_FORWARD, LATE, "forward",
	    { [BND_RESTRICTED] = restricted_forward,
		[BND_TRUSTED] = drop_all } },
	{ BND_INET, BND_OUTPUT, LATE, "out",
	    { [BND_RESTRICTED] = restricted_out,
		[BND_TRUSTED] = trusted_out } },
	{ BND_INET, BND_POSTROUTING, LATE, "late",
	    { [BND_TRUSTED] = trusted_late,
		SEALED(lo_else_drop),
		[BND_LOCKDOWN] = drop_all } },
	{ BND_ARP, BND_INPUT, EARLY, "in",
	    { [BND_TRUSTED] = trusted_arp,
		SEALED(drop_all),
		[BND_LOCKDOWN] = drop_all } },
	{ BND_ARP, BND_OUTPUT, EARLY, "out",
	    { [BND_TRUSTED] = trusted_arp,
		SEALED(drop_all),
		[BND_LOCKDOWN] = drop_all } },
	{ BND_BRIDGE, BND_FORWARD, EARLY, "forward",
	    { [BND_RESTRICTED] = drop_all,
		[BND_TRUSTED] = drop_all,
		SEALED(drop_all),
		[BND_LOCKDOWN] = drop_all } },
	{ BND_BRIDGE, BND_PREROUTING, EARLY, "pre",
	    { SEALED(drop_all), [BND_LOCKDOWN] = drop_all } },
	{ BND_BRIDGE, BND_INPUT, EARLY, "in",
	    { SEALED(drop_all), [BND_LOCKDOWN] = drop_all } },
	{ BND_BRIDGE, BND_OUTPUT, EARLY, "out",
	    { SEALED(drop_all), [BND_LOCKDOWN] = drop_all } },
	{ BND_BRIDGE, BND_POSTROUTING, EARLY, "post",
	    { SEALED(drop_all), [BND_LOCKDOWN] = drop_all } },
	{ BND_NETDEV, BND_INGRESS, FRAMES, "in",
	    { [BND_TRUSTED] = trusted_frames,
		SEALED(drop_all),
		[BND_LOCKDOWN] = drop_all } },
	{ BND_NETDEV, BND_EGRESS, FRAMES, "out",
	    { [BND_TRUSTED] = trusted_frames,
		SEALED(drop_all),
		[BND_LOCKDOWN] = drop_all } },
};

static void
chain(struct render *r, body *fill)
{
	int answer;

	if (r->status != 0)
		return;
	answer = r->sink->chain(r->sink->ctx, &r->chain, r->err);
	if (answer < 0)
		r->status = -1;
	else if (answer == 0)
		fill(r);
}

/* Whether the frames of a link are judged. */
static bool
hooked(const struct bnd_rules_in *in, const struct bnd_rules_link *link)
{
	if (is_lo(link))
		return in->mode == BND_LOCKDOWN;
	return in->mode != BND_TRUSTED || !is_vpn(in, link);
}

static void
block(struct render *r, const struct spec *s,
    const struct bnd_rules_link *const *link, size_t n, unsigned number)
{
	r->chain.link = link;
	r->chain.links = n;
	(void)snprintf(
	    r->chain.name, sizeof(r->chain.name), "%s-%u", s->name, number);
	chain(r, s->body[r->in->mode]);
	r->chain.link = NULL;
	r->chain.links = 0;
}

static void
blocks(struct render *r, const struct spec *s)
{
	const struct bnd_rules_link *link[BND_RULES_BLOCK];
	unsigned number = 0;
	size_t n = 0;

	for (size_t i = 0; i < r->in->links; i++) {
		if (!hooked(r->in, &r->in->link[i]))
			continue;
		link[n++] = &r->in->link[i];
		if (n == BND_RULES_BLOCK) {
			block(r, s, link, n, number++);
			n = 0;
		}
	}
	if (n > 0)
		block(r, s, link, n, number);
}

int
bnd_rules_render(const struct bnd_rules_in *in,
    const struct bnd_rules_sink *sink, struct bnd_err *err)
{
	struct render r = { .in = in, .sink = sink, .err = err };

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct spec *s = &table[i];

		if (s->body[in->mode] == NULL)
			continue;
		r.chain = (struct bnd_chain){ .family = s->family,
			.hook = s->hook,
			.priority = s->priority };
		(void)snprintf(
		    r.chain.name, sizeof(r.chain.name), "%s", s->name);
		if (s->family == BND_NETDEV)
			blocks(&r, s);
		else
			chain(&r, s->body[in->mode]);
	}
	return r.status;
}
