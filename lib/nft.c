/* nft.c: rules into nf_tables as one transaction, and read back */
/* SPDX-License-Identifier: ISC */
/*
 * The only file that knows libnftnl.
 *
 * Commit.  One batch holds, for each family, "there is a table bnd", "delete
 * it" and, if the mode wants it, the new one.  nf_tables flips to it in one
 * step: no packet sees neither or both.  The batch may carry the generation the
 * rules were rendered for; the kernel then refuses it with ERESTART if anybody
 * changed any rule since, so what was rendered for an older mode cannot
 * overwrite a newer one.
 *
 * Compare.  Both sides are written as lines: a table, a chain, a link of a
 * chain, a rule with its number.  Sorted and merged, what stands on one side
 * only is a difference.  Rules are printed by libnftnl on both sides.
 */
#include "nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_log.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "scope.h"

#define RULE_ROOM  16384 /* more than any rule of ours takes in a message */
#define LINE_MAX_  3072
#define FAULTS_MAX 16

static const struct {
	uint8_t nfproto;
	const char *name;
} families[BND_FAMILIES] = {
	[BND_INET] = { NFPROTO_INET, "inet" },
	[BND_ARP] = { NFPROTO_ARP, "arp" },
	[BND_BRIDGE] = { NFPROTO_BRIDGE, "bridge" },
	[BND_NETDEV] = { NFPROTO_NETDEV, "netdev" },
};

/* Hook numbers by family; arp and netdev count their own. */
static uint32_t
hooknum(const struct bnd_chain *c)
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

/* ---- a rule as expressions ---- */

/* One expression of rule r; NULL once memory is short, which *bad keeps. */
static struct nftnl_expr *
expr(struct nftnl_rule *r, const char *name, bool *bad)
{
	struct nftnl_expr *e = nftnl_expr_alloc(name);

	if (e == NULL) {
		*bad = true;
		return NULL;
	}
	nftnl_rule_add_expr(r, e);
	return e;
}

static void
load_meta(struct nftnl_rule *r, uint32_t key, bool *bad)
{
	struct nftnl_expr *e = expr(r, "meta", bad);

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, NFT_REG_1);
}

static void
load_ct(struct nftnl_rule *r, uint32_t key, bool *bad)
{
	struct nftnl_expr *e = expr(r, "ct", bad);

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CT_DREG, NFT_REG_1);
}

static void
load_payload(
    struct nftnl_rule *r, uint32_t base, uint32_t off, uint32_t len, bool *bad)
{
	struct nftnl_expr *e = expr(r, "payload", bad);

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, off);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, len);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
}

static void
compare(struct nftnl_rule *r, uint32_t op, const void *data, uint32_t len,
    bool *bad)
{
	struct nftnl_expr *e = expr(r, "cmp", bad);

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, op);
	nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, data, len);
}

static void
mask(struct nftnl_rule *r, const void *bits, const void * xor, uint32_t len,
    bool *bad)
{
	struct nftnl_expr *e = expr(r, "bitwise", bad);

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_OP, NFT_BITWISE_BOOL);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, len);
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, bits, len);
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR, xor, len);
}

/* lo <= register <= hi; the register holds width bytes in network order. */
static void
between(
    struct nftnl_rule *r, const struct bnd_match *m, uint32_t width, bool *bad)
{
	uint32_t lo = htonl(m->lo << (8 * (4 - width)));
	uint32_t hi = htonl(m->hi << (8 * (4 - width)));

	if (m->lo == m->hi) {
		compare(r, NFT_CMP_EQ, &lo, width, bad);
		return;
	}
	compare(r, NFT_CMP_GTE, &lo, width, bad);
	compare(r, NFT_CMP_LTE, &hi, width, bad);
}

static void
address(struct nftnl_rule *r, const struct bnd_match *m, bool *bad)
{
	bool six = m->prefix.family == 6;
	bool source = m->key == BND_M_SADDR;
	uint32_t len = six ? 16 : 4, off = six ? 8 : 12;
	uint8_t bits[16] = { 0 },
		xor[16] = {
			0
		};
	unsigned i;

	if (m->prefix.len == 0)
		return;
	for (i = 0; i < m->prefix.len; i++)
		bits[i / 8] |= (uint8_t)(0x80 >> i % 8);
	load_payload(
	    r, NFT_PAYLOAD_NETWORK_HEADER, off + (source ? 0 : len), len, bad);
	if (m->prefix.len < len * 8)
		mask(r, bits, xor, len, bad);
	compare(r, NFT_CMP_EQ, m->prefix.addr, len, bad);
}

