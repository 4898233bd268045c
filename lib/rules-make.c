/* rules-make.c: a rule being put together, match by match */
/* SPDX-License-Identifier: ISC */
#include "rules-make.h"

#include <netinet/in.h> /* before linux/ headers that would redefine it */
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <string.h>

#define LACP 1 /* the subtype of that slow protocol */

static struct bnd_match *
add(struct bnd_render *r, enum bnd_match_key key)
{
	struct bnd_match *m = &r->rule.match[r->rule.matches++];

	*m = (struct bnd_match){ .key = key };
	return m;
}

void
bnd_rule_number(
    struct bnd_render *r, enum bnd_match_key key, uint32_t lo, uint32_t hi)
{
	struct bnd_match *m = add(r, key);

	m->lo = lo;
	m->hi = hi;
}

void
bnd_rule_is(struct bnd_render *r, enum bnd_match_key key, uint32_t n)
{
	bnd_rule_number(r, key, n, n);
}

void
bnd_rule_addr(
    struct bnd_render *r, enum bnd_match_key key, const struct bnd_prefix *p)
{
	if (p->family != 0 && p->len > 0)
		add(r, key)->prefix = *p;
}

void
bnd_rule_emit(struct bnd_render *r, enum bnd_fate verdict, unsigned line)
{
	r->rule.verdict = verdict;
	r->rule.line = line;
	if (r->status == 0)
		r->status =
		    r->sink->rule(r->sink->ctx, &r->chain, &r->rule, r->err);
	r->rule.matches = 0; /* what is behind is not looked at */
}

bool
bnd_rule_in_netdev(const struct bnd_render *r)
{
	return r->chain.family == BND_NETDEV;
}

bool
bnd_rule_inbound(const struct bnd_render *r)
{
	return r->chain.hook == BND_PREROUTING || r->chain.hook == BND_INPUT ||
	    r->chain.hook == BND_INGRESS;
}

void
bnd_rule_link(
    struct bnd_render *r, bool incoming, const struct bnd_rules_link *link)
{
	bnd_rule_is(r, incoming ? BND_M_IIF : BND_M_OIF, link->index);
	if (link->kind[0] != '\0')
		memcpy(add(r, incoming ? BND_M_IIFKIND : BND_M_OIFKIND)->text,
		    link->kind, sizeof(link->kind));
}

void
bnd_rule_here(struct bnd_render *r, const struct bnd_place *at)
{
	if (at != NULL)
		bnd_rule_link(r, bnd_rule_inbound(r), at->link);
}

struct bnd_places
bnd_rule_places(const struct bnd_render *r, const struct bnd_rules_link *link)
{
	struct bnd_places p;

	/* IP and ARP know the upper link only. */
	if (!bnd_rule_in_netdev(r) ||
	    bnd_rules_places(r->in, link, &p) != NULL) {
		p.n = 1;
		p.at[0] = (struct bnd_place){ .link = link };
	}
	return p;
}

/*
 * Within a tag: who sends a frame by a packet socket says which protocol it is,
 * and with a tag in the frame itself that could be a lie: the "header" would
 * begin at the tag.  Then its third and fourth byte are the type.
 */
void
bnd_rule_layer(
    struct bnd_render *r, const struct bnd_place *at, uint32_t ethertype)
{
	if (!bnd_rule_in_netdev(r)) {
		bnd_rule_is(r, BND_M_NFPROTO,
		    ethertype == ETH_P_IP ? NFPROTO_IPV4 : NFPROTO_IPV6);
		return;
	}
	bnd_rule_is(r, BND_M_PROTOCOL, ethertype);
	if (at == NULL || at->link->type != ARPHRD_ETHER)
		return;
	if (at->tpid == 0) {
		bnd_rule_is(r, BND_M_ETHERTYPE, ethertype);
		return;
	}
	bnd_rule_is(r, BND_M_TAG, (uint32_t)at->tpid << 16 | at->vlan);
	bnd_rule_is(r, BND_M_TAGGED, ethertype);
	bnd_rule_is(r, BND_M_NOT_TYPE, ethertype);
}

void
bnd_rule_lacp(struct bnd_render *r, const struct bnd_place *at)
{
	static const uint8_t everybody[6] = { 0x01, 0x80, 0xc2, 0, 0, 2 };

	bnd_rule_here(r, at);
	bnd_rule_is(r, BND_M_PROTOCOL, ETH_P_SLOW);
	memcpy(add(r, BND_M_TO_MAC)->text, everybody, sizeof(everybody));
	bnd_rule_is(r, BND_M_SLOW, ETH_P_SLOW << 8 | LACP);
	bnd_rule_emit(r, BND_V_ACCEPT, 0);
}
