/* seal.c: the network obeys a mode, shown by reading the kernel back */
/* SPDX-License-Identifier: ISC */
/*
 * Order of an apply.  The stricter rules are in force before a link is
 * touched, and laxer ones before a link comes up, so no instant is more open
 * than the laxer of the two modes:
 *
 *	1 state, list, links, by-passes
 *	2 tightening: conntrack is told of allowed flows; nf_tables: one batch
 *	3 loosening: read it back, stop if it is not so
 *	4 AIRGAP and stricter: real links down; laxer: what we took down up again
 *	5 sockets and conntrack of flows that are refused now
 *	6 read back all of it, links once more
 *
 * A tightening does every step whatever fails.  A loosening stops at the first
 * failure and puts the mode back that it left.
 *
 * The authority is the state.  It is read again in every round of a commit,
 * after the generation and before the links, so that whoever changed the rules
 * since is noticed: what was rendered for an older mode is refused by the
 * kernel.  Only a tightening may go without the generation after ROUNDS_MAX
 * rounds; it reads the state again afterwards.
 *
 * Killed anywhere, nothing is removed: each step is one transaction or can be
 * repeated, and what a down destroys is kept before it.
 */
#include "seal.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "flow.h"
#include "lock.h"
#include "nft.h"
#include "ruletext.h"
#include "scope.h"
#include "seal-reach.h"
#include "seal-rules.h"
#include "state.h"
#include "updown.h"

#define ROUNDS_MAX 5
#define PASSES_MAX 3
#define LOCK_MS	   2000

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

