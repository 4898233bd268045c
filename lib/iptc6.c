/* iptc6.c: the legacy tables of IPv6; alone knows libip6tc */
/* SPDX-License-Identifier: ISC */
#include "iptc.h"

/* Before linux/ headers that would redefine it. */
#include <netinet/in.h>
#include <net/if.h>
#include <libiptc/libip6tc.h>

#include "iptc-shape.h"

BND_IPTC_CALLS(ip6tc, ip6t_entry, ipv6)

static void
fill(void *entry, const struct bnd_xt_rule *r)
{
	struct ip6t_entry *e = entry;

	bnd_iptc_link(e->ipv6.iniface, e->ipv6.iniface_mask, r->in);
	bnd_iptc_link(e->ipv6.outiface, e->ipv6.outiface_mask, r->out);
	memcpy(&e->ipv6.src, r->src.addr, sizeof(e->ipv6.src));
	memcpy(&e->ipv6.dst, r->dst.addr, sizeof(e->ipv6.dst));
	bnd_iptc_mask((uint8_t *)&e->ipv6.smsk, r->src.len);
	bnd_iptc_mask((uint8_t *)&e->ipv6.dmsk, r->dst.len);
	e->ipv6.proto = (uint16_t)r->proto;
	/* Without it the protocol is not looked at. */
	e->ipv6.flags = r->proto != 0 ? IP6T_F_PROTO : 0;
}

const struct bnd_iptc bnd_iptc6 = BND_IPTC(6, ip6tc, ip6t_entry);
