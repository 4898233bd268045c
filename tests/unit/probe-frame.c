/* probe-frame.c: frames of the live probe, and what a frame that arrived is taken for */
/* SPDX-License-Identifier: ISC */
#include "probe-frame.h"

#include <string.h>

#include "tap.h"

static struct bnd_probe_plan plan;

static uint32_t
sum(const uint8_t *p, size_t len, uint32_t acc)
{
	for (size_t i = 0; i < len; i++)
		acc += (uint32_t)(i % 2 == 0 ? p[i] << 8 : p[i]);
	while (acc >> 16 != 0)
		acc = (acc & 0xffff) + (acc >> 16);
	return acc;
}

/* A header and its checksum sum up to all ones (RFC 1071). */
static bool
sums_v4(const uint8_t *p, size_t len)
{
	size_t body = len - 34;

	return sum(p + 14, 20, 0) == 0xffff &&
	    sum(p + 34, body, sum(p + 26, 8, (uint32_t)(p[23] + body))) ==
	    0xffff;
}

static bool
sums_v6(const uint8_t *p, size_t len)
{
	size_t body = len - 54;

	return sum(p + 54, body, sum(p + 22, 32, (uint32_t)(p[20] + body))) ==
	    0xffff;
}

static void
plans(void)
{
	uint8_t random[BND_PROBE_RANDOM];
	bool good = true;

	for (int i = 0; i < 256; i++) {
		uint8_t a[4];

		memset(random, i, sizeof(random));
		bnd_probe_plan(random, &plan);
		bnd_probe_v4(&plan, BND_PROBE_STRANGER, a);
		good = good && (plan.mac[BND_PROBE_HOST][0] & 3) == 2 &&
		    (plan.mac[BND_PROBE_PEER][0] & 3) == 2 && a[0] == 198 &&
		    (a[1] == 18 || a[1] == 19) && a[3] % 8 == 4 &&
		    plan.v6[0] == 0xfd && plan.port >= 0x8000;
	}
	ok(good, "addresses are those kept for tests, whatever the dice say");
	for (size_t i = 0; i < sizeof(random); i++)
		random[i] = (uint8_t)(i * 7 + 1);
	bnd_probe_plan(random, &plan);
}

static void
marks(void)
{
	uint8_t p[64] = { 0 }, other[BND_PROBE_RANDOM] = { 9 };
	struct bnd_probe_plan theirs;
	bool good = true;

	bnd_probe_plan(other, &theirs);
	for (int k = 1; k < BND_PROBE_KINDS; k++) {
		bnd_probe_mark(&plan, (enum bnd_probe_kind)k, p + 11);
		good = good &&
		    (int)bnd_probe_marked(&plan, p, 11 + BND_PROBE_MARK) == k;
		for (size_t i = 0; i < BND_PROBE_MARK; i++) {
			p[11 + i] ^= 0x40;
			good = good &&
			    bnd_probe_marked(&plan, p, 11 + BND_PROBE_MARK) ==
				BND_PROBE_NONE;
			p[11 + i] ^= 0x40;
		}
	}
	ok(good, "a mark is known, and not with a bit changed");
	is_int(bnd_probe_marked(&theirs, p, 11 + BND_PROBE_MARK),
	    BND_PROBE_NONE, "another probe's nonce is not ours");
	is_int(bnd_probe_marked(&plan, p + 12, BND_PROBE_MARK - 1),
	    BND_PROBE_NONE, "nor one that is cut");
	is_int(bnd_probe_marked(&plan, p, 11 + BND_PROBE_MARK + 1),
	    BND_PROBE_NONE, "nor one with something behind it");
}

static void
builds(void)
{
	uint8_t p[BND_PROBE_FRAME];
	bool v4 = true, v6 = true, to = true;

	for (int k = 1; k < BND_PROBE_KINDS; k++) {
		size_t len = bnd_probe_build(&plan, (enum bnd_probe_kind)k, p);
		int who =
		    k >= BND_PROBE_IN_V4 ? BND_PROBE_HOST : BND_PROBE_PEER;
		unsigned type = (unsigned)(p[12] << 8 | p[13]);

		if (len == 0)
			continue;
		to = to && memcmp(p, plan.mac[who], 6) == 0;
		if (type == 0x0800)
			v4 = v4 && len == 14u + (size_t)(p[16] << 8 | p[17]) &&
			    sums_v4(p, len);
		if (type == 0x86dd)
			v6 = v6 && len == 54u + (size_t)(p[18] << 8 | p[19]) &&
			    sums_v6(p, len);
	}
	ok(to, "each frame goes to the other end");
	ok(v4, "IPv4: lengths and sums are right");
	ok(v6, "IPv6: lengths and sums are right");
	is_int(bnd_probe_build(&plan, BND_PROBE_OUT_V4, p), 0,
	    "what the kernel makes is not built");
}

