/* judge.c: the rules as a predicate on packets and flows */
/* SPDX-License-Identifier: ISC */
#include "judge.h"

#include <netinet/in.h> /* before linux/ headers that would redefine it */
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <string.h>

#include "netval-proto.h"

/*
 * There is no second table: the rendered rules are walked as the kernel walks
 * them.  An accept ends its chain, a drop ends the packet.
 */
struct walk {
	const struct bnd_rules_in *in;
	const struct bnd_packet *packet;
	bool passing; /* through this chain, and no rule has spoken yet */
	bool dropped;
};

static const struct bnd_rules_link *
link_of(const struct bnd_rules_in *in, unsigned index)
{
	for (size_t i = 0; i < in->links; i++)
		if (in->link[i].index == index)
			return &in->link[i];
	return NULL;
}

static bool
kind_is(const struct walk *w, unsigned index, const char *kind)
{
	const struct bnd_rules_link *link = link_of(w->in, index);

	return link != NULL && strcmp(link->kind, kind) == 0;
}

static bool
between(const struct bnd_match *m, uint32_t x)
{
	return x >= m->lo && x <= m->hi;
}

static uint32_t
nfproto(const struct bnd_packet *p)
{
	return p->ethertype == ETH_P_IP	 ? NFPROTO_IPV4
	    : p->ethertype == ETH_P_IPV6 ? NFPROTO_IPV6
					 : NFPROTO_UNSPEC;
}

static bool
matches(const struct walk *w, const struct bnd_match *m)
{
	const struct bnd_packet *p = w->packet;

	switch (m->key) {
	case BND_M_IIF:
		return between(m, p->iif);
	case BND_M_OIF:
		return between(m, p->oif);
	case BND_M_IIFKIND:
		return kind_is(w, p->iif, m->text);
	case BND_M_OIFKIND:
		return kind_is(w, p->oif, m->text);
	case BND_M_NFPROTO:
		return between(m, nfproto(p));
	case BND_M_PROTOCOL:
	case BND_M_TAGGED:
		return between(m, p->ethertype);
	case BND_M_ETHERTYPE:
		return p->tag == 0 && between(m, p->ethertype);
	case BND_M_TAG:
		return p->tag == m->lo;
	case BND_M_NOT_TYPE:
		return true; /* nobody lies here */
	case BND_M_SLOW:
	case BND_M_TO_MAC:
		return p->lacp;
	case BND_M_L4PROTO:
		return between(m, p->l4proto);
	case BND_M_SADDR:
		return bnd_prefix_has(&m->prefix, &p->src);
	case BND_M_DADDR:
		return bnd_prefix_has(&m->prefix, &p->dst);
	case BND_M_SPORT:
		return between(m, p->sport);
	case BND_M_DPORT:
		return between(m, p->dport);
	case BND_M_ICMPTYPE:
		return between(m, p->icmp_type);
	case BND_M_HOPLIMIT:
		return between(m, p->hoplimit);
	case BND_M_CT_STATE:
		return (p->ct_state & m->lo) != 0;
	case BND_M_CT_DIR:
		return p->ct_state != 0 && between(m, p->ct_dir);
	case BND_M_NONE:
		break;
	}
	return false;
}

/* The hooks of each family that a packet on a path passes; bits of bnd_hook. */
#define HOOK(h) (1U << (h))
static const struct {
	unsigned hooks[BND_FAMILIES];
} paths[] = {
	[BND_PATH_NONE] = { { 0 } },
	[BND_PATH_IN] = { { [BND_NETDEV] = HOOK(BND_INGRESS),
	    [BND_INET] = HOOK(BND_PREROUTING) | HOOK(BND_INPUT) } },
	[BND_PATH_OUT] = { { [BND_INET] =
				 HOOK(BND_OUTPUT) | HOOK(BND_POSTROUTING),
	    [BND_NETDEV] = HOOK(BND_EGRESS) } },
	[BND_PATH_FORWARD] = { { [BND_NETDEV] =
				     HOOK(BND_INGRESS) | HOOK(BND_EGRESS),
	    [BND_INET] = HOOK(BND_PREROUTING) | HOOK(BND_FORWARD) |
		HOOK(BND_POSTROUTING) } },
	[BND_PATH_FRAME] = { { [BND_NETDEV] = HOOK(BND_EGRESS) } },
	[BND_PATH_ARP_IN] = { { [BND_NETDEV] = HOOK(BND_INGRESS),
	    [BND_ARP] = HOOK(BND_INPUT) } },
	[BND_PATH_ARP_OUT] = { { [BND_ARP] = HOOK(BND_OUTPUT),
	    [BND_NETDEV] = HOOK(BND_EGRESS) } },
	[BND_PATH_BRIDGE] = { { [BND_NETDEV] =
				    HOOK(BND_INGRESS) | HOOK(BND_EGRESS),
	    [BND_BRIDGE] = HOOK(BND_PREROUTING) | HOOK(BND_FORWARD) |
		HOOK(BND_POSTROUTING) } },
};

