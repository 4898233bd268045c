/* xt-rules.c: the rules of a mode as the older tables take them, as data */
/* SPDX-License-Identifier: ISC */
#include "xt-rules.h"

#include <netinet/in.h> /* before linux/ headers that would redefine it */
#include <linux/filter.h>
#include <linux/netfilter.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "netval-proto.h"

/* Which chain of the mode stands where.  The others need nf_tables. */
static const struct place {
	const char *name; /* in family inet */
	bool list;	  /* only in modes with a list */
	bool alone;	  /* only without nf_tables */
	struct bnd_xt_chain chain;
} places[] = {
	{ "early-in", false, false, { BND_XT_RAW, "bnd-in", "PREROUTING" } },
	{ "early-out", false, false, { BND_XT_RAW, "bnd-out", "OUTPUT" } },
	{ "in", true, false, { BND_XT_MANGLE, "bnd-in", "INPUT" } },
	{ "forward", true, false, { BND_XT_MANGLE, "bnd-forward", "FORWARD" } },
	{ "out", true, true, { BND_XT_MANGLE, "bnd-out", "OUTPUT" } },
	{ "late", true, false, { BND_XT_MANGLE, "bnd-late", "POSTROUTING" } },
};

struct render {
	const struct bnd_rules_in *in;
	const struct bnd_xt_sink *sink;
	unsigned family;
	bool alone;
	const struct place *place; /* of the chain that is open */
};

static const struct place *
place_of(const struct render *r, const struct bnd_chain *c)
{
	bool list = r->in->mode == BND_RESTRICTED || r->in->mode == BND_TRUSTED;

	for (size_t i = 0;
	     c->family == BND_INET && i < sizeof(places) / sizeof(places[0]);
	     i++) {
		const struct place *p = &places[i];

		/* In TRUSTED a refusal is told by nf_tables only. */
		if (strcmp(p->name, c->name) == 0 && p->list == list &&
		    (!p->alone || (r->alone && r->in->mode == BND_RESTRICTED)))
			return p;
	}
	return NULL;
}

/* ---- a rule's words --------------------------------------------------------- */

static const struct bnd_match *
find(const struct bnd_rule *r, enum bnd_match_key key)
{
	for (size_t i = 0; i < r->matches; i++)
		if (r->match[i].key == key)
			return &r->match[i];
	return NULL;
}

static struct bnd_xt_ext *
extension(struct bnd_xt_rule *x, const char *name)
{
	struct bnd_xt_ext *e = &x->match[x->matches++];

	*e = (struct bnd_xt_ext){ .name = name };
	return e;
}

BND_PRINTF(3, 4)
static void
option(struct bnd_xt_ext *e, const char *name, const char *fmt, ...)
{
	va_list ap;

	e->opt[e->opts].name = name;
	va_start(ap, fmt);
	(void)vsnprintf(
	    e->opt[e->opts].value, sizeof(e->opt[e->opts].value), fmt, ap);
	va_end(ap);
	e->opts++;
}

static void
port_option(struct bnd_xt_ext *e, const char *name, const struct bnd_match *m)
{
	if (m->lo == m->hi)
		option(e, name, "%u", m->lo);
	else
		option(e, name, "%u:%u", m->lo, m->hi);
}

/*
 * For every protocol with ports.  The parsers of the tcp and udp extensions hand
 * a port to getaddrinfo(), numbers included.
 */
static void
ports(struct bnd_xt_rule *x, const struct bnd_rule *r)
{
	const struct bnd_match *s = find(r, BND_M_SPORT);
	const struct bnd_match *d = find(r, BND_M_DPORT);

	if (s != NULL)
		port_option(extension(x, "multiport"), "--sports", s);
	if (d != NULL)
		port_option(extension(x, "multiport"), "--dports", d);
}

static void
conntrack(struct bnd_xt_rule *x, const struct bnd_rule *r)
{
	const struct bnd_match *state = find(r, BND_M_CT_STATE);
	const struct bnd_match *dir = find(r, BND_M_CT_DIR);
	struct bnd_xt_ext *e;

	if (state == NULL && dir == NULL)
		return;
	e = extension(x, "conntrack");
	if (state != NULL)
		option(e, "--ctstate", "%s",
		    state->lo == BND_CT_NEW	      ? "NEW"
			: state->lo == BND_CT_RELATED ? "RELATED"
						      : "ESTABLISHED");
	if (dir != NULL)
		option(e, "--ctdir", "%s", dir->lo == 0 ? "ORIGINAL" : "REPLY");
}

/*
 * A name may pass to another link while the rule stands; the index may not.
 * The program loads it from the packet and compares.
 */