static void
ct_state(struct nftnl_rule *r, uint32_t states, bool *bad)
{
	uint32_t none = 0;

	load_ct(r, NFT_CT_STATE, bad);
	mask(r, &states, &none, sizeof states, bad);
	compare(r, NFT_CMP_NEQ, &none, sizeof none, bad);
}

/* What is loaded for a match, and how many bytes it is in network order. */
static const struct load {
	enum {
		L_NONE,
		L_HOST,
		L_META,
		L_KIND,
		L_CT,
		L_LINK,
		L_NET,
		L_TRANS
	} from;
	uint32_t key; /* or offset */
	uint32_t width;
} loads[] = {
	[BND_M_IIF] = { L_HOST, NFT_META_IIF, 4 },
	[BND_M_OIF] = { L_HOST, NFT_META_OIF, 4 },
	[BND_M_IIFKIND] = { L_KIND, NFT_META_IIFKIND, BND_IFNAME },
	[BND_M_OIFKIND] = { L_KIND, NFT_META_OIFKIND, BND_IFNAME },
	[BND_M_NFPROTO] = { L_META, NFT_META_NFPROTO, 1 },
	[BND_M_PROTOCOL] = { L_META, NFT_META_PROTOCOL, 2 },
	[BND_M_ETHERTYPE] = { L_LINK, 12, 2 },
	[BND_M_L4PROTO] = { L_META, NFT_META_L4PROTO, 1 },
	[BND_M_SPORT] = { L_TRANS, 0, 2 },
	[BND_M_DPORT] = { L_TRANS, 2, 2 },
	[BND_M_ICMPTYPE] = { L_TRANS, 0, 1 },
	[BND_M_HOPLIMIT] = { L_NET, 7, 1 },
	[BND_M_CT_DIR] = { L_CT, NFT_CT_DIRECTION, 1 },
};

static void
load(struct nftnl_rule *r, const struct load *l, bool *bad)
{
	switch (l->from) {
	case L_HOST:
	case L_META:
	case L_KIND:
		load_meta(r, l->key, bad);
		break;
	case L_CT:
		load_ct(r, l->key, bad);
		break;
	case L_LINK:
		load_payload(r, NFT_PAYLOAD_LL_HEADER, l->key, l->width, bad);
		break;
	case L_NET:
		load_payload(
		    r, NFT_PAYLOAD_NETWORK_HEADER, l->key, l->width, bad);
		break;
	case L_TRANS:
		load_payload(
		    r, NFT_PAYLOAD_TRANSPORT_HEADER, l->key, l->width, bad);
		break;
	case L_NONE:
		*bad = true;
		break;
	}
}

static void
match(struct nftnl_rule *r, const struct bnd_match *m, bool *bad)
{
	const struct load *l;

	if (m->key == BND_M_SADDR || m->key == BND_M_DADDR) {
		address(r, m, bad);
		return;
	}
	if (m->key == BND_M_CT_STATE) {
		ct_state(r, m->lo, bad);
		return;
	}
	if ((size_t)m->key >= sizeof loads / sizeof loads[0]) {
		*bad = true;
		return;
	}
	l = &loads[m->key];
	load(r, l, bad);
	if (l->from == L_KIND)
		compare(r, NFT_CMP_EQ, m->text, l->width, bad);
	else if (l->from == L_HOST && m->lo == m->hi)
		compare(r, NFT_CMP_EQ, &m->lo, l->width, bad);
	else if (l->from == L_HOST)
		*bad = true; /* an order of bytes that has no ranges */
	else
		between(r, m, l->width, bad);
}

static void
counter(struct nftnl_rule *r, bool *bad)
{
	(void)expr(r, "counter", bad);
}

static void
final(struct nftnl_rule *r, uint32_t verdict, bool *bad)
{
	struct nftnl_expr *e = expr(r, "immediate", bad);

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, verdict);
}

