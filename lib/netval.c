/* netval.c: the values of net.allow(5), one spelling each, read and written */
/* SPDX-License-Identifier: ISC */
#include "netval.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ASIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The protocols that have a name here; their numbers are not written. */
static const struct {
	const char *name;
	uint8_t number;
	bool has_ports;
} protos[] = {
	{ "tcp", IPPROTO_TCP, true },
	{ "udp", IPPROTO_UDP, true },
	{ "udplite", IPPROTO_UDPLITE, true },
	{ "sctp", IPPROTO_SCTP, true },
	{ "icmp", IPPROTO_ICMP, false },
	{ "icmpv6", IPPROTO_ICMPV6, false },
	{ "esp", IPPROTO_ESP, false },
	{ "ah", IPPROTO_AH, false },
	{ "gre", IPPROTO_GRE, false },
};

static const char *const vpn_kinds[] = { "wireguard", "ovpn", "tun", "ppp",
	"xfrm", "vti", "vti6" };

/* Tunnels of the kernel that have no keys: never a way out of TRUSTED. */
static const char *const tunnel_kinds[] = { "gre", "gretap", "ip6gre",
	"ip6gretap", "erspan", "ip6erspan", "ipip", "sit", "ip6tnl", "vxlan",
	"geneve", "gtp", "bareudp", "amt" };

/* Links whose frames leave by another one. */
static const char *const stacked_kinds[] = { "vlan", "bond", "bridge", "team",
	"macvlan", "macvtap", "ipvlan", "ipvtap", "macsec", "vrf", "hsr",
	"batadv", "ifb", "dsa", "rmnet" };

/* Directories of /proc/sys/net/ipv4/conf that are no links. */
static const char *const reserved[] = { "lo", "all", "default" };

static bool
listed(const char *const *list, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (list[i][0] == word[0] && strcmp(list[i], word) == 0)
			return true;
	return false;
}

bool
bnd_kind_is_vpn(const char *kind)
{
	return listed(vpn_kinds, ASIZE(vpn_kinds), kind);
}

bool
bnd_kind_is_tunnel(const char *kind)
{
	return bnd_kind_is_vpn(kind) ||
	    listed(tunnel_kinds, ASIZE(tunnel_kinds), kind);
}

bool
bnd_kind_is_stacked(const char *kind)
{
	return listed(stacked_kinds, ASIZE(stacked_kinds), kind);
}

