/* nft-rule.c: a rule as expressions of nf_tables; alone knows libnftnl */
/* SPDX-License-Identifier: ISC */
#include "nft-rule.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <libnftnl/chain.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_log.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "nft-chain.h"
#include "nft-shape.h"

#define RULE_ROOM 16384 /* more than any rule of ours takes in a message */

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

/* The type of the tag and its vlan, without the priority between them. */
static void
tag(struct nftnl_rule *r, uint32_t want, bool *bad)
{
	static const uint8_t bits[4] = { 0xff, 0xff, 0x0f, 0xff };
	uint32_t none = 0, data = htonl(want);

	load_payload(r, NFT_PAYLOAD_LL_HEADER, 12, sizeof data, bad);
	mask(r, bits, &none, sizeof bits, bad);
	compare(r, NFT_CMP_EQ, &data, sizeof data, bad);
}

static void
not_type(struct nftnl_rule *r, uint32_t ethertype, bool *bad)
{
	uint16_t data = htons((uint16_t)ethertype);

	load_payload(r, NFT_PAYLOAD_NETWORK_HEADER, 2, sizeof data, bad);
	compare(r, NFT_CMP_NEQ, &data, sizeof data, bad);
}

static void
to_mac(struct nftnl_rule *r, const char *mac, bool *bad)
{
	load_payload(r, NFT_PAYLOAD_LL_HEADER, 0, 6, bad);
	compare(r, NFT_CMP_EQ, mac, 6, bad);
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
	[BND_M_TAGGED] = { L_LINK, 16, 2 },
	[BND_M_SLOW] = { L_LINK, 12, 3 },
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

/* Matches that are more than a load and a comparison; false: none of them. */
static bool
special(struct nftnl_rule *r, const struct bnd_match *m, bool *bad)
{
	if (m->key == BND_M_SADDR || m->key == BND_M_DADDR)
		address(r, m, bad);
	else if (m->key == BND_M_CT_STATE)
		ct_state(r, m->lo, bad);
	else if (m->key == BND_M_TAG)
		tag(r, m->lo, bad);
	else if (m->key == BND_M_NOT_TYPE)
		not_type(r, m->lo, bad);
	else if (m->key == BND_M_TO_MAC)
		to_mac(r, m->text, bad);
	else
		return false;
	return true;
}

static void
match(struct nftnl_rule *r, const struct bnd_match *m, bool *bad)
{
	const struct load *l;

	if (special(r, m, bad))
		return;
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
		    r, NFTNL_RULE_FAMILY, bnd_nft_proto(c->family));
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
	    bnd_nft_family(c->family), c->name);
	return NULL;
}

int
bnd_nft_rule_put(struct bnd_nlbuf *b, const struct bnd_chain *c,
    const struct bnd_rule *rule, struct bnd_err *err)
{
	SCOPED_RULE struct nftnl_rule *r = build_rule(c, rule, err);
	struct nlmsghdr *nlh;

	if (r == NULL)
		return -1;
	nlh = bnd_nl_borrow(b, NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWRULE,
	    NLM_F_CREATE | NLM_F_APPEND, bnd_nft_proto(c->family), RULE_ROOM);
	if (nlh == NULL)
		return bnd_fail(err, BND_E_SYS, "a rule set of that size");
	nftnl_rule_nlmsg_build_payload(nlh, r);
	bnd_nl_give_back(b);
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

int
bnd_nft_rule_print(const struct bnd_chain *c, const struct bnd_rule *rule,
    char text[static BND_NFT_RULE_TEXT], struct bnd_err *err)
{
	SCOPED_RULE struct nftnl_rule *r = build_rule(c, rule, err);

	if (r == NULL)
		return -1;
	if (!print_rule(r, text, BND_NFT_RULE_TEXT))
		return bnd_fail(err, BND_E_SYS, "a rule of %s %s is too long",
		    bnd_nft_family(c->family), c->name);
	return 0;
}

int
bnd_nft_rule_read(
    const struct nlmsghdr *nlh, char text[static BND_NFT_RULE_TEXT])
{
	SCOPED_RULE struct nftnl_rule *r = nftnl_rule_alloc();

	/* An expression libnftnl does not know is not one of ours. */
	if (r == NULL || !bnd_nft_is_shaped(nlh) ||
	    nftnl_rule_nlmsg_parse(nlh, r) < 0)
		return 0;
	return print_rule(r, text, BND_NFT_RULE_TEXT) ? 1 : -1;
}

/* ---- chains of all links ---------------------------------------------------- */

bool
bnd_nft_has_prefix(const struct nlmsghdr *nlh)
{
	struct bnd_str tab[NFTA_CHAIN_MAX + 1], hook[NFTA_HOOK_MAX + 1];
	struct bnd_str value;
	uint16_t type;

	if (!bnd_nl_attrs(nlh, sizeof(struct nfgenmsg), tab, NFTA_CHAIN_MAX) ||
	    tab[NFTA_CHAIN_HOOK].p == NULL ||
	    !bnd_nl_nested(tab[NFTA_CHAIN_HOOK], hook, NFTA_HOOK_MAX) ||
	    hook[NFTA_HOOK_DEVS].p == NULL)
		return false;
	while (bnd_nl_attr_next(&hook[NFTA_HOOK_DEVS], &type, &value))
		if (type == BND_NFTA_DEVICE_PREFIX)
			return true;
	return false;
}

static void
free_chain(struct nftnl_chain **c)
{
	if (*c != NULL)
		nftnl_chain_free(*c);
}
#define SCOPED_CHAIN __attribute__((cleanup(free_chain)))

bool
bnd_nft_writes_every(void)
{
	const char *every[] = { "*", NULL };
	SCOPED_CHAIN struct nftnl_chain *c = nftnl_chain_alloc();
	SCOPED_NLBUF struct bnd_nlbuf b = { 0 };
	struct nlmsghdr *nlh;

	nlh = bnd_nl_borrow(&b, NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWCHAIN, 0,
	    NFPROTO_NETDEV, RULE_ROOM);
	if (c == NULL || nlh == NULL)
		return false;
	nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, BND_RULES_TABLE);
	nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, "every");
	nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, NF_NETDEV_INGRESS);
	nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, 0);
	if (nftnl_chain_set_data(c, NFTNL_CHAIN_DEVICES, every, 0) == -1)
		return false;
	nftnl_chain_nlmsg_build_payload(nlh, c);
	bnd_nl_give_back(&b);
	return !b.full && bnd_nft_has_prefix(bnd_nl_head(&b));
}
