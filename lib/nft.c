/* nft.c: rules into nf_tables as one transaction */
/* SPDX-License-Identifier: ISC */
/*
 * One batch holds, for each family, "there is a table bnd", "delete
 * it" and, if the mode wants it, the new one.  nf_tables flips to it in one
 * step: no packet sees neither or both.  The batch may carry the generation the
 * rules were rendered for; the kernel then refuses it with ERESTART if anybody
 * changed any rule since, so what was rendered for an older mode cannot
 * overwrite a newer one.
 */
#include "nft.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "nft-rule.h"

#define FAULTS_MAX 16

int
bnd_nft_generation(struct bnd_nl *nl, uint32_t *gen, struct bnd_err *err)
{
	struct bnd_str tab[NFTA_GEN_ID + 1];
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	SCOPED_NLBUF struct bnd_nlbuf out = { 0 };
	const struct nlmsghdr *nlh;

	bnd_nl_nfmsg(
	    &req, NFNL_SUBSYS_NFTABLES, NFT_MSG_GETGEN, 0, AF_UNSPEC, 0);
	if (bnd_nl_dump(nl, &req, &out, err) == -1)
		return -1;
	nlh = bnd_nl_next(&out, NULL);
	if (nlh == NULL ||
	    !bnd_nl_attrs(nlh, sizeof(struct nfgenmsg), tab, NFTA_GEN_ID) ||
	    tab[NFTA_GEN_ID].p == NULL)
		return bnd_fail(
		    err, BND_E_SYS, "nf_tables tells no generation");
	*gen = bnd_nl_be32(tab[NFTA_GEN_ID], 0);
	return 0;
}

/* Whose message stands at which place of the batch. */
struct owner {
	enum bnd_family family;
	bool egress;
	bool every;
};
struct owners {
	struct owner *v;
	size_t n, size;
	bool full;
};

static void
own(struct owners *o, enum bnd_family family, bool egress, bool every)
{
	struct owner *v;

	if (o == NULL || o->full)
		return;
	if (o->n == o->size) {
		o->size = o->size == 0 ? 64 : o->size * 2;
		v = realloc(o->v, o->size * sizeof *v);
		if (v == NULL) {
			o->full = true;
			return;
		}
		o->v = v;
	}
	o->v[o->n++] = (struct owner){ family, egress, every };
}

struct batch {
	struct bnd_nlbuf *b;
	struct owners *owners;
	const struct bnd_nft_lacks *lacks;
	bool made[BND_FAMILIES]; /* the table is in the batch */
	size_t last; /* where the last message of nf_tables begins */
};

static void
table(struct batch *t, enum bnd_family f, uint8_t cmd)
{
	uint16_t flags = cmd == NFT_MSG_NEWTABLE ? NLM_F_CREATE : 0;

	bnd_nl_nfmsg(
	    t->b, NFNL_SUBSYS_NFTABLES, cmd, flags, bnd_nft_proto(f), 0);
	bnd_nl_put_str(t->b, NFTA_TABLE_NAME, BND_RULES_TABLE);
	if (cmd == NFT_MSG_NEWTABLE)
		bnd_nl_put_be32(t->b, NFTA_TABLE_FLAGS, 0);
	t->last = t->b->msg;
	own(t->owners, f, false, false);
}

static void
put_devices(struct bnd_nlbuf *b, const struct bnd_chain *c)
{
	size_t nest, i;

	if (c->family != BND_NETDEV)
		return;
	nest = bnd_nl_nest(b, NFTA_HOOK_DEVS);
	if (c->every)
		bnd_nl_put_str(b, BND_NFTA_DEVICE_PREFIX, "");
	for (i = 0; i < c->links; i++)
		bnd_nl_put_str(b, NFTA_DEVICE_NAME, c->link[i]->name);
	bnd_nl_nest_end(b, nest);
}

static int
batch_chain(void *ctx, const struct bnd_chain *c, struct bnd_err *err)
{
	struct batch *t = ctx;
	struct bnd_nlbuf *b = t->b;
	size_t nest;

	(void)err;
	if (bnd_nft_left_out(t->lacks, c))
		return 0;
	if (!t->made[c->family])
		table(t, c->family, NFT_MSG_NEWTABLE);
	t->made[c->family] = true;
	bnd_nl_nfmsg(b, NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWCHAIN, NLM_F_CREATE,
	    bnd_nft_proto(c->family), 0);
	bnd_nl_put_str(b, NFTA_CHAIN_TABLE, BND_RULES_TABLE);
	bnd_nl_put_str(b, NFTA_CHAIN_NAME, c->name);
	nest = bnd_nl_nest(b, NFTA_CHAIN_HOOK);
	bnd_nl_put_be32(b, NFTA_HOOK_HOOKNUM, bnd_nft_hooknum(c));
	bnd_nl_put_be32(b, NFTA_HOOK_PRIORITY, (uint32_t)c->priority);
	put_devices(b, c);
	bnd_nl_nest_end(b, nest);
	bnd_nl_put_be32(b, NFTA_CHAIN_POLICY, NF_ACCEPT);
	bnd_nl_put_str(b, NFTA_CHAIN_TYPE, "filter");
	t->last = b->msg;
	own(t->owners, c->family, c->hook == BND_EGRESS, c->every);
	return 0;
}

