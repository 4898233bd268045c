/* snap.c: what a link loses when it goes down, kept and put back */
/* SPDX-License-Identifier: ISC */
/*
 * The file holds rtnetlink messages as the kernel gave them, so nothing is
 * translated and nothing gets lost on the way:
 *
 *	RTM_NEWLINK	which link: index, name, kind, hardware addresses
 *	RTM_NEWADDR, RTM_NEWNEXTHOP, RTM_NEWROUTE, RTM_NEWNEIGH	  what it had
 *	NLMSG_DONE	boot time, and a digest of all before it
 *
 * Put back is only what somebody configured; what the kernel makes by itself
 * (routes of its own, temporary addresses) it makes again.  Lifetimes run on
 * while the link is down: what has expired stays away.
 */
#include "snap.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "clock.h"
#include "file.h"
#include "scope.h"
#include "sign.h"

#define SNAPS_MAX 4096
#define FILE_MAX  (64u << 20)
#define WAITS_MAX 20 /* for duplicate address detection, 100 ms each */
#define PERSONAL  "bnd-links-v1"
#define FOREVER	  UINT32_MAX

/* Flags of an address that can be asked for; the rest is the kernel's. */
#define ADDR_FLAGS                                                \
	(IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | \
	    IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN)

/* ---- what the kernel has ---- */

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

/* ---- which of it a link would lose ---- */

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

/* A step through RTA_MULTIPATH; at is moved behind the one returned. */
static struct rtnexthop *
hop(struct bnd_str paths, size_t *at)
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
	while ((nh = hop(tab[RTA_MULTIPATH], &at)) != NULL)
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

/* ---- the file ---- */

struct seal_end {
	uint64_t boot_us;
	uint8_t digest[BND_HASH_LEN];
};

