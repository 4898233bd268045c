/* tighten.c: to a stricter mode at once, and what remains when that fails */
/* SPDX-License-Identifier: ISC */
/*
 * The rules 1, 2 and 4 of transition.c.  Order: request, lock, publish
 * "entering", intent, enforcers, commit, publish "stable".
 */
#include "tighten.h"

#include <string.h>

#include "truth.h"

/*
 * In force, and written down nowhere.  The state, if it could be published at
 * all, and the request stay as of a process that died: whoever gets the lock
 * next asks the chain how far it got and records it.
 */
static int
leave(struct bnd_txn *t, enum bnd_mode m, struct bnd_err *err)
{
	t->out->mode = m;
	t->out->mark = (struct bnd_mark){ .spooled = true };
	bnd_txn_audit(t);
	return bnd_txn_verdict(t, err);
}

/* Record, publish, and give up the requests that are met. */
int
bnd_tighten_finish(struct bnd_txn *t, enum bnd_txn_event ev, enum bnd_mode land,
    struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	if (bnd_txn_record(t, ev, land, false, err) != 0)
		return -1;
	if (t->lost)
		return leave(t, land, err);
	if (bnd_txn_publish(t, BND_STABLE, land, land, err) != 0)
		return -1;
	if (bnd_request_drop(t->root, land, &why) != 0)
		bnd_txn_note(t, "%.199s", why.text);
	return 0;
}

/*
 * Not even LOCKDOWN is shown to be in force.  Readers act on it, but it is not
 * the mode of this host: the state stays unfinished, so that the next one to
 * come by, a --check for instance, tries again.
 */
static int
give_up(struct bnd_txn *t, enum bnd_txn_event ev, struct bnd_err *err)
{
	return bnd_txn_record(t, ev, BND_LOCKDOWN, false, err);
}

/*
 * LOCKDOWN, because the mode wanted could not be shown to be in force.  The
 * last resort: everything is tried, nothing is waited for.
 */
int
bnd_tighten_escalate(
    struct bnd_txn *t, enum bnd_txn_event ev, struct bnd_err *err)
{
	char first[BND_WHY_MAX];
	struct bnd_err why = { 0 };
	bool good;

	bnd_plan_why(&t->out->plan, first, sizeof(first));
	if (t->lock >= 0)
		bnd_txn_remark(t, &why,
		    bnd_txn_publish(
			t, BND_ENTERING, t->state.mode, BND_LOCKDOWN, &why));
	else
		bnd_txn_remark(
		    t, &why, bnd_request_make(t->root, BND_LOCKDOWN, &why));
	good = bnd_txn_enforce(t, BND_LOCKDOWN);
	if (t->lock < 0)
		bnd_txn_keep(t, BND_LOCKDOWN, "the lock is held");
	else if (good)
		bnd_txn_remark(
		    t, &why, bnd_tighten_finish(t, ev, BND_LOCKDOWN, &why));
	else
		bnd_txn_remark(t, &why, give_up(t, ev, &why));
	t->out->mode = BND_LOCKDOWN;
	bnd_txn_audit(t);
	if (!good)
		return bnd_fail(err, BND_E_UNVERIFIED,
		    "%s is not in force (%.80s) and neither is LOCKDOWN "
		    "shown to be",
		    bnd_mode_name(t->to), first);
	return bnd_fail(err, BND_E_ESCALATED,
	    "%s is not in force (%.120s); LOCKDOWN is", bnd_mode_name(t->to),
	    first);
}

/*
 * The lock's holder hangs, or the state cannot be written.  The request is
 * made, readers act on it; enforce and leave the records to the next one.
 */
static int
tighten_unlocked(
    struct bnd_txn *t, const struct bnd_err *busy, struct bnd_err *err)
{
	if (!bnd_txn_enforce(t, t->to))
		return bnd_tighten_escalate(t, BND_TXN_FAIL, err);
	bnd_txn_keep(t, t->to, busy->text);
	return leave(t, t->to, err);
}

/* Steps 3 to 7 under the lock, for a sound and stable state. */
int
bnd_tighten_locked(struct bnd_txn *t, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	/* The request stands in for a state that cannot be written. */
	if (bnd_txn_publish(t, BND_ENTERING, t->from, t->to, &why) != 0)
		return tighten_unlocked(t, &why, err);
	bnd_txn_remark(
	    t, &why, bnd_txn_record(t, BND_TXN_INTENT, t->to, false, &why));
	if (!bnd_txn_enforce(t, t->to))
		return bnd_tighten_escalate(t, BND_TXN_FAIL, err);
	/* A commit without its intent would spoil the chain. */
	if (t->lost)
		bnd_txn_remark(t, &why,
		    bnd_txn_record(t, BND_TXN_INTENT, t->to, false, &why));
	if (t->lost)
		return leave(t, t->to, err);
	if (bnd_tighten_finish(t, BND_TXN_COMMIT, t->to, err) != 0)
		return -1;
	bnd_txn_audit(t);
	return bnd_txn_verdict(t, err);
}