static int
batch_rule(void *ctx, const struct bnd_chain *c, const struct bnd_rule *rule,
    struct bnd_err *err)
{
	struct batch *t = ctx;

	if (bnd_nft_left_out(t->lacks, c))
		return 0;
	if (bnd_nft_rule_put(t->b, c, rule, err) == -1)
		return -1;
	t->last = t->b->msg;
	own(t->owners, c->family, c->hook == BND_EGRESS, false);
	return 0;
}

static int
build(struct batch *t, const struct bnd_rules_in *in, const uint32_t *gen,
    struct bnd_err *err)
{
	const struct bnd_rules_in mine = bnd_nft_input(in, t->lacks);
	struct bnd_rules_sink sink = { batch_chain, batch_rule, t };
	struct nlmsghdr *last;
	enum bnd_family f;

	bnd_nl_nfmsg(t->b, NFNL_SUBSYS_NONE, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC,
	    NFNL_SUBSYS_NFTABLES);
	if (gen != NULL)
		bnd_nl_put_be32(t->b, NFNL_BATCH_GENID, *gen);
	own(t->owners, BND_FAMILY_NONE, false, false);
	for (f = BND_INET; f < BND_FAMILIES; f++)
		if (!t->lacks->family[f]) {
			table(t, f, NFT_MSG_NEWTABLE);
			table(t, f, NFT_MSG_DELTABLE);
		}
	if (bnd_rules_render(&mine, &sink, err) == -1)
		return -1;
	bnd_nl_nfmsg(t->b, NFNL_SUBSYS_NONE, NFNL_MSG_BATCH_END, 0, AF_UNSPEC,
	    NFNL_SUBSYS_NFTABLES);
	own(t->owners, BND_FAMILY_NONE, false, false);
	if (t->b->full || (t->owners != NULL && t->owners->full))
		return bnd_fail(err, BND_E_SYS, "a rule set of that size");
	if (t->last == 0)
		return bnd_fail(err, BND_E_SYS, "nf_tables knows no family");
	/* Not the end mark: before 6.10 that one is never acknowledged. */
	last = (struct nlmsghdr *)(void *)(t->b->p + t->last);
	last->nlmsg_flags |= NLM_F_ACK;
	return 0;
}

int
bnd_nft_batch(struct bnd_nlbuf *b, const struct bnd_rules_in *in,
    const uint32_t *gen, const struct bnd_nft_lacks *lacks, struct bnd_err *err)
{
	struct batch t = { .b = b, .lacks = lacks };

	return build(&t, in, gen, err);
}

static bool
means_absent(int errnum)
{
	return errnum == EOPNOTSUPP || errnum == EAFNOSUPPORT ||
	    errnum == EPFNOSUPPORT || errnum == EPROTONOSUPPORT;
}

/* Strike out what the kernel says it does not have; true if anything new. */
static bool
strike(const struct owners *o, const struct bnd_nl_fault *fault, size_t faults,
    struct bnd_nft_lacks *lacks)
{
	bool any = false;
	size_t i;

	for (i = 0; i < faults; i++) {
		const struct owner *w;
		bool *lack;

		if (fault[i].msg >= o->n)
			continue;
		w = &o->v[fault[i].msg];
		/* An attribute it does not know is invalid to a kernel. */
		if (w->every && fault[i].errnum == EINVAL)
			lack = &lacks->every;
		else if (w->family == BND_FAMILY_NONE ||
		    !means_absent(fault[i].errnum))
			continue;
		else
			lack = w->egress ? &lacks->egress
					 : &lacks->family[w->family];
		any |= !*lack;
		*lack = true;
	}
	return any;
}

#define PROBE "bnd-probe"

/* A chain of all links; of a hook that is older than egress. */
static void
probe_every(struct batch *t)
{
	const struct bnd_chain c = {
		.family = BND_NETDEV, .hook = BND_INGRESS, .every = true
	};
	struct bnd_nlbuf *b = t->b;
	size_t nest;

	bnd_nl_nfmsg(b, NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWCHAIN, NLM_F_CREATE,
	    NFPROTO_NETDEV, 0);
	bnd_nl_put_str(b, NFTA_CHAIN_TABLE, PROBE);
	bnd_nl_put_str(b, NFTA_CHAIN_NAME, PROBE "-all");
	nest = bnd_nl_nest(b, NFTA_CHAIN_HOOK);
	bnd_nl_put_be32(b, NFTA_HOOK_HOOKNUM, bnd_nft_hooknum(&c));
	bnd_nl_put_be32(b, NFTA_HOOK_PRIORITY, 0);
	put_devices(b, &c);
	bnd_nl_nest_end(b, nest);
	bnd_nl_put_str(b, NFTA_CHAIN_TYPE, "filter");
	own(t->owners, BND_NETDEV, false, true);
}

