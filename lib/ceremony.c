/* ceremony.c: a ceremony's records: opened, approved, ended */
/* SPDX-License-Identifier: ISC */
#include "ceremony.h"

#include <stdio.h>
#include <string.h>

#include "announce.h"
#include "ceremony-hold.h"
#include "claim.h"
#include "json.h"
#include "ledger.h"
#include "policy.h"
#include "return.h"
#include "proc.h"
#include "rule-approver.h"
#include "state.h"
#include "tier.h"

static struct bnd_str
str(const char *s)
{
	return (struct bnd_str){ s, strlen(s) };
}

/* ---- ended ---- */

static int
end_it(const struct bnd_hold *h, const uint8_t *id, const char *why,
    struct bnd_err *err)
{
	char body[BND_CEREMONY_BODY];
	struct bnd_json j;

	bnd_hold_begin(&j, body, id);
	bnd_json_str(&j, "why", why);
	return bnd_hold_append(h, "ceremony.end", &j, 0, err);
}

/* Too late for approvals, or for what was approved. */
static bool
has_run_out(const struct bnd_hold *h)
{
	const struct bnd_open_ceremony *o = &h->v.ledger.ceremony;

	return strcmp(o->c.boot, h->now.boot) != 0 ||
	    h->now.boot_us > bnd_ceremony_ends_us(o);
}

static int
make_room(const struct bnd_hold *h, struct bnd_err *err)
{
	const struct bnd_open_ceremony *o = &h->v.ledger.ceremony;
	char id[2 * BND_CHALLENGE_ID_LEN + 1];

	if (!o->is_open)
		return 0;
	if (has_run_out(h))
		return end_it(h, o->id, "expired", err);
	bnd_text_to_hex(o->id, sizeof(o->id), id);
	return bnd_fail(err, BND_E_CEREMONY,
	    "another ceremony is open (ceremony cancel %s ends it)", id);
}

int
bnd_ceremony_end(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], const char *why,
    struct bnd_err *err)
{
	struct bnd_challenge c;
	SCOPED_HOLD struct bnd_hold *h = bnd_hold_take(root, err);

	if (h == NULL || bnd_hold_check_open(h, id, err) != 0)
		return -1;
	c = h->v.ledger.ceremony.c;
	if (strcmp(why, "drilled") == 0 && c.action != BND_ACTION_DRILL)
		return bnd_fail(
		    err, BND_E_CEREMONY, "that ceremony is no drill");
	if (end_it(h, id, why, err) != 0)
		return -1;
	bnd_hold_release(&h);
	bnd_announce(root, BND_NEWS_CANCELLED, &c, id);
	return 0;
}

/* ---- opened ---- */

/* bnd.conf may ask for more than the built-in floors, never for less. */
static struct bnd_tier
tier_of(const struct bnd_hold *h, const struct bnd_policy *p,
    const struct bnd_ask *ask)
{
	const struct bnd_ledger *l = &h->v.ledger;
	unsigned persons = bnd_ledger_persons(l);
	const struct bnd_challenge least = {
		.action = ask->action,
		.from = l->mode,
		.need = ask->alone ? 1 : BND_APPROVERS_MAX,
	};
	struct bnd_tier t = bnd_tier_raised(
	    bnd_challenge_floor(&least, persons), p, ask->action, l->mode);

	if (ask->action == BND_ACTION_DRILL)
		t.need = persons;
	return t;
}

static void
fill(const struct bnd_hold *h, const struct bnd_policy *p,
    const struct bnd_ask *ask, struct bnd_challenge *c)
{
	const struct bnd_ledger *l = &h->v.ledger;
	struct bnd_tier tier = tier_of(h, p, ask);
	struct bnd_who who;

	bnd_proc_who(&who);
	memcpy(c->log_id, l->log_id, sizeof(c->log_id));
	c->action = ask->action;
	c->from = l->mode;
	c->to = ask->action == BND_ACTION_LOOSEN ? ask->to : l->mode;
	c->for_s = ask->for_s;
	c->gen = l->gen;
	memcpy(c->boot, h->now.boot, sizeof(c->boot));
	c->base = l->at;
	c->opened_us = h->now.boot_us;
	c->need = tier.need;
	c->cooldown_s = tier.cooldown_s;
	c->offline = tier.offline;
	c->requester.has_auid = who.has_auid;
	c->requester.has_ses = who.has_ses;
	c->requester.auid = who.auid;
	c->requester.uid = who.uid;
	c->requester.ses = who.ses;
	(void)bnd_str_copy(
	    str(who.tty), c->requester.tty, sizeof(c->requester.tty));
	bnd_random(c->nonce, sizeof(c->nonce));
}

