/* unit/rules: the rules of each mode, what they let by, and that they are monotone */
/* SPDX-License-Identifier: ISC */
#include "rules.h"

#include <netinet/in.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>

#include "judge.h"
#include "pick.h"
#include "rules-stack.h"
#include "ruletext.h"
#include "tap.h"

#define GOLDEN "tests/data/rules"

static const char list_text[] =
    "version 1\n"
    "in RESTRICTED proto=tcp dport=22\n"
    "in RESTRICTED if=h1/veth proto=udp src=192.0.2.0/24 dport=1000-1002,53\n"
    "in RESTRICTED proto=icmp type=8\n"
    "vpn tv0/tun\n"
    "vpn gone/wireguard\n"
    "out TRUSTED if=h0/veth proto=udp dst=10.77.0.2/32 dport=51820\n"
    "out TRUSTED if=h0/veth proto=tcp dst=0.0.0.0/0 dport=80,443-445\n"
    "out TRUSTED if=h0/veth proto=tcp dport=8000\n"
    "out TRUSTED if=h0/veth proto=tcp dst=169.254.7.0/24 dport=7\n"
    "out TRUSTED if=h0/veth proto=icmpv6 dst=fe80::/64 type=128\n"
    "out TRUSTED if=h1/vlan proto=tcp dst=192.0.2.1/32\n"
    "out TRUSTED if=br0/bridge proto=tcp dst=192.0.2.1/32\n"
    "out TRUSTED if=nic0 proto=esp dst=2001:db8::7/128\n"
    "in TRUSTED if=tv0/tun proto=tcp src=10.8.0.0/24 dport=23\n"
    "dhcp h1/veth\n"
    "bypass h0/veth xdp\n"
    "forward RESTRICTED from=br0/bridge to=h0/veth proto=tcp dport=443\n"
    "forward RESTRICTED from=br0/bridge to=h0/veth proto=udp dst=2001:db8::/32\n"
    "bridge br1/bridge\n"
    "bridge br2/bridge\n"
    "out TRUSTED if=br1/bridge proto=udp dst=192.0.2.7/32 dport=4500\n"
    "out TRUSTED if=v5/vlan proto=tcp dst=192.0.2.9/32 dport=179\n"
    "dhcp v5/vlan\n"
    "out TRUSTED if=m0/macvlan proto=icmp dst=192.0.2.0/24 type=8\n";

/* Indices as a kernel gives them; the names of 4 and 5 are lies. */
#define LINK(i, t, n, k, ...)                                            \
	{                                                                \
		.index = i, .type = t, .name = n, .kind = k, __VA_ARGS__ \
	}
static const struct bnd_rules_link links[] = {
	LINK(1, 772, "lo", "", 0),
	LINK(2, 1, "h0", "veth", 0),
	LINK(3, 1, "h1", "veth", 0),
	LINK(7, 65534, "tv0", "tun", 0),
	LINK(8, 1, "br0", "bridge", .traits = BND_LINK_FILTERS),
	LINK(9, 1, "nic0", "", 0),
	LINK(10, 1, "x", "veth", 0),
	LINK(11, 1, "br1", "bridge", 0),
	LINK(12, 1, "p1", "veth", .master = 11),
	LINK(13, 1, "p2", "", .master = 11),
	LINK(14, 1, "bond0", "bond", .traits = BND_LINK_LACP),
	LINK(15, 1, "s1", "", .master = 14),
	LINK(16, 1, "s2", "", .master = 14),
	LINK(17, 1, "v5", "vlan", .lower = 14, .tpid = 0x8100, .vlan = 5),
	LINK(18, 1, "m0", "macvlan", .lower = 10),
};
#define LINKS (sizeof(links) / sizeof(links[0]))

static struct bnd_netlist list;
static struct bnd_list_report report;

static struct bnd_rules_in
input(enum bnd_mode mode)
{
	return (struct bnd_rules_in){
		.mode = mode, .list = &list, .link = links, .links = LINKS
	};
}

/* ---- golden ---------------------------------------------------------------- */

static int
put_file(void *ctx, const char *text)
{
	return fputs(text, ctx) < 0 ? -1 : 0;
}

static bool
same_file(FILE *a, FILE *b)
{
	int c, d;

	do {
		c = getc(a);
		d = getc(b);
		if (c != d)
			return false;
	} while (c != EOF);
	return true;
}

static void
check_golden(enum bnd_mode mode, bool write)
{
	struct bnd_rules_in in = input(mode);
	struct bnd_err err = { 0 };
	char path[64];
	FILE *want, *got = tmpfile();

	(void)snprintf(
	    path, sizeof(path), "%s/%s.nft", GOLDEN, bnd_mode_name(mode));
	want = fopen(path, write ? "w+" : "r");
	if (got == NULL || want == NULL)
		bail("cannot open the golden rules; run me from the tree");
	ok(bnd_rules_text(&in, put_file, got, &err) == 0, "%s prints",
	    bnd_mode_name(mode));
	if (write && bnd_rules_text(&in, put_file, want, &err) != 0)
		bail("cannot write the golden rules");
	rewind(got);
	rewind(want);
	ok(same_file(got, want), "%s is %s", bnd_mode_name(mode), path);
	fclose(got);
	fclose(want);
}

/* ---- an oracle: the kernel's walk, written a second time ---------------------- */

#define RULES_MAX  1024
#define CHAINS_MAX 24

