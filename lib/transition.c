/* transition.c: the only way to change the mode */
/* SPDX-License-Identifier: ISC */
/*
 * What holds here, whatever fails and wherever the process dies:
 *
 * 1. MUST: readers never see a mode laxer than the one the kernel is in.  When
 *    tightening, the request (no lock needed) and then the state announce the
 *    stricter mode before the first enforcer runs; when loosening, the state
 *    names the stricter mode until the last enforcer has been read back.
 * 2. MUST: a tightening does not wait: 2 s for the lock, 250 ms for the log,
 *    then it goes on without.
 * 3. MUST: a loosening is decided under the lock, from the chain as verified
 *    there, and its intent is on disk before anything is relaxed.
 * 4. MUST: an enforcer that is not shown to be in force ends the attempt:
 *    LOCKDOWN when tightening, the mode it came from when loosening.
 * 5. MUST: nobody is asked anything here, so no human holds the lock.
 *
 * Order of a tightening:    request, lock, publish "entering", intent,
 *                           enforcers, commit, publish "stable".
 * Order of a loosening:     lock, verify, publish "leaving", intent,
 *                           enforcers in reverse, commit, publish "stable".
 *
 * The state names the transaction before the chain has its intent, so an
 * intent without an answer can be found without reading the log.  A state in
 * "entering" or "leaving" under the lock belongs to a process that died.  Its
 * effective mode is the stricter of the two; that mode, or a stricter one that
 * is wanted now, is enforced and mode.recover says so.
 */
#include "transition.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "claim.h"
#include "scope.h"
#include "truth.h"
#include "txn.h"
#include "verify.h"

