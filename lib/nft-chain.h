/* nft-chain.h: families and hooks as nf_tables numbers them, and which are there */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NFT_CHAIN_H
#define BND_NFT_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "rules.h"

/* What the kernel turned out not to have; kept from one call to the next. */
struct bnd_nft_lacks {
	bool family[BND_FAMILIES];
	bool egress; /* netdev without egress (before 5.16) */
	bool every;  /* netdev chains hook links by name only (before 6.17) */
};
/* Links by the beginning of their name; linux/netfilter/nf_tables.h of 6.17. */
#define BND_NFTA_DEVICE_PREFIX 2

/* NFPROTO_* and the word for it. */
uint8_t bnd_nft_proto(enum bnd_family f);
const char *bnd_nft_family(enum bnd_family f);
/* Hook numbers by family; arp and netdev count their own. */
uint32_t bnd_nft_hooknum(const struct bnd_chain *c);
/* What is rendered for a kernel that lacks these. */
struct bnd_rules_in bnd_nft_input(
    const struct bnd_rules_in *in, const struct bnd_nft_lacks *lacks);
bool bnd_nft_left_out(
    const struct bnd_nft_lacks *lacks, const struct bnd_chain *c);

#endif