static void
index_is(struct bnd_xt_rule *x, unsigned index)
{
	option(extension(x, "bpf"), "--bytecode",
	    "4,%u 0 0 %u,%u 0 1 %u,%u 0 0 1,%u 0 0 0", BPF_LD | BPF_W | BPF_ABS,
	    (unsigned)(SKF_AD_OFF + SKF_AD_IFINDEX), BPF_JMP | BPF_JEQ | BPF_K,
	    index, BPF_RET | BPF_K, BPF_RET | BPF_K);
}

static const char *
name_of(const struct bnd_rules_in *in, unsigned index)
{
	for (size_t i = 0; i < in->links; i++)
		if (in->link[i].index == index)
			return in->link[i].name;
	return index == BND_LO_INDEX ? "lo" : NULL;
}

/*
 * False for a link that is not there: no packet comes by it.  dev is the link a
 * packet is at in that chain, 0 if that is the one the rule names.
 */
static bool
links(const struct render *r, struct bnd_xt_rule *x,
    const struct bnd_rule *rule, unsigned dev)
{
	const struct bnd_match *in = find(rule, BND_M_IIF);
	const struct bnd_match *out = find(rule, BND_M_OIF);
	/* A forwarded packet is still its old link's in that chain. */
	const struct bnd_match *at = in != NULL ? in : out;
	bool forward = strcmp(r->place->chain.hook, "FORWARD") == 0;
	const char *in_name = in != NULL ? name_of(r->in, in->lo) : "";
	const char *out_name = out != NULL ? name_of(r->in, out->lo) : "";

	if (in_name == NULL || out_name == NULL)
		return false;
	(void)snprintf(x->in, sizeof(x->in), "%s", in_name);
	(void)snprintf(x->out, sizeof(x->out), "%s", out_name);
	if (at != NULL && at->lo != BND_LO_INDEX && !(forward && at == out))
		index_is(x, dev != 0 ? dev : at->lo);
	return true;
}

static void
fate(struct bnd_xt_rule *x, enum bnd_fate verdict)
{
	struct bnd_xt_ext *e;

	x->fate = BND_XT_DROP;
	if (verdict == BND_V_ACCEPT)
		x->fate = BND_XT_RETURN;
	else if (verdict == BND_V_COUNT)
		x->fate = BND_XT_GO_ON;
	if (verdict != BND_V_LOG)
		return;
	x->fate = BND_XT_LOG;
	e = extension(x, "limit");
	option(e, "--limit", "%d/sec", BND_RULES_LOG_RATE);
	option(e, "--limit-burst", "%d", BND_RULES_LOG_BURST);
	x->log = (struct bnd_xt_ext){ .name = "LOG" };
	option(&x->log, "--log-prefix", "%s", BND_RULES_LOG);
	option(&x->log, "--log-uid", "%s", "");
}

/* ---- a rule ------------------------------------------------------------------ */