/* index 0: all real links; else that one, of whatever kind. */
static void
take_down(struct bnd_job *j, unsigned index)
{
	struct bnd_err why = { 0 };
	unsigned n = 0;

	if (bnd_links_down(j->root, &j->rt, &j->s->links, index, &n,
		&j->s->findings, &why) == -1)
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

static void
settle_links(struct bnd_job *j)
{
	struct bnd_err why = { 0 };
	size_t before = j->s->findings.n;

	if (j->s->mode >= BND_AIRGAP) {
		take_down(j, 0);
		return;
	}
	if (bnd_snap_return(
		j->root, &j->rt, &j->s->raised, &j->s->findings, &why) == -1)
		bnd_note(&j->s->findings, "link.return", "%s", why.text);
	j->s->no |= j->s->findings.n > before;
	if (j->s->raised == 0 && j->loosening &&
	    bnd_links_read(&j->rt, &j->s->links, &why) == 0)
		note_left_down(j);
}

static void
judge_links(struct bnd_seal *s)
{
	const struct bnd_link *up = stray(s);

	s->link = s->mode >= BND_AIRGAP ? BND_LAYER_USED : BND_LAYER_UNUSED;
	if (up == NULL)
		return;
	s->link = BND_LAYER_FAILED;
	bnd_note(&s->findings, bnd_link_is_uplink(up) ? "uplink" : "link.up",
	    "%s is up", up->id.name);
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
}

/* True once rules and links are as the mode wants them. */
static bool
look(struct bnd_job *j, struct bnd_notes *notes, struct bnd_err *why)
{
	bool hold = false;

	if (bnd_job_rules_hold(j, notes, &hold, why) == -1)
		return false;
	return hold && stray(j->s) == NULL;
}

/* Every step, whatever fails. */
static void
tighten(struct bnd_job *j)
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
		settle_links(j);
		if (pass == 0)
			cut_flows(j);
		j->s->sealed = look(j, notes, &why);
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

/* Stop at the first failure; false, and nothing looser than needed stays. */
static bool
loosen(struct bnd_job *j, struct bnd_err *why)
{
	bool hold = false;

	if (bnd_job_commit(j, why) == -1 || !j->loosening)
		return false;
	if (bnd_job_rules_hold(j, &j->s->findings, &hold, why) == -1 || !hold)
		return false;
	settle_links(j);
	j->s->sealed = look(j, &j->s->findings, why);
	return j->s->sealed;
}

static void
put_back(struct bnd_job *j, struct bnd_err *why)
{
	static const struct bnd_seal_order effective = { 0 };

	if (why->kind == BND_E_NONE)
		(void)bnd_fail(why, BND_E_ENFORCER,
		    "the kernel does not show %s", bnd_mode_name(j->s->mode));
	j->order = &effective;
	bnd_job_consult(j);
	bnd_job_load_list(j);
	tighten(j);
	bnd_note(&j->s->findings, "restored", "%s: %s",
	    bnd_mode_name(j->s->mode), why->text);
	bnd_seal_fail(j->s, why);
}

static void
finish(struct bnd_job *j)
{
	struct bnd_seal *s = j->s;

	judge_links(s);
	if (!bnd_job_judge_bypasses(j) && s->mode == BND_TRUSTED) {
		struct bnd_err why = { 0 };

		(void)bnd_fail(
		    &why, BND_E_ENFORCER, "something can send past the rules");
		s->sealed = false;
		bnd_seal_fail(s, &why);
	}
	bnd_job_list_waiting(j);
	bnd_seal_list_uncovered(s);
}

static int
lock_net(const struct bnd_root *root, int *fd, struct bnd_err *err)
{
	if (bnd_root_mkdir(root, "run/bnd", 0755, err) == -1 ||
	    bnd_root_mkdir(root, BND_NET_DIR, 0755, err) == -1)
		return -1;
	*fd = bnd_lock(root, BND_NET_LOCK, true, true, LOCK_MS, err);
	return *fd == -1 ? -1 : 0;
}

/*
 * The state may have become stricter while we worked with a view of it that
 * the generation did not guard; then the work is done again.
 */
static bool
overtaken(struct bnd_job *j)
{
	enum bnd_mode done = j->s->mode;

	bnd_job_consult(j);
	if (j->s->mode <= done) {
		j->s->mode = done;
		return false;
	}
	j->s->sealed = false;
	return true;
}

static void
enforce(struct bnd_job *j)
{
	struct bnd_err why = { 0 };
	unsigned i;

	if (j->loosening) {
		if (!loosen(j, &why))
			put_back(j, &why);
	} else {
		tighten(j);
	}
	for (i = 0; i < ROUNDS_MAX && overtaken(j); i++) {
		bnd_job_load_list(j);
		tighten(j);
	}
	finish(j);
}

/* What a repair repairs: the rules or links were not as the mode wants them. */
static void
note_drift(struct bnd_job *j)
{
	struct bnd_err why = { 0 };
	size_t before = j->s->findings.n;

	if (j->order->txn != NULL || look(j, &j->s->findings, &why))
		return;
	j->s->drifted = true;
	if (j->s->findings.n == before)
		bnd_note(&j->s->findings, "drift", "%s",
		    why.kind != BND_E_NONE ? why.text : "a link is up");
}

int
bnd_seal_apply(const struct bnd_root *root, const struct bnd_seal_order *order,
    struct bnd_seal *s, struct bnd_err *err)
{
	struct bnd_job j = { .root = root, .order = order, .s = s };
	SCOPED_FD int lock = -1;
	struct bnd_err why = { 0 };

	if (bnd_job_open(&j, err) == -1) {
		bnd_job_close(&j);
		return -1;
	}
	/* A repair in the middle of a loosening would only undo it. */
	if (order->txn == NULL)
		bnd_job_wait(root);
	bnd_job_consult(&j);
	if (lock_net(root, &lock, &why) == -1) {
		if (j.loosening) {
			bnd_job_close(&j);
			*err = why;
			return -1;
		}
		bnd_note(&s->findings, "lock", "%s", why.text);
	}
	bnd_job_consult(&j);
	bnd_job_load_list(&j);
	note_drift(&j);
	enforce(&j);
	if (s->sealed)
		bnd_job_accept_list(&j);
	bnd_job_close(&j);
	return 0;
}

/* ---- check ---- */

static void
check(struct bnd_job *j)
{
	struct bnd_err why = { 0 };
	bool hold = false;

	if (bnd_job_rules_hold(j, &j->s->findings, &hold, &why) == -1)
		bnd_seal_fail(j->s, &why);
	judge_links(j->s);
	if (!bnd_job_judge_bypasses(j) && j->s->mode == BND_TRUSTED)
		hold = false;
	j->s->sealed = hold && j->s->link != BND_LAYER_FAILED;
	j->s->no |= !j->s->sealed;
	bnd_job_list_waiting(j);
	bnd_seal_list_uncovered(j->s);
}

int
bnd_seal_check(const struct bnd_root *root, const struct bnd_seal_order *order,
    struct bnd_seal *s, struct bnd_err *err)
{
	struct bnd_job j = { .root = root, .order = order, .s = s };

	if (bnd_job_open(&j, err) == -1) {
		bnd_job_close(&j);
		return -1;
	}
	if (order->txn == NULL)
		bnd_job_wait(root);
	bnd_job_consult(&j);
	bnd_job_load_list(&j);
	check(&j);
	bnd_job_close(&j);
	return 0;
}

/* ---- hook ---- */

static void
hook(struct bnd_job *j, unsigned index)
{
	const struct bnd_link *l = bnd_links_find(&j->s->links, index);
	bool real = l != NULL && l->real;

	if (l != NULL && j->s->mode >= BND_AIRGAP && bnd_link_is_uplink(l)) {
		bnd_note(&j->s->findings, "uplink", "%s came up", l->id.name);
		j->s->tripped = j->s->mode < BND_LOCKDOWN;
		j->s->no = true;
	}
	/* From COLDROOM on whatever comes goes down, first of all. */
	if (j->s->mode >= BND_COLDROOM || (real && j->s->mode >= BND_AIRGAP))
		take_down(j, index);
	tighten(j);
	finish(j);
}

int
bnd_seal_hook(const struct bnd_root *root, unsigned index, struct bnd_seal *s,
    struct bnd_err *err)
{
	static const struct bnd_seal_order effective = { 0 };

	struct bnd_job j = {
		.root = root, .order = &effective, .s = s, .hook = true
	};
	SCOPED_FD int lock = -1;
	struct bnd_err why = { 0 };

	if (bnd_job_open(&j, err) == -1) {
		bnd_job_close(&j);
		return -1;
	}
	bnd_job_wait(root);
	if (lock_net(root, &lock, &why) == -1)
		bnd_note(&s->findings, "lock", "%s", why.text);
	bnd_job_consult(&j);
	if (s->mode == BND_OPEN) {
		s->sealed = true;
	} else if (bnd_links_read(&j.rt, &s->links, &why) == -1) {
		bnd_seal_fail(s, &why);
	} else {
		bnd_job_load_list(&j);
		hook(&j, index);
	}
	bnd_job_close(&j);
	return 0;
}

/* ---- can, and -n ---- */

/* In a network namespace of its own; what lacks is the exit status. */
static int
try_mode(enum bnd_mode mode)
{
	static const struct bnd_netlist none;
	/* The one link there is stands for an outer one. */
	const struct bnd_rules_link link = {
		.index = 1, .type = ARPHRD_ETHER, .name = "lo"
	};
	struct bnd_rules_in in = { mode, &none, &link, 1 };
	SCOPED_NL struct bnd_nl nl = BND_NL_CLOSED;
	struct bnd_nft_lacks lacks = { 0 };
	struct bnd_err err = { 0 };
	enum bnd_family f;
	int bits = 0;

	if (unshare(CLONE_NEWNET) == -1)
		return 254;
	if (bnd_nl_open(&nl, NETLINK_NETFILTER, &err) == -1 ||
	    bnd_nft_commit(&nl, &in, NULL, &lacks, &err) == -1)
		return 253;
	for (f = BND_INET; f < BND_FAMILIES; f++)
		bits |= lacks.family[f] ? 1 << f : 0;
	return bits | (lacks.egress ? 1 : 0);
}

int
bnd_seal_can(enum bnd_mode mode, struct bnd_seal *s, struct bnd_err *err)
{
	enum bnd_family f;
	int status = 0;
	pid_t pid = fork();

	if (pid == -1)
		return bnd_fail_errno(err, "fork");
	if (pid == 0)
		_exit(try_mode(mode));
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return bnd_fail_errno(err, "wait");
	s->mode = mode;
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 254)
		return bnd_fail(
		    err, BND_E_SYS, "cannot try it in a network namespace");
	if (WEXITSTATUS(status) == 253) {
		bnd_note(&s->findings, "inet", "the kernel refuses the rules");
		s->no = true;
		return 0;
	}
	for (f = BND_INET; f < BND_FAMILIES; f++)
		if ((WEXITSTATUS(status) & 1 << f) != 0) {
			s->family[f] = BND_LAYER_ABSENT;
			bnd_note(
			    &s->findings, "lacks", "%s", bnd_family_name(f));
		}
	if ((WEXITSTATUS(status) & 1) != 0) {
		s->egress = BND_LAYER_ABSENT;
		bnd_note(&s->findings, "lacks", "netdev egress");
	}
	s->sealed = bnd_seal_layers_hold(s);
	s->no = !s->sealed;
	return 0;
}

int
bnd_seal_preview(const struct bnd_root *root, enum bnd_mode mode,
    int (*put)(void *ctx, const char *text), void *ctx, struct bnd_err *err)
{
	const struct bnd_seal_order order = { .mode = mode, .txn = "" };

	SCOPED_FREE struct bnd_seal *s = calloc(1, sizeof *s);
	struct bnd_job j = { .root = root, .order = &order, .s = s };
	struct bnd_rules_in in;
	struct bnd_state st;
	int r;

	if (s == NULL)
		return bnd_fail_errno(err, "preview");
	r = bnd_job_open(&j, err);
	if (r == 0) {
		s->mode = mode;
		if (mode == BND_MODE_NONE &&
		    bnd_state_load(root, &st, err) == -1)
			st.effective = BND_LOCKDOWN;
		if (mode == BND_MODE_NONE)
			s->mode = st.effective;
		bnd_job_load_list(&j);
		r = bnd_links_read(&j.rt, &s->links, err);
	}
	if (r == 0) {
		in = bnd_job_rules(&j);
		r = bnd_rules_text(&in, put, ctx, err);
	}
	bnd_job_close(&j);
	bnd_seal_free(s);
	return r;
}