static void
reject(struct nftnl_rule *r, uint32_t type, uint8_t code, bool *bad)
{
	struct nftnl_expr *e = expr(r, "reject", bad);

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_REJECT_TYPE, type);
	nftnl_expr_set_u8(e, NFTNL_EXPR_REJECT_CODE, code);
}

static void
log_new(struct nftnl_rule *r, bool *bad)
{
	struct nftnl_expr *e = expr(r, "limit", bad);

	if (e == NULL)
		return;
	nftnl_expr_set_u64(e, NFTNL_EXPR_LIMIT_RATE, BND_RULES_LOG_RATE);
	nftnl_expr_set_u64(e, NFTNL_EXPR_LIMIT_UNIT, 1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LIMIT_BURST, BND_RULES_LOG_BURST);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LIMIT_TYPE, NFT_LIMIT_PKTS);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LIMIT_FLAGS, 0);
	e = expr(r, "log", bad);
	if (e == NULL)
		return;
	nftnl_expr_set_str(e, NFTNL_EXPR_LOG_PREFIX, BND_RULES_LOG);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOG_LEVEL, NFT_LOGLEVEL_WARNING);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOG_FLAGS, NF_LOG_UID);
}

static void
verdict(struct nftnl_rule *r, enum bnd_fate v, bool *bad)
{
	if (v != BND_V_ACCEPT && v != BND_V_LOG)
		counter(r, bad);
	switch (v) {
	case BND_V_ACCEPT:
		final(r, NF_ACCEPT, bad);
		break;
	case BND_V_DROP:
		final(r, NF_DROP, bad);
		break;
	case BND_V_REJECT_TCP:
		reject(r, NFT_REJECT_TCP_RST, 0, bad);
		break;
	case BND_V_REJECT:
		reject(r, NFT_REJECT_ICMPX_UNREACH,
		    NFT_REJECT_ICMPX_ADMIN_PROHIBITED, bad);
		break;
	case BND_V_LOG:
		log_new(r, bad);
		break;
	case BND_V_COUNT:
		break;
	case BND_V_NONE:
		*bad = true;
		break;
	}
}

static void
free_rule(struct nftnl_rule **r)
{
	if (*r != NULL)
		nftnl_rule_free(*r);
}
#define SCOPED_RULE __attribute__((cleanup(free_rule)))

/* The rule as libnftnl holds it; NULL with err. */
static struct nftnl_rule *
build_rule(
    const struct bnd_chain *c, const struct bnd_rule *rule, struct bnd_err *err)
{
	struct nftnl_rule *r = nftnl_rule_alloc();
	bool bad = r == NULL;
	size_t i;

	if (r != NULL) {
		nftnl_rule_set_u32(
		    r, NFTNL_RULE_FAMILY, families[c->family].nfproto);
		nftnl_rule_set_str(r, NFTNL_RULE_TABLE, BND_RULES_TABLE);
		nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, c->name);
		for (i = 0; i < rule->matches; i++)
			match(r, &rule->match[i], &bad);
		verdict(r, rule->verdict, &bad);
	}
	if (!bad)
		return r;
	free_rule(&r);
	(void)bnd_fail(err, BND_E_SYS, "cannot build a rule of %s %s",
	    families[c->family].name, c->name);
	return NULL;
}

/* ---- commit ---- */

/* Whose message stands at which place of the batch. */
struct owner {
	enum bnd_family family;
	bool egress;
};
struct owners {
	struct owner *v;
	size_t n, size;
	bool full;
};

static void
own(struct owners *o, enum bnd_family family, bool egress)
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
	o->v[o->n++] = (struct owner){ family, egress };
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
	    t->b, NFNL_SUBSYS_NFTABLES, cmd, flags, families[f].nfproto, 0);
	bnd_nl_put_str(t->b, NFTA_TABLE_NAME, BND_RULES_TABLE);
	if (cmd == NFT_MSG_NEWTABLE)
		bnd_nl_put_be32(t->b, NFTA_TABLE_FLAGS, 0);
	t->last = t->b->msg;
	own(t->owners, f, false);
}

