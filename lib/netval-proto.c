/* netval-proto.c: protocols of net.allow(5), their ports and types */
/* SPDX-License-Identifier: ISC */
#include "netval-proto.h"

#include <netinet/in.h>
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

uint8_t
bnd_icmp_answer(uint8_t proto, uint8_t type)
{
	if (proto == IPPROTO_ICMPV6)
		return type == 128 ? 129 : type;
	if (type == 8)
		return 0;
	return type == 13 || type == 15 || type == 17 ? (uint8_t)(type + 1)
						      : type;
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
	struct bnd_str first = bnd_str_until(s, '-');

	if (!port(first, lo, flaw))
		return false;
	*hi = *lo;
	if (first.len == s.len)
		return true;
	if (!port(bnd_str_from(s, first.len + 1), hi, flaw))
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
		item = bnd_str_until(s, ',');
		if (out->n == BND_LIST_PORTS)
			return bnd_flaw(flaw, BND_LIST_COUNT, item.p,
			    "more than %d ports or ranges", BND_LIST_PORTS);
		if (!port_range(item, &out->range[out->n].lo,
			&out->range[out->n].hi, flaw))
			return false;
		out->n++;
		if (item.len == s.len)
			return true;
		s = bnd_str_from(s, item.len + 1);
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