static struct {
	struct bnd_chain chain[CHAINS_MAX];
	size_t first[CHAINS_MAX + 1];
	size_t chains;
	struct bnd_rule rule[RULES_MAX];
	size_t rules;
} all;

static int
keep_chain(void *ctx, const struct bnd_chain *c, struct bnd_err *err)
{
	(void)ctx;
	(void)err;
	all.chain[all.chains] = *c;
	all.first[all.chains++] = all.rules;
	return 0;
}

static int
keep_rule(void *ctx, const struct bnd_chain *c, const struct bnd_rule *r,
    struct bnd_err *err)
{
	(void)ctx;
	(void)c;
	(void)err;
	all.rule[all.rules++] = *r;
	return 0;
}

static void
render(enum bnd_mode mode)
{
	struct bnd_rules_in in = input(mode);
	struct bnd_rules_sink sink = { keep_chain, keep_rule, NULL };
	struct bnd_err err = { 0 };

	all.chains = all.rules = 0;
	ok(bnd_rules_render(&in, &sink, &err) == 0, "%s renders",
	    bnd_mode_name(mode));
	all.first[all.chains] = all.rules;
}

static const char *
kind(unsigned index)
{
	for (size_t i = 0; i < LINKS; i++)
		if (links[i].index == index)
			return links[i].kind;
	return "?";
}

static bool
bits_equal(const struct bnd_prefix *net, const struct bnd_prefix *a)
{
	for (unsigned i = 0; i < net->len; i++)
		if (((net->addr[i / 8] ^ a->addr[i / 8]) >> (7 - i % 8)) & 1)
			return false;
	return net->family == a->family;
}

static bool
hit(const struct bnd_match *m, const struct bnd_packet *p)
{
	uint32_t x = 0;

	if (m->key == BND_M_IIFKIND || m->key == BND_M_OIFKIND)
		return strcmp(m->text,
			   kind(m->key == BND_M_IIFKIND ? p->iif : p->oif)) ==
		    0;
	if (m->key == BND_M_SADDR || m->key == BND_M_DADDR)
		return bits_equal(
		    &m->prefix, m->key == BND_M_SADDR ? &p->src : &p->dst);
	if (m->key == BND_M_CT_STATE)
		return (p->ct_state & m->lo) != 0;
	if (m->key == BND_M_CT_DIR && p->ct_state == 0)
		return false;
	if (m->key == BND_M_TAG)
		return p->tag == m->lo;
	if (m->key == BND_M_SLOW || m->key == BND_M_TO_MAC)
		return p->lacp;
	if (m->key == BND_M_NOT_TYPE)
		return true;
	if (m->key == BND_M_ETHERTYPE && p->tag != 0)
		return false;
	x = m->key == BND_M_IIF		 ? p->iif
	    : m->key == BND_M_OIF	 ? p->oif
	    : m->key == BND_M_PROTOCOL	 ? p->ethertype
	    : m->key == BND_M_ETHERTYPE	 ? p->ethertype
	    : m->key == BND_M_TAGGED	 ? p->ethertype
	    : m->key == BND_M_L4PROTO	 ? p->l4proto
	    : m->key == BND_M_SPORT	 ? p->sport
	    : m->key == BND_M_DPORT	 ? p->dport
	    : m->key == BND_M_ICMPTYPE	 ? p->icmp_type
	    : m->key == BND_M_HOPLIMIT	 ? p->hoplimit
	    : m->key == BND_M_CT_DIR	 ? p->ct_dir
	    : p->ethertype == ETH_P_IP	 ? NFPROTO_IPV4
	    : p->ethertype == ETH_P_IPV6 ? NFPROTO_IPV6
					 : NFPROTO_UNSPEC;
	return x >= m->lo && x <= m->hi;
}

static bool
hits(const struct bnd_rule *r, const struct bnd_packet *p)
{
	for (size_t i = 0; i < r->matches; i++)
		if (!hit(&r->match[i], p))
			return false;
	return true;
}

static bool
ends(const struct bnd_rule *r)
{
	return r->verdict != BND_V_COUNT && r->verdict != BND_V_LOG;
}

/* The rule of chain c that decides, RULES_MAX if none does. */
static size_t
decider(size_t c, const struct bnd_packet *p)
{
	for (size_t i = all.first[c]; i < all.first[c + 1]; i++)
		if (ends(&all.rule[i]) && hits(&all.rule[i], p))
			return i;
	return RULES_MAX;
}

/* inet, arp, bridge, netdev: the hooks of a path, in words. */
static const char *const hooks_of[][BND_FAMILIES] = {
	[BND_PATH_IN] = { "", "prerouting input", "", "", "ingress" },
	[BND_PATH_OUT] = { "", "output postrouting", "", "", "egress" },
	[BND_PATH_FORWARD] = { "", "prerouting forward postrouting", "", "",
	    "ingress egress" },
	[BND_PATH_FRAME] = { "", "", "", "", "egress" },
	[BND_PATH_ARP_IN] = { "", "", "input", "", "ingress" },
	[BND_PATH_ARP_OUT] = { "", "", "output", "", "egress" },
	[BND_PATH_BRIDGE] = { "", "", "", "prerouting forward postrouting",
	    "ingress egress" },
};