static bool
left_out(const struct bnd_nft_lacks *lacks, const struct bnd_chain *c)
{
	return lacks->family[c->family] ||
	    (lacks->egress && c->hook == BND_EGRESS);
}

static void
put_devices(struct bnd_nlbuf *b, const struct bnd_chain *c)
{
	size_t nest, i;

	if (c->family != BND_NETDEV)
		return;
	nest = bnd_nl_nest(b, NFTA_HOOK_DEVS);
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
	if (left_out(t->lacks, c))
		return 0;
	if (!t->made[c->family])
		table(t, c->family, NFT_MSG_NEWTABLE);
	t->made[c->family] = true;
	bnd_nl_nfmsg(b, NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWCHAIN, NLM_F_CREATE,
	    families[c->family].nfproto, 0);
	bnd_nl_put_str(b, NFTA_CHAIN_TABLE, BND_RULES_TABLE);
	bnd_nl_put_str(b, NFTA_CHAIN_NAME, c->name);
	nest = bnd_nl_nest(b, NFTA_CHAIN_HOOK);
	bnd_nl_put_be32(b, NFTA_HOOK_HOOKNUM, hooknum(c));
	bnd_nl_put_be32(b, NFTA_HOOK_PRIORITY, (uint32_t)c->priority);
	put_devices(b, c);
	bnd_nl_nest_end(b, nest);
	bnd_nl_put_be32(b, NFTA_CHAIN_POLICY, NF_ACCEPT);
	bnd_nl_put_str(b, NFTA_CHAIN_TYPE, "filter");
	t->last = b->msg;
	own(t->owners, c->family, c->hook == BND_EGRESS);
	return 0;
}

static int
batch_rule(void *ctx, const struct bnd_chain *c, const struct bnd_rule *rule,
    struct bnd_err *err)
{
	struct batch *t = ctx;
	SCOPED_RULE struct nftnl_rule *r = NULL;
	struct nlmsghdr *nlh;

	if (left_out(t->lacks, c))
		return 0;
	r = build_rule(c, rule, err);
	if (r == NULL)
		return -1;
	nlh = bnd_nl_borrow(t->b, NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWRULE,
	    NLM_F_CREATE | NLM_F_APPEND, families[c->family].nfproto,
	    RULE_ROOM);
	if (nlh == NULL)
		return bnd_fail(err, BND_E_SYS, "a rule set of that size");
	nftnl_rule_nlmsg_build_payload(nlh, r);
	bnd_nl_give_back(t->b);
	t->last = t->b->msg;
	own(t->owners, c->family, c->hook == BND_EGRESS);
	return 0;
}

static int
build(struct batch *t, const struct bnd_rules_in *in, const uint32_t *gen,
    struct bnd_err *err)
{
	struct bnd_rules_sink sink = { batch_chain, batch_rule, t };
	struct nlmsghdr *last;
	enum bnd_family f;

	bnd_nl_nfmsg(t->b, NFNL_SUBSYS_NONE, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC,
	    NFNL_SUBSYS_NFTABLES);
	if (gen != NULL)
		bnd_nl_put_be32(t->b, NFNL_BATCH_GENID, *gen);
	own(t->owners, BND_FAMILY_NONE, false);
	for (f = BND_INET; f < BND_FAMILIES; f++)
		if (!t->lacks->family[f]) {
			table(t, f, NFT_MSG_NEWTABLE);
			table(t, f, NFT_MSG_DELTABLE);
		}
	if (bnd_rules_render(in, &sink, err) == -1)
		return -1;
	bnd_nl_nfmsg(t->b, NFNL_SUBSYS_NONE, NFNL_MSG_BATCH_END, 0, AF_UNSPEC,
	    NFNL_SUBSYS_NFTABLES);
	own(t->owners, BND_FAMILY_NONE, false);
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

		if (fault[i].msg >= o->n || !means_absent(fault[i].errnum))
			continue;
		w = &o->v[fault[i].msg];
		if (w->family == BND_FAMILY_NONE)
			continue;
		lack = w->egress ? &lacks->egress : &lacks->family[w->family];
		any |= !*lack;
		*lack = true;
	}
	return any;
}

#define PROBE "bnd-probe"