/*
 * Somebody died in the middle: land on the stricter side.  The kernel first;
 * then the chain is asked how far he got, for the commit may stand there.
 */
int
bnd_tighten_recover(struct bnd_txn *t, struct bnd_err *err)
{
	enum bnd_mode land = t->to;

	memcpy(t->id, t->state.txn, sizeof(t->id));
	t->from = t->state.mode;
	t->to = t->state.txn_to;
	if (!bnd_txn_enforce(t, land)) {
		(void)bnd_txn_adopt(t);
		return bnd_tighten_escalate(t, BND_TXN_RECOVER, err);
	}
	if (bnd_txn_adopt(t) && bnd_mode_max(t->from, t->to) > land)
		return bnd_tighten_escalate(t, BND_TXN_RECOVER, err);
	if (bnd_tighten_finish(t, BND_TXN_RECOVER, land, err) != 0)
		return -1;
	bnd_txn_audit(t);
	return bnd_txn_verdict(t, err);
}

/*
 * The state is missing, cut, foreign or of another boot.  Nobody can say what
 * the kernel is in, so it is put into LOCKDOWN first and the log is read after.
 */
int
bnd_tighten_damaged(
    struct bnd_txn *t, const struct bnd_err *why, struct bnd_err *err)
{
	bool good = bnd_txn_enforce(t, BND_LOCKDOWN);

	t->state = (struct bnd_state){ .mode = BND_LOCKDOWN };
	t->from = t->to = BND_LOCKDOWN;
	if (t->why[0] == '\0')
		t->why = why->text;
	(void)bnd_txn_adopt(t);
	bnd_txn_remark(t, err,
	    good ? bnd_tighten_finish(t, BND_TXN_RECOVER, BND_LOCKDOWN, err)
		 : give_up(t, BND_TXN_RECOVER, err));
	t->out->from = t->from;
	t->out->mode = BND_LOCKDOWN;
	bnd_txn_audit(t);
	if (!good)
		return bnd_fail(err, BND_E_UNVERIFIED,
		    "%.120s, and LOCKDOWN is not shown to be in force",
		    why->text);
	if (t->bare)
		return bnd_txn_verdict(t, err);
	return bnd_fail(
	    err, BND_E_CORRUPT, "%.180s: LOCKDOWN is in force", why->text);
}

/*
 * Once more, if somebody asked for more while we worked; but whoever asked will
 * come by himself where this one had to leave its work unfinished.
 */
int
bnd_tighten_meet(struct bnd_txn *t, int rc, struct bnd_err *err)
{
	enum bnd_mode more = bnd_request_strictest(t->root);

	if (more <= t->out->mode || t->state.phase != BND_STABLE)
		return rc;
	t->from = t->state.mode;
	t->to = more;
	t->auth = NULL;
	return bnd_tighten_locked(t, err);
}

int
bnd_tighten(struct bnd_txn *t, struct bnd_err *err)
{
	struct bnd_err why = { 0 }, lost = { 0 };
	int rc;

	if (bnd_request_make(t->root, t->to, &why) != 0)
		bnd_txn_note(t, "%.199s", why.text);
	if (bnd_txn_lock(t, &why) != 0) {
		/* Others may have gone further meanwhile. */
		if (bnd_state_load(t->root, &t->state, &lost) != 0)
			bnd_txn_note(t, "%.199s", lost.text);
		t->from = t->state.mode;
		t->to = bnd_mode_max(t->to, t->state.effective);
		return tighten_unlocked(t, &why, err);
	}
	if (t->distrust)
		(void)bnd_fail(
		    &why, BND_E_CORRUPT, "the state is not what the log says");
	if (t->distrust || bnd_state_load(t->root, &t->state, &why) != 0)
		return bnd_tighten_damaged(t, &why, err);
	t->out->from = t->from = t->state.mode;
	t->to = bnd_mode_max(t->to, t->state.effective);
	if (t->state.phase != BND_STABLE)
		rc = bnd_tighten_recover(t, err);
	else
		rc = bnd_tighten_locked(t, err);
	return bnd_tighten_meet(t, rc, err);
}