/* A loosening starts from the state, so the log must say the same. */
static int
check_loosening(
    const struct bnd_hold *h, const struct bnd_ask *ask, struct bnd_err *err)
{
	const struct bnd_ledger *l = &h->v.ledger;
	struct bnd_state s;

	if (l->frozen)
		return bnd_fail(err, BND_E_FROZEN,
		    "frozen (ceremony request --unfreeze): %s", l->freeze_why);
	if (!bnd_mode_loosens(l->mode, ask->to))
		return bnd_fail(err, BND_E_INPUT,
		    "%s is not laxer than %s: that takes no ceremony",
		    bnd_mode_name(ask->to), bnd_mode_name(l->mode));
	if (l->mode == BND_LOCKDOWN && ask->to < l->lockdown_from)
		return bnd_fail(err, BND_E_DENIED,
		    "LOCKDOWN was entered from %s and is left no looser",
		    bnd_mode_name(l->lockdown_from));
	if (bnd_state_load(h->host, &s, err) != 0)
		return -1;
	if (s.frozen[0] != '\0')
		return bnd_fail(err, BND_E_FROZEN, "frozen: %s", s.frozen);
	if (s.phase != BND_STABLE || s.gen != l->gen || s.mode != l->mode)
		return bnd_fail(err, BND_E_CORRUPT,
		    "the state says %s, the log says %s (mode-set --check)",
		    bnd_mode_name(s.mode), bnd_mode_name(l->mode));
	if (s.effective != s.mode)
		return bnd_fail(err, BND_E_DENIED,
		    "a stricter mode is requested: %s",
		    bnd_mode_name(s.effective));
	return 0;
}

static int
check_enrolment(
    const struct bnd_hold *h, const struct bnd_approver *a, struct bnd_err *err)
{
	struct bnd_doubt why;

	if (a == NULL)
		return bnd_fail(err, BND_E_INPUT, "nobody to enroll");
	if (!bnd_rule_may_add(&h->v.ledger, a, &why))
		return bnd_fail(err, why.kind, "%.200s", why.text);
	return 0;
}

static int
check_revocation(
    const struct bnd_hold *h, const char *subject, struct bnd_err *err)
{
	const struct bnd_ledger *l = &h->v.ledger;
	uint8_t id[BND_APPROVER_ID_LEN];

	if (subject == NULL ||
	    !bnd_text_from_hex(str(subject), id, sizeof(id)) ||
	    bnd_ledger_find(l, id) < 0)
		return bnd_fail(err, BND_E_INPUT, "not a live key");
	if (l->approvers == 1)
		return bnd_fail(
		    err, BND_E_DENIED, "the last live key is never revoked");
	return 0;
}

/* Persons with a live key of a kind that may approve. */
static unsigned
persons_who_may(const struct bnd_ledger *l, bool offline)
{
	unsigned mask = 0;

	for (unsigned i = 0; i < l->approvers; i++)
		if (!offline ||
		    bnd_key_kind_is_offline(l->approver[i].pub.kind))
			mask |= 1U << i;
	return bnd_approver_persons(l->approver, l->approvers, mask);
}

/* A key may revoke itself, so a revocation is never hopeless. */
static int
check_quorum(const struct bnd_hold *h, const struct bnd_policy *p,
    const struct bnd_ask *ask, struct bnd_err *err)
{
	struct bnd_tier t = tier_of(h, p, ask);
	unsigned can = persons_who_may(&h->v.ledger, t.offline);

	if (ask->alone && bnd_ledger_persons(&h->v.ledger) < 2)
		return bnd_fail(err, BND_E_DENIED,
		    "there is no other person who could revoke it alone");
	if (ask->alone && t.need > 1)
		return bnd_fail(err, BND_E_DENIED,
		    "/" BND_POLICY_PATH " asks for %u persons, so nobody "
		    "revokes alone",
		    t.need);
	if (can >= t.need || ask->action == BND_ACTION_REVOKE)
		return 0;
	return bnd_fail(err, BND_E_DENIED,
	    "/" BND_POLICY_PATH " asks for %u persons%s, %u can approve",
	    t.need, t.offline ? " with an offline key" : "", can);
}

