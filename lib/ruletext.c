/* ruletext.c: the rules in the words of nft(8), for people to read */
/* SPDX-License-Identifier: ISC */
#include "ruletext.h"

#include <netinet/in.h> /* before linux/ headers that would redefine it */
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "netval-proto.h"

static const char *const families[] = { "none", "inet", "arp", "bridge",
	"netdev" };
static const char *const hooks[] = { "none", "prerouting", "input", "forward",
	"output", "postrouting", "ingress", "egress" };

const char *
bnd_family_name(enum bnd_family f)
{
	return families[f];
}

const char *
bnd_hook_name(enum bnd_hook h)
{
	return hooks[h];
}

/* A text that grows until it does not fit, and then says so. */
struct out {
	char *p;
	size_t size, len;
	bool full;
};

BND_PRINTF(2, 3)
static void
say(struct out *o, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(o->p + o->len, o->size - o->len, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= o->size - o->len)
		o->full = true;
	else
		o->len += (size_t)n;
}

static void
say_range(struct out *o, const char *what, const struct bnd_match *m)
{
	if (m->lo == m->hi)
		say(o, "%s %u ", what, m->lo);
	else
		say(o, "%s %u-%u ", what, m->lo, m->hi);
}

static void
say_addr(struct out *o, const char *what, const struct bnd_prefix *p)
{
	char text[BND_PREFIX_TEXT];

	bnd_prefix_text(p, text);
	say(o, "%s %s %s ", p->family == 4 ? "ip" : "ip6", what, text);
}

static void
say_state(struct out *o, unsigned bits)
{
	static const struct {
		unsigned bit;
		const char *name;
	} states[] = { { BND_CT_ESTABLISHED, "established" },
		{ BND_CT_RELATED, "related" }, { BND_CT_NEW, "new" } };
	const char *sep = "";

	say(o, "ct state ");
	for (size_t i = 0; i < 3; i++)
		if ((bits & states[i].bit) != 0) {
			say(o, "%s%s", sep, states[i].name);
			sep = ",";
		}
	say(o, " ");
}

static bool
speaks_of(const struct bnd_rule *r, enum bnd_match_key key, uint32_t n)
{
	for (size_t i = 0; i < r->matches; i++)
		if (r->match[i].key == key && r->match[i].lo == n)
			return true;
	return false;
}

static const char *
protocol_word(uint32_t ethertype)
{
	return ethertype == ETH_P_IP  ? "ip"
	    : ethertype == ETH_P_IPV6 ? "ip6"
	    : ethertype == ETH_P_ARP  ? "arp"
	    : ethertype == ETH_P_SLOW ? "0x8809"
				      : "none";
}

/* Matches that are a word and a number, or a range; every key is an index. */
static const char *const number_words[] = {
	[BND_M_IIF] = "iif",
	[BND_M_OIF] = "oif",
	[BND_M_SPORT] = "th sport",
	[BND_M_DPORT] = "th dport",
	[BND_M_HOPLIMIT] = "ip6 hoplimit",
	[BND_M_TO_MAC] = NULL,
};

static void
say_l4proto(struct out *o, uint32_t proto)
{
	char text[BND_PROTO_TEXT];

	bnd_proto_text((uint8_t)proto, text);
	say(o, "meta l4proto %s ",
	    proto == IPPROTO_ICMPV6 ? "ipv6-icmp" : text);
}

/* What has no word of nft: where it lies, and the bytes. */
static void
say_frame(struct out *o, const struct bnd_match *m)
{
	if (m->key == BND_M_TAG)
		say(o, "@ll,96,32 & 0xffff0fff == 0x%08x ", m->lo);
	else if (m->key == BND_M_TAGGED)
		say(o, "@ll,128,16 0x%04x ", m->lo);
	else if (m->key == BND_M_NOT_TYPE)
		say(o, "@nh,16,16 != 0x%04x ", m->lo);
	else if (m->key == BND_M_SLOW)
		say(o, "@ll,96,24 0x%06x ", m->lo);
	else if (m->key == BND_M_TO_MAC) {
		say(o, "@ll,0,48 0x");
		for (size_t i = 0; i < 6; i++)
			say(o, "%02x", (unsigned char)m->text[i]);
		say(o, " ");
	}
}

static void
say_word(struct out *o, const struct bnd_rule *r, const struct bnd_match *m)
{
	bool v4 = speaks_of(r, BND_M_L4PROTO, IPPROTO_ICMP);

	if (m->key == BND_M_IIFKIND)
		say(o, "meta iifkind \"%s\" ", m->text);
	else if (m->key == BND_M_OIFKIND)
		say(o, "meta oifkind \"%s\" ", m->text);
	else if (m->key == BND_M_NFPROTO)
		say(o, "meta nfproto %s ",
		    m->lo == NFPROTO_IPV4 ? "ipv4" : "ipv6");
	else if (m->key == BND_M_PROTOCOL)
		say(o, "meta protocol %s ", protocol_word(m->lo));
	else if (m->key == BND_M_ETHERTYPE)
		say(o, "@ll,96,16 0x%04x ", m->lo);
	else if (m->key == BND_M_L4PROTO)
		say_l4proto(o, m->lo);
	else if (m->key == BND_M_SADDR)
		say_addr(o, "saddr", &m->prefix);
	else if (m->key == BND_M_DADDR)
		say_addr(o, "daddr", &m->prefix);
	else if (m->key == BND_M_ICMPTYPE)
		say_range(o, v4 ? "icmp type" : "icmpv6 type", m);
	else if (m->key == BND_M_CT_STATE)
		say_state(o, m->lo);
	else if (m->key == BND_M_CT_DIR)
		say(o, "ct direction %s ", m->lo == 0 ? "original" : "reply");
	else
		say_frame(o, m);
}

