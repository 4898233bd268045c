/* netval-addr.c: addresses of net.allow(5), and their classes */
/* SPDX-License-Identifier: ISC */
#include "netval-addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

const struct bnd_class bnd_classes[] = {
	{ BND_CLASS_NEVER, { 4, 8, { 0 } } },
	{ BND_CLASS_NEVER, { 4, 8, { 127 } } },
	{ BND_CLASS_NEVER, { 4, 3, { 224 } } },
	{ BND_CLASS_NEVER, { 6, 96, { 0 } } },
	{ BND_CLASS_NEVER,
	    { 6, 96, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff } } },
	{ BND_CLASS_NEVER, { 6, 96, { 0x00, 0x64, 0xff, 0x9b } } },
	{ BND_CLASS_NEVER, { 6, 48, { 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01 } } },
	{ BND_CLASS_NEVER, { 6, 8, { 0xff } } },
	{ BND_CLASS_INSIDE, { 4, 16, { 169, 254 } } },
	{ BND_CLASS_INSIDE, { 4, 10, { 100, 64 } } },
	{ BND_CLASS_INSIDE, { 6, 10, { 0xfe, 0x80 } } },
	{ BND_CLASS_NONE, { 0 } },
};

static int
family_af(uint8_t family)
{
	return family == 4 ? AF_INET : AF_INET6;
}

/* What inet_ntop() writes back must be the bytes that were read. */
static bool
address(struct bnd_str s, struct bnd_prefix *out)
{
	char text[INET6_ADDRSTRLEN], back[INET6_ADDRSTRLEN];

	if (!bnd_str_copy(s, text, sizeof(text)))
		return false;
	out->family = strchr(text, ':') != NULL ? 6 : 4;
	if (inet_pton(family_af(out->family), text, out->addr) != 1)
		return false;
	return inet_ntop(family_af(out->family), out->addr, back,
		   sizeof(back)) != NULL &&
	    strcmp(text, back) == 0;
}

/* Clear the bits beyond p->len; true if there were any. */
static bool
mask_hostbits(struct bnd_prefix *p)
{
	bool any = false;

	for (unsigned bit = p->len; bit < (p->family == 4 ? 32U : 128U);
	     bit++) {
		uint8_t one = (uint8_t)(0x80 >> bit % 8);

		any = any || (p->addr[bit / 8] & one) != 0;
		p->addr[bit / 8] &= (uint8_t)~one;
	}
	return any;
}

bool
bnd_prefix_has(const struct bnd_prefix *net, const struct bnd_prefix *p)
{
	unsigned whole = net->len / 8, rest = net->len % 8;

	if (p->family != net->family || memcmp(p->addr, net->addr, whole) != 0)
		return false;
	return rest == 0 ||
	    (p->addr[whole] ^ net->addr[whole]) >> (8 - rest) == 0;
}

bool
bnd_prefix_inside(const struct bnd_prefix *a, const struct bnd_prefix *b)
{
	return a->len >= b->len && bnd_prefix_has(b, a);
}

bool
bnd_netval_prefix(
    struct bnd_str s, struct bnd_prefix *out, struct bnd_flaw *flaw)
{
	struct bnd_str addr = bnd_str_until(s, '/');
	char text[BND_PREFIX_TEXT];
	uint64_t len;

	*out = (struct bnd_prefix){ 0 };
	if (!address(addr, out))
		return bnd_flaw(flaw, BND_LIST_ADDR, s.p,
		    "not an address as inet_ntop(3) writes it");
	if (addr.len == s.len)
		return bnd_flaw(flaw, BND_LIST_PREFIX, s.p + s.len,
		    "the length of the prefix is missing");
	if (!bnd_text_u64(bnd_str_from(s, addr.len + 1),
		out->family == 4 ? 32 : 128, &len))
		return bnd_flaw(flaw, BND_LIST_PREFIX, s.p + addr.len + 1,
		    "the length of the prefix is not 0 to %d",
		    out->family == 4 ? 32 : 128);
	out->len = (uint8_t)len;
	if (mask_hostbits(out)) {
		bnd_prefix_text(out, text);
		return bnd_flaw(flaw, BND_LIST_HOSTBITS, s.p,
		    "bits are set beyond the prefix of %s", text);
	}
	return true;
}

void
bnd_prefix_text(const struct bnd_prefix *p, char dst[static BND_PREFIX_TEXT])
{
	char addr[INET6_ADDRSTRLEN] = "";

	(void)inet_ntop(family_af(p->family), p->addr, addr, sizeof(addr));
	(void)snprintf(dst, BND_PREFIX_TEXT, "%s/%u", addr, p->len);
}
