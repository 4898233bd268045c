/* freeze.c: nothing loosens until a ceremony says so */
/* SPDX-License-Identifier: ISC */
/*
 * A freeze must not wait for anybody, and must not come between a loosening's
 * record of what it intends and the one of what it did, or the chain would say
 * that somebody loosened while frozen.  So it begins as a request, which takes
 * no lock, counts for every reader and turns a loosening round (plan.c); the
 * record is written by whoever gets the state lock next.
 *
 *	request, lock, mode.freeze, publish, request gone
 *
 * Each step but the last leaves the host frozen if the process dies after it;
 * then it has happened.  A freeze that neither log nor spool has taken stays a
 * request; one that is only spooled is in the floor file for the next boot.
 */
#include "freeze.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "ceremony-hold.h"
#include "claim.h"
#include "floor.h"
#include "json.h"
#include "lock.h"
#include "log.h"
#include "policy.h"
#include "proof.h"
#include "scope.h"
#include "sign.h"
#include "state.h"
#include "tier.h"
#include "transition.h"
#include "txn.h"

#define BODY_MAX 512

/* ---- freezing ---- */

/* In force all the same, and boot shall know. */
static int
unlogged(const struct bnd_root *root, const char *why, struct bnd_err *err)
{
	struct bnd_err also = { 0 };

	if (bnd_floor_freeze(root, true, &also) == 0)
		return bnd_fail(err, BND_E_UNLOGGED,
		    "frozen, but that is not durably logged: %.150s", why);
	return bnd_fail(err, BND_E_UNLOGGED,
	    "frozen, but that will not survive a reboot: %.90s; %.80s", why,
	    also.text);
}

/* 0 on the chain, 1 spooled, -1 nowhere. */
static int
put_on_record(
    const struct bnd_root *root, const char *reason, struct bnd_err *err)
{
	char body[BODY_MAX];
	struct bnd_json j;
	struct bnd_mark mark;
	struct bnd_event event = { .prog = BND_TXN_PROG,
		.ev = "mode.freeze",
		.need = BND_LOG_SPOOL_OK,
		.deadline_ms = BND_TXN_LOG_MS };

	bnd_json_begin(&j, body, sizeof(body));
	bnd_json_open(&j, NULL, '{');
	bnd_json_str(&j, "reason", reason);
	bnd_json_close(&j, '}');
	event.body = (struct bnd_str){ body, j.len };
	if (!bnd_json_end(&j))
		return bnd_fail(err, BND_E_INPUT, "the record is too long");
	if (bnd_log_append(root, &event, &mark, err) != 0)
		return -1;
	return mark.spooled ? 1 : 0;
}

/* Under the lock. */
static int
settle(const struct bnd_root *root, const char *reason, struct bnd_err *err)
{
	char asked[BND_FROZEN_MAX + 1];
	struct bnd_state s;
	struct bnd_err why = { 0 }, logged = { 0 };
	bool there = bnd_state_load(root, &s, &why) == 0, sound = there;
	int rc = put_on_record(root, reason, &logged);

	if (there) {
		/* The first reason stays. */
		if (s.frozen[0] == '\0')
			(void)snprintf(
			    s.frozen, sizeof(s.frozen), "%s", reason);
		sound = bnd_state_amend(root, &s, &why) == 0;
	}
	if (rc < 0 && !sound && !bnd_request_freeze(root, asked))
		return bnd_fail(err, BND_E_SYS, "not frozen: %.90s; %.90s",
		    why.text, logged.text);
	if (rc < 0)
		return unlogged(root, logged.text, err);
	/*
	 * Who repairs the state finds it on the chain, or in the spool; one
	 * that stands as it was is repaired by nobody, so the request stays.
	 */
	if ((sound || !there) && bnd_request_freeze_drop(root, err) != 0)
		return -1;
	if (rc > 0)
		return unlogged(root, logged.text, err);
	if (!sound)
		return bnd_fail(err, BND_E_CORRUPT,
		    "frozen on the log, but not in the state: %.150s",
		    why.text);
	return bnd_floor_freeze(root, false, err);
}

/* otherwise: where no request could be made, or NULL. */
static int
lock_and_settle(const struct bnd_root *root, const char *otherwise,
    unsigned lock_ms, struct bnd_err *err)
{
	char reason[BND_FROZEN_MAX + 1];
	struct bnd_err busy = { 0 };
	sigset_t old;
	int rc = 0;
	SCOPED_FD int lock =
	    bnd_lock(root, BND_STATE_LOCK, true, true, lock_ms, &busy);

	if (lock < 0 && otherwise != NULL && !bnd_request_freeze(root, reason))
		return bnd_fail(
		    err, busy.kind, "not frozen: %.180s", busy.text);
	if (lock < 0)
		return unlogged(root, busy.text, err);
	bnd_txn_block(&old);
	/* Not there: somebody was faster. */
	if (bnd_request_freeze(root, reason))
		rc = settle(root, reason, err);
	else if (otherwise != NULL)
		rc = settle(root, otherwise, err);
	bnd_txn_unblock(&old);
	return rc;
}

