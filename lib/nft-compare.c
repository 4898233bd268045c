/* nft-compare.c: the rules of the kernel beside those of the mode */
/* SPDX-License-Identifier: ISC */
/*
 * Both sides are written as lines: a table, a chain, a link of a
 * chain, a rule with its number.  Sorted and merged, what stands on one side
 * only is a difference.  Rules are printed by libnftnl on both sides.
 */
#include "nft-compare.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nft-rule.h"

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
    unsigned number, const char *text, struct bnd_err *err)
{
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
	const char *family = bnd_nft_family(c->family);
	struct expected *x = ctx;
	size_t i;

	if (bnd_nft_left_out(x->lacks, c))
		return 0;
	x->chains[c->family]++;
	x->number = 0;
	if (c->every && line_device(x->lines, family, c->name, "*", err) == -1)
		return -1;
	for (i = 0; c->family == BND_NETDEV && i < c->links; i++)
		if (line_device(
			x->lines, family, c->name, c->link[i]->name, err) == -1)
			return -1;
	return line_chain(x->lines, family, c->name, "filter",
	    bnd_nft_hooknum(c), c->priority, NF_ACCEPT, 0, err);
}

static int
expect_rule(void *ctx, const struct bnd_chain *c, const struct bnd_rule *rule,
    struct bnd_err *err)
{
	struct expected *x = ctx;
	char text[BND_NFT_RULE_TEXT];

	if (bnd_nft_left_out(x->lacks, c))
		return 0;
	if (bnd_nft_rule_print(c, rule, text, err) == -1)
		return -1;
	return line_rule(x->lines, bnd_nft_family(c->family), c->name,
	    ++x->number, text, err);
}

static int
expect(const struct bnd_rules_in *in, const struct bnd_nft_lacks *lacks,
    struct lines *l, struct bnd_err *err)
{
	const struct bnd_rules_in mine = bnd_nft_input(in, lacks);
	struct expected x = { .lines = l, .lacks = lacks };
	struct bnd_rules_sink sink = { expect_chain, expect_rule, &x };
	enum bnd_family f;

	if (bnd_rules_render(&mine, &sink, err) == -1)
		return -1;
	for (f = BND_INET; f < BND_FAMILIES; f++)
		if (x.chains[f] > 0 &&
		    line_table(l, bnd_nft_family(f), 0, x.chains[f], err) == -1)
			return -1;
	return 0;
}

/* A dump of one kind of object; what has another table's name is skipped. */
static int
dump(struct bnd_nl *nl, uint8_t cmd, enum bnd_family f, bool by_table,
    struct bnd_nlbuf *out, struct bnd_err *err)
{
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };

	bnd_nl_nfmsg(
	    &req, NFNL_SUBSYS_NFTABLES, cmd, NLM_F_DUMP, bnd_nft_proto(f), 0);
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
		if (line_table(l, bnd_nft_family(f),
			bnd_nl_be32(tab[NFTA_TABLE_FLAGS], 0),
			bnd_nl_be32(tab[NFTA_TABLE_USE], 0), err) == -1)
			return -1;
	}
	return 0;
}

static bool
is_present(const struct bnd_rules_in *in, const char *name)
{
	for (size_t i = 0; i < in->links; i++)
		if (strcmp(in->link[i].name, name) == 0)
			return true;
	return false;
}

/*
 * From 6.16 on a chain goes on naming a link that is no more: it hooks nothing,
 * and no container that ends may look like somebody's tampering.
 */
static int
read_devices(struct bnd_str devs, const char *family, const char *chain,
    const struct bnd_rules_in *in, struct lines *l, struct bnd_err *err)
{
	struct bnd_str value;
	char dev[64];
	uint16_t type;

	while (bnd_nl_attr_next(&devs, &type, &value)) {
		bool named = bnd_nl_str(value, dev, sizeof dev - 1);

		/* The beginning of names, "eth" or "", is not a link of it. */
		if (named && type == BND_NFTA_DEVICE_PREFIX)
			memcpy(dev + strlen(dev), "*", 2);
		else if (!named || type != NFTA_DEVICE_NAME)
			(void)snprintf(dev, sizeof dev, "(attribute %u)", type);
		else if (!is_present(in, dev))
			continue;
		if (line_device(l, family, chain, dev, err) == -1)
			return -1;
	}
	return 0;
}

static int
read_chain(const struct nlmsghdr *nlh, const char *family,
    const struct bnd_rules_in *in, struct lines *l, struct bnd_err *err)
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
	if (read_devices(hook[NFTA_HOOK_DEVS], family, name, in, l, err) == -1)
		return -1;
	flags =
	    bnd_nl_be32(tab[NFTA_CHAIN_FLAGS], 0) & ~(uint32_t)NFT_CHAIN_BASE;
	return line_chain(l, family, name, type,
	    bnd_nl_be32(hook[NFTA_HOOK_HOOKNUM], UINT32_MAX),
	    (int32_t)bnd_nl_be32(hook[NFTA_HOOK_PRIORITY], 0),
	    bnd_nl_be32(tab[NFTA_CHAIN_POLICY], UINT32_MAX), flags, err);
}

