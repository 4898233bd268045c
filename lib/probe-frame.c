/* probe-frame.c: what the live probe sends, and what of it arrived */
/* SPDX-License-Identifier: ISC */
#include "probe-frame.h"

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <string.h>

#define ETHER 14
#define IPV4  20
#define IPV6  40
#define UDP   8
#define TCP   20

static const char *const names[BND_PROBE_KINDS] = {
	[BND_PROBE_NONE] = "none",
	[BND_PROBE_OUT_V4] = "out-v4",
	[BND_PROBE_OUT_V6] = "out-v6",
	[BND_PROBE_OUT_SYN4] = "out-syn4",
	[BND_PROBE_OUT_SYN6] = "out-syn6",
	[BND_PROBE_OUT_L2] = "out-l2",
	[BND_PROBE_OUT_L2_V4] = "out-l2-v4",
	[BND_PROBE_ARP_ASK] = "arp-request",
	[BND_PROBE_ARP_REPLY] = "arp-reply",
	[BND_PROBE_ND_ASK] = "nd-request",
	[BND_PROBE_ND_REPLY] = "nd-reply",
	[BND_PROBE_ANSWER] = "answer",
	[BND_PROBE_OTHER] = "other",
	[BND_PROBE_IN_V4] = "in-v4",
	[BND_PROBE_IN_V6] = "in-v6",
	[BND_PROBE_IN_SYN4] = "in-syn4",
	[BND_PROBE_IN_SYN6] = "in-syn6",
	[BND_PROBE_IN_L2] = "in-l2",
	[BND_PROBE_IN_ARP] = "in-arp",
	[BND_PROBE_IN_ND] = "in-nd",
};

const char *
bnd_probe_kind_name(enum bnd_probe_kind k)
{
	return names[k];
}

void
bnd_probe_plan(
    const uint8_t random[static BND_PROBE_RANDOM], struct bnd_probe_plan *plan)
{
	const uint8_t *r = random;

	*plan = (struct bnd_probe_plan){ 0 };
	memcpy(plan->nonce, r, sizeof(plan->nonce));
	r += sizeof(plan->nonce);
	/* Locally administered, for one receiver. */
	for (int who = BND_PROBE_HOST; who <= BND_PROBE_PEER; who++, r += 6) {
		memcpy(plan->mac[who], r, 6);
		plan->mac[who][0] = (uint8_t)((r[0] & 0xfc) | 2);
	}
	plan->v4[0] = 198;
	plan->v4[1] = (uint8_t)(18 | (r[0] & 1));
	plan->v4[2] = r[1];
	plan->v4[3] = r[2] & 0xf8;
	r += 3;
	plan->v6[0] = 0xfd;
	memcpy(plan->v6 + 1, r, 7);
	r += 7;
	plan->port = (uint16_t)(r[0] << 8 | r[1]) | 0x8000;
}

void
bnd_probe_v4(const struct bnd_probe_plan *plan, enum bnd_probe_who who,
    uint8_t addr[static 4])
{
	memcpy(addr, plan->v4, 4);
	addr[3] |= (uint8_t)who;
}

void
bnd_probe_v6(const struct bnd_probe_plan *plan, enum bnd_probe_who who,
    uint8_t addr[static 16])
{
	memcpy(addr, plan->v6, 16);
	addr[15] = (uint8_t)who;
}

void
bnd_probe_mark(const struct bnd_probe_plan *plan, enum bnd_probe_kind kind,
    uint8_t mark[static BND_PROBE_MARK])
{
	memcpy(mark, "bnd", 3);
	mark[3] = (uint8_t)kind;
	memcpy(mark + 4, plan->nonce, sizeof(plan->nonce));
}

enum bnd_probe_kind
bnd_probe_marked(
    const struct bnd_probe_plan *plan, const uint8_t *p, size_t len)
{
	uint8_t mark[BND_PROBE_MARK];

	if (len < sizeof(mark))
		return BND_PROBE_NONE;
	p += len - sizeof(mark);
	if (p[3] >= BND_PROBE_KINDS)
		return BND_PROBE_NONE;
	bnd_probe_mark(plan, (enum bnd_probe_kind)p[3], mark);
	return memcmp(p, mark, sizeof(mark)) == 0 ? (enum bnd_probe_kind)p[3]
						  : BND_PROBE_NONE;
}

/* ---- building ---- */

