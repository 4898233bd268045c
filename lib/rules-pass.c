/* rules-pass.c: what the modes let by without a line of the list */
/* SPDX-License-Identifier: ISC */
#include "rules-pass.h"

#include <netinet/in.h> /* before linux/ headers that would redefine it */
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>

#define ND_HOPS	   255
#define MLD_HOPS   1
#define ICMP4_DEST 3 /* unreachable, fragmentation needed */
#define ICMP6_DEST 1 /* unreachable */
#define ICMP6_BIG  2

void
bnd_pass_lo(struct bnd_render *r)
{
	bnd_rule_is(
	    r, bnd_rule_inbound(r) ? BND_M_IIF : BND_M_OIF, BND_LO_INDEX);
	bnd_rule_emit(r, BND_V_ACCEPT, 0);
}

void
bnd_pass_replies(struct bnd_render *r)
{
	bnd_rule_is(r, BND_M_CT_DIR, IP_CT_DIR_REPLY);
	bnd_rule_is(r, BND_M_CT_STATE, BND_CT_ESTABLISHED);
	bnd_rule_emit(r, BND_V_ACCEPT, 0);
	bnd_rule_layer(r, NULL, ETH_P_IP);
	bnd_rule_is(r, BND_M_L4PROTO, IPPROTO_ICMP);
	bnd_rule_is(r, BND_M_CT_STATE, BND_CT_RELATED);
	bnd_rule_emit(r, BND_V_ACCEPT, 0);
	bnd_rule_layer(r, NULL, ETH_P_IPV6);
	bnd_rule_is(r, BND_M_L4PROTO, IPPROTO_ICMPV6);
	bnd_rule_is(r, BND_M_CT_STATE, BND_CT_RELATED);
	bnd_rule_emit(r, BND_V_ACCEPT, 0);
}

static void
icmp6(struct bnd_render *r, const struct bnd_place *at, unsigned hops,
    unsigned lo_type, unsigned hi_type)
{
	bnd_rule_here(r, at);
	bnd_rule_layer(r, at, ETH_P_IPV6);
	bnd_rule_is(r, BND_M_L4PROTO, IPPROTO_ICMPV6);
	if (hops != 0)
		bnd_rule_is(r, BND_M_HOPLIMIT, hops);
	bnd_rule_number(r, BND_M_ICMPTYPE, lo_type, hi_type);
	bnd_rule_emit(r, BND_V_ACCEPT, 0);
}

void
bnd_pass_neighbours(struct bnd_render *r, const struct bnd_place *at)
{
	icmp6(r, at, ND_HOPS, 133, 136);
	icmp6(r, at, MLD_HOPS, 130, 132);
	icmp6(r, at, MLD_HOPS, 143, 143);
}

void
bnd_pass_errors(struct bnd_render *r, const struct bnd_place *at)
{
	bnd_rule_here(r, at);
	bnd_rule_layer(r, at, ETH_P_IP);
	bnd_rule_is(r, BND_M_L4PROTO, IPPROTO_ICMP);
	bnd_rule_is(r, BND_M_ICMPTYPE, ICMP4_DEST);
	bnd_rule_emit(r, BND_V_ACCEPT, 0);
	icmp6(r, at, 0, ICMP6_DEST, ICMP6_BIG);
}

void
bnd_pass_dhcp(struct bnd_render *r, const struct bnd_place *at, unsigned line)
{
	static const struct {
		uint16_t ethertype;
		uint16_t server, client;
	} kinds[] = { { ETH_P_IP, 67, 68 }, { ETH_P_IPV6, 547, 546 } };
	static const struct bnd_prefix local = { 6, 10, { 0xfe, 0x80 } };

	for (size_t i = 0; i < 2; i++) {
		bool answer = bnd_rule_inbound(r);

		bnd_rule_here(r, at);
		bnd_rule_layer(r, at, kinds[i].ethertype);
		bnd_rule_is(r, BND_M_L4PROTO, IPPROTO_UDP);
		if (kinds[i].ethertype == ETH_P_IPV6)
			bnd_rule_addr(r, BND_M_SADDR, &local);
		bnd_rule_is(
		    r, BND_M_SPORT, answer ? kinds[i].server : kinds[i].client);
		bnd_rule_is(
		    r, BND_M_DPORT, answer ? kinds[i].client : kinds[i].server);
		bnd_rule_emit(r, BND_V_ACCEPT, line);
	}
}

/* A port of a bond that speaks LACP. */
static bool
speaks_lacp(const struct bnd_rules_in *in, const struct bnd_rules_link *port)
{
	for (size_t i = 0; port->master != 0 && i < in->links; i++)
		if (in->link[i].index == port->master)
			return (in->link[i].traits & BND_LINK_LACP) != 0;
	return false;
}

static void
carrier_at(struct bnd_render *r, const struct bnd_place *at)
{
	/*
	 * Elsewhere a frame does not say itself what it is: whoever sends it by a
	 * packet socket calls a datagram ARP, and the modem takes it for IP.
	 */
	if (bnd_rule_in_netdev(r) && at->link->type == ARPHRD_ETHER) {
		bnd_rule_here(r, at);
		bnd_rule_layer(r, at, ETH_P_ARP);
		bnd_rule_emit(r, BND_V_ACCEPT, 0);
		if (speaks_lacp(r->in, at->link))
			bnd_rule_lacp(r, at);
	}
	bnd_pass_neighbours(r, at);
	if (bnd_rule_inbound(r))
		bnd_pass_errors(r, at);
}

void
bnd_pass_carriers(struct bnd_render *r)
{
	for (size_t i = 0; i < r->in->links; i++) {
		struct bnd_places p;

		if (!bnd_rules_is_carrier(r->in, &r->in->link[i]))
			continue;
		p = bnd_rule_places(r, &r->in->link[i]);
		for (size_t k = 0; k < p.n; k++)
			carrier_at(r, &p.at[k]);
	}
}

void
bnd_pass_dhcp_lines(struct bnd_render *r)
{
	for (size_t i = 0; i < bnd_rules_lines(r->in); i++) {
		const struct bnd_line *l = &r->in->list->line[i];
		struct bnd_places p;

		if (l->verb != BND_LINE_DHCP || bnd_rules_waiting(r->in, l))
			continue;
		p = bnd_rule_places(r, bnd_rules_find(r->in, &l->out));
		for (size_t k = 0; k < p.n; k++)
			bnd_pass_dhcp(r, &p.at[k], l->number);
	}
}
