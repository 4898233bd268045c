/* unit/xt-rules: the older tables get the same rules as nf_tables */
/* SPDX-License-Identifier: ISC */
#include "xt-rules.h"

#include <netinet/in.h>
#include <linux/netfilter.h>

#include "pick.h"
#include "tap.h"

static const char list_text[] =
    "version 1\n"
    "in RESTRICTED proto=tcp dport=22\n"
    "in RESTRICTED if=h1/veth proto=udp src=192.0.2.0/24 dport=1000-1002,53\n"
    "in RESTRICTED proto=sctp src=2001:db8::/32 sport=7 dport=53\n"
    "in RESTRICTED proto=icmp type=8\n"
    "in RESTRICTED proto=icmpv6 src=fe80::/64 type=128\n"
    "in RESTRICTED proto=esp src=192.0.2.0/24\n"
    "vpn tv0/tun\n"
    "out TRUSTED if=h0/veth proto=udp dst=10.77.0.2/32 dport=51820\n"
    "out TRUSTED if=h0/veth proto=tcp dst=0.0.0.0/0 dport=80,443-445\n"
    "out TRUSTED if=h0/veth proto=tcp dst=169.254.7.0/24 dport=7\n"
    "out TRUSTED if=h0/veth proto=icmpv6 dst=fe80::/64 type=128\n"
    "in TRUSTED if=tv0/tun proto=tcp src=10.8.0.0/24 dport=23\n"
    "dhcp h1/veth\n"
    "forward RESTRICTED from=br0/bridge to=h0/veth proto=tcp dport=443\n"
    "forward RESTRICTED from=br0/bridge to=h0/veth proto=udp dst=2001:db8::/32\n";

static const struct bnd_rules_link links[] = {
	{ .index = 1, .type = 772, .name = "lo" },
	{ .index = 2, .type = 1, .name = "h0", .kind = "veth" },
	{ .index = 3, .type = 1, .name = "h1", .kind = "veth" },
	{ .index = 7, .type = 65534, .name = "tv0", .kind = "tun" },
	{ .index = 8, .type = 1, .name = "br0", .kind = "bridge" },
};
#define LINKS (sizeof(links) / sizeof(links[0]))

static struct bnd_netlist list;

static struct bnd_rules_in
input(enum bnd_mode mode)
{
	return (struct bnd_rules_in){
		.mode = mode, .list = &list, .link = links, .links = LINKS
	};
}

/* A packet as both see it. */
struct packet {
	unsigned path; /* 0 in, 1 out, 2 through */
	unsigned iif, oif, proto, type, hops, sport, dport;
	struct bnd_prefix src, dst;
	unsigned state, dir;
};

/* ---- nf_tables: family inet, walked ----------------------------------------- */

struct walk {
	const struct packet *p;
	bool open, dropped; /* this chain is still undecided */
};

static bool
seen_by(enum bnd_hook h, unsigned path)
{
	static const bool sees[3][BND_EGRESS + 1] = {
		{ [BND_PREROUTING] = true, [BND_INPUT] = true },
		{ [BND_OUTPUT] = true, [BND_POSTROUTING] = true },
		{ [BND_PREROUTING] = true,
		    [BND_FORWARD] = true,
		    [BND_POSTROUTING] = true },
	};

	return sees[path][h];
}

static bool
hit(const struct bnd_match *m, const struct packet *p)
{
	uint32_t x;

	if (m->key == BND_M_IIFKIND || m->key == BND_M_OIFKIND)
		return true; /* the index before it is of that kind */
	if (m->key == BND_M_SADDR || m->key == BND_M_DADDR)
		return bnd_prefix_has(
		    &m->prefix, m->key == BND_M_SADDR ? &p->src : &p->dst);
	if (m->key == BND_M_CT_STATE)
		return (p->state & m->lo) != 0;
	if (m->key == BND_M_CT_DIR && p->state == 0)
		return false;
	x = m->key == BND_M_IIF	       ? p->iif
	    : m->key == BND_M_OIF      ? p->oif
	    : m->key == BND_M_L4PROTO  ? p->proto
	    : m->key == BND_M_SPORT    ? p->sport
	    : m->key == BND_M_DPORT    ? p->dport
	    : m->key == BND_M_ICMPTYPE ? p->type
	    : m->key == BND_M_HOPLIMIT ? p->hops
	    : m->key == BND_M_CT_DIR   ? p->dir
	    : p->src.family == 4       ? NFPROTO_IPV4
				       : NFPROTO_IPV6;
	return x >= m->lo && x <= m->hi;
}