int
bnd_freeze_settle(
    const struct bnd_root *root, unsigned lock_ms, struct bnd_err *err)
{
	return lock_and_settle(root, NULL, lock_ms, err);
}

int
bnd_freeze(const struct bnd_root *root, const char *reason, struct bnd_err *err)
{
	char why[BND_FROZEN_MAX + 1];

	bnd_frozen_text((struct bnd_str){ reason, strlen(reason) }, why);
	if (bnd_txn_may(root, err) != 0 || bnd_sign_init(err) != 0)
		return -1;
	if (bnd_is_virgin(root))
		return bnd_fail(err, BND_E_CORRUPT,
		    "bnd was never set up on this host (mode-set --init)");
	/* Also what is frozen: people may be about to unfreeze it. */
	if (bnd_request_freeze_make(root, why, NULL) != 0)
		return lock_and_settle(root, why, BND_TXN_LOCK_MS, err);
	return lock_and_settle(root, NULL, BND_TXN_LOCK_MS, err);
}

/* ---- unfreezing ---- */

/* What is asked of the host, whatever people signed. */
static int
check_host(const struct bnd_hold *h, struct bnd_state *s, struct bnd_err *err)
{
	const struct bnd_ledger *l = &h->v.ledger;
	char asked[BND_FROZEN_MAX + 1];

	if (bnd_state_load(h->root, s, err) != 0)
		return -1;
	if (s->phase != BND_STABLE || l->pending)
		return bnd_fail(err, BND_E_DENIED,
		    "a transaction was cut short; mode-set --check ends it");
	if (!l->frozen)
		return bnd_fail(err, BND_E_DENIED, "nothing is frozen");
	if (l->closed)
		return bnd_fail(err, BND_E_DENIED, "the log is closed");
	/* It came after what the approvers have seen. */
	if (bnd_request_freeze(h->root, asked))
		return bnd_fail(err, BND_E_FROZEN, "frozen: %s", asked);
	return bnd_proof_chain(h->root, s, &h->v, err);
}

static int
judge(const struct bnd_hold *h, const struct bnd_policy *p,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], struct bnd_err *err)
{
	const struct bnd_ledger *l = &h->v.ledger;
	struct bnd_claim c = { .action = BND_ACTION_UNFREEZE,
		.from = l->mode,
		.to = l->mode,
		.subject = "",
		.has_auth = true,
		.boot = h->now.boot,
		.us = h->now.boot_us };
	struct bnd_doubt why;

	memcpy(c.auth, id, sizeof(c.auth));
	if (!bnd_claim_holds(l, &c, &why))
		return bnd_fail(err, why.kind, "%s", why.text);
	return bnd_tier_meets(p, &l->ceremony.c, err);
}

/* Durable first: what cannot be logged does not loosen. */
static int
thaw(const struct bnd_hold *h, struct bnd_state *s, struct bnd_err *err)
{
	const struct bnd_open_ceremony *o = &h->v.ledger.ceremony;
	char body[BODY_MAX], hex[2 * BND_CHALLENGE_ID_LEN + 1];
	struct bnd_json j;
	struct bnd_mark mark;
	struct bnd_event event = { .prog = BND_TXN_PROG,
		.ev = "mode.unfreeze",
		.need = BND_LOG_DURABLE,
		.deadline_ms = BND_TXN_LOG_LONG_MS,
		.until_us = bnd_ceremony_ends_us(o) };

	bnd_text_to_hex(o->id, BND_CHALLENGE_ID_LEN, hex);
	bnd_json_begin(&j, body, sizeof(body));
	bnd_json_open(&j, NULL, '{');
	bnd_json_str(&j, "auth", hex);
	bnd_json_int(&j, "was", s->offset_us);
	bnd_json_int(&j, "now", bnd_clock_offset(&h->now));
	bnd_json_close(&j, '}');
	event.body = (struct bnd_str){ body, j.len };
	if (!bnd_json_end(&j))
		return bnd_fail(err, BND_E_INPUT, "the record is too long");
	if (bnd_log_append(h->root, &event, &mark, err) != 0)
		return -1;
	s->frozen[0] = '\0';
	s->offset_us = bnd_clock_offset(&h->now);
	if (bnd_state_amend(h->root, s, err) != 0)
		return -1;
	return bnd_floor_freeze(h->root, false, err);
}

int
bnd_unfreeze(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], struct bnd_err *err)
{
	struct bnd_policy policy;
	struct bnd_state s;
	sigset_t old;
	int rc = -1;
	SCOPED_HOLD struct bnd_hold *h = NULL;

	if (bnd_txn_may(root, err) != 0 || bnd_sign_init(err) != 0 ||
	    bnd_policy_load(root, &policy, err) != 0)
		return -1;
	h = bnd_hold_take(root, err);
	if (h == NULL)
		return -1;
	bnd_txn_block(&old);
	if (check_host(h, &s, err) == 0 && judge(h, &policy, id, err) == 0)
		rc = thaw(h, &s, err);
	bnd_txn_unblock(&old);
	return rc;
}