static bool
sees(const struct bnd_chain *c, const struct bnd_packet *p)
{
	const char *at = hooks_of[p->path][c->family];
	unsigned index = c->hook == BND_INGRESS ? p->iif : p->oif;

	if (at == NULL || strstr(at, bnd_hook_name(c->hook)) == NULL)
		return false;
	if (c->family != BND_NETDEV)
		return true;
	for (size_t i = 0; i < LINKS; i++)
		if (links[i].index == index)
			return bnd_hook_name(c->hook) != NULL &&
			    (index != 1 || c->links == LINKS);
	return false;
}

/* ---- generated packets -------------------------------------------------------- */

static struct bnd_packet
some_packet(void)
{
	static const uint8_t protos[] = { 6, 6, 17, 17, 1, 58, 58, 50, 253 };
	static const uint16_t ports[] = { 22, 23, 53, 80, 443, 444, 7, 8000,
		1001, 51820, 67, 68, 546, 547, 40000 };
	static const uint8_t types[] = { 0, 1, 2, 3, 8, 128, 129, 130, 132, 133,
		135, 136, 143, 144 };
	static const uint8_t hops[] = { 1, 64, 255 };
	static const uint16_t ethertypes[] = { ETH_P_IP, ETH_P_IP, ETH_P_IPV6,
		ETH_P_IPV6, ETH_P_ARP, ETH_P_8021Q, 0x88cc, ETH_P_SLOW };
	static const uint32_t tags[] = { 0x81000005, 0x81000006, 0x88a80005 };
	static const unsigned indices[] = { 1, 2, 2, 3, 7, 8, 9, 10, 11, 12, 14,
		15, 17, 18, 99 };
	static const unsigned ports_of[] = { 2, 3, 7, 8, 9, 10, 11, 12, 13, 14,
		15, 16, 17, 18 };
	static const unsigned states[] = { 0, BND_CT_NEW, BND_CT_ESTABLISHED,
		BND_CT_RELATED };
	struct bnd_packet p = { 0 };

	p.path = (enum bnd_path)(1 + pick(BND_PATH_BRIDGE));
	if (p.path == BND_PATH_IN || p.path == BND_PATH_ARP_IN)
		p.iif = ONE_OF(indices);
	else if (p.path == BND_PATH_OUT || p.path == BND_PATH_ARP_OUT)
		p.oif = ONE_OF(indices);
	else
		p.oif = ONE_OF(ports_of);
	/* nothing is forwarded by way of lo */
	if (p.path == BND_PATH_FORWARD || p.path == BND_PATH_BRIDGE)
		p.iif = ONE_OF(ports_of);
	p.ethertype = ONE_OF(ethertypes);
	if (p.path == BND_PATH_ARP_IN || p.path == BND_PATH_ARP_OUT)
		p.ethertype = ETH_P_ARP;
	else if (p.path < BND_PATH_FRAME)
		p.ethertype = pick(2) ? ETH_P_IP : ETH_P_IPV6;
	if (p.ethertype == ETH_P_IP || p.ethertype == ETH_P_IPV6) {
		p.src = some_address(p.ethertype == ETH_P_IP ? 4 : 6);
		p.dst = some_address(p.ethertype == ETH_P_IP ? 4 : 6);
		p.l4proto = ONE_OF(protos);
	}
	if (p.path == BND_PATH_FRAME && pick(4) == 0)
		p.tag = ONE_OF(tags);
	p.lacp = p.ethertype == ETH_P_SLOW && pick(2);
	p.icmp_type = ONE_OF(types);
	p.hoplimit = ONE_OF(hops);
	p.sport = ONE_OF(ports);
	p.dport = ONE_OF(ports);
	p.ct_state = p.path < BND_PATH_FRAME ? ONE_OF(states) : 0;
	p.ct_dir = p.ct_state == 0 || p.ct_state == BND_CT_NEW ? 0 : pick(2);
	return p;
}

static bool
oracle(const struct bnd_packet *p)
{
	for (size_t c = 0; c < all.chains; c++) {
		size_t i = sees(&all.chain[c], p) ? decider(c, p) : RULES_MAX;

		if (i != RULES_MAX && all.rule[i].verdict != BND_V_ACCEPT)
			return false;
	}
	return true;
}

static void
tell(enum bnd_mode m, const struct bnd_packet *p)
{
	char src[BND_PREFIX_TEXT], dst[BND_PREFIX_TEXT];

	bnd_prefix_text(&p->src, src);
	bnd_prefix_text(&p->dst, dst);
	diag(
	    "%s lets by: path %u link %u to %u type %04x proto %u/%u hops %u %s %u to %s %u ct %u/%u",
	    bnd_mode_name(m), p->path, p->iif, p->oif, p->ethertype, p->l4proto,
	    p->icmp_type, p->hoplimit, src, p->sport, dst, p->dport,
	    p->ct_state, p->ct_dir);
}

