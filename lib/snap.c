/* snap.c: what a link loses when it goes down, kept in a file */
/* SPDX-License-Identifier: ISC */
/*
 * The file holds rtnetlink messages as the kernel gave them, so nothing is
 * translated and nothing gets lost on the way:
 *
 *	RTM_NEWLINK	which link: index, name, kind, hardware addresses
 *	RTM_NEWADDR, RTM_NEWNEXTHOP, RTM_NEWROUTE, RTM_NEWNEIGH	  what it had
 *	NLMSG_DONE	boot time, and a digest of all before it
 */
#include "snap.h"

#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "clock.h"
#include "file.h"
#include "scope.h"
#include "sign.h"

#define FILE_MAX (64u << 20)

static bool
addr_counts(const struct nlmsghdr *nlh, unsigned index)
{
	const struct ifaddrmsg *a = bnd_nl_fixed(nlh, sizeof *a);

	if (a == NULL || a->ifa_index != index)
		return false;
	return a->ifa_family != AF_INET6 ||
	    (a->ifa_flags & IFA_F_TEMPORARY) == 0;
}

static bool
nexthop_counts(const struct nlmsghdr *nlh, unsigned index)
{
	struct bnd_str tab[NHA_MAX + 1];

	return bnd_nl_attrs(nlh, sizeof(struct nhmsg), tab, NHA_MAX) &&
	    bnd_nl_u32(tab[NHA_OIF], 0) == index;
}

static bool
route_counts(const struct nlmsghdr *nlh, unsigned index)
{
	const struct rtmsg *r = bnd_nl_fixed(nlh, sizeof *r);
	struct bnd_str tab[RTA_MAX + 1];
	const struct rtnexthop *nh;
	size_t at = 0;

	if (r == NULL || !bnd_nl_attrs(nlh, sizeof *r, tab, RTA_MAX))
		return false;
	if (r->rtm_protocol == RTPROT_KERNEL ||
	    (r->rtm_flags & RTM_F_CLONED) != 0)
		return false;
	if (bnd_nl_u32(tab[RTA_OIF], 0) == index)
		return true;
	while ((nh = bnd_image_hop(tab[RTA_MULTIPATH], &at)) != NULL)
		if ((unsigned)nh->rtnh_ifindex == index)
			return true;
	return false;
}

static bool
neigh_counts(const struct nlmsghdr *nlh, unsigned index)
{
	const struct ndmsg *n = bnd_nl_fixed(nlh, sizeof *n);

	if (n == NULL || (unsigned)n->ndm_ifindex != index)
		return false;
	return (n->ndm_state & NUD_PERMANENT) != 0 ||
	    (n->ndm_flags & NTF_PROXY) != 0;
}

/* The kernel takes a member out of its groups when its link goes down. */
static bool
leaves_by(const struct bnd_nlbuf *nexthops, uint32_t id, unsigned index)
{
	struct bnd_str tab[NHA_MAX + 1];
	const struct nlmsghdr *nlh = NULL;

	while ((nlh = bnd_nl_next(nexthops, nlh)) != NULL)
		if (bnd_nl_attrs(nlh, sizeof(struct nhmsg), tab, NHA_MAX) &&
		    bnd_nl_u32(tab[NHA_ID], 0) == id)
			return bnd_nl_u32(tab[NHA_OIF], 0) == index;
	return false;
}

static bool
has_member(
    struct bnd_str group, const struct bnd_nlbuf *nexthops, unsigned index)
{
	struct nexthop_grp member;

	for (; group.len >= sizeof member; group.len -= sizeof member) {
		memcpy(&member, group.p, sizeof member);
		if (leaves_by(nexthops, member.id, index))
			return true;
		group.p += sizeof member;
	}
	return false;
}

static void
put_groups(
    struct bnd_nlbuf *b, const struct bnd_nlbuf *nexthops, unsigned index)
{
	struct bnd_str tab[NHA_MAX + 1];
	const struct nlmsghdr *nlh = NULL;