/* Every family and an egress chain, and a message that is never right. */
static void
build_probe(struct batch *t)
{
	struct bnd_nlbuf *b = t->b;
	enum bnd_family f;
	size_t nest;

	bnd_nl_nfmsg(b, NFNL_SUBSYS_NONE, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC,
	    NFNL_SUBSYS_NFTABLES);
	own(t->owners, BND_FAMILY_NONE, false);
	for (f = BND_INET; f < BND_FAMILIES; f++) {
		bnd_nl_nfmsg(b, NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWTABLE,
		    NLM_F_CREATE, families[f].nfproto, 0);
		bnd_nl_put_str(b, NFTA_TABLE_NAME, PROBE);
		own(t->owners, f, false);
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
	own(t->owners, BND_NETDEV, true);
	bnd_nl_nfmsg(b, NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWCHAIN, NLM_F_CREATE,
	    NFPROTO_INET, 0); /* of no table */
	own(t->owners, BND_FAMILY_NONE, false);
	bnd_nl_nfmsg(b, NFNL_SUBSYS_NONE, NFNL_MSG_BATCH_END, 0, AF_UNSPEC,
	    NFNL_SUBSYS_NFTABLES);
	own(t->owners, BND_FAMILY_NONE, false);
}

int
bnd_nft_probe(
    struct bnd_nl *nl, struct bnd_nft_lacks *lacks, struct bnd_err *err)
{
	SCOPED_NLBUF struct bnd_nlbuf b = { 0 };
	struct bnd_nl_fault fault[FAULTS_MAX];
	struct bnd_err why = { 0 };
	struct owners o = { 0 };
	struct batch t = { .b = &b, .owners = &o, .lacks = lacks };
	size_t faults = 0;
	int r = 0;

	build_probe(&t);
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

/* ---- compare ---- */

struct lines {
	char **v;
	size_t n, size;
};

static void
free_lines(struct lines *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
}
#define SCOPED_LINES __attribute__((cleanup(free_lines)))

static int add_line(struct lines *l, struct bnd_err *err, const char *fmt, ...)
    BND_PRINTF(3, 4);

static int
add_line(struct lines *l, struct bnd_err *err, const char *fmt, ...)
{
	char *line = NULL, **v;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&line, fmt, ap);
	va_end(ap);
	if (n == -1)
		return bnd_fail(err, BND_E_SYS, "no memory to compare rules");
	if (l->n == l->size) {
		l->size = l->size == 0 ? 64 : l->size * 2;
		v = realloc(l->v, l->size * sizeof *v);
		if (v == NULL) {
			free(line);
			return bnd_fail(
			    err, BND_E_SYS, "no memory to compare rules");
		}
		l->v = v;
	}
	l->v[l->n++] = line;
	return 0;
}

struct text {
	char *p;
	size_t size, len;
	bool full;
};

static int
print_expr(struct nftnl_expr *e, void *ctx)
{
	const char *name = nftnl_expr_get_str(e, NFTNL_EXPR_NAME);
	struct text *t = ctx;
	char one[512] = "";
	int n;

	/* A counter counts: that it is there is all there is to compare. */
	if (strcmp(name, "counter") != 0) {
		n = nftnl_expr_snprintf(
		    one, sizeof one, e, NFTNL_OUTPUT_DEFAULT, 0);
		if (n < 0 || (size_t)n >= sizeof one) {
			t->full = true;
			return -1;
		}
	}
	n = snprintf(t->p + t->len, t->size - t->len, " [%s %s]", name, one);
	if (n < 0 || (size_t)n >= t->size - t->len) {
		t->full = true;
		return -1;
	}
	t->len += (size_t)n;
	return 0;
}

static bool
print_rule(struct nftnl_rule *r, char *dst, size_t size)
{
	struct text t = { .p = dst, .size = size };

	dst[0] = '\0';
	(void)nftnl_expr_foreach(r, print_expr, &t);
	return !t.full;
}

/* The one spelling of each kind of line. */
static int
line_table(struct lines *l, const char *family, uint32_t flags, uint32_t use,
    struct bnd_err *err)
{
	return add_line(
	    l, err, "%s: table, flags %u, %u objects", family, flags, use);
}

static int
line_chain(struct lines *l, const char *family, const char *name,
    const char *type, uint32_t hook, int32_t priority, uint32_t policy,
    uint32_t flags, struct bnd_err *err)
{
	return add_line(l, err,
	    "%s %s: type %s hook %u priority %d policy %u flags %u", family,
	    name, type, hook, priority, policy, flags);
}

static int
line_device(struct lines *l, const char *family, const char *name,
    const char *dev, struct bnd_err *err)
{
	return add_line(l, err, "%s %s: link %s", family, name, dev);
}

static int
line_rule(struct lines *l, const char *family, const char *chain,
    unsigned number, struct nftnl_rule *r, struct bnd_err *err)
{
	char text[LINE_MAX_];

	if (!print_rule(r, text, sizeof text))
		return bnd_fail(err, BND_E_SYS, "a rule of %s %s is too long",
		    family, chain);
	return add_line(
	    l, err, "%s %s: rule %u%s", family, chain, number, text);
}

struct expected {
	struct lines *lines;
	const struct bnd_nft_lacks *lacks;
	unsigned chains[BND_FAMILIES];
	unsigned number; /* of the rule in its chain */
};

static int
expect_chain(void *ctx, const struct bnd_chain *c, struct bnd_err *err)
{
	const char *family = families[c->family].name;
	struct expected *x = ctx;
	size_t i;

	if (left_out(x->lacks, c))
		return 0;
	x->chains[c->family]++;
	x->number = 0;
	for (i = 0; c->family == BND_NETDEV && i < c->links; i++)
		if (line_device(
			x->lines, family, c->name, c->link[i]->name, err) == -1)
			return -1;
	return line_chain(x->lines, family, c->name, "filter", hooknum(c),
	    c->priority, NF_ACCEPT, 0, err);
}

static int
expect_rule(void *ctx, const struct bnd_chain *c, const struct bnd_rule *rule,
    struct bnd_err *err)
{
	struct expected *x = ctx;
	SCOPED_RULE struct nftnl_rule *r = NULL;

	if (left_out(x->lacks, c))
		return 0;
	r = build_rule(c, rule, err);
	if (r == NULL)
		return -1;
	return line_rule(
	    x->lines, families[c->family].name, c->name, ++x->number, r, err);
}

static int
expect(const struct bnd_rules_in *in, const struct bnd_nft_lacks *lacks,
    struct lines *l, struct bnd_err *err)
{
	struct expected x = { .lines = l, .lacks = lacks };
	struct bnd_rules_sink sink = { expect_chain, expect_rule, &x };
	enum bnd_family f;

	if (bnd_rules_render(in, &sink, err) == -1)
		return -1;
	for (f = BND_INET; f < BND_FAMILIES; f++)
		if (x.chains[f] > 0 &&
		    line_table(l, families[f].name, 0, x.chains[f], err) == -1)
			return -1;
	return 0;
}

/* A dump of one kind of object; what has another table's name is skipped. */
static int
dump(struct bnd_nl *nl, uint8_t cmd, enum bnd_family f, bool by_table,
    struct bnd_nlbuf *out, struct bnd_err *err)
{
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };

	bnd_nl_nfmsg(&req, NFNL_SUBSYS_NFTABLES, cmd, NLM_F_DUMP,
	    families[f].nfproto, 0);
	if (by_table)
		bnd_nl_put_str(&req, NFTA_RULE_TABLE, BND_RULES_TABLE);
	return bnd_nl_dump(nl, &req, out, err);
}

