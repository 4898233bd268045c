/* snap-proof.c: that links have again what they had, read from the kernel */
/* SPDX-License-Identifier: ISC */
#include "snap-proof.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"
#include "sign.h"
#include "snap-replay.h"

/* Flags of an address that can be asked for; the rest is the kernel's. */
#define ADDR_FLAGS                                                \
	(IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | \
	    IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN)

static void *
writable(struct bnd_str a)
{
	return (void *)(uintptr_t)a.p;
}

/* Fixed part, attributes that are never compared, and what the flags become. */
static const struct proof {
	uint16_t type;
	size_t fixed;
	uint16_t skip[4];
} proofs[] = {
	{ RTM_NEWADDR, sizeof(struct ifaddrmsg), { IFA_CACHEINFO, 0, 0, 0 } },
	{ RTM_NEWNEXTHOP, sizeof(struct nhmsg), { 0, 0, 0, 0 } },
	{ RTM_NEWROUTE, sizeof(struct rtmsg),
	    { RTA_CACHEINFO, RTA_EXPIRES, 0, 0 } },
	{ RTM_NEWNEIGH, sizeof(struct ndmsg),
	    { NDA_CACHEINFO, NDA_PROBES, 0, 0 } },
};

static void
strip_fixed(uint16_t type, void *fixed)
{
	struct ifaddrmsg *a = fixed;
	struct nhmsg *nh = fixed;
	struct rtmsg *r = fixed;

	if (type == RTM_NEWADDR)
		a->ifa_flags &= ADDR_FLAGS;
	else if (type == RTM_NEWNEXTHOP)
		nh->nh_flags &= RTNH_F_ONLINK;
	else if (type == RTM_NEWROUTE)
		r->rtm_flags &= RTNH_F_ONLINK | RTNH_F_PERVASIVE;
}

static void
strip_value(uint16_t msg, uint16_t attr, void *value, size_t len)
{
	struct bnd_str paths = { value, len };
	struct rtnexthop *nh;
	uint32_t flags;
	size_t at = 0;

	if (msg == RTM_NEWADDR && attr == IFA_FLAGS && len == sizeof flags) {
		memcpy(&flags, value, sizeof flags);
		flags &= ADDR_FLAGS;
		memcpy(value, &flags, sizeof flags);
	}
	while (msg == RTM_NEWROUTE && attr == RTA_MULTIPATH &&
	    (nh = bnd_image_hop(paths, &at)) != NULL)
		nh->rtnh_flags &= RTNH_F_ONLINK | RTNH_F_PERVASIVE;
}

static bool
skipped(const struct proof *p, uint16_t attr)
{
	size_t i;

	for (i = 0; i < sizeof p->skip / sizeof p->skip[0]; i++)
		if (p->skip[i] != 0 && p->skip[i] == attr)
			return true;
	return false;
}

/* What of a message must be the same before and after. */
static bool
essence(const struct nlmsghdr *nlh, uint8_t sum[static BND_HASH_LEN])
{
	SCOPED_NLBUF struct bnd_nlbuf copy = { 0 };
	const struct proof *p = NULL;
	struct bnd_str rest, value;
	struct bnd_hasher h;
	uint16_t type;
	size_t i, skip;

	for (i = 0; i < sizeof proofs / sizeof proofs[0]; i++)
		if (proofs[i].type == nlh->nlmsg_type)
			p = &proofs[i];
	if (p == NULL || bnd_nl_fixed(nlh, p->fixed) == NULL)
		return false;
	bnd_nl_copy(&copy, nlh);
	if (copy.full)
		return false;
	skip = NLMSG_LENGTH(NLMSG_ALIGN(p->fixed));
	strip_fixed(p->type, copy.p + NLMSG_HDRLEN);
	rest = (struct bnd_str){ copy.p + skip, nlh->nlmsg_len - skip };
	bnd_hash_start(&h, BND_SNAP_PERSONAL);
	bnd_hash_add(&h, &p->type, sizeof p->type);
	bnd_hash_add(&h, copy.p + NLMSG_HDRLEN, p->fixed);
	while (bnd_nl_attr_next(&rest, &type, &value)) {
		if (skipped(p, type))
			continue;
		strip_value(p->type, type, writable(value), value.len);
		bnd_hash_add(&h, &type, sizeof type);
		bnd_hash_add(&h, &value.len, sizeof value.len);
		bnd_hash_add(&h, value.p, value.len);
	}
	bnd_hash_end(&h, sum);
	return true;
}

