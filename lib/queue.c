/* queue.c: what stood in a queue before the rules changed does not leave */
/* SPDX-License-Identifier: ISC */
/*
 * Whose queue a link has is told by the handle of its root qdisc, as the kernel
 * tells it itself: what it attached on its own has handle 0, and what came by
 * RTM_NEWQDISC has another, given or made up from 8000: on (tc_modify_qdisc() in
 * net/sched/sch_api.c: "It may be default qdisc, ignore it").  Read there, and
 * seen with noqueue, pfifo_fast, fq_codel and mq on 6.1 and 6.18; the queues
 * below a default mq have handle 0 as well, and nobody can replace one of them.
 *
 * A default queue is emptied by putting a pfifo in its place and deleting that:
 * the old one is dropped with all it holds, and the kernel attaches its default
 * again.  NLM_F_EXCL makes the kernel refuse the first half if an administrator
 * was quicker, the handle makes it refuse the second.
 */
#include "queue.h"

#include <errno.h>
#include <linux/gen_stats.h>
#include <linux/membarrier.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "scope.h"

/* Not of those that the kernel makes up. */
#define OURS   TC_H_MAKE(0x7b0du << 16, 0)
#define NAP_MS 20
#define KIND   16

/* The queue of one link, whatever it is made of. */
struct queue {
	unsigned index;
	bool rooted;
	uint32_t handle; /* of its root */
	uint32_t packets;
	char kind[KIND]; /* of its root */
	bool done;	 /* it held nothing old any more at some time */
};

struct queues {
	size_t n, size;
	struct queue *v;
};

static void
free_queues(struct queues *q)
{
	free(q->v);
	*q = (struct queues){ 0 };
}
#define SCOPED_QUEUES __attribute__((cleanup(free_queues)))

static struct queue *
find(const struct queues *q, unsigned index)
{
	size_t i;

	for (i = 0; i < q->n; i++)
		if (q->v[i].index == index)
			return &q->v[i];
	return NULL;
}

static struct queue *
find_or_add(struct queues *q, unsigned index)
{
	struct queue *found = find(q, index);
	struct queue *more;

	if (found != NULL)
		return found;
	if (q->v == NULL || q->n == q->size) {
		q->size = q->size == 0 ? 16 : 2 * q->size;
		more = reallocarray(q->v, q->size, sizeof *more);
		if (more == NULL)
			return NULL;
		q->v = more;
	}
	found = &q->v[q->n++];
	*found = (struct queue){ .index = index };
	return found;
}

static uint32_t
packets_of(struct bnd_str stats)
{
	struct bnd_str tab[TCA_STATS_MAX + 1];
	struct gnet_stats_queue s;

	if (stats.p == NULL || !bnd_nl_nested(stats, tab, TCA_STATS_MAX) ||
	    tab[TCA_STATS_QUEUE].len < sizeof s)
		return 0;
	memcpy(&s, tab[TCA_STATS_QUEUE].p, sizeof s);
	return s.qlen == 0 && s.backlog > 0 ? 1 : s.qlen;
}

static int
take(struct queues *q, const struct nlmsghdr *nlh, struct bnd_err *err)
{
	const struct tcmsg *tc = bnd_nl_fixed(nlh, sizeof *tc);
	struct bnd_str tab[TCA_MAX + 1];
	struct queue *of;
	uint32_t packets;
	char kind[KIND];

	if (tc == NULL || !bnd_nl_attrs(nlh, sizeof *tc, tab, TCA_MAX) ||
	    !bnd_nl_str(tab[TCA_KIND], kind, sizeof kind))
		return bnd_fail(err, BND_E_SYS, "a queue cannot be read");
	/* These are places for filters and hold nothing. */
	if (tc->tcm_parent == TC_H_INGRESS)
		return 0;
	of = find_or_add(q, (unsigned)tc->tcm_ifindex);
	if (of == NULL)
		return bnd_fail_errno(err, "list of queues");
	/* A root counts what stands below it; some leaves tell their own. */
	packets = packets_of(tab[TCA_STATS2]);
	if (packets > of->packets)
		of->packets = packets;
	if (tc->tcm_parent != TC_H_ROOT)
		return 0;
	of->rooted = true;
	of->handle = tc->tcm_handle;
	memcpy(of->kind, kind, sizeof kind);
	return 0;
}

