/* pick.h: packets by chance, the same ones in every run */
/* SPDX-License-Identifier: ISC */
#ifndef TEST_PICK_H
#define TEST_PICK_H

#include <stdint.h>
#include <string.h>

#include "netval-addr.h"
#include "tap.h"

static uint64_t pick_seed = 88172645463325252ULL;

/* One of 0 to n - 1, by xorshift. */
static inline unsigned
pick(unsigned n)
{
	pick_seed ^= pick_seed << 13;
	pick_seed ^= pick_seed >> 7;
	pick_seed ^= pick_seed << 17;
	return (unsigned)(pick_seed >> 33) % n;
}
#define ONE_OF(a) ((a)[pick(sizeof(a) / sizeof((a)[0]))])

static inline struct bnd_prefix
prefix(const char *text)
{
	struct bnd_prefix p;
	struct bnd_flaw flaw;

	if (!bnd_netval_prefix(
		(struct bnd_str){ text, strlen(text) }, &p, &flaw))
		bail(text);
	return p;
}

/* Of hosts that lists name or nearly name, and of all that is special. */
static inline struct bnd_prefix
some_address(unsigned family)
{
	static const char *const v4[] = { "10.77.0.2/32", "10.8.0.9/32",
		"192.0.2.1/32", "192.0.2.77/32", "169.254.7.1/32",
		"169.254.169.254/32", "100.64.0.1/32", "127.0.0.1/32",
		"224.0.0.251/32", "255.255.255.255/32", "203.0.113.5/32",
		"0.0.0.0/32" };
	static const char *const v6[] = { "fe80::1/128", "fe80:1::2/128",
		"fe80:0:0:1::1/128", "2001:db8::7/128", "2001:db8::8/128",
		"fd77::2/128", "ff02::1/128", "ff02::16/128", "::1/128",
		"::ffff:10.77.0.2/128", "64:ff9b::a00:1/128" };

	return prefix(family == 4 ? ONE_OF(v4) : ONE_OF(v6));
}

#endif