/* The predicate and the rules are one; and what is strict stays strict. */
static void
check_packets(void)
{
	unsigned unlike = 0, looser = 0, passed[BND_MODE_LAST + 1] = { 0 };

	for (enum bnd_mode m = BND_OPEN; m <= BND_LOCKDOWN; m++) {
		struct bnd_rules_in in = input(m), lax = input(m - 1);

		render(m);
		for (unsigned i = 0; i < 15000; i++) {
			struct bnd_packet p = some_packet();
			bool pass = bnd_rules_pass(&in, &p);

			if (pass != oracle(&p) && p.iif != 7 && p.oif != 7)
				unlike++;
			passed[m] += pass;
			if (pass && m > BND_OPEN && !bnd_rules_pass(&lax, &p)) {
				looser++;
				tell(m, &p);
			}
		}
	}
	is_int(unlike, 0, "the predicate is the rules, walked");
	is_int(looser, 0, "what a mode lets by, every laxer one lets by");
	is_int(passed[BND_OPEN], 15000, "OPEN lets everything by");
	ok(passed[BND_RESTRICTED] > 500 && passed[BND_TRUSTED] > 500 &&
		passed[BND_AIRGAP] > 100,
	    "the packets are not trivial: %u %u %u", passed[BND_RESTRICTED],
	    passed[BND_TRUSTED], passed[BND_AIRGAP]);
	is_int(passed[BND_LOCKDOWN], 0, "LOCKDOWN lets nothing by");
}

static void
check_flows(void)
{
	unsigned looser = 0, allowed = 0;

	for (unsigned i = 0; i < 60000; i++) {
		struct bnd_packet p = some_packet();
		struct bnd_flow f = { (enum bnd_path)(1 + i % 3), p.iif, p.oif,
			p.l4proto, p.icmp_type, p.src, p.dst, p.sport,
			p.dport };
		bool before = true;

		if (p.src.family == 0)
			continue;
		for (enum bnd_mode m = BND_OPEN; m <= BND_LOCKDOWN; m++) {
			struct bnd_rules_in in = input(m);
			bool now = bnd_rules_allow(&in, &f);

			if (now && !before) {
				looser++;
				tell(m, &p);
			}
			allowed += now;
			before = now;
		}
	}
	is_int(looser, 0, "a flow that a mode allows, every laxer one allows");
	ok(allowed > 30000, "%u flows were allowed", allowed);
}

/* ---- coverage ------------------------------------------------------------------ */

static void
set_number(struct bnd_packet *p, const struct bnd_match *m, uint32_t n)
{
	switch (m->key) {
	case BND_M_IIF:
		p->iif = n;
		break;
	case BND_M_OIF:
		p->oif = n;
		break;
	case BND_M_NFPROTO:
		p->ethertype = n == NFPROTO_IPV4 ? ETH_P_IP : ETH_P_IPV6;
		break;
	case BND_M_PROTOCOL:
	case BND_M_TAGGED:
		p->ethertype = (uint16_t)n;
		break;
	case BND_M_ETHERTYPE:
		p->ethertype = (uint16_t)n;
		p->tag = 0;
		break;
	case BND_M_TAG:
		p->tag = n;
		break;
	case BND_M_SLOW:
	case BND_M_TO_MAC:
		p->lacp = true;
		break;
	case BND_M_L4PROTO:
		p->l4proto = (uint8_t)n;
		break;
	case BND_M_SPORT:
		p->sport = (uint16_t)n;
		break;
	case BND_M_DPORT:
		p->dport = (uint16_t)n;
		break;
	case BND_M_ICMPTYPE:
		p->icmp_type = (uint8_t)n;
		break;
	case BND_M_HOPLIMIT:
		p->hoplimit = (uint8_t)n;
		break;
	case BND_M_CT_STATE:
		p->ct_state = n;
		break;
	case BND_M_CT_DIR:
		p->ct_dir = n;
		break;
	case BND_M_SADDR:
		p->src = m->prefix;
		break;
	case BND_M_DADDR:
		p->dst = m->prefix;
		break;
	case BND_M_IIFKIND:
	case BND_M_OIFKIND:
	case BND_M_NOT_TYPE:
	case BND_M_NONE:
		break;
	}
}

/* A packet of which rule i speaks, if any rule before it lets it get there. */
static bool
reachable(size_t c, size_t i)
{
	const struct bnd_rule *r = &all.rule[i];

	for (unsigned try = 0; try < 3000; try++) {
		struct bnd_packet p = some_packet();

		for (size_t k = 0; k < r->matches; k++) {
			const struct bnd_match *m = &r->match[k];

			set_number(&p, m,
			    m->lo +
				(m->hi > m->lo ? pick(m->hi - m->lo + 1) : 0));
		}
		if (!hits(r, &p))
			continue;
		if (!ends(r) || decider(c, &p) == i)
			return true;
	}
	return false;
}

static void
check_coverage(enum bnd_mode mode)
{
	char text[BND_RULE_TEXT];

	render(mode);
	for (size_t c = 0; c < all.chains; c++)
		for (size_t i = all.first[c]; i < all.first[c + 1]; i++)
			if (!reachable(c, i)) {
				(void)bnd_rule_text(
				    &all.rule[i], text, sizeof(text));
				ok(false, "%s: never decides: %s",
				    all.chain[c].name, text);
			}
	ok(true, "%s: every rule decides some packet", bnd_mode_name(mode));
}

/* A chain that drops at its end drops what nothing before it lets by. */
static void
check_ends(enum bnd_mode mode)
{
	render(mode);
	for (size_t c = 0; c < all.chains; c++) {
		const struct bnd_rule *last = &all.rule[all.first[c + 1] - 1];
		bool seals = mode != BND_RESTRICTED ||
		    strcmp(all.chain[c].name, "out") != 0;

		ok(all.first[c + 1] > all.first[c] &&
			(!seals ||
			    (last->matches == 0 &&
				last->verdict != BND_V_ACCEPT)),
		    "%s %s %s: ends as it should", bnd_mode_name(mode),
		    bnd_family_name(all.chain[c].family), all.chain[c].name);
		for (size_t i = all.first[c]; i < all.first[c + 1]; i++)
			if (all.rule[i].matches == 0 &&
			    all.rule[i].verdict == BND_V_ACCEPT)
				ok(false, "S0-74: an accept without a match");
	}
}

