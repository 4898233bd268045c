/* ceremony-use.c: what approvers allowed is done: enroll, revoke, succeed */
/* SPDX-License-Identifier: ISC */
#include "ceremony-use.h"

#include <string.h>

#include "announce.h"
#include "ceremony-hold.h"
#include "claim.h"
#include "policy.h"
#include "rule-approver.h"
#include "tier.h"

#define KEY_HEX (2 * BND_APPROVER_ID_LEN + 1)

/* What the chain is about to be told; subject is the caller's. */
static struct bnd_claim
claim_now(const struct bnd_hold *h, enum bnd_action action, const char *subject)
{
	const struct bnd_ledger *l = &h->v.ledger;
	struct bnd_claim c = {
		.action = action,
		.from = l->mode,
		.to = l->mode,
		.subject = subject,
		.has_auth = true,
		.boot = h->now.boot,
		.us = h->now.boot_us,
	};

	memcpy(c.auth, l->ceremony.id, sizeof(c.auth));
	return c;
}

static int
check_settled(const struct bnd_hold *h, struct bnd_err *err)
{
	if (h->v.ledger.pending)
		return bnd_fail(
		    err, BND_E_DENIED, "a transition is not finished yet");
	if (h->v.ledger.closed)
		return bnd_fail(err, BND_E_DENIED, "the log is closed");
	return 0;
}

/* The state lock and the chain, where ceremony id stands open. */
static struct bnd_hold *
take_open(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], struct bnd_policy *policy,
    struct bnd_err *err)
{
	SCOPED_HOLD struct bnd_hold *h = NULL;
	struct bnd_hold *taken;

	if (bnd_policy_load(root, policy, err) != 0)
		return NULL;
	taken = h = bnd_hold_take(root, err);
	if (h == NULL || check_settled(h, err) != 0 ||
	    bnd_hold_check_open(h, id, err) != 0)
		return NULL;
	h = NULL;
	return taken;
}

static int
check_claim(const struct bnd_hold *h, const struct bnd_claim *c,
    const struct bnd_policy *p, struct bnd_err *err)
{
	struct bnd_doubt why;

	if (!bnd_claim_holds(&h->v.ledger, c, &why))
		return bnd_fail(err, why.kind, "%.200s", why.text);
	return bnd_tier_meets(p, &h->v.ledger.ceremony.c, err);
}

static void
put_auth(struct bnd_json *j, const struct bnd_claim *c)
{
	char hex[2 * BND_CHALLENGE_ID_LEN + 1];

	bnd_text_to_hex(c->auth, sizeof(c->auth), hex);
	bnd_json_str(j, "auth", hex);
}

/* On the chain, or not at all; told when the lock is given back. */
static int
done(struct bnd_hold **h, const char *ev, struct bnd_json *j, uint64_t until_us,
    struct bnd_err *err)
{
	const struct bnd_root *root = (*h)->root;
	struct bnd_challenge c = (*h)->v.ledger.ceremony.c;
	uint8_t id[BND_CHALLENGE_ID_LEN];

	memcpy(id, (*h)->v.ledger.ceremony.id, sizeof(id));
	if (bnd_hold_append(*h, ev, j, until_us, err) != 0)
		return -1;
	bnd_hold_release(h);
	bnd_announce(root, BND_NEWS_USED, &c, id);
	return 0;
}

int
bnd_ceremony_enroll(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], struct bnd_err *err)
{
	char body[BND_CEREMONY_BODY];
	const struct bnd_open_ceremony *o;
	struct bnd_policy policy;
	struct bnd_claim c;
	struct bnd_doubt why;
	struct bnd_json j;
	SCOPED_HOLD struct bnd_hold *h = NULL;

	h = take_open(root, id, &policy, err);
	if (h == NULL)
		return -1;
	o = &h->v.ledger.ceremony;
	if (!o->has_entry)
		return bnd_fail(
		    err, BND_E_CEREMONY, "that ceremony enrolls nobody");
	c = claim_now(h, BND_ACTION_ENROLL, o->c.subject);
	if (check_claim(h, &c, &policy, err) != 0)
		return -1;
	if (!bnd_rule_may_add(&h->v.ledger, &o->entry, &why))
		return bnd_fail(err, why.kind, "%.200s", why.text);
	bnd_hold_begin(&j, body, NULL);
	bnd_approver_to_json(&o->entry, &j, "entry");
	put_auth(&j, &c);
	return done(&h, "approver.enroll", &j, bnd_ceremony_ends_us(o), err);
}

/* The live key that the open ceremony is about, or -1. */
static int
subject_key(const struct bnd_hold *h)
{
	const struct bnd_open_ceremony *o = &h->v.ledger.ceremony;
	uint8_t id[BND_APPROVER_ID_LEN];

	if (o->c.action != BND_ACTION_REVOKE ||
	    !bnd_text_from_hex(
		(struct bnd_str){ o->c.subject, strlen(o->c.subject) }, id,
		sizeof(id)))
		return -1;
	return bnd_ledger_find(&h->v.ledger, id);
}

int
bnd_ceremony_revoke(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], struct bnd_err *err)
{
	char body[BND_CEREMONY_BODY], key[KEY_HEX];
	struct bnd_ledger *l;
	struct bnd_policy policy;
	struct bnd_claim c;
	struct bnd_json j;
	SCOPED_HOLD struct bnd_hold *h = NULL;
	uint64_t until;
	int i;

	h = take_open(root, id, &policy, err);
	if (h == NULL)
		return -1;
	l = &h->v.ledger;
	i = subject_key(h);
	if (i < 0)
		return bnd_fail(err, BND_E_CEREMONY,
		    "that ceremony does not revoke a live key");
	if (l->approvers == 1)
		return bnd_fail(
		    err, BND_E_DENIED, "the last live key is never revoked");
	bnd_text_to_hex(l->approver[i].id, BND_APPROVER_ID_LEN, key);
	c = claim_now(h, BND_ACTION_REVOKE, key);
	until = bnd_ceremony_ends_us(&l->ceremony);
	if (bnd_claim_is_own(l, &c, (unsigned)i))
		until = l->ceremony.c.opened_us + BND_APPROVE_WITHIN_US;
	else if (check_claim(h, &c, &policy, err) != 0)
		return -1;
	bnd_hold_begin(&j, body, NULL);
	bnd_json_str(&j, "key", key);
	put_auth(&j, &c);
	return done(&h, "approver.revoke", &j, until, err);
}

int
bnd_ceremony_succeed(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], struct bnd_err *err)
{
	char body[BND_CEREMONY_BODY];
	const struct bnd_ledger *l;
	struct bnd_policy policy;
	struct bnd_claim c;
	struct bnd_json j;
	SCOPED_HOLD struct bnd_hold *h = NULL;

	h = take_open(root, id, &policy, err);
	if (h == NULL)
		return -1;
	l = &h->v.ledger;
	c = claim_now(h, BND_ACTION_SUCCEED, l->succeeds);
	if (!l->nascent)
		return bnd_fail(
		    err, BND_E_CEREMONY, "no log waits for its succession");
	if (check_claim(h, &c, &policy, err) != 0)
		return -1;
	bnd_hold_begin(&j, body, NULL);
	put_auth(&j, &c);
	return bnd_hold_append(
	    h, "log.succeed", &j, bnd_ceremony_ends_us(&l->ceremony), err);
}
