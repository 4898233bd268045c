/* link.c: links as the kernel knows them; which can reach out */
/* SPDX-License-Identifier: ISC */
#include "link.h"

#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_bonding.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_vlan.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "scope.h"

/*
 * Kinds whose frames end inside the host unless a real link carries them on.
 * Everything else (hardware, ppp, wwan, whatever comes next) is real.
 *
 * A tunnel is here if what it wraps leaves by ip_local_out() or
 * ip6_local_out(), past the IP output hooks, and if get_link_net tells where
 * that is: net/ipv4/ip_gre.c (gre gretap erspan), ip_vti.c, ipip.c,
 * net/ipv6/ip6_gre.c (ip6gre ip6gretap ip6erspan), ip6_vti.c, ip6_tunnel.c,
 * sit.c.  With them each fallback device (gre0, erspan0, ip_vti0 and so on) that
 * a new namespace may have.  bareudp, gtp and amt send IP too, but in a
 * namespace that no message names: they are real.
 */
static const char *const software[] = {
	"bond",
	"bridge",
	"dummy",
	"erspan",
	"geneve",
	"gre",
	"gretap",
	"ifb",
	"ip6erspan",
	"ip6gre",
	"ip6gretap",
	"ip6tnl",
	"ipip",
	"ipvlan",
	"ipvtap",
	"macsec",
	"macvlan",
	"macvtap",
	"netkit",
	"nlmon",
	"ovpn",
	"sit",
	"team",
	"tun",
	"veth",
	"vlan",
	"vrf",
	"vti",
	"vti6",
	"vxlan",
	"wireguard",
	"xfrm",
};

static bool
is_software(const char *kind)
{
	size_t i;

	for (i = 0; i < sizeof software / sizeof software[0]; i++)
		if (strcmp(software[i], kind) == 0)
			return true;
	return false;
}

bool
bnd_link_is_real(const struct bnd_link *l)
{
	if (l->id.type == ARPHRD_LOOPBACK && (l->flags & IFF_LOOPBACK) != 0)
		return false;
	return l->elsewhere || !is_software(l->id.kind);
}

bool
bnd_link_is_real_abroad(const struct bnd_link *l, bool judged)
{
	if (l->xdp)
		return true;
	if (l->elsewhere && judged && is_software(l->id.kind))
		return bnd_kind_is_stacked(l->id.kind);
	return bnd_link_is_real(l);
}

bool
bnd_link_is_up(const struct bnd_link *l)
{
	return (l->flags & IFF_UP) != 0;
}

bool
bnd_link_is_uplink(const struct bnd_link *l)
{
	return l->real && bnd_link_is_up(l) && l->carrier;
}

const struct bnd_link *
bnd_links_find(const struct bnd_links *l, unsigned index)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->v[i].id.index == index)
			return &l->v[i];
	return NULL;
}

void
bnd_links_free(struct bnd_links *l)
{
	free(l->v);
	free(l->id);
	*l = (struct bnd_links){ 0 };
}

static size_t
hardware(struct bnd_str a, uint8_t dst[static BND_HW_MAX])
{
	if (a.p == NULL || a.len > BND_HW_MAX)
		return 0;
	memcpy(dst, a.p, a.len);
	return a.len;
}

/* What rules must know of a kind to follow its frames; false: not said. */
static bool
parse_vlan(struct bnd_str data, struct bnd_rules_link *id)
{
	struct bnd_str tab[IFLA_VLAN_MAX + 1];
	struct ifla_vlan_flags flags = { 0 };

	if (!bnd_nl_nested(data, tab, IFLA_VLAN_MAX) ||
	    tab[IFLA_VLAN_ID].len != sizeof id->vlan)
		return false;
	memcpy(&id->vlan, tab[IFLA_VLAN_ID].p, sizeof id->vlan);
	/* Without any the kernel does not send them. */
	if (tab[IFLA_VLAN_FLAGS].len == sizeof flags)
		memcpy(&flags, tab[IFLA_VLAN_FLAGS].p, sizeof flags);
	id->tpid = bnd_nl_be16(tab[IFLA_VLAN_PROTOCOL], ETH_P_8021Q);
	if ((flags.flags & VLAN_FLAG_REORDER_HDR) == 0)
		id->traits |= BND_LINK_INFRAME;
	return true;
}

static bool
parse_bond(struct bnd_str data, struct bnd_rules_link *id)
{
	struct bnd_str tab[IFLA_BOND_MAX + 1];

	if (!bnd_nl_nested(data, tab, IFLA_BOND_MAX) ||
	    tab[IFLA_BOND_MODE].p == NULL)
		return false;
	if (bnd_nl_u8(tab[IFLA_BOND_MODE], 0) == BOND_MODE_8023AD)
		id->traits |= BND_LINK_LACP;
	return true;
}

static bool
parse_bridge(struct bnd_str data, struct bnd_rules_link *id)
{
	struct bnd_str tab[IFLA_BR_MAX + 1];

	if (!bnd_nl_nested(data, tab, IFLA_BR_MAX))
		return false;
	/* A bridge without the option cannot filter. */
	if (bnd_nl_u8(tab[IFLA_BR_VLAN_FILTERING], 0) != 0)
		id->traits |= BND_LINK_FILTERS;
	return true;
}