/* What failed on the way of something that goes on all the same. */
static void
remark(struct bnd_txn *t, const struct bnd_err *why, int rc)
{
	if (rc != 0)
		bnd_txn_note(t, "%.199s", why->text);
}

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
static int
finish(struct bnd_txn *t, enum bnd_txn_event ev, enum bnd_mode land,
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
static int
escalate(struct bnd_txn *t, enum bnd_txn_event ev, struct bnd_err *err)
{
	char first[BND_WHY_MAX];
	struct bnd_err why = { 0 };
	bool good;

	bnd_plan_why(&t->out->plan, first, sizeof(first));
	if (t->lock >= 0)
		remark(t, &why,
		    bnd_txn_publish(
			t, BND_ENTERING, t->state.mode, BND_LOCKDOWN, &why));
	else
		remark(t, &why, bnd_request_make(t->root, BND_LOCKDOWN, &why));
	good = bnd_txn_enforce(t, BND_LOCKDOWN);
	if (t->lock < 0)
		bnd_txn_keep(t, BND_LOCKDOWN, "the lock is held");
	else if (good)
		remark(t, &why, finish(t, ev, BND_LOCKDOWN, &why));
	else
		remark(t, &why, give_up(t, ev, &why));
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
		return escalate(t, BND_TXN_FAIL, err);
	bnd_txn_keep(t, t->to, busy->text);
	return leave(t, t->to, err);
}

/* Steps 3 to 7 under the lock, for a sound and stable state. */
static int
tighten_locked(struct bnd_txn *t, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	/* The request stands in for a state that cannot be written. */
	if (bnd_txn_publish(t, BND_ENTERING, t->from, t->to, &why) != 0)
		return tighten_unlocked(t, &why, err);
	remark(t, &why, bnd_txn_record(t, BND_TXN_INTENT, t->to, false, &why));
	if (!bnd_txn_enforce(t, t->to))
		return escalate(t, BND_TXN_FAIL, err);
	/* A commit without its intent would spoil the chain. */
	if (t->lost)
		remark(t, &why,
		    bnd_txn_record(t, BND_TXN_INTENT, t->to, false, &why));
	if (t->lost)
		return leave(t, t->to, err);
	if (finish(t, BND_TXN_COMMIT, t->to, err) != 0)
		return -1;
	bnd_txn_audit(t);
	return bnd_txn_verdict(t, err);
}

/*
 * Somebody died in the middle: land on the stricter side.  The kernel first;
 * then the chain is asked how far he got, for the commit may stand there.
 */
static int
recover(struct bnd_txn *t, struct bnd_err *err)
{
	enum bnd_mode land = t->to;

	memcpy(t->id, t->state.txn, sizeof(t->id));
	t->from = t->state.mode;
	t->to = t->state.txn_to;
	if (!bnd_txn_enforce(t, land)) {
		(void)bnd_txn_adopt(t);
		return escalate(t, BND_TXN_RECOVER, err);
	}
	if (bnd_txn_adopt(t) && bnd_mode_max(t->from, t->to) > land)
		return escalate(t, BND_TXN_RECOVER, err);
	if (finish(t, BND_TXN_RECOVER, land, err) != 0)
		return -1;
	bnd_txn_audit(t);
	return bnd_txn_verdict(t, err);
}

/*
 * The state is missing, cut, foreign or of another boot.  Nobody can say what
 * the kernel is in, so it is put into LOCKDOWN first and the log is read after.
 */
static int
damaged(struct bnd_txn *t, const struct bnd_err *why, struct bnd_err *err)
{
	bool good = bnd_txn_enforce(t, BND_LOCKDOWN);

	t->state = (struct bnd_state){ .mode = BND_LOCKDOWN };
	t->from = t->to = BND_LOCKDOWN;
	if (t->why[0] == '\0')
		t->why = why->text;
	(void)bnd_txn_adopt(t);
	remark(t, err,
	    good ? finish(t, BND_TXN_RECOVER, BND_LOCKDOWN, err)
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
static int
meet_requests(struct bnd_txn *t, int rc, struct bnd_err *err)
{
	enum bnd_mode more = bnd_request_strictest(t->root);

	if (more <= t->out->mode || t->state.phase != BND_STABLE)
		return rc;
	t->from = t->state.mode;
	t->to = more;
	t->auth = NULL;
	return tighten_locked(t, err);
}

static int
tighten(struct bnd_txn *t, struct bnd_err *err)
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
		return damaged(t, &why, err);
	t->out->from = t->from = t->state.mode;
	t->to = bnd_mode_max(t->to, t->state.effective);
	if (t->state.phase != BND_STABLE)
		rc = recover(t, err);
	else
		rc = tighten_locked(t, err);
	return meet_requests(t, rc, err);
}

/* The mode it came from, or what is requested by now, once more. */
static int
restore(struct bnd_txn *t, const char *what, struct bnd_err *err)
{
	enum bnd_mode land =
	    bnd_mode_max(t->from, bnd_request_strictest(t->root));
	char why[BND_WHY_MAX];
	struct bnd_err also = { 0 };

	bnd_plan_why(&t->out->plan, why, sizeof(why));
	if (!bnd_txn_enforce(t, land))
		return escalate(t, BND_TXN_FAIL, err);
	remark(t, &also, finish(t, BND_TXN_FAIL, land, &also));
	bnd_txn_audit(t);
	return bnd_fail(err, BND_E_RESTORED,
	    "%s was not reached (%.120s); %s is in force", bnd_mode_name(t->to),
	    what != NULL ? what : why, bnd_mode_name(land));
}

/* Steps 4 to 7: the intent is on disk. */
static int
relax(struct bnd_txn *t, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	struct bnd_truth truth;

	if (!bnd_txn_relax(t, t->to, BND_BEFORE_PUBLISH))
		return restore(t, NULL, err);
	if (bnd_txn_record(t, BND_TXN_COMMIT, t->to, true, &why) != 0) {
		/* Its sync may have failed with the record in the log. */
		bnd_truth_read(t->root, &truth);
		if (truth.ok)
			t->state.gen = truth.gen;
		return restore(t, why.text, err);
	}
	if (bnd_txn_publish(t, BND_STABLE, t->to, t->to, err) != 0) {
		/* Nobody can see it, so it must not last. */
		t->to = t->from;
		t->from = t->state.mode;
		return tighten_locked(t, err);
	}
	if (bnd_request_drop(t->root, t->to, &why) != 0)
		bnd_txn_note(t, "%.199s", why.text);
	if (!bnd_txn_relax(t, t->to, BND_AFTER_PUBLISH))
		return escalate(t, BND_TXN_FAIL, err);
	bnd_txn_audit(t);
	return bnd_txn_verdict(t, err);
}

/* What stands against any loosening at all, whoever approved it. */
static int
is_barred(const struct bnd_txn *t, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	int audit = bnd_audit_there(&why);

	if (!bnd_clock_is_initial())
		return bnd_fail(err, BND_E_FROZEN,
		    "no loosening outside the initial time namespace");
	if (t->policy_bad)
		return bnd_fail(err, BND_E_DENIED,
		    "no loosening with an unusable bnd.conf: %.150s",
		    t->policy_why);
	if (t->state.frozen[0] != '\0')
		return bnd_fail(
		    err, BND_E_FROZEN, "frozen: %s", t->state.frozen);
	if (bnd_request_strictest(t->root) > t->to)
		return bnd_fail(
		    err, BND_E_DENIED, "a stricter mode is requested");
	if (audit != 0 && t->policy.require_audit)
		return bnd_fail(err, BND_E_DENIED,
		    "require_audit is set and the kernel keeps no trail");
	return 0;
}

/* bnd.conf may ask for more than the built-in floors that the chain knows. */
static int
meets_policy(
    const struct bnd_txn *t, const struct bnd_challenge *c, struct bnd_err *err)
{
	const struct bnd_policy *p = &t->policy;

	if (c->need < p->need[t->from])
		return bnd_fail(err, BND_E_CEREMONY,
		    "bnd.conf asks for %u approvals, the ceremony for %u",
		    p->need[t->from], c->need);
	if (c->cooldown_s < p->cooldown_s[t->from])
		return bnd_fail(err, BND_E_CEREMONY,
		    "the ceremony's cool-down is shorter than bnd.conf's");
	if (p->offline[t->from] && !c->offline)
		return bnd_fail(err, BND_E_CEREMONY,
		    "bnd.conf asks for offline keys, the ceremony does not");
	return 0;
}

/* The chain, whole, must be proven and say what the state says. */
static int
check_chain(
    const struct bnd_txn *t, const struct bnd_verdict *v, struct bnd_err *err)
{
	const struct bnd_ledger *l = &v->ledger;

	if (v->exit != 0)
		return bnd_fail(err, BND_E_CORRUPT,
		    "the log does not verify (%s)",
		    v->first.detail[0] != '\0' ? v->first.detail : "no log");
	if (l->mode != t->state.mode || l->gen != t->state.gen)
		return bnd_fail(err, BND_E_CORRUPT,
		    "the state says %s, the log says %s",
		    bnd_mode_name(t->state.mode), bnd_mode_name(l->mode));
	/* What was spooled has been given a place by the log since. */
	if (!t->state.log.spooled &&
	    (l->at.seq != t->state.log.seq ||
		!bnd_same(l->at.link, t->state.log.link, BND_HASH_LEN)))
		return bnd_fail(
		    err, BND_E_CORRUPT, "the state is not what the log says");
	return 0;
}

/* Evidence, under the lock: E1 to E9 of the chain and what the host adds. */
static int
judge(struct bnd_txn *t, struct bnd_err *err)
{
	SCOPED_FREE struct bnd_verdict *v = calloc(1, sizeof(*v));
	struct bnd_now now;

	if (is_barred(t, err) != 0)
		return -1;
	if (v == NULL)
		return bnd_fail_errno(err, "cannot verify the log");
	if (bnd_verify_live(t->root, v, err) != 0 ||
	    check_chain(t, v, err) != 0) {
		if (err != NULL)
			err->kind = BND_E_CORRUPT;
		return -1;
	}
	if (bnd_clock_now(&now, err) != 0 ||
	    bnd_ledger_may_loosen(
		&v->ledger, &now, t->auth, t->from, t->to, err) != 0)
		return -1;
	return meets_policy(t, &v->ledger.ceremony.c, err);
}

/* Named in the state before it stands on the chain: see recover(). */
static int
begin_loosening(struct bnd_txn *t, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	struct bnd_truth truth;

	if (bnd_txn_publish(t, BND_LEAVING, t->from, t->from, err) != 0)
		return -1;
	if (bnd_txn_record(t, BND_TXN_INTENT, t->to, true, err) == 0)
		return 0;
	/* Its sync may have failed with the record in the log: see recover(). */
	bnd_truth_read(t->root, &truth);
	if (truth.ok && !truth.pending)
		remark(t, &why, bnd_txn_withdraw(t, &why));
	return -1;
}

static int
loosen(struct bnd_txn *t, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	int rc;

	if (t->auth == NULL)
		return bnd_fail(err, BND_E_DENIED,
		    "%s is laxer than %s: that takes a ceremony",
		    bnd_mode_name(t->to), bnd_mode_name(t->state.effective));
	if (bnd_txn_lock(t, err) != 0)
		return -1;
	if (bnd_state_load(t->root, &t->state, &why) != 0)
		return damaged(t, &why, err);
	t->out->from = t->from = t->state.mode;
	t->out->mode = t->state.effective;
	if (t->state.phase != BND_STABLE) {
		t->to = t->state.effective;
		remark(t, &why, recover(t, &why));
		return bnd_fail(err, BND_E_CEREMONY,
		    "a transaction was cut short; hold the ceremony again");
	}
	if (!bnd_mode_loosens(t->from, t->to))
		return bnd_fail(err, BND_E_CEREMONY,
		    "the mode has changed: it is %s", bnd_mode_name(t->from));
	if (judge(t, &why) != 0)
		return why.kind == BND_E_CORRUPT
		    ? damaged(t, &why, err)
		    : bnd_fail(err, why.kind, "%s", why.text);
	if (begin_loosening(t, err) != 0)
		return -1;
	rc = relax(t, err);
	return meet_requests(t, rc, err);
}

bool
bnd_is_virgin(const struct bnd_root *root)
{
	static const char *const traces[] = { BND_LOG_PIN, BND_LOG_DIR,
		BND_STATE_PATH };

	for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++) {
		struct bnd_err err = { 0 };
		SCOPED_FD int fd =
		    bnd_root_openat(root, traces[i], O_PATH, 0, &err);

		if (fd >= 0 || err.errnum != ENOENT)
			return false;
	}
	return true;
}

static int
change(struct bnd_txn *t, enum bnd_mode to, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	bool sound =
	    bnd_state_load(t->root, &t->state, &why) == 0 && !t->distrust;

	if (!sound && !t->bare && bnd_is_virgin(t->root))
		return bnd_fail(err, BND_E_CORRUPT,
		    "bnd was never set up on this host (mode-set --init)");
	if (sound && bnd_mode_loosens(t->state.effective, to)) {
		t->to = to;
		return loosen(t, err);
	}
	if (sound && t->auth != NULL)
		return bnd_fail(err, BND_E_CEREMONY,
		    "the ceremony is used, or was for another mode: it is %s",
		    bnd_mode_name(t->state.effective));
	t->to = sound ? to : BND_LOCKDOWN;
	t->auth = NULL;
	return tighten(t, err);
}

int
bnd_transition(const struct bnd_root *root, const struct bnd_change *want,
    struct bnd_outcome *out, struct bnd_err *err)
{
	SCOPED_FREE struct bnd_txn *t = calloc(1, sizeof(*t));
	sigset_t old;
	int rc;

	*out = (struct bnd_outcome){ 0 };
	if (bnd_txn_may(root, err) != 0)
		return -1;
	if (t == NULL)
		return bnd_fail_errno(err, "cannot change the mode");
	*t = (struct bnd_txn){ .root = root,
		.out = out,
		.lock = -1,
		.why = want->why != NULL ? want->why : "",
		.bare = want->bare,
		.distrust = want->distrust,
		.auth = want->auth };
	bnd_txn_block(&old);
	rc = bnd_txn_begin(t, err);
	if (rc == 0)
		rc = change(t, want->to, err);
	bnd_close_fd(&t->lock);
	bnd_txn_unblock(&old);
	return rc;
}