struct frame {
	const struct bnd_probe_plan *plan;
	uint8_t *p;
	size_t len;
};

static void
put(struct frame *f, const void *data, size_t len)
{
	memcpy(f->p + f->len, data, len);
	f->len += len;
}

static void
put16(struct frame *f, unsigned v)
{
	const uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	put(f, b, sizeof(b));
}

/* RFC 1071, over what is put so far; odd lengths do not occur. */
static uint32_t
sum(const uint8_t *p, size_t len, uint32_t acc)
{
	for (size_t i = 0; i + 1 < len; i += 2)
		acc += (uint32_t)(p[i] << 8 | p[i + 1]);
	return acc;
}

static void
set_sum(uint8_t *at, uint32_t acc)
{
	while (acc >> 16 != 0)
		acc = (acc & 0xffff) + (acc >> 16);
	acc = ~acc & 0xffff;
	/* UDP says "none" with 0. */
	if (acc == 0)
		acc = 0xffff;
	at[0] = (uint8_t)(acc >> 8);
	at[1] = (uint8_t)acc;
}

static void
ether(struct frame *f, enum bnd_probe_who to, unsigned type)
{
	bool inward = to == BND_PROBE_HOST;

	put(f, f->plan->mac[to], 6);
	put(f, f->plan->mac[inward ? BND_PROBE_PEER : BND_PROBE_HOST], 6);
	put16(f, type);
}

static void
ipv4(struct frame *f, enum bnd_probe_who to, uint8_t proto, size_t len)
{
	const uint8_t head[] = { 0x45, 0, 0, (uint8_t)(IPV4 + len), 0, 0, 0, 0,
		64, proto, 0, 0 };
	uint8_t *start = f->p + f->len;
	uint8_t a[4];

	put(f, head, sizeof(head));
	bnd_probe_v4(
	    f->plan, to == BND_PROBE_HOST ? BND_PROBE_PEER : BND_PROBE_HOST, a);
	put(f, a, 4);
	bnd_probe_v4(f->plan, to, a);
	put(f, a, 4);
	set_sum(start + 10, sum(start, IPV4, 0));
}

static void
ipv6(struct frame *f, enum bnd_probe_who from, uint8_t proto, size_t len)
{
	const uint8_t head[] = { 0x60, 0, 0, 0, 0, (uint8_t)len, proto, 255 };
	uint8_t a[16];

	put(f, head, sizeof(head));
	bnd_probe_v6(f->plan, from, a);
	put(f, a, 16);
	bnd_probe_v6(f->plan, BND_PROBE_HOST, a);
	put(f, a, 16);
}

/* Addresses, length and protocol, then all of it (RFC 9293, RFC 8200 8.1). */
static void
sum_transport(
    struct frame *f, uint8_t *start, size_t addrs, uint8_t proto, size_t offset)
{
	size_t len = (size_t)(f->p + f->len - start);
	uint32_t acc = (uint32_t)(proto + len);

	acc = sum(start - addrs, addrs, acc);
	set_sum(start + offset, sum(start, len, acc));
}

static void
put_mark(struct frame *f, enum bnd_probe_kind kind)
{
	uint8_t mark[BND_PROBE_MARK];

	bnd_probe_mark(f->plan, kind, mark);
	put(f, mark, sizeof(mark));
}

static void
udp(struct frame *f, size_t addrs, enum bnd_probe_kind kind)
{
	uint8_t *start = f->p + f->len;

	put16(f, f->plan->port);
	put16(f, f->plan->port);
	put16(f, UDP + BND_PROBE_MARK);
	put16(f, 0);
	put_mark(f, kind);
	sum_transport(f, start, addrs, IPPROTO_UDP, 6);
}

static void
syn(struct frame *f, size_t addrs, enum bnd_probe_kind kind)
{
	static const uint8_t rest[] = { 0, 0, 0, 0, 5 << 4, 2, 0xff, 0xff, 0, 0,
		0, 0 };
	uint8_t *start = f->p + f->len;

	put16(f, f->plan->port);
	put16(f, f->plan->port);
	put(f, f->plan->nonce, 4);
	put(f, rest, sizeof(rest));
	put_mark(f, kind);
	sum_transport(f, start, addrs, IPPROTO_TCP, 16);
}

