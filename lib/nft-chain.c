/* nft-chain.c: families and hooks as nf_tables numbers them, and which are there */
/* SPDX-License-Identifier: ISC */
#include "nft-chain.h"

#include <linux/netfilter.h>

static const struct {
	uint8_t nfproto;
	const char *name;
} families[BND_FAMILIES] = {
	[BND_INET] = { NFPROTO_INET, "inet" },
	[BND_ARP] = { NFPROTO_ARP, "arp" },
	[BND_BRIDGE] = { NFPROTO_BRIDGE, "bridge" },
	[BND_NETDEV] = { NFPROTO_NETDEV, "netdev" },
};

uint8_t
bnd_nft_proto(enum bnd_family f)
{
	return families[f].nfproto;
}

const char *
bnd_nft_family(enum bnd_family f)
{
	return families[f].name;
}

uint32_t
bnd_nft_hooknum(const struct bnd_chain *c)
{
	static const uint32_t inet[] = {
		[BND_PREROUTING] = NF_INET_PRE_ROUTING,
		[BND_INPUT] = NF_INET_LOCAL_IN,
		[BND_FORWARD] = NF_INET_FORWARD,
		[BND_OUTPUT] = NF_INET_LOCAL_OUT,
		[BND_POSTROUTING] = NF_INET_POST_ROUTING,
		[BND_INGRESS] = NF_NETDEV_INGRESS,
		[BND_EGRESS] = NF_NETDEV_EGRESS,
	};

	if (c->family == BND_ARP)
		return c->hook == BND_INPUT ? 0 : 1; /* NF_ARP_IN, _OUT */
	return inet[c->hook];
}

struct bnd_rules_in
bnd_nft_input(const struct bnd_rules_in *in, const struct bnd_nft_lacks *lacks)
{
	struct bnd_rules_in mine = *in;

	mine.every &= !lacks->every;
	return mine;
}

bool
bnd_nft_left_out(const struct bnd_nft_lacks *lacks, const struct bnd_chain *c)
{
	return lacks->family[c->family] ||
	    (lacks->egress && c->hook == BND_EGRESS);
}
