/* nft-shape.c: a rule of the kernel's that libnftnl can be shown */
/* SPDX-License-Identifier: ISC */
/*
 * libnftnl 1.2.4 calls exit() when an attribute has another size than it was
 * built for, and takes the name of an expression for granted.  Whoever could
 * put such a rule into a table of ours would stop every seal before its first
 * step, so what is none of ours is not shown to it: an expression we never
 * use, or an attribute of another size.  Attributes that are younger than this
 * table are ignored there, too.
 */
#include "nft-shape.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "nlbuf.h"

/*
 * The attributes by number, from 0: digits are sizes in bytes, s a string, d
 * data or a verdict, e expressions, * anything, - none of ours.
 */
#define RULE	"-ss8e-8**444"
#define VERDICT "-4s4"
static const struct shape {
	const char *name, *attrs;
} shapes[] = {
	{ "bitwise", "-444dd4d" },
	{ "cmp", "-44d" },
	{ "counter", "-88*" },
	{ "ct", "-4414" },
	{ "immediate", "-4d" },
	{ "limit", "-88444*" },
	{ "log", "-2s4244" },
	{ "meta", "-444" },
	{ "payload", "-44444444" },
	{ "reject", "-41" },
	{ NULL, NULL },
};

static bool is_shaped(struct bnd_str nest, const char *attrs);

static bool
is_string(struct bnd_str v)
{
	return v.len > 1 && memchr(v.p, '\0', v.len) == v.p + v.len - 1;
}

static bool
is_data(struct bnd_str v)
{
	struct bnd_str tab[NFTA_DATA_MAX + 1];

	if (!bnd_nl_nested(v, tab, NFTA_DATA_MAX))
		return false;
	if (tab[NFTA_DATA_VERDICT].p != NULL)
		return is_shaped(tab[NFTA_DATA_VERDICT], VERDICT);
	return tab[NFTA_DATA_VALUE].len > 0;
}

static bool
is_expression(struct bnd_str v)
{
	struct bnd_str tab[NFTA_EXPR_MAX + 1];
	const struct shape *s;

	if (!bnd_nl_nested(v, tab, NFTA_EXPR_MAX) ||
	    !is_string(tab[NFTA_EXPR_NAME]) || tab[NFTA_EXPR_DATA].p == NULL)
		return false;
	for (s = shapes; s->name != NULL; s++)
		if (strcmp(s->name, tab[NFTA_EXPR_NAME].p) == 0)
			return is_shaped(tab[NFTA_EXPR_DATA], s->attrs);
	return false;
}

static bool
are_expressions(struct bnd_str rest)
{
	struct bnd_str one;
	uint16_t type;

	while (bnd_nl_attr_next(&rest, &type, &one))
		if (type != NFTA_LIST_ELEM || !is_expression(one))
			return false;
	return rest.len == 0;
}

static bool
fits(char as, struct bnd_str v)
{
	if (as == 's')
		return is_string(v);
	if (as == 'd')
		return is_data(v);
	if (as == 'e')
		return are_expressions(v);
	return as == '*' || (as != '-' && v.len == (size_t)(as - '0'));
}

static bool
is_shaped(struct bnd_str rest, const char *attrs)
{
	struct bnd_str one;
	uint16_t type;

	while (bnd_nl_attr_next(&rest, &type, &one))
		if (type < strlen(attrs) && !fits(attrs[type], one))
			return false;
	return rest.len == 0;
}

bool
bnd_nft_is_shaped(const struct nlmsghdr *nlh)
{
	const char *fixed = bnd_nl_fixed(nlh, sizeof(struct nfgenmsg));
	struct bnd_str attrs = { fixed, 0 };

	if (fixed == NULL)
		return false;
	attrs.p += NLMSG_ALIGN(sizeof(struct nfgenmsg));
	attrs.len = nlh->nlmsg_len - NLMSG_HDRLEN -
	    NLMSG_ALIGN(sizeof(struct nfgenmsg));
	return is_shaped(attrs, RULE);
}