/* A stranger asks for the host's address; what he says of himself is learned. */
static void
arp(struct frame *f)
{
	static const uint8_t head[] = { 0, 1, 8, 0, 6, 4, 0, 1 };
	static const uint8_t unknown[6];
	uint8_t a[4];

	ether(f, BND_PROBE_HOST, ETH_P_ARP);
	put(f, head, sizeof(head));
	put(f, f->plan->mac[BND_PROBE_PEER], 6);
	bnd_probe_v4(f->plan, BND_PROBE_STRANGER, a);
	put(f, a, 4);
	put(f, unknown, 6);
	bnd_probe_v4(f->plan, BND_PROBE_HOST, a);
	put(f, a, 4);
}

/* The same in IPv6: a solicitation with the option that names his link. */
static void
solicit(struct frame *f)
{
	static const uint8_t head[] = { 135, 0, 0, 0, 0, 0, 0, 0 };
	static const uint8_t option[] = { 1, 1 };
	uint8_t *start;
	uint8_t a[16];

	ether(f, BND_PROBE_HOST, ETH_P_IPV6);
	ipv6(f, BND_PROBE_STRANGER, IPPROTO_ICMPV6, sizeof(head) + 16 + 8);
	start = f->p + f->len;
	put(f, head, sizeof(head));
	bnd_probe_v6(f->plan, BND_PROBE_HOST, a);
	put(f, a, 16);
	put(f, option, sizeof(option));
	put(f, f->plan->mac[BND_PROBE_PEER], 6);
	sum_transport(f, start, 32, IPPROTO_ICMPV6, 2);
}

static void
in_v4(struct frame *f, enum bnd_probe_kind kind)
{
	bool tcp = kind == BND_PROBE_IN_SYN4;

	ether(f, BND_PROBE_HOST, ETH_P_IP);
	ipv4(f, BND_PROBE_HOST, tcp ? IPPROTO_TCP : IPPROTO_UDP,
	    (tcp ? TCP : UDP) + BND_PROBE_MARK);
	if (tcp)
		syn(f, 8, kind);
	else
		udp(f, 8, kind);
}

static void
in_v6(struct frame *f, enum bnd_probe_kind kind)
{
	bool tcp = kind == BND_PROBE_IN_SYN6;

	ether(f, BND_PROBE_HOST, ETH_P_IPV6);
	ipv6(f, BND_PROBE_PEER, tcp ? IPPROTO_TCP : IPPROTO_UDP,
	    (tcp ? TCP : UDP) + BND_PROBE_MARK);
	if (tcp)
		syn(f, 32, kind);
	else
		udp(f, 32, kind);
}

size_t
bnd_probe_build(const struct bnd_probe_plan *plan, enum bnd_probe_kind kind,
    uint8_t p[static BND_PROBE_FRAME])
{
	struct frame f = { .plan = plan, .p = p };
	bool inward = kind == BND_PROBE_IN_L2;

	switch ((int)kind) {
	case BND_PROBE_OUT_L2:
	case BND_PROBE_IN_L2:
		ether(&f, inward ? BND_PROBE_HOST : BND_PROBE_PEER,
		    BND_PROBE_ETHERTYPE);
		put_mark(&f, kind);
		break;
	case BND_PROBE_OUT_L2_V4:
		ether(&f, BND_PROBE_PEER, ETH_P_IP);
		ipv4(&f, BND_PROBE_PEER, IPPROTO_UDP, UDP + BND_PROBE_MARK);
		udp(&f, 8, kind);
		break;
	case BND_PROBE_IN_ARP:
		arp(&f);
		break;
	case BND_PROBE_IN_ND:
		solicit(&f);
		break;
	case BND_PROBE_IN_V4:
	case BND_PROBE_IN_SYN4:
		in_v4(&f, kind);
		break;
	case BND_PROBE_IN_V6:
	case BND_PROBE_IN_SYN6:
		in_v6(&f, kind);
		break;
	default:
		return 0;
	}
	return f.len;
}

/* ---- judging ---- */

static bool
is_v4(
    const struct bnd_probe_plan *plan, enum bnd_probe_who who, const uint8_t *p)
{
	uint8_t a[4];

	bnd_probe_v4(plan, who, a);
	return memcmp(p, a, sizeof(a)) == 0;
}

static bool
is_v6(
    const struct bnd_probe_plan *plan, enum bnd_probe_who who, const uint8_t *p)
{
	uint8_t a[16];

	bnd_probe_v6(plan, who, a);
	return memcmp(p, a, sizeof(a)) == 0;
}