	while ((nlh = bnd_nl_next(nexthops, nlh)) != NULL)
		if (bnd_nl_attrs(nlh, sizeof(struct nhmsg), tab, NHA_MAX) &&
		    tab[NHA_GROUP].p != NULL &&
		    has_member(tab[NHA_GROUP], nexthops, index))
			bnd_nl_copy(b, nlh);
}

struct seal_end {
	uint64_t boot_us;
	uint8_t digest[BND_HASH_LEN];
};

static void
digest(const char *p, size_t len, uint64_t boot_us,
    uint8_t out[static BND_HASH_LEN])
{
	struct bnd_hasher h;

	bnd_hash_start(&h, BND_SNAP_PERSONAL);
	bnd_hash_add(&h, p, len);
	bnd_hash_add(&h, &boot_us, sizeof boot_us);
	bnd_hash_end(&h, out);
}

static void
put_link(struct bnd_nlbuf *b, const struct bnd_link *l)
{
	struct ifinfomsg ifi = { .ifi_index = (int)l->id.index,
		.ifi_type = (unsigned short)l->id.type };
	size_t nest;

	bnd_nl_msg(b, RTM_NEWLINK, 0, &ifi, sizeof ifi);
	bnd_nl_put_str(b, IFLA_IFNAME, l->id.name);
	nest = bnd_nl_nest(b, IFLA_LINKINFO);
	bnd_nl_put_str(b, IFLA_INFO_KIND, l->id.kind);
	bnd_nl_nest_end(b, nest);
	bnd_nl_put(b, IFLA_ADDRESS, l->hw, l->hw_len);
	bnd_nl_put(b, IFLA_PERM_ADDRESS, l->perm, l->perm_len);
}

static void
put_some(struct bnd_nlbuf *b, const struct bnd_nlbuf *from, unsigned index,
    bool (*counts)(const struct nlmsghdr *, unsigned))
{
	const struct nlmsghdr *nlh = NULL;

	while ((nlh = bnd_nl_next(from, nlh)) != NULL)
		if (counts(nlh, index))
			bnd_nl_copy(b, nlh);
}

static int
cut_short(const char *path, struct bnd_err *err)
{
	return bnd_fail(err, BND_E_CORRUPT, "%s is not whole", path);
}

static int
unpack(struct bnd_snap *s, const char *path, struct bnd_err *err)
{
	const struct nlmsghdr *first = bnd_nl_next(&s->b, NULL), *nlh, *last;
	const struct ifinfomsg *ifi;
	struct bnd_str tab[IFLA_MAX + 1], info[IFLA_INFO_MAX + 1];
	struct seal_end end;
	const void *fixed;
	uint8_t sum[BND_HASH_LEN];

	for (last = nlh = first; nlh != NULL; nlh = bnd_nl_next(&s->b, nlh))
		last = nlh;
	if (last == NULL || last->nlmsg_type != NLMSG_DONE ||
	    first->nlmsg_type != RTM_NEWLINK ||
	    (size_t)((const char *)last - s->b.p) + last->nlmsg_len != s->b.len)
		return cut_short(path, err);
	fixed = bnd_nl_fixed(last, sizeof end);
	ifi = bnd_nl_fixed(first, sizeof *ifi);
	if (fixed == NULL || ifi == NULL ||
	    !bnd_nl_attrs(first, sizeof *ifi, tab, IFLA_MAX))
		return cut_short(path, err);
	/* Messages are aligned to 4 bytes only. */
	memcpy(&end, fixed, sizeof end);
	s->boot_us = end.boot_us;
	digest(s->b.p, (size_t)((const char *)last - s->b.p), s->boot_us, sum);
	if (!bnd_same(sum, end.digest, sizeof sum))
		return cut_short(path, err);
	s->was.id.index = (unsigned)ifi->ifi_index;
	(void)bnd_nl_str(tab[IFLA_IFNAME], s->was.id.name, BND_IFNAME);
	if (bnd_nl_nested(tab[IFLA_LINKINFO], info, IFLA_INFO_MAX))
		(void)bnd_nl_str(
		    info[IFLA_INFO_KIND], s->was.id.kind, BND_IFNAME);
	if (tab[IFLA_ADDRESS].len <= BND_HW_MAX &&
	    tab[IFLA_PERM_ADDRESS].len <= BND_HW_MAX) {
		s->was.hw_len = tab[IFLA_ADDRESS].len;
		s->was.perm_len = tab[IFLA_PERM_ADDRESS].len;
		memcpy(s->was.hw, tab[IFLA_ADDRESS].p, s->was.hw_len);
		memcpy(s->was.perm, tab[IFLA_PERM_ADDRESS].p, s->was.perm_len);
	}
	return 0;
}