/* ---- flows by name -------------------------------------------------------------- */

struct vector {
	const char *what;
	enum bnd_path path;
	unsigned link; /* and the other one, of a forwarded flow */
	unsigned to;
	const char *src, *dst;
	uint8_t proto, type;
	uint16_t dport;
	const char *modes; /* that allow it, by first letter; all else do not */
};

static const struct vector vectors[] = {
	{ "udp out", BND_PATH_OUT, 2, 0, "10.77.0.1/32", "10.77.0.2/32", 17, 0,
	    53, "OR" },
	{ "listed udp out", BND_PATH_OUT, 2, 0, "10.77.0.1/32", "10.77.0.2/32",
	    17, 0, 51820, "ORT" },
	{ "listed udp by another link", BND_PATH_OUT, 3, 0, "10.77.0.1/32",
	    "10.77.0.2/32", 17, 0, 51820, "OR" },
	{ "S0-30 by the vpn", BND_PATH_OUT, 7, 0, "10.8.0.1/32",
	    "203.0.113.5/32", 6, 0, 25, "ORT" },
	{ "by a link that has the vpn's name only", BND_PATH_OUT, 10, 0,
	    "10.8.0.1/32", "203.0.113.5/32", 6, 0, 25, "OR" },
	{ "loopback", BND_PATH_OUT, 1, 0, "127.0.0.1/32", "127.0.0.1/32", 6, 0,
	    25, "ORTAC" },
	{ "loopback v6", BND_PATH_OUT, 1, 0, "::1/128", "::1/128", 6, 0, 25,
	    "ORTAC" },
	{ "wide line", BND_PATH_OUT, 2, 0, "10.77.0.1/32", "203.0.113.5/32", 6,
	    0, 444, "ORT" },
	{ "N35 wide line, metadata", BND_PATH_OUT, 2, 0, "10.77.0.1/32",
	    "169.254.169.254/32", 6, 0, 80, "OR" },
	{ "N35 wide line, carrier NAT", BND_PATH_OUT, 2, 0, "10.77.0.1/32",
	    "100.64.0.1/32", 6, 0, 80, "OR" },
	{ "XP-03 inside the class, by a line inside", BND_PATH_OUT, 2, 0,
	    "10.77.0.1/32", "169.254.7.9/32", 6, 0, 7, "ORT" },
	{ "XM-03 mapped", BND_PATH_OUT, 2, 0, "2001:db8::7/128",
	    "::ffff:10.77.0.2/128", 6, 0, 8000, "OR" },
	{ "XM-03 nat64", BND_PATH_OUT, 2, 0, "2001:db8::7/128",
	    "64:ff9b::a00:1/128", 6, 0, 8000, "OR" },
	{ "dport line, v6", BND_PATH_OUT, 2, 0, "2001:db8::7/128",
	    "2001:db8::8/128", 6, 0, 8000, "ORT" },
	{ "esp by the physical link", BND_PATH_OUT, 9, 0, "2001:db8::1/128",
	    "2001:db8::7/128", 50, 0, 0, "ORT" },
	{ "stacked link waits", BND_PATH_OUT, 8, 0, "10.77.0.1/32",
	    "192.0.2.1/32", 6, 0, 25, "OR" },
	{ "ping a neighbour", BND_PATH_OUT, 2, 0, "fe80::9/128", "fe80::1/128",
	    58, 128, 0, "ORT" },
	{ "ssh in", BND_PATH_IN, 2, 0, "10.77.0.2/32", "10.77.0.1/32", 6, 0, 22,
	    "OR" },
	{ "ssh in, v6", BND_PATH_IN, 9, 0, "2001:db8::7/128", "fd77::1/128", 6,
	    0, 22, "OR" },
	{ "telnet in", BND_PATH_IN, 2, 0, "10.8.0.9/32", "10.77.0.1/32", 6, 0,
	    23, "O" },
	{ "listed in by the vpn", BND_PATH_IN, 7, 0, "10.8.0.9/32",
	    "10.8.0.1/32", 6, 0, 23, "ORT" },
	{ "in, range of a link", BND_PATH_IN, 3, 0, "192.0.2.77/32",
	    "10.77.1.1/32", 17, 0, 1002, "OR" },
	{ "in, range of another link", BND_PATH_IN, 2, 0, "192.0.2.77/32",
	    "10.77.1.1/32", 17, 0, 1002, "O" },
	{ "ping in", BND_PATH_IN, 2, 0, "10.77.0.2/32", "10.77.0.1/32", 1, 8, 0,
	    "OR" },
	{ "forward", BND_PATH_FORWARD, 8, 2, "10.9.0.2/32", "203.0.113.5/32", 6,
	    0, 443, "OR" },
	{ "forward, other port", BND_PATH_FORWARD, 8, 2, "10.9.0.2/32",
	    "203.0.113.5/32", 6, 0, 80, "O" },
	{ "by a bridge of two ports", BND_PATH_OUT, 11, 0, "10.77.0.1/32",
	    "192.0.2.7/32", 17, 0, 4500, "ORT" },
	{ "the same by its port", BND_PATH_OUT, 13, 0, "10.77.0.1/32",
	    "192.0.2.7/32", 17, 0, 4500, "OR" },
	{ "by a vlan on a bond", BND_PATH_OUT, 17, 0, "10.77.0.1/32",
	    "192.0.2.9/32", 6, 0, 179, "ORT" },
	{ "by the bond itself", BND_PATH_OUT, 14, 0, "10.77.0.1/32",
	    "192.0.2.9/32", 6, 0, 179, "OR" },
	{ "by a macvlan", BND_PATH_OUT, 18, 0, "10.77.0.1/32", "192.0.2.9/32",
	    1, 8, 0, "ORT" },
	{ "a bridge to itself", BND_PATH_FORWARD, 11, 11, "10.9.0.2/32",
	    "10.9.0.3/32", 6, 0, 80, "OR" },
	{ "a bridge no line names", BND_PATH_FORWARD, 8, 8, "10.9.0.2/32",
	    "10.9.0.3/32", 6, 0, 80, "O" },
	{ "forward, other way", BND_PATH_FORWARD, 2, 8, "203.0.113.5/32",
	    "10.9.0.2/32", 6, 0, 443, "O" },
};