static void
parse_stack(
    const struct bnd_str *tab, const struct bnd_str *info, struct bnd_link *l)
{
	static const struct {
		const char *kind;
		bool (*parse)(struct bnd_str, struct bnd_rules_link *);
	} kinds[] = { { "vlan", parse_vlan }, { "bond", parse_bond },
		{ "bridge", parse_bridge } };

	l->id.master = bnd_nl_u32(tab[IFLA_MASTER], 0);
	if (!l->elsewhere && bnd_kind_is_stacked(l->id.kind))
		l->id.lower = bnd_nl_u32(tab[IFLA_LINK], 0);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kinds[i].kind, l->id.kind) == 0 &&
		    (info[IFLA_INFO_DATA].p == NULL ||
			!kinds[i].parse(info[IFLA_INFO_DATA], &l->id)))
			l->id.traits |= BND_LINK_OBSCURE;
}

static int
parse(const struct nlmsghdr *nlh, struct bnd_link *l, struct bnd_err *err)
{
	const struct ifinfomsg *ifi = bnd_nl_fixed(nlh, sizeof *ifi);
	struct bnd_str tab[IFLA_MAX + 1], info[IFLA_INFO_MAX + 1] = { 0 };
	struct bnd_str xdp[IFLA_XDP_MAX + 1];

	if (ifi == NULL || !bnd_nl_attrs(nlh, sizeof *ifi, tab, IFLA_MAX) ||
	    !bnd_nl_str(tab[IFLA_IFNAME], l->id.name, sizeof l->id.name))
		return bnd_fail(err, BND_E_SYS, "a link cannot be read");
	l->id.index = (unsigned)ifi->ifi_index;
	l->id.type = ifi->ifi_type;
	l->flags = ifi->ifi_flags;
	l->carrier = bnd_nl_u8(tab[IFLA_CARRIER], 1) != 0;
	l->elsewhere = tab[IFLA_LINK_NETNSID].p != NULL;
	l->nsid = (int32_t)bnd_nl_u32(tab[IFLA_LINK_NETNSID], UINT32_MAX);
	l->hw_len = hardware(tab[IFLA_ADDRESS], l->hw);
	l->perm_len = hardware(tab[IFLA_PERM_ADDRESS], l->perm);
	/* A kind that cannot be read is an unknown one, so the link is real. */
	if (tab[IFLA_LINKINFO].p != NULL &&
	    bnd_nl_nested(tab[IFLA_LINKINFO], info, IFLA_INFO_MAX))
		(void)bnd_nl_str(
		    info[IFLA_INFO_KIND], l->id.kind, sizeof l->id.kind);
	parse_stack(tab, info, l);
	if (tab[IFLA_XDP].p != NULL &&
	    bnd_nl_nested(tab[IFLA_XDP], xdp, IFLA_XDP_MAX))
		l->xdp = bnd_nl_u8(xdp[IFLA_XDP_ATTACHED], 0) != 0;
	l->real = bnd_link_is_real(l);
	return 0;
}

static int
collect(const struct bnd_nlbuf *out, struct bnd_links *l, struct bnd_err *err)
{
	const struct nlmsghdr *nlh = NULL;
	size_t n = 0;

	while ((nlh = bnd_nl_next(out, nlh)) != NULL)
		n += nlh->nlmsg_type == RTM_NEWLINK;
	bnd_links_free(l);
	l->v = calloc(n + 1, sizeof *l->v);
	l->id = calloc(n + 1, sizeof *l->id);
	if (l->v == NULL || l->id == NULL)
		return bnd_fail_errno(err, "list of %zu links", n);
	while ((nlh = bnd_nl_next(out, nlh)) != NULL) {
		if (nlh->nlmsg_type != RTM_NEWLINK)
			continue;
		if (parse(nlh, &l->v[l->n], err) == -1)
			return -1;
		l->id[l->n] = l->v[l->n].id;
		l->n++;
	}
	return 0;
}

int
bnd_links_read(struct bnd_nl *nl, struct bnd_links *l, struct bnd_err *err)
{
	struct ifinfomsg all = { .ifi_family = AF_UNSPEC };
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	SCOPED_NLBUF struct bnd_nlbuf out = { 0 };

	bnd_nl_msg(&req, RTM_GETLINK, NLM_F_DUMP, &all, sizeof all);
	if (bnd_nl_dump(nl, &req, &out, err) == -1)
		return -1;
	return collect(&out, l, err);
}

int
bnd_link_set_up(struct bnd_nl *nl, unsigned index, bool up, struct bnd_err *err)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC,
		.ifi_index = (int)index,
		.ifi_flags = up ? IFF_UP : 0,
		.ifi_change = IFF_UP };
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };

	bnd_nl_msg(&req, RTM_NEWLINK, 0, &ifi, sizeof ifi);
	return bnd_nl_talk(nl, &req, err);
}