static enum bnd_probe_kind
classify_arp(const struct bnd_probe_plan *plan, const uint8_t *p, size_t len)
{
	if (len < 28)
		return BND_PROBE_OTHER;
	if (p[7] == 1 && is_v4(plan, BND_PROBE_NOBODY, p + 24))
		return BND_PROBE_ARP_ASK;
	if (p[7] == 2 && is_v4(plan, BND_PROBE_STRANGER, p + 24))
		return BND_PROBE_ARP_REPLY;
	return BND_PROBE_OTHER;
}

/* A TCP segment: a SYN of ours, or the reset for one of the peer's. */
static enum bnd_probe_kind
classify_tcp(const struct bnd_probe_plan *plan, const uint8_t *p, size_t len,
    enum bnd_probe_kind as_syn)
{
	unsigned port;

	if (len < TCP)
		return BND_PROBE_OTHER;
	port = (unsigned)(p[2] << 8 | p[3]);
	if (port != plan->port)
		return BND_PROBE_OTHER;
	if ((p[13] & 4) != 0)
		return BND_PROBE_ANSWER;
	return (p[13] & 0x12) == 2 ? as_syn : BND_PROBE_OTHER;
}

static enum bnd_probe_kind
classify_v4(const struct bnd_probe_plan *plan, const uint8_t *p, size_t len)
{
	size_t head;

	if (len < IPV4 || p[0] >> 4 != 4)
		return BND_PROBE_OTHER;
	head = (size_t)(p[0] & 15) * 4;
	if (head < IPV4 || len < head || !is_v4(plan, BND_PROBE_PEER, p + 16))
		return BND_PROBE_OTHER;
	if (p[9] == IPPROTO_TCP)
		return classify_tcp(
		    plan, p + head, len - head, BND_PROBE_OUT_SYN4);
	if (p[9] == IPPROTO_ICMP && len > head && p[head] == 3)
		return BND_PROBE_ANSWER;
	return BND_PROBE_OTHER;
}

static enum bnd_probe_kind
classify_icmp6(const struct bnd_probe_plan *plan, const uint8_t *p, size_t len)
{
	if (len < 1)
		return BND_PROBE_OTHER;
	if (p[0] == 1)
		return BND_PROBE_ANSWER;
	if (len < 24)
		return BND_PROBE_OTHER;
	if (p[0] == 135 && is_v6(plan, BND_PROBE_NOBODY, p + 8))
		return BND_PROBE_ND_ASK;
	if (p[0] == 136 && is_v6(plan, BND_PROBE_HOST, p + 8))
		return BND_PROBE_ND_REPLY;
	return BND_PROBE_OTHER;
}

static enum bnd_probe_kind
classify_v6(const struct bnd_probe_plan *plan, const uint8_t *p, size_t len)
{
	if (len < IPV6 || p[0] >> 4 != 6)
		return BND_PROBE_OTHER;
	if (p[6] == IPPROTO_TCP && is_v6(plan, BND_PROBE_PEER, p + 24))
		return classify_tcp(
		    plan, p + IPV6, len - IPV6, BND_PROBE_OUT_SYN6);
	if (p[6] == IPPROTO_ICMPV6)
		return classify_icmp6(plan, p + IPV6, len - IPV6);
	return BND_PROBE_OTHER;
}

enum bnd_probe_kind
bnd_probe_classify(
    const struct bnd_probe_plan *plan, const uint8_t *p, size_t len)
{
	enum bnd_probe_kind kind = bnd_probe_marked(plan, p, len);
	unsigned type;

	if (kind > BND_PROBE_NONE && kind <= BND_PROBE_OUT_L2_V4)
		return kind;
	/* A reset takes the port of what it answers, an ICMP error its bytes. */
	if (len < ETHER)
		return BND_PROBE_OTHER;
	type = (unsigned)(p[12] << 8 | p[13]);
	if (type == ETH_P_ARP)
		return classify_arp(plan, p + ETHER, len - ETHER);
	if (type == ETH_P_IP)
		return classify_v4(plan, p + ETHER, len - ETHER);
	if (type == ETH_P_IPV6)
		return classify_v6(plan, p + ETHER, len - ETHER);
	return BND_PROBE_OTHER;
}