static int
read_chains(struct bnd_nl *nl, enum bnd_family f, const struct bnd_rules_in *in,
    struct lines *l, struct bnd_err *err)
{
	SCOPED_NLBUF struct bnd_nlbuf out = { 0 };
	const struct nlmsghdr *nlh;

	if (dump(nl, NFT_MSG_GETCHAIN, f, false, &out, err) == -1)
		return -1;
	for (nlh = bnd_nl_next(&out, NULL); nlh != NULL;
	     nlh = bnd_nl_next(&out, nlh))
		if (read_chain(nlh, bnd_nft_family(f), in, l, err) == -1)
			return -1;
	return 0;
}

/* last and number run on: the kernel dumps chain by chain. */
static int
read_rule(const struct nlmsghdr *nlh, const char *family, char last[static 128],
    unsigned *number, struct lines *l, struct bnd_err *err)
{
	struct bnd_str tab[NFTA_RULE_MAX + 1];
	char chain[128], text[BND_NFT_RULE_TEXT];
	int r;

	if (!bnd_nl_attrs(nlh, sizeof(struct nfgenmsg), tab, NFTA_RULE_MAX) ||
	    !ours(tab[NFTA_RULE_TABLE]))
		return 0;
	if (!bnd_nl_str(tab[NFTA_RULE_CHAIN], chain, sizeof chain))
		(void)snprintf(chain, sizeof chain, "(unnamed)");
	*number = strcmp(chain, last) == 0 ? *number + 1 : 1;
	(void)snprintf(last, 128, "%s", chain);
	r = bnd_nft_rule_read(nlh, text);
	if (r == 0)
		return add_line(l, err, "%s %s: rule %u not readable", family,
		    chain, *number);
	if (r == -1)
		return bnd_fail(err, BND_E_SYS, "a rule of %s %s is too long",
		    family, chain);
	return line_rule(l, family, chain, *number, text, err);
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
		if (read_rule(nlh, bnd_nft_family(f), last, &number, l, err) ==
		    -1)
			return -1;
	return 0;
}

static int
read_back(struct bnd_nl *nl, const struct bnd_rules_in *in,
    const struct bnd_nft_lacks *lacks, struct lines *l, struct bnd_err *err)
{
	enum bnd_family f;
	bool there;

	for (f = BND_INET; f < BND_FAMILIES; f++) {
		if (lacks->family[f])
			continue;
		if (read_tables(nl, f, l, &there, err) == -1)
			return -1;
		if (there &&
		    (read_chains(nl, f, in, l, err) == -1 ||
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
		if (strncmp(line, bnd_nft_family(f),
			strlen(bnd_nft_family(f))) == 0)
			return f;
	return BND_FAMILY_NONE;
}

/*
 * What is told of the rules of one chain is one note, with the first of them:
 * whoever flushes a chain must not push other findings out of sight.
 */
struct telling {
	const char *code;
	struct bnd_notes *notes;
	const char *first;
	size_t chain; /* length of what names it in first */
	size_t n;
};

static void
tell_all(struct telling *t)
{
	if (t->n == 1)
		bnd_note(t->notes, t->code, "%s", t->first);
	else if (t->n > 1)
		bnd_note(t->notes, t->code, "%.*s: %zu rules, %s",
		    (int)t->chain, t->first, t->n, t->first + t->chain + 2);
	t->n = 0;
}

static void
tell(struct telling *t, const char *line)
{
	const char *rule = strstr(line, ": rule ");

	if (t->n > 0 &&
	    (rule == NULL || (size_t)(rule - line) != t->chain ||
		strncmp(line, t->first, t->chain) != 0))
		tell_all(t);
	if (t->n == 0) {
		t->first = line;
		t->chain = rule == NULL ? 0 : (size_t)(rule - line);
	}
	t->n++;
	if (rule == NULL)
		tell_all(t);
}

/* A family that is gone as a whole is said once, not line by line. */
static void
merge(struct lines *want, struct lines *have, bool differs[static BND_FAMILIES],
    struct bnd_notes *notes)
{
	struct telling missing = { .code = "nft.missing", .notes = notes };
	struct telling foreign = { .code = "nft.foreign", .notes = notes };
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
			    bnd_nft_family(f));
		else if (c < 0 && there[f])
			tell(&missing, want->v[i]);
		else if (c > 0)
			tell(&foreign, have->v[j]);
		differs[f] |= c != 0;
		differs[BND_FAMILY_NONE] |= c != 0;
		i += c <= 0;
		j += c >= 0;
	}
	tell_all(&missing);
	tell_all(&foreign);
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
	    read_back(nl, in, lacks, &have, err) == -1)
		return -1;
	differs[BND_FAMILY_NONE] = false;
	merge(&want, &have, differs, notes);
	return 0;
}