/* The modes that let it by, as first letters. */
static const char *
modes_of(bool passes(const struct bnd_rules_in *in, const void *what),
    const void *what)
{
	static char got[8];
	size_t n = 0;

	for (enum bnd_mode m = BND_OPEN; m <= BND_LOCKDOWN; m++) {
		struct bnd_rules_in in = input(m);

		if (passes(&in, what))
			got[n++] = bnd_mode_name(m)[0];
	}
	got[n] = '\0';
	return got;
}

static bool
allowed(const struct bnd_rules_in *in, const void *flow)
{
	return bnd_rules_allow(in, flow);
}

static bool
let_by(const struct bnd_rules_in *in, const void *packet)
{
	return bnd_rules_pass(in, packet);
}

static void
check_vector(const struct vector *v)
{
	struct bnd_flow f = { .path = v->path,
		.l4proto = v->proto,
		.icmp_type = v->type,
		.src = prefix(v->src),
		.dst = prefix(v->dst),
		.sport = 40000,
		.dport = v->dport };

	f.iif = v->path == BND_PATH_OUT ? 0 : v->link;
	f.oif = v->path == BND_PATH_OUT ? v->link : v->to;
	is_str(modes_of(allowed, &f), v->modes, "%s", v->what);
}

/* ---- links --------------------------------------------------------------------- */

static void
check_waiting(void)
{
	static const unsigned lines[] = { 6, 12, 13 };
	struct bnd_rules_in in = input(BND_TRUSTED);
	unsigned waiting = 0;

	for (size_t i = 0; i < list.lines; i++) {
		bool want = false;

		for (size_t k = 0; k < 3; k++)
			want = want || list.line[i].number == lines[k];
		/* lines of RESTRICTED are not looked at in TRUSTED */
		waiting += bnd_rules_waiting(&in, &list.line[i]);
		is_int(bnd_rules_waiting(&in, &list.line[i]), want,
		    "line %u waits: %d", list.line[i].number, want);
	}
	is_int(waiting, 3, "three lines wait");
}

/* ---- frames below ---------------------------------------------------------------- */

static const struct below {
	const char *what;
	enum bnd_path path;
	unsigned iif, oif;
	uint32_t tag;
	uint16_t ethertype;
	const char *dst;
	uint8_t proto;
	uint16_t dport;
	const char *modes; /* that let it by, by first letter */
} belows[] = {
	{ "the bridge's packet on its port", BND_PATH_FRAME, 0, 13, 0, ETH_P_IP,
	    "192.0.2.7/32", 17, 4500, "ORT" },
	{ "another port number there", BND_PATH_FRAME, 0, 13, 0, ETH_P_IP,
	    "192.0.2.7/32", 17, 4501, "OR" },
	{ "a tag around it", BND_PATH_FRAME, 0, 13, 0x81000005, ETH_P_IP,
	    "192.0.2.7/32", 17, 4500, "OR" },
	{ "ARP on the port", BND_PATH_FRAME, 0, 12, 0, ETH_P_ARP, NULL, 0, 0,
	    "ORT" },
	{ "LLDP on the port", BND_PATH_FRAME, 0, 12, 0, 0x88cc, NULL, 0, 0,
	    "OR" },
	{ "the vlan's packet on the bond", BND_PATH_FRAME, 0, 14, 0x81000005,
	    ETH_P_IP, "192.0.2.9/32", 6, 179, "ORT" },
	{ "and on its slave", BND_PATH_FRAME, 0, 16, 0x81000005, ETH_P_IP,
	    "192.0.2.9/32", 6, 179, "ORT" },
	{ "without the tag", BND_PATH_FRAME, 0, 16, 0, ETH_P_IP, "192.0.2.9/32",
	    6, 179, "OR" },
	{ "in another vlan", BND_PATH_FRAME, 0, 16, 0x81000006, ETH_P_IP,
	    "192.0.2.9/32", 6, 179, "OR" },
	{ "in a service vlan", BND_PATH_FRAME, 0, 16, 0x88a80005, ETH_P_IP,
	    "192.0.2.9/32", 6, 179, "OR" },
	{ "ARP within the tag", BND_PATH_FRAME, 0, 15, 0x81000005, ETH_P_ARP,
	    NULL, 0, 0, "ORT" },
	{ "ARP without it", BND_PATH_FRAME, 0, 15, 0, ETH_P_ARP, NULL, 0, 0,
	    "OR" },
	{ "a macvlan's packet below", BND_PATH_FRAME, 0, 10, 0, ETH_P_ARP, NULL,
	    0, 0, "ORT" },
	{ "bridging by a line", BND_PATH_BRIDGE, 12, 13, 0, ETH_P_IP,
	    "192.0.2.7/32", 17, 4500, "OR" },
	{ "bridging between ports of others", BND_PATH_BRIDGE, 9, 10, 0,
	    ETH_P_IP, "192.0.2.7/32", 17, 4500, "O" },
};