/* What no approval could make good need not be signed. */
static int
check_possible(const struct bnd_hold *h, const struct bnd_policy *p,
    const struct bnd_ask *ask, struct bnd_err *err)
{
	bool succeed = ask->action == BND_ACTION_SUCCEED;
	int rc = 0;

	if (succeed != h->v.ledger.nascent)
		return bnd_fail(err, BND_E_DENIED,
		    succeed ? "no succession was begun (chain-keep succeed)"
			    : "the log waits for its succession "
			      "(chain-keep succeed)");
	if (h->v.ledger.closed)
		return bnd_fail(err, BND_E_DENIED, "the log is closed");
	if (h->v.ledger.pending)
		return bnd_fail(err, BND_E_CORRUPT,
		    "a transition is not finished yet (mode-set --check)");
	if (ask->action == BND_ACTION_LOOSEN)
		rc = check_loosening(h, ask, err);
	else if (ask->action == BND_ACTION_ENROLL)
		rc = check_enrolment(h, ask->entry, err);
	else if (ask->action == BND_ACTION_REVOKE)
		rc = check_revocation(h, ask->subject, err);
	else if (ask->action == BND_ACTION_UNFREEZE && !h->v.ledger.frozen)
		return bnd_fail(err, BND_E_DENIED, "nothing is frozen");
	return rc != 0 ? -1 : check_quorum(h, p, ask, err);
}

static int
take_words(
    const struct bnd_ask *ask, struct bnd_challenge *c, struct bnd_err *err)
{
	if (ask->action == BND_ACTION_ENROLL && ask->entry != NULL)
		bnd_challenge_subject_enroll(ask->entry, c->subject);
	else if (ask->subject != NULL &&
	    !bnd_str_copy(str(ask->subject), c->subject, sizeof(c->subject)))
		return bnd_fail(err, BND_E_INPUT, "the subject is too long");
	if (ask->reason != NULL &&
	    !bnd_str_copy(str(ask->reason), c->reason, sizeof(c->reason)))
		return bnd_fail(err, BND_E_INPUT,
		    "a reason has at most %d characters", BND_CHALLENGE_REASON);
	return 0;
}

int
bnd_ceremony_open(const struct bnd_root *root, const struct bnd_ask *ask,
    char *text, size_t *len, struct bnd_err *err)
{
	char body[BND_CEREMONY_BODY];
	uint8_t id[BND_CHALLENGE_ID_LEN];
	struct bnd_challenge c = { 0 };
	struct bnd_policy policy;
	struct bnd_json j;
	SCOPED_HOLD struct bnd_hold *h = NULL;

	if (bnd_policy_load(root, &policy, err) != 0 ||
	    take_words(ask, &c, err) != 0)
		return -1;
	/* Nobody is asked for what would not come back. */
	if (ask->for_s != 0 && bnd_return_can(root, err) != 0)
		return -1;
	h = bnd_hold_take(root, err);
	if (h == NULL || make_room(h, err) != 0 ||
	    check_possible(h, &policy, ask, err) != 0)
		return -1;
	fill(h, &policy, ask, &c);
	if (bnd_challenge_pack(&c, text, len, err) != 0)
		return -1;
	bnd_hold_begin(&j, body, NULL);
	bnd_json_bytes(&j, "text", (struct bnd_str){ text, *len });
	if (ask->action == BND_ACTION_ENROLL)
		bnd_approver_to_json(ask->entry, &j, "entry");
	if (bnd_hold_append(h, "ceremony.open", &j, 0, err) != 0)
		return -1;
	bnd_hold_release(&h);
	bnd_challenge_id((struct bnd_str){ text, *len }, id);
	bnd_announce(root, BND_NEWS_OPEN, &c, id);
	return 0;
}

/* ---- approved ---- */

