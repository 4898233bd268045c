/* flowtable.c: shortcuts of nf_tables past the forward rules, as others made them */
/* SPDX-License-Identifier: ISC */
#include "flowtable.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>

static void
links_of(struct bnd_str devs, char *dst, size_t size)
{
	struct bnd_str value;
	uint16_t type;
	size_t len = 0;

	dst[0] = '\0';
	while (bnd_nl_attr_next(&devs, &type, &value)) {
		char one[32];
		int n;

		bnd_nl_show(value, one, sizeof one);
		n = snprintf(
		    dst + len, size - len, "%s%s", len > 0 ? " " : "", one);
		if (n < 0 || (size_t)n >= size - len) {
			memcpy(dst + size - 4, "...", 4);
			return;
		}
		len += (size_t)n;
	}
}

static int
take(const struct nlmsghdr *nlh, void *arg, struct bnd_err *err)
{
	struct bnd_str tab[NFTA_FLOWTABLE_MAX + 1],
	    hook[NFTA_FLOWTABLE_HOOK_MAX + 1];
	struct bnd_flowtables *all = arg;
	struct bnd_flowtable *f;
	char table[36], name[36];

	(void)err;
	if (nlh == NULL) {
		*all = (struct bnd_flowtables){ 0 };
		return 0;
	}
	if (!bnd_nl_attrs(
		nlh, sizeof(struct nfgenmsg), tab, NFTA_FLOWTABLE_MAX) ||
	    !bnd_nl_nested(
		tab[NFTA_FLOWTABLE_HOOK], hook, NFTA_FLOWTABLE_HOOK_MAX) ||
	    all->n == BND_FLOWTABLES_MAX) {
		all->more = true;
		return 0;
	}
	f = &all->v[all->n++];
	bnd_nl_show(tab[NFTA_FLOWTABLE_TABLE], table, sizeof table);
	bnd_nl_show(tab[NFTA_FLOWTABLE_NAME], name, sizeof name);
	(void)snprintf(f->name, sizeof f->name, "%s %s", table, name);
	links_of(hook[NFTA_FLOWTABLE_HOOK_DEVS], f->links, sizeof f->links);
	f->priority = (int32_t)bnd_nl_be32(
	    hook[NFTA_FLOWTABLE_HOOK_PRIORITY], (uint32_t)INT32_MIN);
	f->hardware = (bnd_nl_be32(tab[NFTA_FLOWTABLE_FLAGS], 0) &
			  NFT_FLOWTABLE_HW_OFFLOAD) != 0;
	return 0;
}

int
bnd_flowtables_read(
    struct bnd_nl *nf, struct bnd_flowtables *all, struct bnd_err *err)
{
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	struct bnd_err why = { 0 };

	*all = (struct bnd_flowtables){ 0 };
	if (nf->fd < 0)
		return 0;
	bnd_nl_nfmsg(&req, NFNL_SUBSYS_NFTABLES, NFT_MSG_GETFLOWTABLE,
	    NLM_F_DUMP, NFPROTO_UNSPEC, 0);
	if (bnd_nl_each(nf, &req, take, all, &why) == 0 ||
	    why.errnum == EOPNOTSUPP || why.errnum == EINVAL)
		return 0;
	*err = why;
	return -1;
}