static bool
ours(struct bnd_str name)
{
	char text[8];

	return bnd_nl_str(name, text, sizeof text) &&
	    strcmp(text, BND_RULES_TABLE) == 0;
}

static int
read_tables(struct bnd_nl *nl, enum bnd_family f, struct lines *l, bool *there,
    struct bnd_err *err)
{
	struct bnd_str tab[NFTA_TABLE_MAX + 1];
	SCOPED_NLBUF struct bnd_nlbuf out = { 0 };
	const struct nlmsghdr *nlh;

	*there = false;
	if (dump(nl, NFT_MSG_GETTABLE, f, false, &out, err) == -1)
		return -1;
	for (nlh = bnd_nl_next(&out, NULL); nlh != NULL;
	     nlh = bnd_nl_next(&out, nlh)) {
		if (!bnd_nl_attrs(
			nlh, sizeof(struct nfgenmsg), tab, NFTA_TABLE_MAX) ||
		    !ours(tab[NFTA_TABLE_NAME]))
			continue;
		*there = true;
		if (line_table(l, families[f].name,
			bnd_nl_be32(tab[NFTA_TABLE_FLAGS], 0),
			bnd_nl_be32(tab[NFTA_TABLE_USE], 0), err) == -1)
			return -1;
	}
	return 0;
}

