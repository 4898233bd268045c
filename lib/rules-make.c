/* rules-make.c: a rule being put together, match by match */
/* SPDX-License-Identifier: ISC */
#include "rules-make.h"

#include <netinet/in.h> /* before linux/ headers that would redefine it */
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <string.h>

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
bnd_rule_here(struct bnd_render *r, const struct bnd_rules_link *link)
{
	if (link != NULL)
		bnd_rule_link(r, bnd_rule_inbound(r), link);
}

void
bnd_rule_layer(
    struct bnd_render *r, const struct bnd_rules_link *link, uint32_t ethertype)
{
	if (!bnd_rule_in_netdev(r)) {
		bnd_rule_is(r, BND_M_NFPROTO,
		    ethertype == ETH_P_IP ? NFPROTO_IPV4 : NFPROTO_IPV6);
		return;
	}
	bnd_rule_is(r, BND_M_PROTOCOL, ethertype);
	if (link != NULL && link->type == ARPHRD_ETHER)
		bnd_rule_is(r, BND_M_ETHERTYPE, ethertype);
}