/* What the kernel makes, put together by hand from what the peer would send. */
static enum bnd_probe_kind
turned(enum bnd_probe_kind from, size_t at, uint8_t is, size_t cut)
{
	uint8_t p[BND_PROBE_FRAME], a[16];
	size_t len = bnd_probe_build(&plan, from, p);

	p[at] = is;
	switch ((int)from) {
	case BND_PROBE_IN_SYN4:
		bnd_probe_v4(&plan, BND_PROBE_PEER, p + 30);
		len -= BND_PROBE_MARK;
		break;
	case BND_PROBE_IN_SYN6:
		bnd_probe_v6(&plan, BND_PROBE_PEER, p + 38);
		len -= BND_PROBE_MARK;
		break;
	case BND_PROBE_IN_ARP:
		bnd_probe_v4(&plan,
		    is == 1 ? BND_PROBE_NOBODY : BND_PROBE_STRANGER, p + 38);
		break;
	case BND_PROBE_IN_ND:
		bnd_probe_v6(
		    &plan, is == 135 ? BND_PROBE_NOBODY : BND_PROBE_HOST, a);
		memcpy(p + 62, a, sizeof(a));
		break;
	default:
		break;
	}
	return bnd_probe_classify(&plan, p, len - cut);
}

static void
classes(void)
{
	static const struct {
		enum bnd_probe_kind from, is;
		size_t at;
		uint8_t byte;
	} table[] = {
		{ BND_PROBE_IN_SYN4, BND_PROBE_OUT_SYN4, 47, 2 },
		{ BND_PROBE_IN_SYN4, BND_PROBE_ANSWER, 47, 4 },
		{ BND_PROBE_IN_SYN4, BND_PROBE_ANSWER, 47, 0x14 },
		{ BND_PROBE_IN_SYN4, BND_PROBE_OTHER, 47, 0x12 },
		{ BND_PROBE_IN_SYN4, BND_PROBE_OTHER, 14, 0x65 },
		{ BND_PROBE_IN_SYN4, BND_PROBE_OTHER, 14, 0x44 },
		{ BND_PROBE_IN_SYN4, BND_PROBE_OTHER, 14, 0x4f },
		{ BND_PROBE_IN_SYN6, BND_PROBE_OUT_SYN6, 67, 2 },
		{ BND_PROBE_IN_SYN6, BND_PROBE_ANSWER, 67, 4 },
		{ BND_PROBE_IN_SYN6, BND_PROBE_OTHER, 14, 0x45 },
		{ BND_PROBE_IN_ARP, BND_PROBE_ARP_ASK, 21, 1 },
		{ BND_PROBE_IN_ARP, BND_PROBE_ARP_REPLY, 21, 2 },
		{ BND_PROBE_IN_ARP, BND_PROBE_OTHER, 21, 3 },
		{ BND_PROBE_IN_ND, BND_PROBE_ND_ASK, 54, 135 },
		{ BND_PROBE_IN_ND, BND_PROBE_ND_REPLY, 54, 136 },
		{ BND_PROBE_IN_ND, BND_PROBE_ANSWER, 54, 1 },
		{ BND_PROBE_IN_ND, BND_PROBE_OTHER, 54, 143 },
		{ BND_PROBE_OUT_L2, BND_PROBE_OUT_L2, 12, 0x88 },
		{ BND_PROBE_OUT_L2_V4, BND_PROBE_OUT_L2_V4, 12, 8 },
		/* A frame of the peer's own that comes back is none of these. */
		{ BND_PROBE_IN_L2, BND_PROBE_OTHER, 12, 0x88 },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		is_int(turned(table[i].from, table[i].at, table[i].byte, 0),
		    table[i].is, "%s with %02x at %zu is %s",
		    bnd_probe_kind_name(table[i].from), table[i].byte,
		    table[i].at, bnd_probe_kind_name(table[i].is));
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		bool good = true;

		for (size_t cut = 1; cut <= 40; cut++) {
			enum bnd_probe_kind k = turned(
			    table[i].from, table[i].at, table[i].byte, cut);

			good =
			    good && (k == BND_PROBE_OTHER || k == table[i].is);
		}
		ok(good, "%s, cut anywhere, is itself or unknown",
		    bnd_probe_kind_name(table[i].is));
	}
	is_int(bnd_probe_classify(&plan, NULL, 0), BND_PROBE_OTHER,
	    "nothing at all is unknown");
}

static void
sets(void)
{
	bool good = true;

	for (int k = 0; k < BND_PROBE_KINDS; k++)
		for (int l = 0; l < k; l++)
			good = good &&
			    strcmp(bnd_probe_kind_name((enum bnd_probe_kind)k),
				bnd_probe_kind_name((enum bnd_probe_kind)l)) !=
				0;
	ok(good, "each kind has its own name");
	is_int(BND_PROBE_ALL & 1, 0, "nothing is no kind");
	is_int(BND_PROBE_INWARD & BND_PROBE_BIT(BND_PROBE_OTHER), 0,
	    "inward is what the host sees");
	is_int(__builtin_popcount(BND_PROBE_INWARD), 7, "seven kinds of it");
	is_int(__builtin_popcount(BND_PROBE_CONTROL), 17,
	    "seventeen must arrive where nothing is sealed");
}

int
main(void)
{
	plans();
	marks();
	builds();
	classes();
	sets();
	return tap_done();
}
