/* nft-rule.h: a rule as expressions of nf_tables; alone knows libnftnl */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NFT_RULE_H
#define BND_NFT_RULE_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "nlbuf.h"
#include "rules.h"

/* Append the message that adds the rule to its chain. */
int bnd_nft_rule_put(struct bnd_nlbuf *b, const struct bnd_chain *c,
    const struct bnd_rule *rule, struct bnd_err *err) BND_CHECK;

/*
 * The one spelling of a rule, ours or of a message of the kernel's, counters
 * apart: the same text is the same rule.
 */
#define BND_NFT_RULE_TEXT 3072
int bnd_nft_rule_print(const struct bnd_chain *c, const struct bnd_rule *rule,
    char text[static BND_NFT_RULE_TEXT], struct bnd_err *err) BND_CHECK;
/* -1 too long, 0 not readable, 1 read. */
int bnd_nft_rule_read(
    const struct nlmsghdr *nlh, char text[static BND_NFT_RULE_TEXT]);

/*
 * Whether links may be hooked all at once, "*" as libnftnl writes it: an empty
 * NFTA_DEVICE_PREFIX.  An nft(8) whose library does not write it hangs when it
 * lists such a chain, and firewalld with it.  No version is compared.
 */
bool bnd_nft_writes_every(void);
/* Whether a message that adds a chain has one. */
bool bnd_nft_has_prefix(const struct nlmsghdr *nlh);

#endif