static int
read_queues(struct bnd_nl *nl, struct queues *q, struct bnd_err *err)
{
	struct tcmsg all = { .tcm_family = AF_UNSPEC };
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	SCOPED_NLBUF struct bnd_nlbuf out = { 0 };
	const struct nlmsghdr *nlh = NULL;

	q->n = 0;
	bnd_nl_msg(&req, RTM_GETQDISC, NLM_F_DUMP, &all, sizeof all);
	if (bnd_nl_dump(nl, &req, &out, err) == -1)
		return -1;
	while ((nlh = bnd_nl_next(&out, nlh)) != NULL)
		if (nlh->nlmsg_type == RTM_NEWQDISC && take(q, nlh, err) == -1)
			return -1;
	return 0;
}

static int
talk(struct bnd_nl *nl, uint16_t type, uint16_t flags, unsigned index,
    struct bnd_err *err)
{
	struct tcmsg tc = { .tcm_family = AF_UNSPEC,
		.tcm_ifindex = (int)index,
		.tcm_handle = OURS,
		.tcm_parent = TC_H_ROOT };
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };

	bnd_nl_msg(&req, type, flags, &tc, sizeof tc);
	if (type == RTM_NEWQDISC)
		bnd_nl_put_str(&req, TCA_KIND, "pfifo");
	return bnd_nl_talk(nl, &req, err);
}

static bool
is_ours(const struct queue *q)
{
	return q->rooted && q->handle == OURS && strcmp(q->kind, "pfifo") == 0;
}

static bool
is_default(const struct queue *q)
{
	return q->rooted && q->handle == 0 && strcmp(q->kind, "noqueue") != 0;
}

/* Ours is gone, or the link is, or somebody put his in its place. */
static int
take_away(struct bnd_nl *nl, unsigned index, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	if (talk(nl, RTM_DELQDISC, 0, index, &why) == 0 ||
	    why.errnum == ENODEV || why.errnum == ENOENT ||
	    why.errnum == EINVAL)
		return 0;
	*err = why;
	return -1;
}

static int
swap(struct bnd_nl *nl, struct queue *q, struct bnd_queue_result *res,
    struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	if (talk(nl, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, q->index, &why) ==
	    0) {
		res->emptied++;
		q->done = true;
		return take_away(nl, q->index, err);
	}
	/* It is an administrator's now, and his replacement dropped the old. */
	if (why.errnum == ENODEV || why.errnum == EEXIST) {
		q->done = true;
		return 0;
	}
	*err = why;
	return -1;
}

/*
 * Wait for whoever is between the old rules and a queue.  From the egress hook
 * to the queue is one read-side section of RCU (__dev_queue_xmit() in
 * net/core/dev.c), and this ends when all that had begun have ended
 * (MEMBARRIER_CMD_GLOBAL in kernel/sched/membarrier.c), in 5 to 20 ms.  Where it
 * is refused (nohz_full) only a swap is sure of that: the kernel waits in it.
 */
static bool
await_stragglers(void)
{
	return syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0;
}

/* The first look: default queues are dealt with, the others remembered. */
static int
begin(struct bnd_nl *nl, const struct bnd_queue_order *o, struct queues *q,
    struct bnd_queue_result *res, struct bnd_err *err)
{
	bool all = !await_stragglers() || o->all;
	size_t i;

	if (read_queues(nl, q, err) == -1)
		return -1;
	for (i = 0; i < q->n; i++) {
		struct queue *one = &q->v[i];

		if (o->index != 0 && one->index != o->index)
			one->done = true;
		else if (is_ours(one) && take_away(nl, one->index, err) == -1)
			return -1;
		else if (is_default(one) && (all || one->packets > 0) &&
		    swap(nl, one, res, err) == -1)
			return -1;
		if (one->packets == 0 || is_ours(one) || o->wait_ms == 0)
			one->done = true;
	}
	return 0;
}