static void
digest(const char *p, size_t len, uint64_t boot_us,
    uint8_t out[static BND_HASH_LEN])
{
	struct bnd_hasher h;

	bnd_hash_start(&h, PERSONAL);
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

struct snap {
	struct bnd_link was;
	struct bnd_nlbuf b;
	uint64_t boot_us;
};

static int
cut_short(const char *path, struct bnd_err *err)
{
	return bnd_fail(err, BND_E_CORRUPT, "%s is not whole", path);
}

static int
unpack(struct snap *s, const char *path, struct bnd_err *err)
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

static int
load(const struct bnd_root *root, const char *path, struct snap *s,
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

static void
free_snap(struct snap *s)
{
	bnd_nlbuf_free(&s->b);
}
#define SCOPED_SNAP __attribute__((cleanup(free_snap)))

/* By index, kind and permanent hardware address; the name may change. */
static bool
same_link(const struct bnd_link *a, const struct bnd_link *b)
{
	if (a->id.index != b->id.index || strcmp(a->id.kind, b->id.kind) != 0 ||
	    a->perm_len != b->perm_len)
		return false;
	if (a->perm_len > 0)
		return memcmp(a->perm, b->perm, a->perm_len) == 0;
	return a->hw_len == b->hw_len && memcmp(a->hw, b->hw, a->hw_len) == 0;
}

static void
path_of(unsigned index, char path[static 64])
{
	(void)snprintf(path, 64, "%s/%u", BND_SNAP_DIR, index);
}

int
bnd_snap_save(const struct bnd_root *root, const struct bnd_link *link,
    const struct bnd_image *image, struct bnd_err *err)
{
	SCOPED_SNAP struct snap old = { 0 };
	SCOPED_NLBUF struct bnd_nlbuf b = { 0 };
	struct seal_end end = { 0 };
	struct bnd_err none = { 0 };
	struct bnd_now now;
	char path[64];

	path_of(link->id.index, path);
	if (load(root, path, &old, &none) == 0 && same_link(&old.was, link))
		return 0;
	if (bnd_root_mkdir(root, "run/bnd", 0755, err) == -1 ||
	    bnd_root_mkdir(root, BND_SNAP_DIR, 0700, err) == -1 ||
	    bnd_clock_now(&now, err) == -1)
		return -1;
	put_link(&b, link);
	put_some(&b, &image->addr, link->id.index, addr_counts);
	put_some(&b, &image->nexthop, link->id.index, nexthop_counts);
	put_some(&b, &image->route, link->id.index, route_counts);
	put_some(&b, &image->neigh, link->id.index, neigh_counts);
	end.boot_us = now.boot_us;
	digest(b.p, b.len, end.boot_us, end.digest);
	bnd_nl_msg(&b, NLMSG_DONE, 0, &end, sizeof end);
	if (b.full)
		return bnd_fail(err, BND_E_SYS, "too much to keep");
	return bnd_file_replace(root, path, b.p, b.len, 0600, err);
}

/* ---- putting back ---- */

static uint32_t
left(uint32_t seconds, uint64_t gone)
{
	if (seconds == FOREVER)
		return FOREVER;
	return seconds > gone ? (uint32_t)(seconds - gone) : 0;
}

/* The message under construction, and one attribute of it to write to. */
static struct nlmsghdr *
last_of(struct bnd_nlbuf *b)
{
	return (struct nlmsghdr *)(void *)(b->p + b->msg);
}

static void *
writable(struct bnd_str a)
{
	return (void *)(uintptr_t)a.p;
}

/* Lifetimes as they are now; false if the address has expired. */
static bool
ready_addr(struct bnd_nlbuf *b, uint64_t gone)
{
	struct nlmsghdr *nlh = last_of(b);
	struct bnd_str tab[IFA_MAX + 1];
	struct ifa_cacheinfo *life;

	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE;
	if (!bnd_nl_attrs(nlh, sizeof(struct ifaddrmsg), tab, IFA_MAX))
		return false;
	if (tab[IFA_CACHEINFO].len != sizeof *life)
		return true;
	life = writable(tab[IFA_CACHEINFO]);
	life->ifa_valid = left(life->ifa_valid, gone);
	life->ifa_prefered = left(life->ifa_prefered, gone);
	return life->ifa_valid > 0;
}

static bool
ready_route(struct bnd_nlbuf *b, uint64_t gone)
{
	struct nlmsghdr *nlh = last_of(b);
	struct bnd_str tab[RTA_MAX + 1];
	struct rta_cacheinfo life = { 0 };
	struct rtmsg *r = NLMSG_DATA(nlh);
	struct rtnexthop *nh;
	uint32_t seconds;
	size_t at = 0;

	if (!bnd_nl_attrs(nlh, sizeof *r, tab, RTA_MAX))
		return false;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE;
	if (r->rtm_family == AF_INET)
		nlh->nlmsg_flags |= NLM_F_APPEND;
	/* Half of it may have stayed with a link that was not ours. */
	if (tab[RTA_MULTIPATH].p != NULL)
		nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE;
	r->rtm_flags &= RTNH_F_ONLINK | RTNH_F_PERVASIVE;
	while ((nh = hop(tab[RTA_MULTIPATH], &at)) != NULL)
		nh->rtnh_flags &= RTNH_F_ONLINK | RTNH_F_PERVASIVE;
	if (tab[RTA_CACHEINFO].len >= sizeof life)
		memcpy(&life, tab[RTA_CACHEINFO].p, sizeof life);
	if (r->rtm_family != AF_INET6 || life.rta_expires <= 0)
		return true;
	seconds =
	    left((uint32_t)(life.rta_expires / sysconf(_SC_CLK_TCK)), gone);
	bnd_nl_put_u32(b, RTA_EXPIRES, seconds);
	return seconds > 0;
}

/* The scope is told, but must not be asked for. */
static void
ready_nexthop(struct bnd_nlbuf *b)
{
	struct nlmsghdr *nlh = last_of(b);
	struct nhmsg *nh = NLMSG_DATA(nlh);

	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE;
	nh->nh_scope = 0;
	nh->nh_flags &= RTNH_F_ONLINK;
}

/* A route by nexthop object must not say again what the object says. */
static void
by_object(struct bnd_nlbuf *b, const struct nlmsghdr *nlh, struct bnd_str all)
{
	struct bnd_str value;
	uint16_t type;

	bnd_nl_msg(
	    b, nlh->nlmsg_type, 0, bnd_nl_fixed(nlh, 0), sizeof(struct rtmsg));
	while (bnd_nl_attr_next(&all, &type, &value))
		if (type != RTA_OIF && type != RTA_GATEWAY && type != RTA_VIA &&
		    type != RTA_MULTIPATH)
			bnd_nl_put(b, type, value.p, value.len);
}

static void
copy_route(struct bnd_nlbuf *b, const struct nlmsghdr *nlh)
{
	struct bnd_str tab[RTA_MAX + 1];
	size_t skip = NLMSG_LENGTH(sizeof(struct rtmsg));
	struct bnd_str all = { (const char *)nlh + skip,
		nlh->nlmsg_len - skip };

	if (bnd_nl_attrs(nlh, sizeof(struct rtmsg), tab, RTA_MAX) &&
	    tab[RTA_NH_ID].p != NULL)
		by_object(b, nlh, all);
	else
		bnd_nl_copy(b, nlh);
}

/*
 * Append the message as it is to be sent now; false, and nothing appended, if
 * there is nothing to send any more.
 */
static bool
prepare(struct bnd_nlbuf *b, const struct nlmsghdr *nlh, uint64_t gone)
{
	size_t before = b->len;
	bool alive = true;

	if (nlh->nlmsg_type == RTM_NEWROUTE)
		copy_route(b, nlh);
	else
		bnd_nl_copy(b, nlh);
	if (b->full)
		return false;
	if (nlh->nlmsg_type == RTM_NEWADDR)
		alive = ready_addr(b, gone);
	else if (nlh->nlmsg_type == RTM_NEWNEXTHOP)
		ready_nexthop(b);
	else if (nlh->nlmsg_type == RTM_NEWROUTE)
		alive = ready_route(b, gone);
	else
		last_of(b)->nlmsg_flags =
		    NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE;
	if (!alive)
		b->len = before;
	return alive;
}

/* Send all of todo; what the kernel refused stays in it. */
static void
push(struct bnd_nl *nl, struct bnd_nlbuf *todo)
{
	struct bnd_nlbuf rest = { 0 };
	const struct nlmsghdr *nlh = NULL;

	while ((nlh = bnd_nl_next(todo, nlh)) != NULL) {
		SCOPED_NLBUF struct bnd_nlbuf one = { 0 };
		struct bnd_err why = { 0 };

		bnd_nl_copy(&one, nlh);
		if (bnd_nl_talk(nl, &one, &why) == -1 && why.errnum != EEXIST)
			bnd_nl_copy(&rest, nlh);
	}
	bnd_nlbuf_free(todo);
	*todo = rest;
}

/*
 * Again as long as it helps: a route may need another one, and one with a
 * source address waits for duplicate address detection.
 */
static void
push_routes(struct bnd_nl *nl, struct bnd_nlbuf *todo)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	unsigned waits = 0;
	size_t before;

	while (todo->len > 0) {
		before = todo->len;
		push(nl, todo);
		if (todo->len == before && waits++ == WAITS_MAX)
			return;
		if (todo->len == before)
			(void)nanosleep(&pause, NULL);
	}
}

struct snaps {
	size_t n;
	struct snap *v;
	uint64_t boot_us; /* now */
};

static void
free_snaps(struct snaps *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free_snap(&s->v[i]);
	free(s->v);
}
#define SCOPED_SNAPS __attribute__((cleanup(free_snaps)))

/* IPv6 puts a new address before the others: the last one goes first. */
static void
reverse(struct bnd_nlbuf *b)
{
	struct bnd_nlbuf r = { 0 };
	const struct nlmsghdr *nlh, *last = NULL;

	while (b->len > 0) {
		for (nlh = bnd_nl_next(b, NULL); nlh != NULL;
		     nlh = bnd_nl_next(b, nlh))
			last = nlh;
		bnd_nl_copy(&r, last);
		b->len = (size_t)((const char *)last - b->p);
	}
	bnd_nlbuf_free(b);
	*b = r;
}

static void
put_back(struct bnd_nl *nl, const struct snaps *s, uint16_t type)
{
	SCOPED_NLBUF struct bnd_nlbuf todo = { 0 };
	const struct nlmsghdr *nlh;
	size_t i;

	for (i = 0; i < s->n; i++) {
		uint64_t gone = (s->boot_us - s->v[i].boot_us) / 1000000;

		nlh = NULL;
		while ((nlh = bnd_nl_next(&s->v[i].b, nlh)) != NULL)
			if (nlh->nlmsg_type == type)
				(void)prepare(&todo, nlh, gone);
	}
	if (type == RTM_NEWADDR)
		reverse(&todo);
	if (type == RTM_NEWROUTE)
		push_routes(nl, &todo);
	else
		push(nl, &todo);
}

/* ---- proof ---- */

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
	    (nh = hop(paths, &at)) != NULL)
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
	bnd_hash_start(&h, PERSONAL);
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
prove_one(const struct snap *s, const struct sums *have, uint64_t gone,
    struct bnd_notes *notes)
{
	const struct nlmsghdr *nlh = NULL;
	uint8_t sum[BND_HASH_LEN];
	char what[128];

