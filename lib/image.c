/* image.c: what the kernel has for links: addresses, routes, neighbours */
/* SPDX-License-Identifier: ISC */
#include "image.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <stdint.h>
#include <sys/socket.h>

void
bnd_image_free(struct bnd_image *image)
{
	bnd_nlbuf_free(&image->addr);
	bnd_nlbuf_free(&image->nexthop);
	bnd_nlbuf_free(&image->route);
	bnd_nlbuf_free(&image->neigh);
}

/* One dump, added to out. */
static int
add_dump(struct bnd_nl *nl, uint16_t type, const void *fixed, size_t len,
    struct bnd_nlbuf *out, struct bnd_err *err)
{
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	SCOPED_NLBUF struct bnd_nlbuf part = { 0 };
	const struct nlmsghdr *nlh = NULL;

	bnd_nl_msg(&req, type, NLM_F_DUMP, fixed, len);
	if (bnd_nl_dump(nl, &req, &part, err) == -1)
		return -1;
	while ((nlh = bnd_nl_next(&part, nlh)) != NULL)
		bnd_nl_copy(out, nlh);
	return out->full ? bnd_fail(err, BND_E_SYS, "a dump of links") : 0;
}

int
bnd_image_read(struct bnd_nl *nl, struct bnd_image *image, struct bnd_err *err)
{
	static const uint8_t both[] = { AF_INET, AF_INET6 };
	struct nhmsg nh = { 0 };
	struct bnd_err none = { 0 };
	size_t i;

	bnd_image_free(image);
	for (i = 0; i < 2; i++) {
		struct ifaddrmsg addr = { .ifa_family = both[i] };
		struct rtmsg route = { .rtm_family = both[i] };
		struct ndmsg neigh = { .ndm_family = both[i] };
		struct ndmsg proxy = { .ndm_family = both[i],
			.ndm_flags = NTF_PROXY };

		if (add_dump(nl, RTM_GETADDR, &addr, sizeof addr, &image->addr,
			err) == -1 ||
		    add_dump(nl, RTM_GETROUTE, &route, sizeof route,
			&image->route, err) == -1 ||
		    add_dump(nl, RTM_GETNEIGH, &neigh, sizeof neigh,
			&image->neigh, err) == -1 ||
		    add_dump(nl, RTM_GETNEIGH, &proxy, sizeof proxy,
			&image->neigh, err) == -1)
			return -1;
	}
	/* Nexthop objects came with 5.3; without them no route names one. */
	if (add_dump(nl, RTM_GETNEXTHOP, &nh, sizeof nh, &image->nexthop,
		&none) == -1 &&
	    none.errnum != EOPNOTSUPP)
		return bnd_fail(err, BND_E_SYS, "%s", none.text);
	return 0;
}

struct rtnexthop *
bnd_image_hop(struct bnd_str paths, size_t *at)
{
	struct rtnexthop *nh;
	size_t left = paths.len - *at;

	if (paths.p == NULL || left < sizeof *nh)
		return NULL;
	nh = (struct rtnexthop *)(void *)(uintptr_t)(paths.p + *at);
	if (nh->rtnh_len < sizeof *nh || nh->rtnh_len > left)
		return NULL;
	*at += RTNH_ALIGN(nh->rtnh_len);
	if (*at > paths.len)
		*at = paths.len;
	return nh;
}
