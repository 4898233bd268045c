/* probe-wire.c: the live probe's wire: a veth pair into another namespace */
/* SPDX-License-Identifier: ISC */
#include "probe-wire.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "link.h"
#include "scope.h"

#define NAME "bnd%02x%02x%02x%02x"

static void
put_end(struct bnd_nlbuf *req, const char *name, const uint8_t mac[static 6])
{
	bnd_nl_put_str(req, IFLA_IFNAME, name);
	bnd_nl_put(req, IFLA_ADDRESS, mac, 6);
}

/*
 * The peer's part of a veth begins with a struct ifinfomsg, all zero
 * here; attributes follow as in the message itself (veth.c).
 */
static void
put_pair(struct bnd_nlbuf *req, const struct bnd_probe_plan *plan,
    const char *name, pid_t peer)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC };
	size_t info, data, far;

	put_end(req, name, plan->mac[BND_PROBE_HOST]);
	info = bnd_nl_nest(req, IFLA_LINKINFO);
	bnd_nl_put_str(req, IFLA_INFO_KIND, "veth");
	data = bnd_nl_nest(req, IFLA_INFO_DATA);
	far = bnd_nl_nest(req, VETH_INFO_PEER);
	bnd_nl_put_raw(req, &ifi, sizeof(ifi));
	put_end(req, name, plan->mac[BND_PROBE_PEER]);
	bnd_nl_put_u32(req, IFLA_NET_NS_PID, (uint32_t)peer);
	bnd_nl_nest_end(req, far);
	bnd_nl_nest_end(req, data);
	bnd_nl_nest_end(req, info);
}

static int
take_index(const struct nlmsghdr *nlh, void *arg, struct bnd_err *err)
{
	const struct ifinfomsg *ifi;
	unsigned *index = arg;

	(void)err;
	if (nlh == NULL)
		return 0;
	ifi = bnd_nl_fixed(nlh, sizeof(*ifi));
	if (nlh->nlmsg_type == RTM_NEWLINK && ifi != NULL)
		*index = (unsigned)ifi->ifi_index;
	return 0;
}

/* A name that nobody's list of links names. */
static void
name_it(const struct bnd_probe_plan *plan, char name[static BND_IFNAME])
{
	const uint8_t *r = plan->nonce;

	(void)snprintf(name, BND_IFNAME, NAME, r[0], r[1], r[2], r[3]);
}

int
bnd_probe_wire_find(struct bnd_nl *nl, const struct bnd_probe_plan *plan,
    unsigned *index, struct bnd_err *err)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC };
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	char name[BND_IFNAME];

	name_it(plan, name);
	*index = 0;
	bnd_nl_msg(&req, RTM_GETLINK, 0, &ifi, sizeof(ifi));
	bnd_nl_put_str(&req, IFLA_IFNAME, name);
	if (bnd_nl_each(nl, &req, take_index, index, err) == -1)
		return -1;
	return *index != 0 ? 0 : bnd_fail(err, BND_E_SYS, "no link %s", name);
}

int
bnd_probe_wire_lay(struct bnd_nl *nl, const struct bnd_probe_plan *plan,
    pid_t peer, struct bnd_probe_wire *w, struct bnd_err *err)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC,
		.ifi_flags = IFF_UP,
		.ifi_change = IFF_UP };
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };

	*w = (struct bnd_probe_wire){ 0 };
	name_it(plan, w->name);
	bnd_nl_msg(
	    &req, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi, sizeof(ifi));
	put_pair(&req, plan, w->name, peer);
	if (bnd_nl_talk(nl, &req, err) == -1)
		return -1;
	return bnd_probe_wire_find(nl, plan, &w->index, err);
}

static int
take_flags(const struct nlmsghdr *nlh, void *arg, struct bnd_err *err)
{
	const struct ifinfomsg *ifi;
	unsigned *flags = arg;

	(void)err;
	ifi = nlh != NULL ? bnd_nl_fixed(nlh, sizeof(*ifi)) : NULL;
	if (ifi != NULL && nlh->nlmsg_type == RTM_NEWLINK)
		*flags = ifi->ifi_flags;
	return 0;
}

int
bnd_probe_wire_runs(struct bnd_nl *nl, const struct bnd_probe_wire *w,
    bool *runs, struct bnd_err *err)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC,
		.ifi_index = (int)w->index };
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	unsigned flags = 0;

	bnd_nl_msg(&req, RTM_GETLINK, 0, &ifi, sizeof(ifi));
	if (bnd_nl_each(nl, &req, take_flags, &flags, err) == -1)
		return -1;
	*runs = (flags & IFF_UP) != 0 && (flags & IFF_RUNNING) != 0;
	return 0;
}

void
bnd_probe_wire_cut(struct bnd_nl *nl, const struct bnd_probe_wire *w)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC,
		.ifi_index = (int)w->index };
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	struct bnd_err none = { 0 };

	if (w->index == 0)
		return;
	bnd_nl_msg(&req, RTM_DELLINK, 0, &ifi, sizeof(ifi));
	(void)!bnd_nl_talk(nl, &req, &none);
}

/* ---- addresses and neighbours ---- */

