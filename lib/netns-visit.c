/* netns-visit.c: one network namespace that is not the host's: looked at, sealed */
/* SPDX-License-Identifier: ISC */
/*
 * The order is the host's: rules before links go down, rules of the new mode
 * before they come up.  The record of it (netns-keep.h) is made before the
 * first rule and goes after the last, so whoever is killed between leaves
 * something that says where to go on.
 */
#include "netns-visit.h"

#include <asm/socket.h>
#include <linux/if.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "flow.h"
#include "link.h"
#include "netns-keep.h"
#include "queue.h"
#include "scope.h"
#include "seal-legacy.h"
#include "seal-reach.h"
#include "seal-rules.h"
#include "updown.h"

#define QUEUE_MS 500 /* a visit has 1.5 s */

/* One visit, while it lasts: a run of the seal in that namespace. */
struct stay {
	const struct bnd_netns_order *o;
	struct bnd_netns_visit *v;
	struct bnd_job job;
	char dir[BND_NETNS_DIR_SIZE];
};

static struct stay *
begin(const struct bnd_netns_order *o, struct bnd_netns_visit *v,
    struct bnd_err *err)
{
	struct stay *s = calloc(1, sizeof *s);
	struct bnd_seal *seal = calloc(1, sizeof *seal);
	struct bnd_listfile *none = calloc(1, sizeof *none);

	if (s == NULL || seal == NULL || none == NULL) {
		(void)bnd_fail_errno(err, "a visit");
		free(none);
		free(seal);
		free(s);
		return NULL;
	}
	s->o = o;
	s->v = v;
	s->job = *o->job;
	s->job.abroad = true;
	s->job.primed = true; /* no flow is let by */
	s->job.tried = false;
	s->job.s = seal;
	s->job.list = none; /* its lines speak of the host's links */
	seal->mode = o->job->s->mode;
	s->job.rt.fd = s->job.nf.fd = -1;
	return s;
}

/* Closing the other socket waits for the kernel: the process's end does it. */
static void
leave(struct stay *s)
{
	bnd_nl_close(&s->job.rt);
	bnd_links_free(&s->job.s->links);
	free(s->job.list);
	free(s->job.s);
	free(s);
}

static enum bnd_mode
host_mode(const struct stay *s)
{
	return s->job.s->mode;
}

static bool
loosening(const struct stay *s)
{
	return bnd_mode_abroad(host_mode(s)) == BND_OPEN;
}

/* ---- what is there ---- */

static int
take_nsid(const struct nlmsghdr *nlh, void *arg, struct bnd_err *err)
{
	struct bnd_str tab[NETNSA_MAX + 1];
	int32_t *id = arg;

	(void)err;
	if (nlh != NULL && nlh->nlmsg_type == RTM_NEWNSID &&
	    bnd_nl_attrs(nlh, sizeof(struct rtgenmsg), tab, NETNSA_MAX))
		*id = (int32_t)bnd_nl_u32(tab[NETNSA_NSID], UINT32_MAX);
	return 0;
}

/* What a namespace is called here; -1: nothing here ends there. */
static int
ask_nsid(struct stay *s, int fd, int32_t *id, struct bnd_err *err)
{
	const struct rtgenmsg any = { .rtgen_family = AF_UNSPEC };
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };

	*id = -1;
	bnd_nl_msg(&req, RTM_GETNSID, 0, &any, sizeof any);
	bnd_nl_put_u32(&req, NETNSA_FD, (uint32_t)fd);
	return bnd_nl_each(&s->job.rt, &req, take_nsid, id, err);
}

/*
 * The links that end in one of these namespaces are real only if stacked, those
 * with a program always.
 */
static bool
settle_ends(struct stay *s, int32_t id)
{
	struct bnd_links *l = &s->job.s->links;
	bool more = false;

	for (size_t i = 0; i < l->n; i++) {
		struct bnd_link *k = &l->v[i];

		if (k->xdp || (k->elsewhere && k->nsid == id && id >= 0))
			k->real = bnd_link_is_real_abroad(k, true);
		more |= k->elsewhere && k->real &&
		    !bnd_link_is_real_abroad(k, true);
	}
	return more;
}

