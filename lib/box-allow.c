/* box-allow.c: one spelling for every pair, and ranges that no list opens */
/* SPDX-License-Identifier: ISC */
#include "box-allow.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define NAME_LEN  253 /* RFC 1035 */
#define LABEL_LEN 63

static const struct {
	int af;
	unsigned bits;
	uint8_t addr[16];
} never[] = {
	{ AF_INET, 8, { 0 } }, { AF_INET, 8, { 127 } },
	{ AF_INET, 10, { 100, 64 } },
	{ AF_INET, 16, { 169, 254 } },			  /* metadata, too */
	{ AF_INET, 4, { 224 } }, { AF_INET, 4, { 240 } }, /* and broadcast */
	{ AF_INET6, 127, { 0 } },			  /* :: and ::1 */
	{ AF_INET6, 10, { 0xfe, 0x80 } }, { AF_INET6, 8, { 0xff } },
	{ AF_INET6, 32, { 0xfd, 0x00, 0x0e, 0xc2 } }, /* metadata */
};

/* IPv6 addresses that stand for an IPv4 one: its place is the last four bytes. */
static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b };

static bool
in_range(const uint8_t *addr, const uint8_t *net, unsigned bits)
{
	unsigned rest = bits % 8;

	if (memcmp(addr, net, bits / 8) != 0)
		return false;
	return rest == 0 || (addr[bits / 8] ^ net[bits / 8]) >> (8 - rest) == 0;
}

bool
bnd_box_never_dialled(int af, const uint8_t *addr)
{
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (never[i].af == af &&
		    in_range(addr, never[i].addr, never[i].bits))
			return true;
	if (af == AF_INET6 &&
	    (memcmp(addr, mapped, sizeof(mapped)) == 0 ||
		memcmp(addr, nat64, sizeof(nat64)) == 0))
		return bnd_box_never_dialled(AF_INET, addr + sizeof(mapped));
	return false;
}

static bool
is_label(const char *p, size_t n)
{
	if (n == 0 || n > LABEL_LEN || p[0] == '-' || p[n - 1] == '-')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!((p[i] >= 'a' && p[i] <= 'z') ||
			(p[i] >= '0' && p[i] <= '9') || p[i] == '-'))
			return false;
	return true;
}

/*
 * Lower case; and the last label begins with a letter, or 0177.1 and 2130706433
 * would be names that a resolver takes for addresses.
 */
static bool
is_host_name(const char *s)
{
	const char *dot;

	if (strlen(s) > NAME_LEN)
		return false;
	while ((dot = strchr(s, '.')) != NULL) {
		if (!is_label(s, (size_t)(dot - s)))
			return false;
		s = dot + 1;
	}
	return is_label(s, strlen(s)) && *s >= 'a' && *s <= 'z';
}

static int
canon_address(int af, const uint8_t *addr, unsigned port,
    char canon[static BND_BOX_PAIR], struct bnd_err *err)
{
	char text[INET6_ADDRSTRLEN];

	if (bnd_box_never_dialled(af, addr))
		return bnd_fail(
		    err, BND_E_INPUT, "an address that is never dialled");
	if (af == AF_INET6 && memcmp(addr, mapped, sizeof(mapped)) == 0) {
		af = AF_INET;
		addr += sizeof(mapped);
	}
	if (inet_ntop(af, addr, text, sizeof(text)) == NULL)
		return bnd_fail_errno(err, "inet_ntop");
	snprintf(canon, BND_BOX_PAIR, af == AF_INET ? "%s:%u" : "[%s]:%u", text,
	    port);
	return 0;
}

/* The last colon parts them; a bracket tells IPv6. */
static bool
split(
    struct bnd_str s, char host[static BND_BOX_PAIR], bool *v6, uint64_t *port)
{
	size_t colon = s.len;

	while (colon > 0 && s.p[colon - 1] != ':')
		colon--;
	if (colon < 2 ||
	    !bnd_text_u64(bnd_str_from(s, colon), UINT16_MAX, port) ||
	    *port == 0)
		return false;
	s.len = colon - 1;
	*v6 = s.p[0] == '[' && s.p[s.len - 1] == ']' && s.len > 2;
	if (*v6) {
		s = bnd_str_from(s, 1);
		s.len--;
	}
	return bnd_str_copy(s, host, BND_BOX_PAIR);
}

int
bnd_box_pair(
    struct bnd_str s, char canon[static BND_BOX_PAIR], struct bnd_err *err)
{
	char host[BND_BOX_PAIR];
	uint8_t addr[16];
	uint64_t port;
	bool v6;

	if (!split(s, host, &v6, &port))
		return bnd_fail(err, BND_E_INPUT, "not HOST:PORT");
	if (v6 ? inet_pton(AF_INET6, host, addr) == 1
	       : inet_pton(AF_INET, host, addr) == 1)
		return canon_address(
		    v6 ? AF_INET6 : AF_INET, addr, (unsigned)port, canon, err);
	if (v6 || !is_host_name(host))
		return bnd_fail(
		    err, BND_E_INPUT, "neither an address nor a name");
	snprintf(canon, BND_BOX_PAIR, "%.253s:%u", host, (unsigned)port);
	return 0;
}