static int
read_devices(struct bnd_str devs, const char *family, const char *chain,
    struct lines *l, struct bnd_err *err)
{
	struct bnd_str value;
	char dev[64];
	uint16_t type;

	while (bnd_nl_attr_next(&devs, &type, &value)) {
		/* A prefix is a link of another kind: "eth" is not "eth0". */
		if (!bnd_nl_str(value, dev, sizeof dev) ||
		    type != NFTA_DEVICE_NAME)
			(void)snprintf(dev, sizeof dev, "(attribute %u)", type);
		if (line_device(l, family, chain, dev, err) == -1)
			return -1;
	}
	return 0;
}

static int
read_chain(const struct nlmsghdr *nlh, const char *family, struct lines *l,
    struct bnd_err *err)
{
	struct bnd_str tab[NFTA_CHAIN_MAX + 1], hook[NFTA_HOOK_MAX + 1];
	char name[128], type[32];
	uint32_t flags;

	if (!bnd_nl_attrs(nlh, sizeof(struct nfgenmsg), tab, NFTA_CHAIN_MAX) ||
	    !ours(tab[NFTA_CHAIN_TABLE]))
		return 0;
	if (!bnd_nl_str(tab[NFTA_CHAIN_NAME], name, sizeof name))
		(void)snprintf(name, sizeof name, "(unnamed)");
	if (tab[NFTA_CHAIN_HOOK].p == NULL)
		return add_line(
		    l, err, "%s %s: chain without a hook", family, name);
	if (!bnd_nl_nested(tab[NFTA_CHAIN_HOOK], hook, NFTA_HOOK_MAX) ||
	    !bnd_nl_str(tab[NFTA_CHAIN_TYPE], type, sizeof type))
		return bnd_fail(
		    err, BND_E_SYS, "chain %s %s cannot be read", family, name);
	if (read_devices(hook[NFTA_HOOK_DEVS], family, name, l, err) == -1)
		return -1;
	flags =
	    bnd_nl_be32(tab[NFTA_CHAIN_FLAGS], 0) & ~(uint32_t)NFT_CHAIN_BASE;
	return line_chain(l, family, name, type,
	    bnd_nl_be32(hook[NFTA_HOOK_HOOKNUM], UINT32_MAX),
	    (int32_t)bnd_nl_be32(hook[NFTA_HOOK_PRIORITY], 0),
	    bnd_nl_be32(tab[NFTA_CHAIN_POLICY], UINT32_MAX), flags, err);
}

static int
read_chains(
    struct bnd_nl *nl, enum bnd_family f, struct lines *l, struct bnd_err *err)
{
	SCOPED_NLBUF struct bnd_nlbuf out = { 0 };
	const struct nlmsghdr *nlh;

	if (dump(nl, NFT_MSG_GETCHAIN, f, false, &out, err) == -1)
		return -1;
	for (nlh = bnd_nl_next(&out, NULL); nlh != NULL;
	     nlh = bnd_nl_next(&out, nlh))
		if (read_chain(nlh, families[f].name, l, err) == -1)
			return -1;
	return 0;
}

/* last and number run on: the kernel dumps chain by chain. */
static int
read_rule(const struct nlmsghdr *nlh, const char *family, char last[static 128],
    unsigned *number, struct lines *l, struct bnd_err *err)
{
	SCOPED_RULE struct nftnl_rule *r = nftnl_rule_alloc();
	struct bnd_str tab[NFTA_RULE_MAX + 1];
	char chain[128];

	if (!bnd_nl_attrs(nlh, sizeof(struct nfgenmsg), tab, NFTA_RULE_MAX) ||
	    !ours(tab[NFTA_RULE_TABLE]))
		return 0;
	if (!bnd_nl_str(tab[NFTA_RULE_CHAIN], chain, sizeof chain))
		(void)snprintf(chain, sizeof chain, "(unnamed)");
	*number = strcmp(chain, last) == 0 ? *number + 1 : 1;
	(void)snprintf(last, 128, "%s", chain);
	/* An expression libnftnl does not know is not one of ours. */
	if (r == NULL || nftnl_rule_nlmsg_parse(nlh, r) < 0)
		return add_line(l, err, "%s %s: rule %u not readable", family,
		    chain, *number);
	return line_rule(l, family, chain, *number, r, err);
}