static int
find(const struct bnd_ledger *l, const char *name)
{
	for (unsigned i = 0; i < l->approvers; i++)
		if (strcmp(l->approver[i].name, name) == 0)
			return (int)i;
	return -1;
}

/* Somebody tried; key is null for a name that nobody has. */
static int
miss(
    const struct bnd_hold *h, const struct bnd_approver *a, struct bnd_err *err)
{
	char body[BND_CEREMONY_BODY], key[2 * BND_APPROVER_ID_LEN + 1];
	struct bnd_json j;

	bnd_hold_begin(&j, body, h->v.ledger.ceremony.id);
	if (a != NULL) {
		bnd_text_to_hex(a->id, sizeof(a->id), key);
		bnd_json_str(&j, "key", key);
	} else
		bnd_json_null(&j, "key");
	return bnd_hold_append(h, "ceremony.miss", &j, 0, err);
}

static int
approve(const struct bnd_hold *h, const struct bnd_approver *a,
    const struct bnd_evidence *e, struct bnd_err *err)
{
	char body[BND_CEREMONY_BODY], key[2 * BND_APPROVER_ID_LEN + 1];
	const struct bnd_open_ceremony *o = &h->v.ledger.ceremony;
	struct bnd_json j;

	bnd_text_to_hex(a->id, sizeof(a->id), key);
	bnd_hold_begin(&j, body, o->id);
	bnd_json_str(&j, "key", key);
	bnd_json_str(&j, "kind", bnd_key_kind_name(a->pub.kind));
	bnd_evidence_to_json(e, a->pub.kind, &j, "sig");
	return bnd_hold_append(h, "ceremony.approve", &j,
	    o->c.opened_us + BND_APPROVE_WITHIN_US, err);
}

/* Whether it is approved by this already: a second time is no second one. */
static bool
stands_already(const struct bnd_open_ceremony *o, const struct bnd_approver *a,
    int i, const struct bnd_evidence *e)
{
	return (o->approved >> i & 1) != 0 &&
	    bnd_evidence_verify(
		&a->pub, (struct bnd_str){ o->text, o->len }, e);
}

/* Under the lock.  *met: this one completed the quorum. */
static int
judge(struct bnd_hold *h, const char *approver, const struct bnd_evidence *e,
    bool *met, struct bnd_err *err)
{
	struct bnd_ledger *l = &h->v.ledger;
	struct bnd_open_ceremony *o = &l->ceremony;
	int i = find(l, approver);
	struct bnd_doubt why;

	if (i < 0) {
		if (miss(h, NULL, err) == 0)
			(void)bnd_fail(err, BND_E_CEREMONY, "no such approver");
		return -1;
	}
	if (!bnd_claim_may_sign(l, (unsigned)i, h->now.boot_us, &why))
		return bnd_fail(
		    err, why.kind, "%s: %.180s", approver, why.text);
	if (stands_already(o, &l->approver[i], i, e))
		return 0;
	if (!bnd_claim_is_signed(l, (unsigned)i, e, &why)) {
		if (miss(h, &l->approver[i], err) != 0)
			return -1;
		return bnd_fail(err, why.kind, "%.200s", why.text);
	}
	if (approve(h, &l->approver[i], e, err) != 0)
		return -1;
	o->approved |= 1U << i;
	*met = o->quorum_us == 0 && bnd_claim_persons(l) >= o->c.need;
	return 0;
}

int
bnd_ceremony_approve(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], const char *approver,
    const struct bnd_evidence *e, struct bnd_err *err)
{
	struct bnd_challenge c;
	bool met = false;
	SCOPED_HOLD struct bnd_hold *h = bnd_hold_take(root, err);

	if (h == NULL || bnd_hold_check_open(h, id, err) != 0)
		return -1;
	c = h->v.ledger.ceremony.c;
	if (has_run_out(h)) {
		if (end_it(h, id, "expired", err) == 0)
			(void)bnd_fail(
			    err, BND_E_CEREMONY, "the ceremony has run out");
		return -1;
	}
	if (judge(h, approver, e, &met, err) != 0)
		return -1;
	bnd_hold_release(&h);
	if (met)
		bnd_announce(root, BND_NEWS_QUORUM, &c, id);
	return 0;
}