static bool
is_family(const struct render *r, const struct bnd_rule *rule)
{
	const struct bnd_match *p = find(rule, BND_M_NFPROTO);

	return p == NULL ||
	    p->lo == (r->family == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
}

#define KEY(k) (1U << (k))

/* A match that would be forgotten makes a rule that lets more by. */
static bool
is_sayable(const struct bnd_rule *r)
{
	/* A kind is that of the index, and the family is asked before. */
	const unsigned known = KEY(BND_M_IIF) | KEY(BND_M_OIF) |
	    KEY(BND_M_IIFKIND) | KEY(BND_M_OIFKIND) | KEY(BND_M_NFPROTO) |
	    KEY(BND_M_L4PROTO) | KEY(BND_M_SADDR) | KEY(BND_M_DADDR) |
	    KEY(BND_M_SPORT) | KEY(BND_M_DPORT) | KEY(BND_M_ICMPTYPE) |
	    KEY(BND_M_HOPLIMIT) | KEY(BND_M_CT_STATE) | KEY(BND_M_CT_DIR);
	unsigned seen = 0;

	for (size_t i = 0; i < r->matches; i++) {
		const struct bnd_match *m = &r->match[i];
		bool range = m->key == BND_M_SPORT || m->key == BND_M_DPORT ||
		    m->key == BND_M_ICMPTYPE;

		if ((known & ~seen & KEY(m->key)) == 0 ||
		    (!range && m->lo != m->hi))
			return false;
		seen |= KEY(m->key);
	}
	return true;
}

/* All of it but the ICMP type, of which these tables take one at a time. */
static bool
translate(const struct render *r, const struct bnd_rule *rule, unsigned dev,
    struct bnd_xt_rule *x)
{
	const struct bnd_match *m;

	*x = (struct bnd_xt_rule){ .line = rule->line };
	if (!links(r, x, rule, dev))
		return false;
	m = find(rule, BND_M_L4PROTO);
	x->proto = m != NULL ? m->lo : 0;
	m = find(rule, BND_M_SADDR);
	if (m != NULL)
		x->src = m->prefix;
	m = find(rule, BND_M_DADDR);
	if (m != NULL)
		x->dst = m->prefix;
	m = find(rule, BND_M_HOPLIMIT);
	if (m != NULL)
		option(extension(x, "hl"), "--hl-eq", "%u", m->lo);
	conntrack(x, rule);
	ports(x, rule);
	fate(x, rule->verdict);
	return true;
}

/* 255 would be any type to these tables, and no protocol has it. */
#define ICMP_ANY 255

static int
icmp_types(const struct render *r, struct bnd_xt_rule *x,
    const struct bnd_match *type, struct bnd_err *err)
{
	bool v4 = r->family == 4;
	size_t matches = x->matches;
	uint32_t t;

	for (t = type->lo; t <= type->hi; t++) {
		if (t == ICMP_ANY && x->fate == BND_XT_RETURN)
			continue;
		if (t == ICMP_ANY)
			return bnd_fail(err, BND_E_SYS, "a rule for ICMP 255");
		x->matches = matches;
		option(extension(x, v4 ? "icmp" : "icmp6"),
		    v4 ? "--icmp-type" : "--icmpv6-type", "%u", t);
		if (r->sink->rule(r->sink->ctx, &r->place->chain, x, err) == -1)
			return -1;
	}
	return 0;
}

static int
give(const struct render *r, const struct bnd_rule *rule, unsigned dev,
    struct bnd_err *err)
{
	const struct bnd_match *type = find(rule, BND_M_ICMPTYPE);
	struct bnd_xt_rule x;

	if (!translate(r, rule, dev, &x))
		return rule->verdict == BND_V_ACCEPT
		    ? 0
		    : bnd_fail(err, BND_E_SYS, "a refusal for no link");
	if (type != NULL)
		return icmp_types(r, &x, type, err);
	return r->sink->rule(r->sink->ctx, &r->place->chain, &x, err);
}

/* From a bridge to itself: what is bridged is at the port it leaves by. */
static int
give_ports(
    const struct render *r, const struct bnd_rule *rule, struct bnd_err *err)
{
	const struct bnd_match *in = find(rule, BND_M_IIF);
	const struct bnd_match *out = find(rule, BND_M_OIF);

	if (in == NULL || out == NULL || in->lo != out->lo)
		return 0;
	for (size_t i = 0; i < r->in->links; i++)
		if (r->in->link[i].master == in->lo &&
		    give(r, rule, r->in->link[i].index, err) == -1)
			return -1;
	return 0;
}

static int
on_rule(void *ctx, const struct bnd_chain *c, const struct bnd_rule *rule,
    struct bnd_err *err)
{
	const struct render *r = ctx;

	if (!is_sayable(rule))
		return bnd_fail(err, BND_E_SYS,
		    "a rule of %s that the legacy tables cannot say", c->name);
	if (!is_family(r, rule))
		return 0;
	return give(r, rule, 0, err) == -1 ? -1 : give_ports(r, rule, err);
}

static int
on_chain(void *ctx, const struct bnd_chain *c, struct bnd_err *err)
{
	struct render *r = ctx;

	r->place = place_of(r, c);
	if (r->place == NULL)
		return 1;
	return r->sink->chain(r->sink->ctx, &r->place->chain, err);
}

int
bnd_xt_render(const struct bnd_rules_in *in, unsigned family, bool alone,
    const struct bnd_xt_sink *sink, struct bnd_err *err)
{
	struct render r = {
		.in = in, .sink = sink, .family = family, .alone = alone
	};
	const struct bnd_rules_sink from = { on_chain, on_rule, &r };

	return bnd_rules_render(in, &from, err);
}

/* ---- text ---------------------------------------------------------------------- */

const char *
bnd_xt_table_name(enum bnd_xt_table table)
{
	return table == BND_XT_RAW ? "raw" : "mangle";
}

struct out {
	char *p;
	size_t size, len;
};

BND_PRINTF(2, 3)
static void
say(struct out *o, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (o->len >= o->size)
		return;
	va_start(ap, fmt);
	n = vsnprintf(o->p + o->len, o->size - o->len, fmt, ap);
	va_end(ap);
	o->len = n < 0 ? o->size : o->len + (size_t)n;
}

static void
say_addr(struct out *o, const char *what, const struct bnd_prefix *p)
{
	char text[BND_PREFIX_TEXT];

	if (p->family == 0)
		return;
	bnd_prefix_text(p, text);
	say(o, " %s %s", what, text);
}

/* A name may hold any byte but a slash and blanks: none ends a word here. */
static void
say_link(struct out *o, const char *what, const char *name)
{
	char text[4 * BND_IFNAME];

	if (name[0] == '\0')
		return;
	bnd_text_show(
	    (struct bnd_str){ name, strlen(name) }, text, sizeof(text));
	for (char *p = text; *p != '\0'; p++)
		if (strchr("\"'`$;&|<>()*?[]{}!#~", *p) != NULL)
			*p = '?';
	say(o, " %s %s", what, text);
}

static void
say_options(struct out *o, const struct bnd_xt_ext *e)
{
	for (size_t i = 0; i < e->opts; i++) {
		const char *v = e->opt[i].value;
		const char *quote = strchr(v, ' ') != NULL ? "\"" : "";

		say(o, " %s", e->opt[i].name);
		if (v[0] != '\0')
			say(o, " %s%s%s", quote, v, quote);
	}
}

static void
say_proto(struct out *o, unsigned proto)
{
	char text[BND_PROTO_TEXT];

	bnd_proto_text((uint8_t)proto, text);
	if (proto == IPPROTO_ICMPV6)
		say(o, " -p ipv6-icmp");
	else if (proto != 0)
		say(o, " -p %s", text);
}

bool
bnd_xt_rule_text(const struct bnd_xt_chain *c, const struct bnd_xt_rule *r,
    char *dst, size_t size)
{
	static const char *const fates[] = { "", " -j RETURN", " -j DROP",
		" -j LOG" };
	struct out o = { dst, size, 0 };

	say(&o, "-A %s", c->name);
	say_addr(&o, "-s", &r->src);
	say_addr(&o, "-d", &r->dst);
	say_link(&o, "-i", r->in);
	say_link(&o, "-o", r->out);
	say_proto(&o, r->proto);
	for (size_t i = 0; i < r->matches; i++) {
		say(&o, " -m %s", r->match[i].name);
		say_options(&o, &r->match[i]);
	}
	say(&o, "%s", fates[r->fate]);
	if (r->fate == BND_XT_LOG)
		say_options(&o, &r->log);
	return o.len < o.size;
}

struct text {
	int (*put)(void *ctx, const char *text);
	void *ctx;
	const char *program;
	const char *table; /* that is open, or NULL */
};

BND_PRINTF(2, 3)
static int
line(struct text *t, const char *fmt, ...)
{
	char buf[BND_XT_TEXT + 32];
	struct out o = { buf, sizeof(buf), 0 };
	char words[BND_XT_TEXT];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	say(&o, "# %s %s\n", t->program, words);
	return t->put(t->ctx, buf);
}

static int
end_table(struct text *t)
{
	if (t->table == NULL)
		return 0;
	t->table = NULL;
	return line(t, "COMMIT");
}

static int
text_chain(void *ctx, const struct bnd_xt_chain *c, struct bnd_err *err)
{
	const char *table = bnd_xt_table_name(c->table);
	struct text *t = ctx;

	(void)err;
	if (t->table != table) {
		if (end_table(t) != 0 || line(t, "*%s", table) != 0)
			return -1;
		t->table = table;
	}
	if (line(t, ":%s - [0:0]", c->name) != 0)
		return -1;
	return line(t, "-I %s 1 -j %s", c->hook, c->name);
}

static int
text_rule(void *ctx, const struct bnd_xt_chain *c, const struct bnd_xt_rule *r,
    struct bnd_err *err)
{
	char text[BND_XT_TEXT];

	if (!bnd_xt_rule_text(c, r, text, sizeof(text)))
		return bnd_fail(
		    err, BND_E_SYS, "cannot print a rule: too long");
	return line(ctx, "%s", text);
}

int
bnd_xt_text(const struct bnd_rules_in *in,
    int (*put)(void *ctx, const char *text), void *ctx, struct bnd_err *err)
{
	struct text t = { .put = put, .ctx = ctx };
	const struct bnd_xt_sink sink = { text_chain, text_rule, &t };

	for (unsigned family = 4; family <= 6; family += 2) {
		t.program = family == 4 ? "iptables" : "ip6tables";
		if (bnd_xt_render(in, family, false, &sink, err) != 0 ||
		    end_table(&t) != 0)
			return -1;
	}
	return 0;
}