static void
say_match(struct out *o, const struct bnd_rule *r, const struct bnd_match *m)
{
	if (number_words[m->key] != NULL)
		say_range(o, number_words[m->key], m);
	else
		say_word(o, r, m);
}

static void
say_verdict(struct out *o, enum bnd_fate v)
{
	switch (v) {
	case BND_V_ACCEPT:
		say(o, "accept");
		break;
	case BND_V_REJECT_TCP:
		say(o, "counter reject with tcp reset");
		break;
	case BND_V_REJECT:
		say(o, "counter reject with icmpx type admin-prohibited");
		break;
	case BND_V_COUNT:
		say(o, "counter");
		break;
	case BND_V_LOG:
		say(o,
		    "limit rate %d/second burst %d packets "
		    "log prefix \"%s\" flags skuid",
		    BND_RULES_LOG_RATE, BND_RULES_LOG_BURST, BND_RULES_LOG);
		break;
	case BND_V_DROP:
	case BND_V_NONE:
		say(o, "counter drop");
		break;
	}
}

bool
bnd_rule_text(const struct bnd_rule *r, char *dst, size_t size)
{
	struct out o = { dst, size, 0, false };

	dst[0] = '\0';
	for (size_t i = 0; i < r->matches; i++)
		say_match(&o, r, &r->match[i]);
	say_verdict(&o, r->verdict);
	return !o.full;
}

/* ---- the whole ------------------------------------------------------------- */

struct text {
	int (*put)(void *ctx, const char *text);
	void *ctx;
	enum bnd_family family; /* of the table that is open */
	bool in_chain;
};

static int
end_chain(struct text *t)
{
	if (!t->in_chain)
		return 0;
	t->in_chain = false;
	return t->put(t->ctx, "\t}\n");
}

static int
end_table(struct text *t)
{
	if (end_chain(t) != 0)
		return -1;
	if (t->family == BND_FAMILY_NONE)
		return 0;
	t->family = BND_FAMILY_NONE;
	return t->put(t->ctx, "}\n");
}

static int
begin_table(struct text *t, enum bnd_family family)
{
	char line[96];

	if (t->family == family)
		return end_chain(t);
	if (end_table(t) != 0)
		return -1;
	t->family = family;
	(void)snprintf(line, sizeof(line), "table %s %s {\n", families[family],
	    BND_RULES_TABLE);
	return t->put(t->ctx, line);
}

/* A name may hold any byte but a slash and blanks; no quote ends it here. */
static int
put_devices(struct text *t, const struct bnd_chain *c)
{
	char line[4 * BND_IFNAME + 24], name[4 * BND_IFNAME];

	if (c->every)
		return t->put(t->ctx, " devices = { \"*\" }");
	for (size_t i = 0; i < c->links; i++) {
		bnd_text_show((struct bnd_str){ c->link[i]->name,
				  strlen(c->link[i]->name) },
		    name, sizeof(name));
		for (char *p = name; *p != '\0'; p++)
			if (*p == '"')
				*p = '?';
		(void)snprintf(line, sizeof(line), "%s\"%s\"",
		    i > 0 ? ", " : " devices = { ", name);
		if (t->put(t->ctx, line) != 0)
			return -1;
	}
	return c->links > 0 ? t->put(t->ctx, " }") : 0;
}

static int
on_chain(void *ctx, const struct bnd_chain *c, struct bnd_err *err)
{
	struct text *t = ctx;
	char line[128];

	(void)err;
	if (begin_table(t, c->family) != 0)
		return -1;
	t->in_chain = true;
	(void)snprintf(line, sizeof(line),
	    "\tchain %s {\n\t\ttype filter hook %s", c->name, hooks[c->hook]);
	if (t->put(t->ctx, line) != 0 || put_devices(t, c) != 0)
		return -1;
	(void)snprintf(
	    line, sizeof(line), " priority %d; policy accept;\n", c->priority);
	return t->put(t->ctx, line);
}

static int
on_rule(void *ctx, const struct bnd_chain *c, const struct bnd_rule *r,
    struct bnd_err *err)
{
	struct text *t = ctx;
	char text[BND_RULE_TEXT], line[BND_RULE_TEXT + 4];

	(void)c;
	if (!bnd_rule_text(r, text, sizeof(text)))
		return bnd_fail(
		    err, BND_E_SYS, "cannot print a rule: too long");
	(void)snprintf(line, sizeof(line), "\t\t%s\n", text);
	return t->put(t->ctx, line);
}

/* As the batch does it: whatever stood there is gone in the same transaction. */
static int
replace_tables(struct text *t)
{
	char line[96];

	for (enum bnd_family f = BND_INET; f <= BND_NETDEV; f++) {
		(void)snprintf(line, sizeof(line),
		    "table %s %s\ndelete table %s %s\n", families[f],
		    BND_RULES_TABLE, families[f], BND_RULES_TABLE);
		if (t->put(t->ctx, line) != 0)
			return -1;
	}
	return 0;
}

int
bnd_rules_text(const struct bnd_rules_in *in,
    int (*put)(void *ctx, const char *text), void *ctx, struct bnd_err *err)
{
	struct text t = { .put = put, .ctx = ctx };
	struct bnd_rules_sink sink = { on_chain, on_rule, &t };

	if (replace_tables(&t) != 0 || bnd_rules_render(in, &sink, err) != 0)
		return -1;
	return end_table(&t);
}