static int
nft_chain(void *ctx, const struct bnd_chain *c, struct bnd_err *err)
{
	struct walk *w = ctx;

	(void)err;
	w->open = c->family == BND_INET && seen_by(c->hook, w->p->path);
	return w->open ? 0 : 1;
}

static int
nft_rule(void *ctx, const struct bnd_chain *c, const struct bnd_rule *r,
    struct bnd_err *err)
{
	struct walk *w = ctx;

	(void)c;
	(void)err;
	for (size_t i = 0; i < r->matches; i++)
		if (!w->open || !hit(&r->match[i], w->p))
			return 0;
	if (!w->open || r->verdict == BND_V_COUNT || r->verdict == BND_V_LOG)
		return 0;
	w->open = false;
	w->dropped |= r->verdict != BND_V_ACCEPT;
	return 0;
}

static bool
nft_passes(enum bnd_mode mode, const struct packet *p)
{
	struct bnd_rules_in in = input(mode);
	struct walk w = { .p = p };
	const struct bnd_rules_sink sink = { nft_chain, nft_rule, &w };
	struct bnd_err err = { 0 };

	if (bnd_rules_render(&in, &sink, &err) != 0)
		bail(err.text);
	return !w.dropped;
}

/* ---- the older tables, walked by the words of their rules --------------------- */

static bool
in_range(const char *word, unsigned x)
{
	unsigned lo = 0, hi = 0;
	int n = sscanf(word, "%u:%u", &lo, &hi);

	return x >= lo && x <= (n == 2 ? hi : lo);
}

static const char *
name(unsigned index)
{
	for (size_t i = 0; i < LINKS; i++)
		if (links[i].index == index)
			return links[i].name;
	return "";
}

/* "4,32 0 0 4294963208,21 0 1 INDEX,6 0 0 1,6 0 0 0" */
static bool
program(const char *code, const struct packet *p)
{
	unsigned index = 0;

	if (sscanf(code, "4,32 0 0 4294963208,21 0 1 %u,6 0 0 1,6 0 0 0",
		&index) != 1)
		bail(code);
	return index == (p->path == 1 ? p->oif : p->iif);
}

static bool
option_hit(const char *option, const char *v, const struct packet *p)
{
	static const char *const states[] = { [BND_CT_NEW] = "NEW",
		[BND_CT_ESTABLISHED] = "ESTABLISHED",
		[BND_CT_RELATED] = "RELATED" };

	if (strcmp(option, "--bytecode") == 0)
		return program(v, p);
	if (strcmp(option, "--ctstate") == 0)
		return p->state != 0 && strcmp(states[p->state], v) == 0;
	if (strcmp(option, "--ctdir") == 0)
		return p->state != 0 &&
		    strcmp(p->dir == 0 ? "ORIGINAL" : "REPLY", v) == 0;
	if (strcmp(option, "--sports") == 0)
		return in_range(v, p->sport);
	if (strcmp(option, "--dports") == 0)
		return in_range(v, p->dport);
	if (strcmp(option, "--hl-eq") == 0)
		return in_range(v, p->hops);
	if (strcmp(option,
		p->src.family == 4 ? "--icmp-type" : "--icmpv6-type") == 0)
		return in_range(v, p->type);
	if (strncmp(option, "--limit", 7) != 0)
		bail(option);
	return true;
}

static int
xt_chain(void *ctx, const struct bnd_xt_chain *c, struct bnd_err *err)
{
	static const char *const hooks[] = { "PREROUTING INPUT",
		"OUTPUT POSTROUTING", "PREROUTING FORWARD POSTROUTING" };
	struct walk *w = ctx;

	(void)err;
	w->open = strstr(hooks[w->p->path], c->hook) != NULL;
	return 0;
}

static bool
head_hit(const struct bnd_xt_rule *r, const struct packet *p)
{
	return (r->in[0] == '\0' || strcmp(r->in, name(p->iif)) == 0) &&
	    (r->out[0] == '\0' || strcmp(r->out, name(p->oif)) == 0) &&
	    (r->proto == 0 || r->proto == p->proto) &&
	    (r->src.family == 0 || bnd_prefix_has(&r->src, &p->src)) &&
	    (r->dst.family == 0 || bnd_prefix_has(&r->dst, &p->dst));
}