static void
check_below(const struct below *b)
{
	struct bnd_packet p = { .path = b->path,
		.iif = b->iif,
		.oif = b->oif,
		.tag = b->tag,
		.ethertype = b->ethertype,
		.l4proto = b->proto,
		.sport = 40000,
		.dport = b->dport };

	p.src = prefix("10.77.0.1/32");
	if (b->dst != NULL)
		p.dst = prefix(b->dst);
	is_str(modes_of(let_by, &p), b->modes, "%s", b->what);
}

static void
check_lacp(void)
{
	struct bnd_packet p = { .path = BND_PATH_FRAME,
		.oif = 15,
		.ethertype = ETH_P_SLOW,
		.lacp = true };
	struct bnd_rules_in in = input(BND_TRUSTED);

	ok(bnd_rules_pass(&in, &p),
	    "LACP by the port of a bond that speaks it");
	p.lacp = false;
	ok(!bnd_rules_pass(&in, &p), "no other slow protocol, not to others");
	p.lacp = true;
	p.oif = 13;
	ok(!bnd_rules_pass(&in, &p), "nor by the port of a bridge");
}

/* Shapes rules cannot follow wait, and say why. */
static const struct {
	struct bnd_rules_link l[3];
	const char *why; /* contains */
} shapes[] = {
	{ { LINK(2, 1, "u", "vlan", .lower = 3, .tpid = 0x8100, .vlan = 1),
	      LINK(3, 1, "l", "vlan", .lower = 4, .tpid = 0x8100, .vlan = 2),
	      LINK(4, 1, "n", "", 0) },
	    "a vlan within a vlan" },
	{ { LINK(2, 1, "u", "vlan", .lower = 3, .tpid = 0x8100, .vlan = 1,
		.traits = BND_LINK_INFRAME),
	      LINK(3, 1, "l", "", 0), LINK(4, 1, "n", "", 0) },
	    "reorder_hdr" },
	{ { LINK(2, 1, "u", "vlan", .traits = BND_LINK_OBSCURE),
	      LINK(3, 1, "l", "", 0), LINK(4, 1, "n", "", 0) },
	    "does not say" },
	{ { LINK(2, 1, "u", "vlan", .lower = 9, .tpid = 0x8100, .vlan = 1),
	      LINK(3, 1, "l", "", 0), LINK(4, 1, "n", "", 0) },
	    "is not there" },
	{ { LINK(2, 1, "u", "vlan", .lower = 3, .tpid = 0x8100, .vlan = 1),
	      LINK(3, 512, "l", "", 0), LINK(4, 1, "n", "", 0) },
	    "no Ethernet" },
	{ { LINK(2, 1, "u", "bridge", .traits = BND_LINK_FILTERS),
	      LINK(3, 1, "l", "", 0), LINK(4, 1, "n", "", 0) },
	    "filters vlans" },
	{ { LINK(2, 1, "u", "bridge", 0),
	      LINK(3, 1, "l", "macsec", .master = 2), LINK(4, 1, "n", "", 0) },
	    "encrypted" },
	{ { LINK(2, 1, "u", "ipvlan", .lower = 3), LINK(3, 1, "l", "", 0),
	      LINK(4, 1, "n", "", 0) },
	    "routed once more" },
	{ { LINK(2, 1, "u", "hsr", .lower = 3), LINK(3, 1, "l", "", 0),
	      LINK(4, 1, "n", "", 0) },
	    "a header of their own" },
	/* no kernel makes a ring, but nobody walks round it for ever */
	{ { LINK(2, 1, "u", "macvlan", .lower = 3),
	      LINK(3, 1, "l", "macvlan", .lower = 2), LINK(4, 1, "n", "", 0) },
	    "upon each other" },
	{ { LINK(2, 1, "u", "macvlan", 0), LINK(3, 1, "l", "", 0),
	      LINK(4, 1, "n", "", 0) },
	    NULL },
	{ { LINK(2, 1, "u", "team", 0), LINK(3, 1, "l", "", .master = 2),
	      LINK(4, 1, "n", "tun", .master = 2) },
	    NULL },
};

