/* unit/nlbuf: a message that lies about its length ends the walk */
/* SPDX-License-Identifier: ISC */
#include "nlbuf.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "nft-shape.h"
#include "tap.h"

/* How many messages a walk over two finds, the second of that length. */
static int
walk(uint32_t len)
{
	struct bnd_nlbuf b = { 0 };
	const struct nlmsghdr *m = NULL;
	int n = 0;

	bnd_nl_msg(&b, 16, 0, "abcd", 4);
	bnd_nl_msg(&b, 16, 0, "abcd", 4);
	bnd_nl_head(&b)->nlmsg_len = len;
	while (n < 10 && (m = bnd_nl_next(&b, m)) != NULL)
		n++;
	bnd_nlbuf_free(&b);
	return n;
}

static void
check_walk(void)
{
	static const uint32_t lies[] = { 0, 1, 15, 21, 4096, 0x7fffffff,
		0x80000000, 0xfffffff0, 0xffffffff };

	is_int(walk(20), 2, "two messages (control)");
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++)
		is_int(walk(lies[i]), 1, "a length of %u ends it", lies[i]);
}

/* A rule with one expression, its data one attribute of those bytes. */
static bool
is_shaped(const char *name, uint16_t attr, const char *bytes, size_t len)
{
	struct bnd_nlbuf b = { 0 };
	size_t all, one, data;
	bool shaped;

	bnd_nl_nfmsg(&b, NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWRULE, 0, 1, 0);
	bnd_nl_put_str(&b, NFTA_RULE_TABLE, "bnd");
	bnd_nl_put_str(&b, NFTA_RULE_CHAIN, "in");
	all = bnd_nl_nest(&b, NFTA_RULE_EXPRESSIONS);
	one = bnd_nl_nest(&b, NFTA_LIST_ELEM);
	if (name != NULL)
		bnd_nl_put_str(&b, NFTA_EXPR_NAME, name);
	data = bnd_nl_nest(&b, NFTA_EXPR_DATA);
	bnd_nl_put(&b, attr, bytes, len);
	bnd_nl_nest_end(&b, data);
	bnd_nl_nest_end(&b, one);
	bnd_nl_nest_end(&b, all);
	shaped = bnd_nft_is_shaped(bnd_nl_head(&b));
	bnd_nlbuf_free(&b);
	return shaped;
}

static void
check_shape(void)
{
	ok(is_shaped("meta", NFTA_META_KEY, "abcd", 4), "one of ours");
	ok(!is_shaped("meta", NFTA_META_KEY, "abcde", 5), "a longer key");
	ok(!is_shaped("meta", NFTA_META_KEY, "abc", 3), "a shorter one");
	ok(is_shaped("meta", 40, "abc", 3), "what is younger is ignored");
	ok(!is_shaped(NULL, NFTA_META_KEY, "abcd", 4), "without a name");
	ok(!is_shaped("", NFTA_META_KEY, "abcd", 4), "an empty one");
	ok(!is_shaped("fib", 1, "abcd", 4), "what we never use");
	ok(is_shaped("log", NFTA_LOG_PREFIX, "bnd", 4), "a string");
	ok(!is_shaped("log", NFTA_LOG_PREFIX, "bnd", 3), "that does not end");
	ok(!is_shaped("cmp", NFTA_CMP_DATA, "abcd", 4), "data that is none");
	ok(!is_shaped("counter", NFTA_COUNTER_BYTES, "abcd", 4),
	    "half a count");
}

static void
check_show(void)
{
	char text[8];

	bnd_nl_show((struct bnd_str){ "a\033b", 4 }, text, sizeof(text));
	is_str(
	    text, "a\\x1bb", "a name of somebody else's, its escape spelt out");
	bnd_nl_show((struct bnd_str){ NULL, 0 }, text, sizeof(text));
	is_str(text, "?", "none");
}

int
main(void)
{
	check_walk();
	check_show();
	check_shape();
	return tap_done();
}