/*
 * Real as seen from here.  Most that end elsewhere end in the host; the others'
 * names here are asked for only if a link is left that may end there.
 */
static int
read_links(struct stay *s, struct bnd_err *err)
{
	const struct bnd_netns_list *all = s->o->all;
	int32_t id;

	if (bnd_links_read(&s->job.rt, &s->job.s->links, err) == -1)
		return -1;
	if (!settle_ends(s, -1))
		return 0;
	if (ask_nsid(s, s->o->host, &id, err) == -1)
		return -1;
	for (size_t i = 0; settle_ends(s, id) && i < all->n; i++)
		if (ask_nsid(s, all->v[i].fd, &id, err) == -1)
			return -1;
	return 0;
}

static const struct bnd_link *
real_link(const struct stay *s, bool up)
{
	const struct bnd_links *l = &s->job.s->links;

	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].real && (!up || bnd_link_is_up(&l->v[i])))
			return &l->v[i];
	return NULL;
}

static int
look_around(struct stay *s, struct bnd_err *err)
{
	struct bnd_netns_visit *v = s->v;
	socklen_t len = sizeof v->cookie;

	if (bnd_nl_open(&s->job.rt, NETLINK_ROUTE, err) == -1)
		return -1;
	if (getsockopt(s->job.rt.fd, SOL_SOCKET, SO_NETNS_COOKIE, &v->cookie,
		&len) == -1)
		return bnd_fail_errno(err, "its cookie");
	bnd_netns_dir(v->cookie, s->dir);
	v->holds = bnd_netns_is_kept(s->job.root, v->cookie);
	if (!v->holds && loosening(s))
		return 0;
	if (read_links(s, err) == -1)
		return -1;
	v->holds |= real_link(s, false) != NULL;
	return 0;
}

/*
 * In TRUSTED links stay up, unless something there could send past the rules:
 * nobody has said that it may, and whoever runs a namespace of his own could hold
 * up the host's mode with it.  It is named, whether its link is up or not.
 */
static int
must_be_down(struct stay *s, bool *down, struct bnd_err *err)
{
	struct bnd_links *l = &s->job.s->links;

	*down = host_mode(s) >= BND_AIRGAP;
	if (host_mode(s) != BND_TRUSTED)
		return 0;
	for (size_t i = 0; i < l->n; i++)
		l->v[i].flags |= IFF_UP;
	*down = !bnd_job_judge_bypasses(&s->job);
	return read_links(s, err);
}

/* ---- what is made of it ---- */

static int
settle_links(struct stay *s, struct bnd_err *err)
{
	const struct bnd_root *root = s->job.root;
	bool down;

	if (read_links(s, err) == -1 || must_be_down(s, &down, err) == -1)
		return -1;
	/* What is there is judged, and told, in the end. */
	s->job.s->findings = (struct bnd_notes){ 0 };
	if (down)
		return bnd_links_down(root, s->dir, &s->job.rt,
		    &s->job.s->links, 0, &s->v->downed, &s->job.s->findings,
		    err);
	return bnd_snap_return(
	    root, s->dir, &s->job.rt, &s->v->raised, &s->job.s->findings, err);
}

static void
cut_flows(struct stay *s)
{
	struct bnd_rules_in in = bnd_job_rules(&s->job);
	struct bnd_cut cut = { 0 };
	struct bnd_err why = { 0 };

	/* The rules hold without it. */
	if (bnd_flow_cut(&in, &s->job.nf, &cut, &why) == -1)
		bnd_note(&s->job.s->findings, "flow", "%s", why.text);
}