bool
bnd_flaw(struct bnd_flaw *flaw, enum bnd_list_code code, const char *at,
    const char *fmt, ...)
{
	va_list ap;

	flaw->code = code;
	flaw->at = at;
	va_start(ap, fmt);
	(void)vsnprintf(flaw->reason, sizeof(flaw->reason), fmt, ap);
	va_end(ap);
	return false;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
name_byte(char c, bool first)
{
	if (is_digit(c) || is_letter(c))
		return true;
	return !first && (c == '.' || c == '_' || c == '-');
}

static bool
kind_byte(char c, bool first)
{
	if (c >= 'a' && c <= 'z')
		return true;
	return !first && (is_digit(c) || c == '_' || c == '-');
}

/* Cut s before the first c, if there is one. */
static struct bnd_str
up_to(struct bnd_str s, char c)
{
	const char *end = s.len > 0 ? memchr(s.p, c, s.len) : NULL;

	if (end != NULL)
		s.len = (size_t)(end - s.p);
	return s;
}

static struct bnd_str
from(struct bnd_str s, size_t n)
{
	return (struct bnd_str){ s.p + n, s.len - n };
}

/* One word of a link: its bytes, its length, its first byte. */
static bool
link_word(struct bnd_str s, bool (*good)(char, bool), char dst[BND_IFNAME],
    enum bnd_list_code code, struct bnd_flaw *flaw)
{
	const char *what = code == BND_LIST_KIND ? "kind" : "link name";
	char shown[24];

	if (s.len == 0)
		return bnd_flaw(flaw, code, s.p, "%s is missing", what);
	for (size_t i = 0; i < s.len; i++) {
		if (!good(s.p[i], i == 0)) {
			bnd_text_show((struct bnd_str){ s.p + i, 1 }, shown,
			    sizeof(shown));
			return bnd_flaw(flaw, code, s.p + i,
			    "'%s' cannot stand %s a %s", shown,
			    i == 0 ? "first in" : "in", what);
		}
		if (i == BND_IFNAME - 1)
			return bnd_flaw(flaw, code, s.p + i,
			    "%s is longer than %d bytes", what, BND_IFNAME - 1);
	}
	memcpy(dst, s.p, s.len);
	dst[s.len] = '\0';
	return true;
}

bool
bnd_netval_link(
    struct bnd_str s, struct bnd_linkname *out, struct bnd_flaw *flaw)
{
	struct bnd_str name = up_to(s, '/');

	*out = (struct bnd_linkname){ 0 };
	if (!link_word(name, name_byte, out->name, BND_LIST_LINK, flaw))
		return false;
	if (listed(reserved, ASIZE(reserved), out->name))
		return bnd_flaw(flaw, BND_LIST_LINK, s.p,
		    "%s is never a link of this list", out->name);
	if (name.len == s.len)
		return true;
	return link_word(
	    from(s, name.len + 1), kind_byte, out->kind, BND_LIST_KIND, flaw);
}

bool
bnd_netval_proto(struct bnd_str s, uint8_t *out, struct bnd_flaw *flaw)
{
	uint64_t n;

	for (size_t i = 0; i < ASIZE(protos); i++)
		if (bnd_str_is(s, protos[i].name)) {
			*out = protos[i].number;
			return true;
		}
	if (!bnd_text_u64(s, 255, &n) || n == 0)
		return bnd_flaw(flaw, BND_LIST_PROTO, s.p,
		    "protocol is not one of net.allow(5), nor 1 to 255");
	for (size_t i = 0; i < ASIZE(protos); i++)
		if (protos[i].number == n)
			return bnd_flaw(flaw, BND_LIST_PROTO, s.p,
			    "protocol %u is written %s", (unsigned)n,
			    protos[i].name);
	*out = (uint8_t)n;
	return true;
}

bool
bnd_proto_has_ports(uint8_t proto)
{
	for (size_t i = 0; i < ASIZE(protos); i++)
		if (protos[i].number == proto)
			return protos[i].has_ports;
	return false;
}

bool
bnd_proto_has_type(uint8_t proto)
{
	return proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6;
}

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
	struct bnd_str addr = up_to(s, '/');
	char text[BND_PREFIX_TEXT];
	uint64_t len;

	*out = (struct bnd_prefix){ 0 };
	if (!address(addr, out))
		return bnd_flaw(flaw, BND_LIST_ADDR, s.p,
		    "not an address as inet_ntop(3) writes it");
	if (addr.len == s.len)
		return bnd_flaw(flaw, BND_LIST_PREFIX, s.p + s.len,
		    "the length of the prefix is missing");
	if (!bnd_text_u64(
		from(s, addr.len + 1), out->family == 4 ? 32 : 128, &len))
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

static bool
port(struct bnd_str s, uint16_t *out, struct bnd_flaw *flaw)
{
	uint64_t n;

	if (!bnd_text_u64(s, 65535, &n) || n == 0)
		return bnd_flaw(flaw, BND_LIST_PORT, s.p,
		    "port is not a number from 1 to 65535");
	*out = (uint16_t)n;
	return true;
}

static bool
port_range(struct bnd_str s, uint16_t *lo, uint16_t *hi, struct bnd_flaw *flaw)
{
	struct bnd_str first = up_to(s, '-');

	if (!port(first, lo, flaw))
		return false;
	*hi = *lo;
	if (first.len == s.len)
		return true;
	if (!port(from(s, first.len + 1), hi, flaw))
		return false;
	if (*lo >= *hi)
		return bnd_flaw(
		    flaw, BND_LIST_RANGE, s.p, "range of ports does not rise");
	return true;
}

bool
bnd_netval_ports(struct bnd_str s, struct bnd_ports *out, struct bnd_flaw *flaw)
{
	struct bnd_str item;

	*out = (struct bnd_ports){ 0 };
	for (;;) {
		item = up_to(s, ',');
		if (out->n == BND_LIST_PORTS)
			return bnd_flaw(flaw, BND_LIST_COUNT, item.p,
			    "more than %d ports or ranges", BND_LIST_PORTS);
		if (!port_range(item, &out->range[out->n].lo,
			&out->range[out->n].hi, flaw))
			return false;
		out->n++;
		if (item.len == s.len)
			return true;
		s = from(s, item.len + 1);
	}
}

bool
bnd_netval_type(struct bnd_str s, uint8_t *out, struct bnd_flaw *flaw)
{
	uint64_t n;

	if (!bnd_text_u64(s, 255, &n))
		return bnd_flaw(flaw, BND_LIST_TYPE, s.p,
		    "type is not a number from 0 to 255");
	*out = (uint8_t)n;
	return true;
}

void
bnd_link_text(const struct bnd_linkname *l, char dst[static BND_LINK_TEXT])
{
	(void)snprintf(dst, BND_LINK_TEXT, "%s%s%s", l->name,
	    l->kind[0] != '\0' ? "/" : "", l->kind);
}

void
bnd_proto_text(uint8_t proto, char dst[static BND_PROTO_TEXT])
{
	for (size_t i = 0; i < ASIZE(protos); i++)
		if (protos[i].number == proto) {
			(void)snprintf(
			    dst, BND_PROTO_TEXT, "%s", protos[i].name);
			return;
		}
	(void)snprintf(dst, BND_PROTO_TEXT, "%u", proto);
}

void
bnd_prefix_text(const struct bnd_prefix *p, char dst[static BND_PREFIX_TEXT])
{
	char addr[INET6_ADDRSTRLEN] = "";

	(void)inet_ntop(family_af(p->family), p->addr, addr, sizeof(addr));
	(void)snprintf(dst, BND_PREFIX_TEXT, "%s/%u", addr, p->len);
}

void
bnd_ports_text(const struct bnd_ports *p, char dst[static BND_PORTS_TEXT])
{
	char item[16];
	size_t len = 0, n;

	for (unsigned i = 0; i < p->n && i < BND_LIST_PORTS; i++) {
		const char *comma = i > 0 ? "," : "";

		if (p->range[i].lo == p->range[i].hi)
			(void)snprintf(
			    item, sizeof(item), "%s%u", comma, p->range[i].lo);
		else
			(void)snprintf(item, sizeof(item), "%s%u-%u", comma,
			    p->range[i].lo, p->range[i].hi);
		n = strlen(item);
		memcpy(dst + len, item, n);
		len += n;
	}
	dst[len] = '\0';
}