static int
add_address(struct bnd_nl *nl, const struct bnd_probe_wire *w, uint8_t family,
    const void *addr, size_t len, uint8_t prefix, struct bnd_err *err)
{
	struct ifaddrmsg ifa = { .ifa_family = family,
		.ifa_prefixlen = prefix,
		.ifa_index = w->index };
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };

	bnd_nl_msg(
	    &req, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &ifa, sizeof(ifa));
	bnd_nl_put(&req, IFA_LOCAL, addr, len);
	bnd_nl_put(&req, IFA_ADDRESS, addr, len);
	/* Nobody else is on this wire. */
	bnd_nl_put_u32(&req, IFA_FLAGS, IFA_F_NODAD);
	return bnd_nl_talk(nl, &req, err);
}

static int
add_neighbour(struct bnd_nl *nl, const struct bnd_probe_wire *w, uint8_t family,
    const void *addr, size_t len, const uint8_t mac[static 6],
    struct bnd_err *err)
{
	struct ndmsg ndm = { .ndm_family = family,
		.ndm_ifindex = (int)w->index,
		.ndm_state = NUD_PERMANENT };
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };

	bnd_nl_msg(&req, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &ndm,
	    sizeof(ndm));
	bnd_nl_put(&req, NDA_DST, addr, len);
	bnd_nl_put(&req, NDA_LLADDR, mac, 6);
	return bnd_nl_talk(nl, &req, err);
}

/* Where new links do without IPv6, this one has it: others may, too. */
static void
want_ipv6(const struct bnd_probe_wire *w)
{
	char path[96];
	SCOPED_FD int fd = -1;

	(void)snprintf(path, sizeof(path),
	    "/proc/sys/net/ipv6/conf/%s/disable_ipv6", w->name);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd >= 0)
		(void)!write(fd, "0", 1);
}

static int
furnish_v6(struct bnd_nl *nl, const struct bnd_probe_plan *plan,
    struct bnd_probe_wire *w, struct bnd_err *err)
{
	uint8_t a[16];

	want_ipv6(w);
	bnd_probe_v6(plan, BND_PROBE_HOST, a);
	if (add_address(nl, w, AF_INET6, a, sizeof(a), 64, err) == -1)
		return err->errnum == EOPNOTSUPP || err->errnum == EACCES ? 0
									  : -1;
	w->v6 = true;
	bnd_probe_v6(plan, BND_PROBE_PEER, a);
	return add_neighbour(
	    nl, w, AF_INET6, a, sizeof(a), plan->mac[BND_PROBE_PEER], err);
}

int
bnd_probe_wire_furnish(struct bnd_nl *nl, const struct bnd_probe_plan *plan,
    struct bnd_probe_wire *w, struct bnd_err *err)
{
	uint8_t a[4];

	bnd_probe_v4(plan, BND_PROBE_HOST, a);
	if (add_address(nl, w, AF_INET, a, sizeof(a), 29, err) == -1)
		return -1;
	bnd_probe_v4(plan, BND_PROBE_PEER, a);
	if (add_neighbour(nl, w, AF_INET, a, sizeof(a),
		plan->mac[BND_PROBE_PEER], err) == -1)
		return -1;
	return furnish_v6(nl, plan, w, err);
}

/* ---- what was learned ---- */

struct learned {
	const struct bnd_probe_plan *plan;
	unsigned index;
	uint32_t kinds;
};

static int
take_neighbour(const struct nlmsghdr *nlh, void *arg, struct bnd_err *err)
{
	const struct ndmsg *ndm;
	struct bnd_str tab[NDA_MAX + 1];
	struct learned *l = arg;
	uint8_t v4[4], v6[16];

	(void)err;
	ndm = nlh != NULL ? bnd_nl_fixed(nlh, sizeof(*ndm)) : NULL;
	if (ndm == NULL || nlh->nlmsg_type != RTM_NEWNEIGH ||
	    ndm->ndm_ifindex != (int)l->index ||
	    !bnd_nl_attrs(nlh, sizeof(*ndm), tab, NDA_MAX))
		return 0;
	bnd_probe_v4(l->plan, BND_PROBE_STRANGER, v4);
	bnd_probe_v6(l->plan, BND_PROBE_STRANGER, v6);
	if (tab[NDA_DST].len == sizeof(v4) &&
	    memcmp(tab[NDA_DST].p, v4, sizeof(v4)) == 0)
		l->kinds |= BND_PROBE_BIT(BND_PROBE_IN_ARP);
	if (tab[NDA_DST].len == sizeof(v6) &&
	    memcmp(tab[NDA_DST].p, v6, sizeof(v6)) == 0)
		l->kinds |= BND_PROBE_BIT(BND_PROBE_IN_ND);
	return 0;
}

int
bnd_probe_wire_learned(struct bnd_nl *nl, const struct bnd_probe_plan *plan,
    const struct bnd_probe_wire *w, uint32_t *kinds, struct bnd_err *err)
{
	struct ndmsg ndm = { .ndm_family = AF_UNSPEC };
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	struct learned l = { .plan = plan, .index = w->index };

	bnd_nl_msg(&req, RTM_GETNEIGH, NLM_F_DUMP, &ndm, sizeof(ndm));
	bnd_nl_put_u32(&req, NDA_IFINDEX, w->index);
	if (bnd_nl_each(nl, &req, take_neighbour, &l, err) == -1)
		return -1;
	*kinds |= l.kinds;
	return 0;
}