static int
read_rules(
    struct bnd_nl *nl, enum bnd_family f, struct lines *l, struct bnd_err *err)
{
	SCOPED_NLBUF struct bnd_nlbuf out = { 0 };
	const struct nlmsghdr *nlh;
	char last[128] = "";
	unsigned number = 0;

	if (dump(nl, NFT_MSG_GETRULE, f, true, &out, err) == -1)
		return -1;
	for (nlh = bnd_nl_next(&out, NULL); nlh != NULL;
	     nlh = bnd_nl_next(&out, nlh))
		if (read_rule(nlh, families[f].name, last, &number, l, err) ==
		    -1)
			return -1;
	return 0;
}

static int
read_back(struct bnd_nl *nl, const struct bnd_nft_lacks *lacks, struct lines *l,
    struct bnd_err *err)
{
	enum bnd_family f;
	bool there;

	for (f = BND_INET; f < BND_FAMILIES; f++) {
		if (lacks->family[f])
			continue;
		if (read_tables(nl, f, l, &there, err) == -1)
			return -1;
		if (there &&
		    (read_chains(nl, f, l, err) == -1 ||
			read_rules(nl, f, l, err) == -1))
			return -1;
	}
	return 0;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lines begin with the name of their family. */
static enum bnd_family
family_of(const char *line)
{
	enum bnd_family f;

	for (f = BND_INET; f < BND_FAMILIES; f++)
		if (strncmp(line, families[f].name, strlen(families[f].name)) ==
		    0)
			return f;
	return BND_FAMILY_NONE;
}

/* A family that is gone as a whole is said once, not line by line. */
static void
merge(struct lines *want, struct lines *have, bool differs[static BND_FAMILIES],
    struct bnd_notes *notes)
{
	bool there[BND_FAMILIES] = { false };
	enum bnd_family f;
	size_t i, j;

	for (j = 0; j < have->n; j++)
		there[family_of(have->v[j])] = true;
	if (want->n > 0)
		qsort(want->v, want->n, sizeof *want->v, by_text);
	if (have->n > 0)
		qsort(have->v, have->n, sizeof *have->v, by_text);
	for (i = j = 0; i < want->n || j < have->n;) {
		int c = 1;

		if (j == have->n)
			c = -1;
		else if (i < want->n)
			c = strcmp(want->v[i], have->v[j]);
		f = family_of(c <= 0 ? want->v[i] : have->v[j]);
		if (c < 0 && !there[f] && !differs[f])
			bnd_note(notes, "nft.missing", "%s: table",
			    families[f].name);
		else if (c < 0 && there[f])
			bnd_note(notes, "nft.missing", "%s", want->v[i]);
		else if (c > 0)
			bnd_note(notes, "nft.foreign", "%s", have->v[j]);
		differs[f] |= c != 0;
		differs[BND_FAMILY_NONE] |= c != 0;
		i += c <= 0;
		j += c >= 0;
	}
}

int
bnd_nft_compare(struct bnd_nl *nl, const struct bnd_rules_in *in,
    const struct bnd_nft_lacks *lacks, bool differs[static BND_FAMILIES],
    struct bnd_notes *notes, struct bnd_err *err)
{
	SCOPED_LINES struct lines want = { 0 };
	SCOPED_LINES struct lines have = { 0 };

	memset(differs, 0, BND_FAMILIES * sizeof *differs);
	differs[BND_FAMILY_NONE] = true;
	if (expect(in, lacks, &want, err) == -1 ||
	    read_back(nl, lacks, &have, err) == -1)
		return -1;
	differs[BND_FAMILY_NONE] = false;
	merge(&want, &have, differs, notes);
	return 0;
}