/* Every family and an egress chain, and a message that is never right. */
static void
build_probe(struct batch *t, bool every)
{
	struct bnd_nlbuf *b = t->b;
	enum bnd_family f;
	size_t nest;

	bnd_nl_nfmsg(b, NFNL_SUBSYS_NONE, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC,
	    NFNL_SUBSYS_NFTABLES);
	own(t->owners, BND_FAMILY_NONE, false, false);
	for (f = BND_INET; f < BND_FAMILIES; f++) {
		bnd_nl_nfmsg(b, NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWTABLE,
		    NLM_F_CREATE, bnd_nft_proto(f), 0);
		bnd_nl_put_str(b, NFTA_TABLE_NAME, PROBE);
		own(t->owners, f, false, false);
	}
	bnd_nl_nfmsg(b, NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWCHAIN, NLM_F_CREATE,
	    NFPROTO_NETDEV, 0);
	bnd_nl_put_str(b, NFTA_CHAIN_TABLE, PROBE);
	bnd_nl_put_str(b, NFTA_CHAIN_NAME, PROBE);
	nest = bnd_nl_nest(b, NFTA_CHAIN_HOOK);
	bnd_nl_put_be32(b, NFTA_HOOK_HOOKNUM, NF_NETDEV_EGRESS);
	bnd_nl_put_be32(b, NFTA_HOOK_PRIORITY, 0);
	bnd_nl_put_str(b, NFTA_HOOK_DEV, "lo");
	bnd_nl_nest_end(b, nest);
	bnd_nl_put_str(b, NFTA_CHAIN_TYPE, "filter");
	own(t->owners, BND_NETDEV, true, false);
	if (every)
		probe_every(t);
	bnd_nl_nfmsg(b, NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWCHAIN, NLM_F_CREATE,
	    NFPROTO_INET, 0); /* of no table */
	own(t->owners, BND_FAMILY_NONE, false, false);
	bnd_nl_nfmsg(b, NFNL_SUBSYS_NONE, NFNL_MSG_BATCH_END, 0, AF_UNSPEC,
	    NFNL_SUBSYS_NFTABLES);
	own(t->owners, BND_FAMILY_NONE, false, false);
}

int
bnd_nft_probe(struct bnd_nl *nl, bool every, struct bnd_nft_lacks *lacks,
    struct bnd_err *err)
{
	SCOPED_NLBUF struct bnd_nlbuf b = { 0 };
	struct bnd_nl_fault fault[FAULTS_MAX];
	struct bnd_err why = { 0 };
	struct owners o = { 0 };
	struct batch t = { .b = &b, .owners = &o, .lacks = lacks };
	size_t faults = 0;
	int r = 0;

	build_probe(&t, every);
	if (bnd_nl_batch(nl, &b, fault, FAULTS_MAX, &faults, &why) == 0 ||
	    faults == 0 || o.full)
		r = bnd_fail(
		    err, BND_E_SYS, "nf_tables cannot be probed: %s", why.text);
	else
		(void)strike(&o, fault,
		    faults < FAULTS_MAX ? faults : FAULTS_MAX, lacks);
	free(o.v);
	return r;
}

static int
attempt(struct bnd_nl *nl, const struct bnd_rules_in *in, const uint32_t *gen,
    struct bnd_nft_lacks *lacks, bool *again, struct bnd_err *err)
{
	SCOPED_NLBUF struct bnd_nlbuf b = { 0 };
	struct bnd_nl_fault fault[FAULTS_MAX];
	struct owners o = { 0 };
	struct batch t = { .b = &b, .owners = &o, .lacks = lacks };
	size_t faults = 0;
	int r;

	*again = false;
	r = build(&t, in, gen, err);
	if (r == 0)
		r = bnd_nl_batch(nl, &b, fault, FAULTS_MAX, &faults, err);
	if (r == -1 && faults > 0) {
		if (faults > FAULTS_MAX)
			faults = FAULTS_MAX;
		*again = strike(&o, fault, faults, lacks);
	}
	free(o.v);
	return r;
}

int
bnd_nft_commit(struct bnd_nl *nl, const struct bnd_rules_in *in,
    const uint32_t *gen, struct bnd_nft_lacks *lacks, struct bnd_err *err)
{
	bool again;

	do
		if (attempt(nl, in, gen, lacks, &again, err) == 0)
			return 0;
	while (again);
	return -1;
}
