/* behind.c: chains of others that frames pass after ours, and what they may hold */
/* SPDX-License-Identifier: ISC */
#include "behind.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>

#include "rules.h"

#ifndef NF_NETDEV_EGRESS
#define NF_NETDEV_EGRESS 1
#endif

static bool
is_ours(struct bnd_str table)
{
	char name[128];

	return bnd_nl_str(table, name, sizeof name) &&
	    strcmp(name, BND_RULES_TABLE) == 0;
}

/* A hook that cannot be read may be any. */
static bool
is_last(struct bnd_str nested)
{
	struct bnd_str hook[NFTA_HOOK_MAX + 1];

	if (!bnd_nl_nested(nested, hook, NFTA_HOOK_MAX))
		return true;
	return bnd_nl_be32(hook[NFTA_HOOK_HOOKNUM], NF_NETDEV_EGRESS) ==
	    NF_NETDEV_EGRESS &&
	    (int32_t)bnd_nl_be32(hook[NFTA_HOOK_PRIORITY],
		(uint32_t)BND_RULES_LEAVE) >= BND_RULES_LEAVE;
}

static int
take(const struct nlmsghdr *nlh, void *arg, struct bnd_err *err)
{
	struct bnd_str tab[NFTA_CHAIN_MAX + 1] = { 0 };
	struct bnd_behind *b = arg;
	char table[36], chain[36];

	(void)err;
	if (nlh == NULL) {
		*b = (struct bnd_behind){ 0 };
		return 0;
	}
	if (bnd_nl_attrs(nlh, sizeof(struct nfgenmsg), tab, NFTA_CHAIN_MAX) &&
	    (tab[NFTA_CHAIN_HOOK].p == NULL || is_ours(tab[NFTA_CHAIN_TABLE]) ||
		!is_last(tab[NFTA_CHAIN_HOOK])))
		return 0;
	if (b->n++ > 0)
		return 0;
	bnd_nl_show(tab[NFTA_CHAIN_TABLE], table, sizeof table);
	bnd_nl_show(tab[NFTA_CHAIN_NAME], chain, sizeof chain);
	(void)snprintf(b->name, sizeof b->name, "%s %s", table, chain);
	return 0;
}

int
bnd_behind_read(struct bnd_nl *nf, struct bnd_behind *b, struct bnd_err *err)
{
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	struct bnd_err why = { 0 };

	*b = (struct bnd_behind){ 0 };
	if (nf->fd < 0)
		return 0;
	bnd_nl_nfmsg(&req, NFNL_SUBSYS_NFTABLES, NFT_MSG_GETCHAIN, NLM_F_DUMP,
	    NFPROTO_NETDEV, 0);
	if (bnd_nl_each(nf, &req, take, b, &why) == 0 ||
	    why.errnum == EOPNOTSUPP || why.errnum == EINVAL)
		return 0;
	*err = why;
	return -1;
}
