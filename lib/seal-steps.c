/* seal-steps.c: the steps of a run, and the whole tightening */
/* SPDX-License-Identifier: ISC */
#include "seal-steps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "file.h"
#include "flow.h"
#include "lock.h"
#include "queue.h"
#include "scope.h"
#include "seal-legacy.h"
#include "seal-netns.h"
#include "seal-radio.h"
#include "seal-reach.h"
#include "seal-rules.h"
#include "snap.h"
#include "updown.h"

#define PASSES_MAX 3
#define LOCK_MS	   2000
#define QUEUE_MS   2000
#define BACKLOG	   BND_NET_DIR "/backlog" /* a queue was not empty */

int
bnd_seal_lock(const struct bnd_root *root, int *fd, struct bnd_err *err)
{
	if (bnd_root_mkdir(root, "run/bnd", 0755, err) == -1 ||
	    bnd_root_mkdir(root, BND_NET_DIR, 0755, err) == -1)
		return -1;
	*fd = bnd_lock(root, BND_NET_LOCK, true, true, LOCK_MS, err);
	return *fd == -1 ? -1 : 0;
}

/* A real link that is up where none may be; NULL if there is none. */
static const struct bnd_link *
stray(const struct bnd_seal *s)
{
	size_t i;

	for (i = 0; s->mode >= BND_AIRGAP && i < s->links.n; i++)
		if (s->links.v[i].real && bnd_link_is_up(&s->links.v[i]))
			return &s->links.v[i];
	return NULL;
}

/*
 * Which link's hook comes first is chance: whichever finds an uplink where none
 * may be, trips, or the one of the uplink itself would find it down already.
 */
static void
note_uplinks(struct bnd_job *j)
{
	size_t i;

	for (i = 0; i < j->s->links.n; i++) {
		const struct bnd_link *l = &j->s->links.v[i];

		if (!bnd_link_is_uplink(l))
			continue;
		bnd_note(&j->s->findings, "uplink", "%s came up", l->id.name);
		j->s->tripped = j->s->mode < BND_LOCKDOWN;
		j->s->no = true;
	}
}

/* index 0: all real links; else that one, of whatever kind. */
void
bnd_job_take_down(struct bnd_job *j, unsigned index)
{
	struct bnd_err why = { 0 };
	unsigned n = 0;

	if (j->hook && index == 0)
		note_uplinks(j);
	if (bnd_links_down(j->root, BND_SNAP_DIR, &j->rt, &j->s->links, index,
		&n, &j->s->findings, &why) == -1)
		bnd_seal_fail(j->s, &why);
	j->s->downed += n;
}

/*
 * On the way back from a mode that takes links down: a real one that is still
 * down may have been down before, but nothing says so.
 */
static void
note_left_down(struct bnd_job *j)
{
	size_t i;

	for (i = 0; j->loosening && i < j->s->links.n; i++) {
		const struct bnd_link *l = &j->s->links.v[i];

		if (l->real && !bnd_link_is_up(l))
			bnd_note(&j->s->findings, "link.down",
			    "%s is down, and nothing says how it was",
			    l->id.name);
	}
}

void
bnd_job_settle_links(struct bnd_job *j)
{
	struct bnd_err why = { 0 };
	size_t before;

	if (j->s->mode >= BND_AIRGAP) {
		bnd_job_take_down(j, 0);
		/* It takes its links down by itself, and what they have. */
		bnd_job_settle_radios(j);
		return;
	}
	/* A link whose radio is blocked cannot come up. */
	bnd_job_settle_radios(j);
	before = j->s->findings.n;
	if (bnd_snap_return(j->root, BND_SNAP_DIR, &j->rt, &j->s->raised,
		&j->s->findings, &why) == -1)
		bnd_note(&j->s->findings, "link.return", "%s", why.text);
	j->s->no |= j->s->findings.n > before;
	if (j->s->raised == 0 && j->loosening &&
	    bnd_links_read(&j->rt, &j->s->links, &why) == 0)
		note_left_down(j);
}