static int
xt_rule(void *ctx, const struct bnd_xt_chain *c, const struct bnd_xt_rule *r,
    struct bnd_err *err)
{
	struct walk *w = ctx;
	bool all = w->open && head_hit(r, w->p);

	(void)c;
	(void)err;
	for (size_t i = 0; all && i < r->matches; i++)
		for (size_t o = 0; all && o < r->match[i].opts; o++)
			all = option_hit(r->match[i].opt[o].name,
			    r->match[i].opt[o].value, w->p);
	if (!all || r->fate == BND_XT_GO_ON || r->fate == BND_XT_LOG)
		return 0;
	w->open = false;
	w->dropped |= r->fate == BND_XT_DROP;
	return 0;
}

static bool
xt_passes(enum bnd_mode mode, bool alone, const struct packet *p)
{
	struct bnd_rules_in in = input(mode);
	struct walk w = { .p = p };
	const struct bnd_xt_sink sink = { xt_chain, xt_rule, &w };
	struct bnd_err err = { 0 };

	if (bnd_xt_render(&in, p->src.family, alone, &sink, &err) != 0)
		bail(err.text);
	return !w.dropped;
}

/* ---- both, over a matrix of packets ------------------------------------------------ */

static struct packet
some_packet(void)
{
	static const uint8_t protos[] = { 6, 17, 132, 1, 58, 50, 253 };
	static const uint16_t ports[] = { 22, 23, 53, 80, 443, 444, 7, 1001,
		51820, 67, 68, 546, 547, 40000 };
	static const uint8_t types[] = { 0, 1, 2, 3, 8, 128, 129, 130, 133, 136,
		143, 144, 255 };
	static const uint8_t hops[] = { 1, 64, 255 };
	static const unsigned at[] = { 1, 2, 2, 3, 7, 8 };
	static const unsigned states[] = { 0, BND_CT_NEW, BND_CT_ESTABLISHED,
		BND_CT_RELATED };
	unsigned family = pick(2) ? 4 : 6;
	struct packet p = { .path = pick(3),
		.proto = ONE_OF(protos),
		.type = ONE_OF(types),
		.hops = ONE_OF(hops),
		.sport = ONE_OF(ports),
		.dport = ONE_OF(ports),
		.src = some_address(family),
		.dst = some_address(family),
		.state = ONE_OF(states) };

	p.dir = p.state > 0 && p.state != BND_CT_NEW ? pick(2) : 0;
	p.iif = p.path != 1 ? at[pick(6)] : 0;
	p.oif = p.path != 0 ? at[pick(6)] : 0;
	/* Nothing is forwarded by way of lo. */
	if (p.path == 2) {
		p.iif = pick(2) ? 8 : 2 + pick(2);
		p.oif = pick(4) == 0 ? 8 : 2;
	}
	return p;
}

static void
check_agreement(void)
{
	unsigned unlike = 0, passed[BND_MODE_LAST + 1] = { 0 };

	for (unsigned i = 0; i < 12000; i++) {
		struct packet p = some_packet();

		for (enum bnd_mode m = BND_OPEN; m <= BND_LOCKDOWN; m++) {
			bool want = nft_passes(m, &p);
			bool have = xt_passes(m, i % 2 == 0, &p);

			passed[m] += have;
			if (want == have || unlike++ > 5)
				continue;
			diag("%s: %d %d: path %u %u>%u v%u proto %u/%u hops %u "
			     "%u>%u ct %u/%u",
			    bnd_mode_name(m), want, have, p.path, p.iif, p.oif,
			    p.src.family, p.proto, p.type, p.hops, p.sport,
			    p.dport, p.state, p.dir);
		}
	}
	is_int(unlike, 0, "both engines decide alike");
	ok(passed[BND_RESTRICTED] > 2000 && passed[BND_TRUSTED] > 500 &&
		passed[BND_AIRGAP] > 200 && passed[BND_LOCKDOWN] == 0,
	    "the packets are not trivial: %u %u %u %u", passed[BND_RESTRICTED],
	    passed[BND_TRUSTED], passed[BND_AIRGAP], passed[BND_LOCKDOWN]);
}