	while ((nlh = bnd_nl_next(&s->b, nlh)) != NULL) {
		SCOPED_NLBUF struct bnd_nlbuf now = { 0 };

		if (!essence(nlh, sum) || !prepare(&now, nlh, gone) ||
		    bsearch(sum, have->v, have->n, sizeof *have->v, by_bytes) !=
			NULL)
			continue;
		describe(nlh, what, sizeof what);
		bnd_note(notes, "link.return", "%s: %s is not back",
		    s->was.id.name, what);
	}
}

static int
prove(struct bnd_nl *nl, const struct snaps *s, struct bnd_notes *notes,
    struct bnd_err *err)
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

/* ---- all of them ---- */

static void
drop(const struct bnd_root *root, const char *path, struct bnd_notes *notes)
{
	struct bnd_err why = { 0 };

	if (bnd_file_unlink(root, path, &why) == -1)
		bnd_note(notes, "link.snapshot", "%s", why.text);
}

/* A sound file of a link that is still that link, or a note and no file. */
static bool
take_one(const struct bnd_root *root, const struct bnd_links *l,
    const char *name, uint64_t now_us, struct snap *s, struct bnd_notes *notes)
{
	const struct bnd_link *is;
	struct bnd_err why = { 0 };
	char path[320], mine[64];
	int n = snprintf(path, sizeof path, "%s/%s", BND_SNAP_DIR, name);

	if (n < 0 || (size_t)n >= sizeof path) {
		bnd_note(notes, "link.snapshot", "a file that is not ours");
		return false;
	}
	if (load(root, path, s, &why) == -1) {
		bnd_note(notes, "link.snapshot", "%s", why.text);
		drop(root, path, notes);
		return false;
	}
	path_of(s->was.id.index, mine);
	is = bnd_links_find(l, s->was.id.index);
	if (strcmp(path, mine) == 0 && is != NULL && same_link(is, &s->was) &&
	    s->boot_us <= now_us)
		return true;
	bnd_note(notes, "link.snapshot", "%s: %s is not the link it was", path,
	    s->was.id.name);
	drop(root, path, notes);
	return false;
}