void
bnd_job_judge_links(struct bnd_seal *s)
{
	const struct bnd_link *up = stray(s);

	s->link = s->mode >= BND_AIRGAP ? BND_LAYER_USED : BND_LAYER_UNUSED;
	if (up == NULL)
		return;
	s->link = BND_LAYER_FAILED;
	bnd_note(&s->findings, bnd_link_is_uplink(up) ? "uplink" : "link.up",
	    "%s is up", up->id.name);
}

/* Whether this host passes on packets of others. */
static bool
forwards(void)
{
	static const char *const knobs[] = {
		"/proc/sys/net/ipv4/conf/all/forwarding",
		"/proc/sys/net/ipv6/conf/all/forwarding",
	};
	size_t i;

	for (i = 0; i < sizeof knobs / sizeof knobs[0]; i++) {
		SCOPED_FILE FILE *f = fopen(knobs[i], "re");

		if (f != NULL && fgetc(f) != '0')
			return true;
	}
	return false;
}

/*
 * A forwarded flow has no socket to destroy: where nobody can be told to forget
 * it, its replies pass for as long as it lasts.
 */
static void
judge_forwarded(struct bnd_seal *s)
{
	if (!s->cut.no_conntrack || !bnd_job_has_list(s->mode) || !forwards())
		return;
	s->flow = BND_LAYER_FAILED;
	s->no = true;
	bnd_note(&s->findings, "flow",
	    "flows forwarded before go on: this kernel has no ctnetlink");
}

static void
cut_flows(struct bnd_job *j)
{
	struct bnd_rules_in in = bnd_job_rules(j);
	struct bnd_err why = { 0 };

	j->s->flow = BND_LAYER_UNUSED;
	if (j->s->mode == BND_OPEN)
		return;
	/* The rules hold without it; it is hygiene, and tells applications. */
	j->s->flow = BND_LAYER_USED;
	if (bnd_flow_cut(&in, &j->nf, &j->s->cut, &why) == -1) {
		j->s->flow = BND_LAYER_FAILED;
		bnd_note(&j->s->findings, "flow", "%s", why.text);
		j->s->no = true;
	} else if (j->s->cut.no_destroy) {
		j->s->flow = BND_LAYER_ABSENT;
	}
	judge_forwarded(j->s);
}

/*
 * What was left once may still be there though the rules were in force before:
 * until a run has seen it gone, each looks.
 */
static bool
was_left(const struct bnd_job *j)
{
	struct bnd_err none = { 0 };
	SCOPED_FD int fd =
	    bnd_root_openat(j->root, BACKLOG, O_RDONLY, 0, &none);

	return fd != -1 || none.errnum != ENOENT;
}

static void
keep_left(struct bnd_job *j, bool left)
{
	struct bnd_err why = { 0 };

	if ((left ? bnd_file_replace(j->root, BACKLOG, "", 0, 0600, &why)
		  : bnd_file_unlink(j->root, BACKLOG, &why)) == -1)
		bnd_note(&j->s->findings, "queue", "%s", why.text);
}

/*
 * Only where links stay up and frames are judged; a link that goes down drops
 * its queue.  The hook empties that of its own link and waits for nobody.
 */
static void
empty_queues(struct bnd_job *j)
{
	const struct bnd_queue_order order = { .index = j->index,
		.wait_ms = j->hook ? 0 : QUEUE_MS };
	struct bnd_queue_result res = { 0 };
	struct bnd_seal *s = j->s;
	struct bnd_err why = { 0 };
	bool before = was_left(j);

	if (bnd_queue_tidy(&j->rt, &why) == -1)
		bnd_note(&s->findings, "queue", "%s", why.text);
	s->queue = BND_LAYER_UNUSED;
	if (before && s->mode != BND_TRUSTED)
		keep_left(j, false);
	if (s->mode != BND_TRUSTED || (j->held && !before) ||
	    (j->hook && j->index == 0))
		return;
	s->queue = BND_LAYER_USED;
	if (bnd_queue_empty(
		&j->rt, &s->links, &order, &res, &s->findings, &why) == -1) {
		s->queue = res.absent ? BND_LAYER_ABSENT : BND_LAYER_FAILED;
		bnd_note(&s->findings, "queue", "%s", why.text);
		s->no = true;
	} else if (res.left) {
		s->queue = BND_LAYER_FAILED;
		s->no = true;
	}
	if (res.left != before && !j->hook)
		keep_left(j, res.left);
}

