/* iptc4.c: the legacy tables of IPv4; alone knows libip4tc */
/* SPDX-License-Identifier: ISC */
#include "iptc.h"

/* Before linux/ headers that would redefine it. */
#include <netinet/in.h>
#include <net/if.h>
#include <libiptc/libiptc.h>

#include "iptc-shape.h"

BND_IPTC_CALLS(iptc, ipt_entry, ip)

static void
fill(void *entry, const struct bnd_xt_rule *r)
{
	struct ipt_entry *e = entry;

	bnd_iptc_link(e->ip.iniface, e->ip.iniface_mask, r->in);
	bnd_iptc_link(e->ip.outiface, e->ip.outiface_mask, r->out);
	memcpy(&e->ip.src, r->src.addr, sizeof(e->ip.src));
	memcpy(&e->ip.dst, r->dst.addr, sizeof(e->ip.dst));
	bnd_iptc_mask((uint8_t *)&e->ip.smsk, r->src.len);
	bnd_iptc_mask((uint8_t *)&e->ip.dmsk, r->dst.len);
	e->ip.proto = (uint16_t)r->proto;
}

const struct bnd_iptc bnd_iptc4 = BND_IPTC(4, iptc, ipt_entry);