/* As in the host (queue.h); links that go down drop theirs. */
static void
empty_queues(struct stay *s)
{
	const struct bnd_queue_order order = { .wait_ms =
						   s->job.hook ? 0 : QUEUE_MS };
	struct bnd_notes *notes = &s->job.s->findings;
	struct bnd_queue_result res = { 0 };
	struct bnd_err why = { 0 };

	if (host_mode(s) == BND_TRUSTED &&
	    bnd_queue_empty(&s->job.rt, &s->job.s->links, &order, &res, notes,
		&why) == -1 &&
	    !res.absent)
		bnd_note(notes, "queue", "%s", why.text);
}

/* Of two reasons the first is told. */
static int
worse(int r, int step, struct bnd_err *err, const struct bnd_err *why)
{
	if (step == 0)
		return r;
	if (r == 0)
		*err = *why;
	return -1;
}

/* A tightening does every step, whatever fails; a loosening stops there. */
static int
settle(struct stay *s, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	int r;

	s->v->changed = true;
	r = bnd_netns_keep(s->job.root, s->v->cookie, err);
	r = worse(r, bnd_job_commit(&s->job, &why), err, &why);
	r = worse(r, bnd_job_legacy_put(&s->job, &why), err, &why);
	if (r == -1 && loosening(s))
		return -1;
	r = worse(r, settle_links(s, &why), err, &why);
	if (!loosening(s)) {
		cut_flows(s);
		empty_queues(s);
	}
	return r;
}

/* ---- what is so ---- */

static int
judge(struct stay *s, struct bnd_err *err)
{
	const struct bnd_link *up;
	bool down;

	struct bnd_notes *notes = &s->job.s->findings;
	bool good = false;

	s->v->good = false;
	if (bnd_job_rules_hold(&s->job, notes, &good, err) == -1 ||
	    read_links(s, err) == -1 || must_be_down(s, &down, err) == -1)
		return -1;
	up = real_link(s, true);
	if (down && up != NULL)
		bnd_note(notes, "link", "%s is up", up->id.name);
	s->v->kept_down = down;
	s->v->good = good && (!down || up == NULL);
	return 0;
}

/* Rules are there, it is on record, and no link is down that may be up. */
static bool
is_settled(struct stay *s)
{
	const struct bnd_root *root = s->job.root;
	struct bnd_err none = { 0 };

	if (loosening(s) || !bnd_netns_is_kept(root, s->v->cookie) ||
	    judge(s, &none) == -1 || !s->v->good)
		return false;
	return s->v->kept_down || !bnd_netns_has_files(root, s->v->cookie);
}

static int
work(struct stay *s, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	int r = 0;

	/* Without it links still go down. */
	r = worse(r, bnd_job_sockets(&s->job, &why), err, &why);
	if (s->o->fix && is_settled(s)) {
		/* What an earlier run had to leave. */
		empty_queues(s);
		return r;
	}
	if (s->o->fix) {
		/* What is mended is not told. */
		s->job.s->findings = (struct bnd_notes){ 0 };
		bnd_job_consult(&s->job);
		r = worse(r, settle(s, &why), err, &why);
	}
	r = worse(r, judge(s, &why), err, &why);
	if (r == 0 && s->o->fix && s->v->good && loosening(s))
		return bnd_netns_forget(s->job.root, s->v->cookie, err);
	return r;
}

static void
name_notes(struct bnd_notes *to, const struct bnd_notes *from, const char *name)
{
	for (size_t i = 0; i < from->n; i++)
		bnd_note(to, "namespace", "%s: %s: %s", name,
		    from->note[i].code, from->note[i].text);
	to->lost += from->lost;
}

int
bnd_netns_visit(const struct bnd_netns_order *o, const struct bnd_netns_one *ns,
    struct bnd_netns_visit *v, struct bnd_notes *notes, struct bnd_err *err)
{
	struct stay *s;
	int r;

	if (setns(ns->fd, CLONE_NEWNET) == -1)
		return bnd_fail_errno(err, "cannot enter");
	s = begin(o, v, err);
	if (s == NULL)
		return -1;
	r = look_around(s, err);
	if (r == 0 && v->holds)
		r = work(s, err);
	name_notes(notes, &s->job.s->findings, ns->name);
	leave(s);
	return r;
}