static void
check_shapes(void)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		char text[128];
		const struct bnd_rules_link *u = &shapes[i].l[0];
		struct bnd_rules_in in = { .mode = BND_TRUSTED,
			.list = &list,
			.link = shapes[i].l,
			.links = 3 };
		const struct bnd_linkname *link;
		const char *why;

		(void)snprintf(text, sizeof(text),
		    "version 1\nout TRUSTED if=u/%s proto=tcp dport=1\n",
		    u->kind);
		if (bnd_netlist_parse((struct bnd_str){ text, strlen(text) },
			&list, &report) != 0)
			bail(report.note[0].reason);
		why = bnd_rules_why_waiting(&in, &list.line[0], &link);
		ok(shapes[i].why == NULL
			? why == NULL
			: why != NULL && strstr(why, shapes[i].why) != NULL &&
			    strcmp(link->name, "u") == 0,
		    "%s %zu: %s", u->kind, i, why != NULL ? why : "followed");
		ok(bnd_rules_is_carrier(&in, u) == (why == NULL),
		    "and a carrier only if it does not wait");
	}
}

/* A modem takes what it gets for IP, whatever a packet socket called it. */
static void
check_modem(void)
{
	static const char text[] =
	    "version 1\n"
	    "out TRUSTED if=u proto=udp dst=192.0.2.7/32 dport=4500\n";
	struct bnd_rules_link modem = LINK(2, 1, "u", "", 0);
	struct bnd_rules_in in = {
		.mode = BND_TRUSTED, .list = &list, .link = &modem, .links = 1
	};
	struct bnd_packet p = { .path = BND_PATH_FRAME,
		.oif = 2,
		.ethertype = ETH_P_IP,
		.l4proto = 17,
		.dst = prefix("192.0.2.7/32"),
		.dport = 4500 };

	if (bnd_netlist_parse((struct bnd_str){ text, sizeof(text) - 1 }, &list,
		&report) != 0)
		bail(report.note[0].reason);
	modem.type = 519; /* ARPHRD_RAWIP */
	ok(bnd_rules_pass(&in, &p), "a listed packet by a modem of raw IP");
	p.ethertype = ETH_P_ARP;
	ok(!bnd_rules_pass(&in, &p), "but nothing there that is called ARP");
	modem.type = 1;
	ok(bnd_rules_pass(&in, &p), "which Ethernet has");
}

static void
check_many_ports(void)
{
	static struct bnd_rules_link many[BND_PLACES_MAX + 2];
	struct bnd_rules_in in = { .mode = BND_TRUSTED,
		.list = &list,
		.link = many,
		.links = BND_PLACES_MAX };
	struct bnd_places p;

	for (unsigned i = 0; i < BND_PLACES_MAX + 2; i++)
		many[i] = (struct bnd_rules_link)LINK(
		    i + 2, 1, "e", "", .master = i > 0 ? 2 : 0);
	many[0] = (struct bnd_rules_link)LINK(2, 1, "u", "bridge", 0);
	ok(bnd_rules_places(&in, &many[0], &p) == NULL && p.n == 32,
	    "31 ports are followed");
	in.links++;
	ok(bnd_rules_places(&in, &many[0], &p) != NULL, "32 are too many");
}

static int
count_links(void *ctx, const struct bnd_chain *c, struct bnd_err *err)
{
	unsigned *n = ctx;

	(void)err;
	if (c->family != BND_NETDEV)
		return 0;
	n[0]++;
	n[1] += (unsigned)c->links;
	n[2] = c->links > n[2] ? (unsigned)c->links : n[2];
	return 0;
}

static int
no_rule(void *ctx, const struct bnd_chain *c, const struct bnd_rule *r,
    struct bnd_err *err)
{
	(void)ctx;
	(void)c;
	(void)r;
	(void)err;
	return 0;
}

static void
check_blocks(void)
{
	static struct bnd_rules_link many[501];
	struct bnd_err err = { 0 };
	unsigned n[3] = { 0 };
	struct bnd_rules_in in = {
		.mode = BND_AIRGAP, .list = NULL, .link = many, .links = 501
	};
	struct bnd_rules_sink sink = { count_links, no_rule, n };

	for (unsigned i = 0; i < 501; i++)
		many[i] = (struct bnd_rules_link)LINK(i + 1, 1, "e", "", 0);
	ok(bnd_rules_render(&in, &sink, &err) == 0, "N88 501 links");
	is_int(n[0], 6, "N88 three blocks in, three out");
	is_int(n[1], 1000, "N88 every link but lo is hooked, both ways");
	is_int(n[2], BND_RULES_BLOCK, "N88 200 at most");
	memset(n, 0, sizeof(n));
	in.mode = BND_LOCKDOWN;
	ok(bnd_rules_render(&in, &sink, &err) == 0, "LOCKDOWN");
	is_int(n[1], 1002, "LOCKDOWN hooks lo too");
}

int
main(int argc, char **argv)
{
	bool write = argc > 1 && strcmp(argv[1], "--write") == 0;

	if (bnd_netlist_parse((struct bnd_str){ list_text, strlen(list_text) },
		&list, &report) != 0)
		bail(report.note[0].reason);
	for (enum bnd_mode m = BND_OPEN; m <= BND_LOCKDOWN; m++)
		check_golden(m, write);
	for (enum bnd_mode m = BND_RESTRICTED; m <= BND_LOCKDOWN; m++) {
		check_ends(m);
		check_coverage(m);
	}
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		check_vector(&vectors[i]);
	check_packets();
	check_flows();
	for (size_t i = 0; i < sizeof(belows) / sizeof(belows[0]); i++)
		check_below(&belows[i]);
	check_lacp();
	check_waiting();
	check_blocks();
	check_shapes();
	check_modem();
	check_many_ports();
	return tap_done();
}