static int
take_all(const struct bnd_root *root, const struct bnd_links *l,
    struct snaps *s, struct bnd_notes *notes, struct bnd_err *err)
{
	int fd =
	    bnd_root_openat(root, BND_SNAP_DIR, O_RDONLY | O_DIRECTORY, 0, err);
	struct dirent *e;
	DIR *dir;

	if (fd == -1)
		return err->errnum == ENOENT ? 0 : -1;
	dir = fdopendir(fd);
	if (dir == NULL) {
		close(fd);
		return bnd_fail_errno(err, "cannot read %s", BND_SNAP_DIR);
	}
	while (s->n < SNAPS_MAX && (e = readdir(dir)) != NULL) {
		struct snap *one = &s->v[s->n];

		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		*one = (struct snap){ 0 };
		if (take_one(root, l, e->d_name, s->boot_us, one, notes))
			s->n++;
		else
			free_snap(one);
	}
	closedir(dir);
	return 0;
}

static void
raise_all(struct bnd_nl *nl, const struct snaps *s, unsigned *count,
    struct bnd_notes *notes)
{
	struct bnd_err why = { 0 };
	size_t i;

	for (i = 0; i < s->n; i++)
		if (bnd_link_set_up(nl, s->v[i].was.id.index, true, &why) == 0)
			++*count;
		else
			bnd_note(notes, "link.return", "%s stays down: %s",
			    s->v[i].was.id.name, why.text);
}

int
bnd_snap_return(const struct bnd_root *root, struct bnd_nl *nl, unsigned *count,
    struct bnd_notes *notes, struct bnd_err *err)
{
	SCOPED_LINKS struct bnd_links l = { 0 };
	SCOPED_SNAPS struct snaps s = { 0 };
	struct bnd_now now;
	char path[64];
	int r;
	size_t i;

	*count = 0;
	s.v = calloc(SNAPS_MAX, sizeof *s.v);
	if (s.v == NULL)
		return bnd_fail_errno(err, "list of links");
	if (bnd_links_read(nl, &l, err) == -1 || bnd_clock_now(&now, err) == -1)
		/* cppcheck-suppress memleak ; it is SCOPED_SNAPS */
		return -1;
	s.boot_us = now.boot_us;
	if (take_all(root, &l, &s, notes, err) == -1)
		return -1;
	raise_all(nl, &s, count, notes);
	put_back(nl, &s, RTM_NEWADDR);
	put_back(nl, &s, RTM_NEWNEXTHOP);
	put_back(nl, &s, RTM_NEWROUTE);
	put_back(nl, &s, RTM_NEWNEIGH);
	r = prove(nl, &s, notes, err);
	for (i = 0; i < s.n; i++) {
		path_of(s.v[i].was.id.index, path);
		drop(root, path, notes);
	}
	return r;
}
