/* loosen.c: to a laxer mode, as approvers have signed it */
/* SPDX-License-Identifier: ISC */
/*
 * The rules 1, 3 and 4 of transition.c.  Order: lock, verify, publish
 * "leaving", intent, enforcers in reverse, commit, publish "stable".
 */
#include "loosen.h"

#include <stdlib.h>

#include "audit.h"
#include "ceremony-hold.h"
#include "claim.h"
#include "log.h"
#include "proof.h"
#include "return.h"
#include "scope.h"
#include "tighten.h"
#include "tier.h"
#include "truth.h"
#include "verify.h"

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
		return bnd_tighten_escalate(t, BND_TXN_FAIL, err);
	bnd_txn_remark(
	    t, &also, bnd_tighten_finish(t, BND_TXN_FAIL, land, &also));
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
			bnd_txn_take(t, &truth);
		return restore(t, why.text, err);
	}
	t->state.until_us = t->until_us;
	t->state.until_mode = t->until_mode;
	if (bnd_txn_publish(t, BND_STABLE, t->to, t->to, err) != 0) {
		/* Nobody can see it, so it must not last. */
		t->to = t->from;
		t->from = t->state.mode;
		return bnd_tighten_locked(t, err);
	}
	if (bnd_request_drop(t->root, t->to, &why) != 0)
		bnd_txn_note(t, "%.199s", why.text);
	if (!bnd_txn_relax(t, t->to, BND_AFTER_PUBLISH))
		return bnd_tighten_escalate(t, BND_TXN_FAIL, err);
	bnd_txn_audit(t);
	return bnd_txn_verdict(t, err);
}

/* What stands against any loosening at all, whoever approved it. */
static int
is_barred(const struct bnd_txn *t, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	int audit = bnd_audit_there(&why);

	if (bnd_proof_thawed(&t->state, err) != 0)
		return -1;
	if (t->policy_bad)
		return bnd_fail(err, BND_E_DENIED,
		    "no loosening with an unusable bnd.conf: %.150s",
		    t->policy_why);
	if (bnd_request_strictest(t->root) > t->to)
		return bnd_fail(
		    err, BND_E_DENIED, "a stricter mode is requested");
	if (audit != 0 && t->policy.require_audit)
		return bnd_fail(err, BND_E_DENIED,
		    "require_audit is set and the kernel keeps no trail");
	return 0;
}

/*
 * Until when: as long as the challenge says, and no longer than what is bounded
 * already, for whoever allowed that allowed no more.
 */
static void
set_bound(struct bnd_txn *t, uint64_t for_s, const struct bnd_now *now)
{
	uint64_t own_us = now->boot_us + for_s * UINT64_C(1000000);

	t->until_us = t->state.until_us;
	t->until_mode = t->state.until_mode;
	if (for_s == 0)
		return;
	if (t->until_us == 0 || own_us < t->until_us)
		t->until_us = own_us;
	t->until_mode = bnd_mode_max(t->until_mode, t->from);
}

/* Evidence, under the lock: E1 to E9 of the chain and what the host adds. */
static int
judge(struct bnd_txn *t, struct bnd_err *err)
{
	SCOPED_FREE struct bnd_verdict *v = calloc(1, sizeof(*v));
	const struct bnd_challenge *c;
	struct bnd_err unsettled = { 0 };
	struct bnd_now now;
	int settled;

	if (is_barred(t, err) != 0)
		return -1;
	if (v == NULL)
		return bnd_fail_errno(err, "cannot verify the log");
	/* A freeze in the spool would come between this and the intent. */
	settled = bnd_log_settle(t->root, BND_TXN_PROG, &unsettled);
	if (bnd_verify_live(t->root, v, err) != 0 ||
	    bnd_proof_chain(t->root, &t->state, v, err) != 0) {
		/* Whoever writes to the log just now has not spoilt it. */
		if (err != NULL && err->kind != BND_E_BUSY)
			err->kind = BND_E_CORRUPT;
		return -1;
	}
	if (settled != 0)
		return bnd_fail(err, unsettled.kind, "%.200s", unsettled.text);
	if (bnd_clock_now(&now, err) != 0 ||
	    bnd_ledger_may_loosen(
		&v->ledger, &now, t->auth, t->from, t->to, err) != 0)
		return -1;
	c = &v->ledger.ceremony.c;
	if (bnd_tier_meets(&t->policy, c, err) != 0)
		return -1;
	t->asked = *c;
	t->asked_until_us = bnd_ceremony_ends_us(&v->ledger.ceremony);
	set_bound(t, c->for_s, &now);
	return c->for_s == 0 ? 0 : bnd_return_arm(t->root, c->for_s, err);
}

/* Named in the state before it stands on the chain: see tighten.c. */
static int
begin_loosening(struct bnd_txn *t, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	struct bnd_truth truth;

	if (bnd_txn_publish(t, BND_LEAVING, t->from, t->from, err) != 0)
		return -1;
	if (bnd_txn_record(t, BND_TXN_INTENT, t->to, true, err) == 0)
		return 0;
	/* Its sync may have failed with the record in the log: see tighten.c. */
	bnd_truth_read(t->root, &truth);
	if (truth.ok && !truth.pending)
		bnd_txn_remark(t, &why, bnd_txn_withdraw(t, &why));
	return -1;
}

/* Whatever has come in between is settled first; the ceremony is void then. */
static int
settle(struct bnd_txn *t, struct bnd_err *err)
{
	const struct bnd_state *s = &t->state;
	struct bnd_err why = { 0 };

	t->out->from = t->from = s->mode;
	t->out->mode = s->effective;
	if (s->phase != BND_STABLE) {
		t->to = s->effective;
		bnd_txn_remark(t, &why, bnd_tighten_recover(t, &why));
		return bnd_fail(err, BND_E_CEREMONY,
		    "a transaction was cut short; hold the ceremony again");
	}
	if (!bnd_mode_loosens(s->mode, t->to))
		return bnd_fail(err, BND_E_CEREMONY,
		    "the mode has changed: it is %s", bnd_mode_name(s->mode));
	if (s->until_us != 0 && s->effective >= s->until_mode) {
		t->to = s->effective;
		bnd_txn_remark(t, &why, bnd_tighten_locked(t, &why));
		return bnd_fail(err, BND_E_CEREMONY,
		    "the time of the last loosening is over; hold the "
		    "ceremony again");
	}
	return 0;
}

int
bnd_loosen(struct bnd_txn *t, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	int rc;

	if (bnd_proof_thawed(&t->state, err) != 0)
		return -1;
	if (t->auth == NULL)
		return bnd_fail(err, BND_E_DENIED,
		    "%s is laxer than %s: that takes a ceremony",
		    bnd_mode_name(t->to), bnd_mode_name(t->state.effective));
	if (bnd_txn_lock(t, err) != 0)
		return -1;
	if (bnd_state_load(t->root, &t->state, &why) != 0)
		return bnd_tighten_damaged(t, &why, err);
	if (settle(t, err) != 0)
		return -1;
	if (judge(t, &why) != 0)
		return why.kind == BND_E_CORRUPT
		    ? bnd_tighten_damaged(t, &why, err)
		    : bnd_fail(err, why.kind, "%s", why.text);
	if (begin_loosening(t, err) != 0)
		return -1;
	rc = relax(t, err);
	return bnd_tighten_meet(t, rc, err);
}