/* ---- its own traps ------------------------------------------------------------------- */

static char printed[65536];

static int
put(void *ctx, const char *text)
{
	(void)ctx;
	size_t at = strlen(printed), len = strlen(text);

	if (at + len >= sizeof(printed))
		bail("too much text");
	memcpy(printed + at, text, len + 1);
	return 0;
}

static const char *
text_of(enum bnd_mode mode, const struct bnd_rules_link *link, size_t n)
{
	struct bnd_rules_in in = {
		.mode = mode, .list = &list, .link = link, .links = n
	};
	struct bnd_err err = { 0 };

	printed[0] = '\0';
	if (bnd_xt_text(&in, put, NULL, &err) != 0)
		bail(err.text);
	return printed;
}

static void
check_text(void)
{
	static const struct bnd_rules_link odd[] = {
		{ .index = 1, .type = 772, .name = "l;$(id)\"o" }
	};
	const char *t = text_of(BND_AIRGAP, links, LINKS);

	is_str(t,
	    "# iptables *raw\n# iptables :bnd-in - [0:0]\n"
	    "# iptables -I PREROUTING 1 -j bnd-in\n"
	    "# iptables -A bnd-in -i lo -j RETURN\n"
	    "# iptables -A bnd-in -j DROP\n"
	    "# iptables :bnd-out - [0:0]\n"
	    "# iptables -I OUTPUT 1 -j bnd-out\n"
	    "# iptables -A bnd-out -o lo -j RETURN\n"
	    "# iptables -A bnd-out -j DROP\n# iptables COMMIT\n"
	    "# ip6tables *raw\n# ip6tables :bnd-in - [0:0]\n"
	    "# ip6tables -I PREROUTING 1 -j bnd-in\n"
	    "# ip6tables -A bnd-in -i lo -j RETURN\n"
	    "# ip6tables -A bnd-in -j DROP\n"
	    "# ip6tables :bnd-out - [0:0]\n"
	    "# ip6tables -I OUTPUT 1 -j bnd-out\n"
	    "# ip6tables -A bnd-out -o lo -j RETURN\n"
	    "# ip6tables -A bnd-out -j DROP\n# ip6tables COMMIT\n",
	    "AIRGAP as text");
	t = text_of(BND_LOCKDOWN, links, LINKS);
	ok(strstr(t, "RETURN") == NULL, "LOCKDOWN lets nothing by");
	is_str(text_of(BND_OPEN, links, LINKS), "", "OPEN is no rule");
	t = text_of(BND_AIRGAP, odd, 1);
	ok(strpbrk(t, "$;\"()") == NULL,
	    "a name cannot say more than a name when it is printed");
	t = text_of(BND_RESTRICTED, links, LINKS);
	ok(strstr(t,
	       "-i h1 -p udp -m bpf --bytecode \"4,32 0 0 4294963208,"
	       "21 0 1 3,6 0 0 1,6 0 0 0\" -m multiport --dports 1000:1002 "
	       "-j RETURN\n") != NULL,
	    "a link is a name and an index");
	ok(strstr(t, "RESTRICTED") == NULL && strstr(t, "LOG") == NULL,
	    "nothing is told twice");
}

/* ICMP 255 is any type to these tables: a line for it may not become that. */
static void
check_any_type(void)
{
	static struct bnd_netlist one;
	struct bnd_rules_in in = { .mode = BND_RESTRICTED,
		.list = &one,
		.link = links,
		.links = LINKS };
	struct bnd_err err = { 0 };

	one.lines = 1;
	one.line[0] = (struct bnd_line){ .verb = BND_LINE_IN,
		.mode = BND_RESTRICTED,
		.number = 2,
		.proto = IPPROTO_ICMP,
		.has_type = true,
		.type = 255 };
	printed[0] = '\0';
	ok(bnd_xt_text(&in, put, NULL, &err) == 0, "a line for ICMP 255");
	ok(strstr(printed, "255 -j RETURN") == NULL &&
		strstr(printed, "-p icmp -j RETURN") == NULL,
	    "is not the line for any type");
}

int
main(void)
{
	static struct bnd_list_report report;

	if (bnd_netlist_parse((struct bnd_str){ list_text, strlen(list_text) },
		&list, &report) != 0)
		bail(report.note[0].reason);
	check_agreement();
	check_text();
	check_any_type();
	return tap_done();
}
