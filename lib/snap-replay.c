/* snap-replay.c: what links had is asked of the kernel again */
/* SPDX-License-Identifier: ISC */
/*
 * Put back is only what somebody configured; what the kernel makes by itself
 * (routes of its own, temporary addresses) it makes again.  Lifetimes run on
 * while the link is down: what has expired stays away.
 */
#include "snap-replay.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "image.h"

#define WAITS_MAX 20 /* for duplicate address detection, 100 ms each */
#define FOREVER	  UINT32_MAX

static uint32_t
left(uint32_t seconds, uint64_t gone)
{
	if (seconds == FOREVER)
		return FOREVER;
	return seconds > gone ? (uint32_t)(seconds - gone) : 0;
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
	struct nlmsghdr *nlh = bnd_nl_head(b);
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
	struct nlmsghdr *nlh = bnd_nl_head(b);
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
	while ((nh = bnd_image_hop(tab[RTA_MULTIPATH], &at)) != NULL)
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
	struct nlmsghdr *nlh = bnd_nl_head(b);
	struct nhmsg *nh = NLMSG_DATA(nlh);

	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE;
	nh->nh_scope = 0;
	nh->nh_flags &= RTNH_F_ONLINK;
}

/* What is told of a group besides may not be asked for. */
static void
copy_nexthop(struct bnd_nlbuf *b, const struct nlmsghdr *nlh)
{
	static const uint16_t asked[] = { NHA_ID, NHA_GROUP, NHA_GROUP_TYPE };
	struct bnd_str tab[NHA_MAX + 1];

	if (!bnd_nl_attrs(nlh, sizeof(struct nhmsg), tab, NHA_MAX) ||
	    tab[NHA_GROUP].p == NULL) {
		bnd_nl_copy(b, nlh);
		return;
	}
	bnd_nl_msg(
	    b, nlh->nlmsg_type, 0, bnd_nl_fixed(nlh, 0), sizeof(struct nhmsg));
	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
		if (tab[asked[i]].p != NULL)
			bnd_nl_put(
			    b, asked[i], tab[asked[i]].p, tab[asked[i]].len);
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

bool
bnd_snap_ready(struct bnd_nlbuf *b, const struct nlmsghdr *nlh, uint64_t gone)
{
	size_t before = b->len;
	bool alive = true;

	if (nlh->nlmsg_type == RTM_NEWROUTE)
		copy_route(b, nlh);
	else if (nlh->nlmsg_type == RTM_NEWNEXTHOP)
		copy_nexthop(b, nlh);
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
		bnd_nl_head(b)->nlmsg_flags =
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
put_back(struct bnd_nl *nl, const struct bnd_snaps *s, uint16_t type)
{
	SCOPED_NLBUF struct bnd_nlbuf todo = { 0 };
	const struct nlmsghdr *nlh;
	size_t i;

	for (i = 0; i < s->n; i++) {
		uint64_t gone = (s->boot_us - s->v[i].boot_us) / 1000000;

		nlh = NULL;
		while ((nlh = bnd_nl_next(&s->v[i].b, nlh)) != NULL)
			if (nlh->nlmsg_type == type)
				(void)bnd_snap_ready(&todo, nlh, gone);
	}
	if (type == RTM_NEWADDR)
		reverse(&todo);
	if (type == RTM_NEWROUTE)
		push_routes(nl, &todo);
	else
		push(nl, &todo);
	/* A group may have members that another link brings. */
	if (type == RTM_NEWNEXTHOP)
		push(nl, &todo);
}

void
bnd_snap_replay(struct bnd_nl *nl, const struct bnd_snaps *s)
{
	put_back(nl, s, RTM_NEWADDR);
	put_back(nl, s, RTM_NEWNEXTHOP);
	put_back(nl, s, RTM_NEWROUTE);
	put_back(nl, s, RTM_NEWNEIGH);
}
