/* old-net-seal.c: the shipped net-seal on a kernel that lacks part of nf_tables */
/* SPDX-License-Identifier: ISC */
/*
 * /run/.bnd-test-lacks names arp, bridge, netdev or egress.  Whatever net-seal
 * says to that family goes to one that no kernel's nf_tables has, and its egress
 * chains to a hook that none has: the answer is the kernel's own.
 */
#include "../../cmd/net-seal.c"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "nft-chain.h"
#include "nl.h"

#define NO_HOOK 3

int __real_bnd_nl_batch(struct bnd_nl *nl, struct bnd_nlbuf *b,
    struct bnd_nl_fault *fault, size_t max, size_t *faults,
    struct bnd_err *err);
int __wrap_bnd_nl_batch(struct bnd_nl *nl, struct bnd_nlbuf *b,
    struct bnd_nl_fault *fault, size_t max, size_t *faults,
    struct bnd_err *err);

static void
read_lacks(char *word, size_t size)
{
	FILE *f = fopen("/run/.bnd-test-lacks", "re");

	word[0] = '\0';
	if (f != NULL && fgets(word, (int)size, f) != NULL)
		word[strcspn(word, "\n")] = '\0';
	if (f != NULL)
		(void)fclose(f);
}

/* An attribute of that type, in those that p to end hold. */
static struct nlattr *
find(uint8_t *p, const uint8_t *end, unsigned type)
{
	while (p + NLA_HDRLEN <= end) {
		struct nlattr *a = (struct nlattr *)(void *)p;

		if ((a->nla_type & NLA_TYPE_MASK) == type)
			return a;
		p += NLA_ALIGN(a->nla_len);
	}
	return NULL;
}

static void
misdirect_egress(struct nlmsghdr *m, uint8_t *at)
{
	const uint32_t egress = htonl(NF_NETDEV_EGRESS), none = htonl(NO_HOOK);
	struct nlattr *a =
	    find(at, (uint8_t *)m + m->nlmsg_len, NFTA_CHAIN_HOOK);
	uint8_t *in = (uint8_t *)a + NLA_HDRLEN;

	if (a != NULL)
		a = find(in, (uint8_t *)a + a->nla_len, NFTA_HOOK_HOOKNUM);
	if (a != NULL &&
	    memcmp((uint8_t *)a + NLA_HDRLEN, &egress, sizeof egress) == 0)
		memcpy((uint8_t *)a + NLA_HDRLEN, &none, sizeof none);
}

static void
misdirect(struct nlmsghdr *m, const char *lacks)
{
	struct nfgenmsg *g = NLMSG_DATA(m);
	enum bnd_family f;

	if (m->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES)
		return;
	if (strcmp(lacks, "egress") == 0 &&
	    (m->nlmsg_type & 0xff) == NFT_MSG_NEWCHAIN &&
	    g->nfgen_family == NFPROTO_NETDEV)
		misdirect_egress(m, (uint8_t *)(g + 1));
	for (f = BND_INET; f < BND_FAMILIES; f++)
		if (strcmp(lacks, bnd_nft_family(f)) == 0 &&
		    g->nfgen_family == bnd_nft_proto(f))
			g->nfgen_family = NFPROTO_DECNET;
}

int
__wrap_bnd_nl_batch(struct bnd_nl *nl, struct bnd_nlbuf *b,
    struct bnd_nl_fault *fault, size_t max, size_t *faults, struct bnd_err *err)
{
	char lacks[16];
	uint8_t *p = (uint8_t *)b->p;
	const uint8_t *end = p + b->len;

	read_lacks(lacks, sizeof lacks);
	while (p + NLMSG_HDRLEN <= end) {
		struct nlmsghdr *m = (struct nlmsghdr *)(void *)p;

		misdirect(m, lacks);
		p += NLMSG_ALIGN(m->nlmsg_len);
	}
	return __real_bnd_nl_batch(nl, b, fault, max, faults, err);
}
