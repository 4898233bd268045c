/* seal.c: the network obeys a mode, shown by reading the kernel back */
/* SPDX-License-Identifier: ISC */
/*
 * Order of an apply.  The stricter rules are in force before a link is
 * touched, and laxer ones before a link comes up, so no instant is more open
 * than the laxer of the two modes:
 *
 *	1 state, list, links, by-passes
 *	2 tightening: conntrack is told of allowed flows; nf_tables: one batch,
 *	  then the legacy tables; loosening: the other way round
 *	3 loosening: read both back, stop if it is not so
 *	  other network namespaces: what they do not need any more
 *	4 AIRGAP and stricter: real links down; laxer: what we took down up again
 *	5 sockets and conntrack of flows that are refused now
 *	6 other network namespaces that hold a real link: 2 to 5 there
 *	7 read back all of it, links once more
 *	8 in TRUSTED and stricter, before mode-set commits it: the probe
 *
 * Without nf_tables the links go down before the legacy tables change.
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

#include "lock.h"
#include "scope.h"
#include "seal-legacy.h"
#include "seal-netns.h"
#include "seal-probe.h"
#include "seal-rules.h"
#include "seal-steps.h"
#include "seal-tried.h"

#define ROUNDS_MAX 5

/*
 * A mode that mode-set is about to commit is shown by packets as well.  Where
 * it is in force already that is said by whoever asks for it, once a day.
 */
static bool
probe(struct bnd_job *j)
{
	if (!j->s->sealed || !j->underway || j->s->mode < BND_TRUSTED)
		return j->s->sealed;
	return bnd_job_probe(j);
}

/* Stop at the first failure; false, and nothing looser than needed stays. */
static bool
loosen(struct bnd_job *j, struct bnd_err *why)
{
	bool hold = false;

	if (bnd_links_read(&j->rt, &j->s->links, why) == -1 ||
	    bnd_job_legacy_put(j, why) == -1 || !j->loosening)
		return false;
	if (bnd_job_commit(j, why) == -1 || !j->loosening)
		return false;
	if (bnd_job_rules_hold(j, &j->s->findings, &hold, why) == -1 || !hold)
		return false;
	if (!bnd_job_settle_namespaces(j, &j->s->findings))
		return false;
	bnd_job_settle_links(j);
	j->s->sealed = bnd_job_look(j, &j->s->findings, why);
	return j->s->sealed && probe(j);
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
	bnd_job_tighten(j);
	bnd_note(&j->s->findings, "restored", "%s: %s",
	    bnd_mode_name(j->s->mode), why->text);
	bnd_seal_fail(j->s, why);
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
		bnd_job_tighten(j);
		(void)probe(j);
	}
	for (i = 0; i < ROUNDS_MAX && overtaken(j); i++) {
		bnd_job_load_list(j);
		bnd_job_tighten(j);
		(void)probe(j);
	}
	bnd_job_finish(j);
}

/* What a repair repairs: the rules or links were not as the mode wants them. */
static void
note_drift(struct bnd_job *j)
{
	struct bnd_err why = { 0 };
	size_t before = j->s->findings.n;

	/* What a transaction finds is no drift, and it has findings of its own. */
	if (j->order->txn != NULL) {
		j->held = j->s->mode == BND_TRUSTED && !j->loosening &&
		    bnd_job_look(j, &j->s->pass, &why);
		return;
	}
	/* Nor is what was tried and not confirmed. */
	if (j->over)
		return;
	j->held = bnd_job_look(j, &j->s->findings, &why);
	if (j->held)
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
	if (bnd_seal_lock(root, &lock, &why) == -1) {
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
	bnd_job_end_try(&j);
	s->trying = j.tried;
	bnd_job_close(&j);
	return 0;
}
