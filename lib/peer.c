/* peer.c: two ends of a flow, and the links the kernel would use for it */
/* SPDX-License-Identifier: ISC */
#include "peer.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

/* An IPv4 address in an AF_INET6 socket is IPv4 on the wire, and here. */
bool
bnd_peer_addr(struct bnd_prefix *out, int af, const void *addr)
{
	const uint8_t *p = addr;

	*out = (struct bnd_prefix){ 0 };
	if (af == AF_INET6 && memcmp(p, mapped, sizeof(mapped)) == 0) {
		af = AF_INET;
		p += sizeof(mapped);
	}
	if (af != AF_INET && af != AF_INET6)
		return false;
	out->family = af == AF_INET ? 4 : 6;
	out->len = af == AF_INET ? 32 : 128;
	memcpy(out->addr, p, out->len / 8);
	return true;
}

struct answer {
	unsigned oif;
	bool local;
};

static int
on_route(const struct nlmsghdr *nlh, void *arg, struct bnd_err *err)
{
	struct bnd_str tab[RTA_MAX + 1];
	struct answer *a = arg;
	const struct rtmsg *rt;

	(void)err;
	*a = (struct answer){ 0 };
	if (nlh == NULL || nlh->nlmsg_type != RTM_NEWROUTE)
		return 0;
	rt = bnd_nl_fixed(nlh, sizeof(*rt));
	if (rt == NULL || !bnd_nl_attrs(nlh, sizeof(*rt), tab, RTA_MAX))
		return 0;
	a->oif = bnd_nl_u32(tab[RTA_OIF], 0);
	a->local = rt->rtm_type == RTN_LOCAL;
	return 0;
}

unsigned
bnd_peer_link(struct bnd_nl *nl, const struct bnd_prefix *dst,
    const struct bnd_prefix *from, unsigned bound, bool *local)
{
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	struct bnd_err none = { 0 };
	struct answer a = { 0 };
	struct rtmsg rt = { 0 };

	rt.rtm_family = dst->family == 4 ? AF_INET : AF_INET6;
	rt.rtm_dst_len = dst->len;
	if (from != NULL && from->family == dst->family)
		rt.rtm_src_len = from->len;
	bnd_nl_msg(&req, RTM_GETROUTE, 0, &rt, sizeof(rt));
	bnd_nl_put(&req, RTA_DST, dst->addr, dst->len / 8U);
	if (rt.rtm_src_len != 0)
		bnd_nl_put(&req, RTA_SRC, from->addr, from->len / 8U);
	if (bound != 0)
		bnd_nl_put_u32(&req, RTA_OIF, bound);
	if (bnd_nl_each(nl, &req, on_route, &a, &none) != 0)
		a = (struct answer){ 0 };
	if (local != NULL)
		*local = a.local;
	return a.oif;
}

static int
on_address(const struct nlmsghdr *nlh, void *arg, struct bnd_err *err)
{
	struct bnd_str tab[IFA_MAX + 1], own;
	struct bnd_here *here = arg;
	const struct ifaddrmsg *ifa;
	struct bnd_prefix *more;

	if (nlh == NULL) {
		here->n = 0;
		return 0;
	}
	ifa = bnd_nl_fixed(nlh, sizeof(*ifa));
	if (nlh->nlmsg_type != RTM_NEWADDR || ifa == NULL ||
	    !bnd_nl_attrs(nlh, sizeof(*ifa), tab, IFA_MAX))
		return 0;
	own = tab[IFA_LOCAL].p != NULL ? tab[IFA_LOCAL] : tab[IFA_ADDRESS];
	if (own.p == NULL || own.len < (ifa->ifa_family == AF_INET ? 4U : 16U))
		return 0;
	more = reallocarray(here->addr, here->n + 1, sizeof(*more));
	if (more == NULL)
		return bnd_fail_errno(err, "cannot list addresses");
	here->addr = more;
	here->n += bnd_peer_addr(&more[here->n], ifa->ifa_family, own.p);
	return 0;
}

int
bnd_here_read(struct bnd_nl *nl, struct bnd_here *here, struct bnd_err *err)
{
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	struct ifaddrmsg ifa = { .ifa_family = AF_UNSPEC };

	bnd_nl_msg(&req, RTM_GETADDR, NLM_F_DUMP, &ifa, sizeof(ifa));
	return bnd_nl_each(nl, &req, on_address, here, err);
}

void
bnd_here_free(struct bnd_here *here)
{
	free(here->addr);
	*here = (struct bnd_here){ 0 };
}

bool
bnd_here_has(const struct bnd_here *here, const struct bnd_prefix *addr)
{
	for (size_t i = 0; i < here->n; i++)
		if (memcmp(&here->addr[i], addr, sizeof(*addr)) == 0)
			return true;
	return false;
}