struct sums {
	size_t n;
	uint8_t (*v)[BND_HASH_LEN];
};

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, BND_HASH_LEN);
}

static int
sum_image(const struct bnd_image *image, struct sums *s, struct bnd_err *err)
{
	const struct bnd_nlbuf *const part[] = { &image->addr, &image->nexthop,
		&image->route, &image->neigh };
	const struct nlmsghdr *nlh = NULL;
	size_t i, n = 0;

	for (i = 0; i < 4; i++)
		while ((nlh = bnd_nl_next(part[i], nlh)) != NULL)
			n++;
	s->v = calloc(n + 1, sizeof *s->v);
	if (s->v == NULL)
		return bnd_fail_errno(err, "proof of %zu objects", n);
	for (i = 0; i < 4; i++)
		while ((nlh = bnd_nl_next(part[i], nlh)) != NULL)
			if (essence(nlh, s->v[s->n]))
				s->n++;
	qsort(s->v, s->n, sizeof *s->v, by_bytes);
	return 0;
}

static void
show(struct bnd_str a, unsigned family, unsigned bits, char *dst, size_t size)
{
	char text[INET6_ADDRSTRLEN] = "default";

	if (a.p != NULL && a.len == (family == AF_INET ? 4 : 16))
		(void)inet_ntop((int)family, a.p, text, sizeof text);
	(void)snprintf(dst, size, "%s/%u", text, bits);
}

static void
describe(const struct nlmsghdr *nlh, char *dst, size_t size)
{
	struct bnd_str tab[RTA_MAX + 1] = { 0 };
	const struct ifaddrmsg *a = bnd_nl_fixed(nlh, 0);
	const struct rtmsg *r = bnd_nl_fixed(nlh, 0);
	const struct ndmsg *n = bnd_nl_fixed(nlh, 0);
	char addr[64];

	if (nlh->nlmsg_type == RTM_NEWADDR) {
		(void)bnd_nl_attrs(nlh, sizeof *a, tab, RTA_MAX);
		show(tab[IFA_LOCAL].p != NULL ? tab[IFA_LOCAL]
					      : tab[IFA_ADDRESS],
		    a->ifa_family, a->ifa_prefixlen, addr, sizeof addr);
		(void)snprintf(dst, size, "address %s", addr);
	} else if (nlh->nlmsg_type == RTM_NEWROUTE) {
		(void)bnd_nl_attrs(nlh, sizeof *r, tab, RTA_MAX);
		show(tab[RTA_DST], r->rtm_family, r->rtm_dst_len, addr,
		    sizeof addr);
		(void)snprintf(dst, size, "route %s of table %u", addr,
		    bnd_nl_u32(tab[RTA_TABLE], r->rtm_table));
	} else if (nlh->nlmsg_type == RTM_NEWNEIGH) {
		(void)bnd_nl_attrs(nlh, sizeof *n, tab, RTA_MAX);
		show(tab[NDA_DST], n->ndm_family,
		    n->ndm_family == AF_INET ? 32 : 128, addr, sizeof addr);
		(void)snprintf(dst, size, "neighbour %s", addr);
	} else {
		(void)snprintf(dst, size, "nexthop object");
	}
}

static void
prove_one(const struct bnd_snap *s, const struct sums *have, uint64_t gone,
    struct bnd_notes *notes)
{
	const struct nlmsghdr *nlh = NULL;
	uint8_t sum[BND_HASH_LEN];
	char what[128];

	while ((nlh = bnd_nl_next(&s->b, nlh)) != NULL) {
		SCOPED_NLBUF struct bnd_nlbuf now = { 0 };

		if (!essence(nlh, sum) || !bnd_snap_ready(&now, nlh, gone) ||
		    bsearch(sum, have->v, have->n, sizeof *have->v, by_bytes) !=
			NULL)
			continue;
		describe(nlh, what, sizeof what);
		bnd_note(notes, "link.return", "%s: %s is not back",
		    s->was.id.name, what);
	}
}

int
bnd_snap_prove(struct bnd_nl *nl, const struct bnd_snaps *s,
    struct bnd_notes *notes, struct bnd_err *err)
{
	SCOPED_IMAGE struct bnd_image image = { 0 };
	struct sums have = { 0 };
	int r;
	size_t i;

	r = bnd_image_read(nl, &image, err);
	if (r == 0)
		r = sum_image(&image, &have, err);
	for (i = 0; r == 0 && i < s->n; i++)
		prove_one(&s->v[i], &have,
		    (s->boot_us - s->v[i].boot_us) / 1000000, notes);
	free(have.v);
	return r;
}