static bool
hooks_link(const struct bnd_chain *c, unsigned index)
{
	for (size_t i = 0; i < c->links; i++)
		if (c->link[i]->index == index)
			return true;
	return c->every;
}

static int
on_chain(void *ctx, const struct bnd_chain *c, struct bnd_err *err)
{
	struct walk *w = ctx;
	const struct bnd_packet *p = w->packet;

	(void)err;
	w->passing = !w->dropped &&
	    (paths[p->path].hooks[c->family] & HOOK(c->hook)) != 0;
	if (w->passing && c->family == BND_NETDEV)
		w->passing =
		    hooks_link(c, c->hook == BND_INGRESS ? p->iif : p->oif);
	return w->passing ? 0 : 1;
}

static int
on_rule(void *ctx, const struct bnd_chain *c, const struct bnd_rule *r,
    struct bnd_err *err)
{
	struct walk *w = ctx;

	(void)c;
	(void)err;
	if (!w->passing)
		return 0;
	for (size_t i = 0; i < r->matches; i++)
		if (!matches(w, &r->match[i]))
			return 0;
	switch (r->verdict) {
	case BND_V_ACCEPT:
		w->passing = false;
		break;
	case BND_V_COUNT:
	case BND_V_LOG:
		break;
	case BND_V_DROP:
	case BND_V_REJECT:
	case BND_V_REJECT_TCP:
	case BND_V_NONE:
		w->passing = false;
		w->dropped = true;
		break;
	}
	return 0;
}

bool
bnd_rules_pass(const struct bnd_rules_in *in, const struct bnd_packet *p)
{
	struct walk w = { .in = in, .packet = p };
	struct bnd_rules_sink sink = { on_chain, on_rule, &w };

	return bnd_rules_render(in, &sink, NULL) == 0 && !w.dropped;
}

static struct bnd_packet
first_packet(const struct bnd_flow *f)
{
	return (struct bnd_packet){
		.path = f->path,
		.iif = f->iif,
		.oif = f->oif,
		.ethertype = f->src.family == 6 ? ETH_P_IPV6 : ETH_P_IP,
		.l4proto = f->l4proto,
		.icmp_type = f->icmp_type,
		.hoplimit = 64,
		.src = f->src,
		.dst = f->dst,
		.sport = f->sport,
		.dport = f->dport,
		.ct_state = BND_CT_NEW,
		.ct_dir = IP_CT_DIR_ORIGINAL,
	};
}

static struct bnd_packet
answer(const struct bnd_flow *f)
{
	struct bnd_packet p = first_packet(f);

	if (f->path != BND_PATH_FORWARD)
		p.path = f->path == BND_PATH_IN ? BND_PATH_OUT : BND_PATH_IN;
	p.iif = f->oif;
	p.oif = f->iif;
	p.src = f->dst;
	p.dst = f->src;
	p.sport = f->dport;
	p.dport = f->sport;
	p.icmp_type = bnd_icmp_answer(f->l4proto, f->icmp_type);
	p.ct_state = BND_CT_ESTABLISHED;
	p.ct_dir = IP_CT_DIR_REPLY;
	return p;
}

bool
bnd_rules_allow(const struct bnd_rules_in *in, const struct bnd_flow *f)
{
	struct bnd_packet there = first_packet(f), back = answer(f);

	return bnd_rules_pass(in, &there) && bnd_rules_pass(in, &back);
}