int
bnd_snap_load(const struct bnd_root *root, const char *path, struct bnd_snap *s,
    struct bnd_err *err)
{
	SCOPED_FD int fd = bnd_root_open_trusted(root, path, 0077, err);
	struct stat st;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1)
		return bnd_fail_errno(err, "cannot stat %s", path);
	if (st.st_size <= 0 || st.st_size > FILE_MAX)
		return cut_short(path, err);
	s->b.size = (size_t)st.st_size;
	s->b.p = malloc(s->b.size);
	if (s->b.p == NULL)
		return bnd_fail_errno(err, "cannot read %s", path);
	if (bnd_file_read_fd(fd, path, s->b.p, s->b.size, &s->b.len, err) == -1)
		return -1;
	return unpack(s, path, err);
}

void
bnd_snap_free(struct bnd_snap *s)
{
	bnd_nlbuf_free(&s->b);
}

bool
bnd_snap_is_of(const struct bnd_link *a, const struct bnd_link *b)
{
	if (a->id.index != b->id.index || strcmp(a->id.kind, b->id.kind) != 0 ||
	    a->perm_len != b->perm_len)
		return false;
	if (a->perm_len > 0)
		return memcmp(a->perm, b->perm, a->perm_len) == 0;
	return a->hw_len == b->hw_len && memcmp(a->hw, b->hw, a->hw_len) == 0;
}

void
bnd_snap_path(const char *dir, unsigned index, char path[static BND_SNAP_PATH])
{
	(void)snprintf(path, BND_SNAP_PATH, "%s/%u", dir, index);
}

void
bnd_snaps_free(struct bnd_snaps *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		bnd_snap_free(&s->v[i]);
	free(s->v);
}

int
bnd_snap_save(const struct bnd_root *root, const char *dir,
    const struct bnd_link *link, const struct bnd_image *image,
    struct bnd_err *err)
{
	SCOPED_SNAP struct bnd_snap old = { 0 };
	SCOPED_NLBUF struct bnd_nlbuf b = { 0 };
	struct seal_end end = { 0 };
	struct bnd_err none = { 0 };
	struct bnd_now now;
	char path[BND_SNAP_PATH];

	bnd_snap_path(dir, link->id.index, path);
	if (bnd_snap_load(root, path, &old, &none) == 0 &&
	    bnd_snap_is_of(&old.was, link))
		return 0;
	if (bnd_root_mkdir(root, "run/bnd", 0755, err) == -1 ||
	    bnd_root_mkdir(root, dir, 0700, err) == -1 ||
	    bnd_clock_now(&now, err) == -1)
		return -1;
	put_link(&b, link);
	put_some(&b, &image->addr, link->id.index, addr_counts);
	put_some(&b, &image->nexthop, link->id.index, nexthop_counts);
	put_groups(&b, &image->nexthop, link->id.index);
	put_some(&b, &image->route, link->id.index, route_counts);
	put_some(&b, &image->neigh, link->id.index, neigh_counts);
	end.boot_us = now.boot_us;
	digest(b.p, b.len, end.boot_us, end.digest);
	bnd_nl_msg(&b, NLMSG_DONE, 0, &end, sizeof end);
	if (b.full)
		return bnd_fail(err, BND_E_SYS, "too much to keep");
	return bnd_file_replace(root, path, b.p, b.len, 0600, err);
}