/* True once rules and links are as the mode wants them. */
bool
bnd_job_look(struct bnd_job *j, struct bnd_notes *notes, struct bnd_err *why)
{
	bool hold = false;

	if (bnd_job_rules_hold(j, notes, &hold, why) == -1)
		return false;
	hold &= bnd_job_judge_radios(j, notes);
	return hold && stray(j->s) == NULL;
}

/*
 * Of many links that come at once, the first hook judges all that are there.
 * Whoever finds rules and links as they should be leaves them alone.
 */
bool
bnd_job_stands(struct bnd_job *j)
{
	struct bnd_err none = { 0 };

	j->s->pass = (struct bnd_notes){ 0 };
	j->probed = true; /* what lacks is asked by those who commit */
	j->s->sealed = bnd_job_look(j, &j->s->pass, &none);
	j->probed = false;
	if (j->s->sealed)
		empty_queues(j);
	return j->s->sealed;
}

/*
 * Where nf_tables is not, the two families change one after the other: nothing
 * that could tell the difference is up by then.
 */
static void
put_legacy(struct bnd_job *j, struct bnd_notes *notes, struct bnd_err *why)
{
	bool links_first = j->no_nft && j->s->mode >= BND_AIRGAP;

	if (links_first)
		bnd_job_settle_links(j);
	if (bnd_job_legacy_put(j, why) == -1)
		bnd_note(notes, "legacy", "%s", why->text);
	if (!links_first)
		bnd_job_settle_links(j);
}

/* A link that is not here any more may be elsewhere; others stay where they are. */
static bool
settle_namespaces(struct bnd_job *j, struct bnd_notes *notes)
{
	if (j->hook &&
	    (j->index == 0 || bnd_links_find(&j->s->links, j->index) != NULL))
		return true;
	return bnd_job_settle_namespaces(j, notes);
}

/* Every step, whatever fails. */
void
bnd_job_tighten(struct bnd_job *j)
{
	struct bnd_notes *notes = &j->s->pass;
	struct bnd_err why = { 0 };
	unsigned pass;

	for (pass = 0; pass < PASSES_MAX && !j->s->sealed; pass++) {
		*notes = (struct bnd_notes){ 0 };
		why = (struct bnd_err){ 0 };
		if (bnd_job_sockets(j, &why) == -1)
			bnd_note(notes, "netlink", "%s", why.text);
		if (bnd_job_commit(j, &why) == -1)
			bnd_note(notes, "rules", "%s", why.text);
		/* Without rules the links may still be known. */
		if (j->s->links.n == 0 &&
		    bnd_links_read(&j->rt, &j->s->links, &why) == -1)
			bnd_note(notes, "links", "%s", why.text);
		put_legacy(j, notes, &why);
		if (pass == 0 && (!j->tried || j->confirmed))
			cut_flows(j);
		if (pass == 0)
			empty_queues(j);
		j->s->sealed = bnd_job_look(j, notes, &why);
		j->s->sealed &= settle_namespaces(j, notes);
	}
	for (pass = 0; !j->s->sealed && pass < notes->n; pass++)
		bnd_note(&j->s->findings, notes->note[pass].code, "%s",
		    notes->note[pass].text);
	if (j->s->sealed)
		return;
	if (why.kind == BND_E_NONE)
		(void)bnd_fail(&why, BND_E_ENFORCER,
		    "the kernel does not show %s", bnd_mode_name(j->s->mode));
	bnd_seal_fail(j->s, &why);
}

void
bnd_job_finish(struct bnd_job *j)
{
	struct bnd_seal *s = j->s;
	bool past = !bnd_job_judge_bypasses(j);

	bnd_job_judge_links(s);
	if (s->mode == BND_RESTRICTED && s->cut.stuck > 0) {
		bnd_note(&s->findings, "bypass",
		    "%u refused flows are offloaded and go on", s->cut.stuck);
		past = true;
	}
	if (past) {
		struct bnd_err why = { 0 };

		(void)bnd_fail(
		    &why, BND_E_ENFORCER, "something can send past the rules");
		s->sealed = false;
		bnd_seal_fail(s, &why);
	}
	bnd_job_list_waiting(j);
	bnd_job_list_uncovered(j);
}