/* Whether each that held something has been empty once since. */
static int
look_again(struct bnd_nl *nl, struct queues *before, bool *waiting,
    struct bnd_err *err)
{
	SCOPED_QUEUES struct queues q = { 0 };
	size_t i;

	*waiting = false;
	if (read_queues(nl, &q, err) == -1)
		return -1;
	for (i = 0; i < before->n; i++) {
		struct queue *old = &before->v[i];
		const struct queue *is = find(&q, old->index);

		if (is == NULL || is->packets == 0)
			old->done = true;
		else
			old->packets = is->packets;
		*waiting |= !old->done;
	}
	return 0;
}

static const char *
name_of(const struct bnd_links *links, unsigned index)
{
	const struct bnd_link *l = bnd_links_find(links, index);

	return l != NULL ? l->id.name : "a link";
}

/* What a swap has brought back is what was there. */
static void
compare(const struct queues *before, const struct queues *after,
    const struct bnd_links *links, struct bnd_notes *findings)
{
	size_t i;

	for (i = 0; i < before->n; i++) {
		const struct queue *was = &before->v[i];
		const struct queue *is = find(after, was->index);

		if (is_default(was) && is != NULL && is->handle == 0 &&
		    strcmp(is->kind, was->kind) != 0)
			bnd_note(findings, "queue",
			    "%s: the default queue was %s and is %s now",
			    name_of(links, was->index), was->kind, is->kind);
	}
}

static int
end(struct bnd_nl *nl, const struct queues *before,
    const struct bnd_links *links, struct bnd_queue_result *res,
    struct bnd_notes *findings, struct bnd_err *err)
{
	SCOPED_QUEUES struct queues q = { 0 };
	size_t i;

	if (read_queues(nl, &q, err) == -1)
		return -1;
	compare(before, &q, links, findings);
	for (i = 0; i < q.n; i++)
		if (is_ours(&q.v[i]))
			return bnd_fail(err, BND_E_ENFORCER,
			    "%s has our queue still",
			    name_of(links, q.v[i].index));
	for (i = 0; i < before->n; i++) {
		const struct queue *one = &before->v[i];

		if (one->done)
			continue;
		res->left = true;
		bnd_note(findings, "backlog",
		    "%s: %u packets in its %s, maybe from before",
		    name_of(links, one->index), one->packets, one->kind);
	}
	return 0;
}

static void
nap(void)
{
	const struct timespec t = { .tv_nsec = NAP_MS * 1000000L };

	(void)nanosleep(&t, NULL);
}

int
bnd_queue_empty(struct bnd_nl *nl, const struct bnd_links *links,
    const struct bnd_queue_order *order, struct bnd_queue_result *res,
    struct bnd_notes *findings, struct bnd_err *err)
{
	SCOPED_QUEUES struct queues q = { 0 };
	const uint64_t until = bnd_clock_ms() + order->wait_ms;
	bool waiting = true;

	*res = (struct bnd_queue_result){ 0 };
	if (begin(nl, order, &q, res, err) == -1) {
		/* Without traffic control there are default queues only. */
		res->absent = err->errnum == EOPNOTSUPP;
		return -1;
	}
	while (waiting) {
		if (look_again(nl, &q, &waiting, err) == -1)
			return -1;
		if (!waiting || bnd_clock_ms() >= until)
			break;
		nap();
	}
	return end(nl, &q, links, res, findings, err);
}

int
bnd_queue_tidy(struct bnd_nl *nl, struct bnd_err *err)
{
	SCOPED_QUEUES struct queues q = { 0 };
	size_t i;

	if (read_queues(nl, &q, err) == -1)
		return err->errnum == EOPNOTSUPP ? 0 : -1;
	for (i = 0; i < q.n; i++)
		if (is_ours(&q.v[i]) && take_away(nl, q.v[i].index, err) == -1)
			return -1;
	return 0;
}
