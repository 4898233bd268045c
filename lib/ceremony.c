/* ceremony.c: a ceremony's records: opened, approved, ended */
/* SPDX-License-Identifier: ISC */
#include "ceremony.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "claim.h"
#include "clock.h"
#include "json.h"
#include "ledger.h"
#include "lock.h"
#include "log.h"
#include "policy.h"
#include "proc.h"
#include "scope.h"
#include "state.h"
#include "tier.h"
#include "verify.h"

#define PROG	 "mode-set"
#define BODY_MAX 3072
#define LOG_MS	 2000
#define HEX_ID	 (2 * BND_CHALLENGE_ID_LEN + 1)

/* What a step of a ceremony works on while it holds the state lock. */
struct hold {
	const struct bnd_root *root;
	int lock;
	struct bnd_now now;
	struct bnd_verdict v;
};

static void
release(struct hold **h)
{
	if (*h != NULL)
		bnd_close_fd(&(*h)->lock);
	free(*h);
	*h = NULL;
}
#define SCOPED_HOLD __attribute__((cleanup(release)))

static struct hold *
take(const struct bnd_root *root, struct bnd_err *err)
{
	SCOPED_HOLD struct hold *h = calloc(1, sizeof(*h));
	struct hold *taken = h;

	if (h == NULL) {
		(void)bnd_fail_errno(err, "cannot hold a ceremony");
		return NULL;
	}
	h->root = root;
	h->lock = -1;
	if (!bnd_clock_is_initial()) {
		(void)bnd_fail(err, BND_E_FROZEN,
		    "no ceremony outside the initial time namespace");
		return NULL;
	}
	h->lock = bnd_lock(
	    root, BND_STATE_LOCK, true, true, BND_CEREMONY_LOCK_MS, err);
	if (h->lock < 0 || bnd_verify_live(root, &h->v, err) != 0 ||
	    bnd_clock_now(&h->now, err) != 0)
		return NULL;
	if (h->v.exit != 0 && h->v.exit != 6) {
		(void)bnd_fail(err, BND_E_CORRUPT,
		    "the log does not verify (%.150s)", h->v.first.detail);
		return NULL;
	}
	h = NULL;
	return taken;
}

static int
append(const struct hold *h, const char *ev, struct bnd_json *j,
    struct bnd_err *err)
{
	struct bnd_event event = { .prog = PROG,
		.ev = ev,
		.body = { j->buf, j->len },
		.need = BND_LOG_DURABLE,
		.deadline_ms = LOG_MS };
	struct bnd_mark mark;

	bnd_json_close(j, '}');
	event.body.len = j->len;
	if (!bnd_json_end(j))
		return bnd_fail(err, BND_E_INPUT, "the record is too long");
	return bnd_log_append(h->root, &event, &mark, err);
}

static void
begin_body(struct bnd_json *j, char buf[static BODY_MAX], const uint8_t *open)
{
	char hex[HEX_ID];

	bnd_json_begin(j, buf, BODY_MAX);
	bnd_json_open(j, NULL, '{');
	if (open == NULL)
		return;
	bnd_text_to_hex(open, BND_CHALLENGE_ID_LEN, hex);
	bnd_json_str(j, "open", hex);
}

static int
end_it(const struct hold *h, const uint8_t *id, const char *why,
    struct bnd_err *err)
{
	char body[BODY_MAX];
	struct bnd_json j;

	begin_body(&j, body, id);
	bnd_json_str(&j, "why", why);
	return append(h, "ceremony.end", &j, err);
}

/* Too late for approvals, or for what was approved. */
static bool
has_run_out(const struct hold *h)
{
	const struct bnd_open_ceremony *o = &h->v.ledger.ceremony;
	uint64_t end = o->c.opened_us + BND_APPROVE_WITHIN_US;

	if (strcmp(o->c.boot, h->now.boot) != 0)
		return true;
	if (o->quorum_us != 0)
		end = o->quorum_us + o->c.cooldown_s * UINT64_C(1000000) +
		    bnd_challenge_window_us(&o->c);
	return h->now.boot_us > end;
}

static int
make_room(const struct hold *h, struct bnd_err *err)
{
	const struct bnd_open_ceremony *o = &h->v.ledger.ceremony;

	if (!o->is_open)
		return 0;
	if (!has_run_out(h))
		return bnd_fail(err, BND_E_CEREMONY,
		    "another ceremony is open; cancel it first");
	return end_it(h, o->id, "expired", err);
}

/* bnd.conf may ask for more than the built-in floors, never for less. */
static void
fill(const struct hold *h, const struct bnd_policy *p,
    const struct bnd_ask *ask, struct bnd_challenge *c)
{
	const struct bnd_ledger *l = &h->v.ledger;
	struct bnd_tier tier =
	    bnd_challenge_tier(ask->action, l->mode, bnd_ledger_persons(l));
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
	c->need = p->need[l->mode] > tier.need ? p->need[l->mode] : tier.need;
	c->cooldown_s = p->cooldown_s[l->mode] > tier.cooldown_s
	    ? p->cooldown_s[l->mode]
	    : tier.cooldown_s;
	c->offline = p->offline[l->mode];
	c->requester.has_auid = who.has_auid;
	c->requester.has_ses = who.has_ses;
	c->requester.auid = who.auid;
	c->requester.uid = who.uid;
	c->requester.ses = who.ses;
	bnd_random(c->nonce, sizeof(c->nonce));
}

/* What no approval could make good need not be signed. */
static int
check_possible(
    const struct hold *h, const struct bnd_ask *ask, struct bnd_err *err)
{
	const struct bnd_ledger *l = &h->v.ledger;

	if (ask->action != BND_ACTION_LOOSEN)
		return 0;
	if (l->frozen)
		return bnd_fail(err, BND_E_FROZEN, "no loosening while frozen");
	if (l->mode == BND_LOCKDOWN && ask->to < l->lockdown_from)
		return bnd_fail(err, BND_E_DENIED,
		    "LOCKDOWN was entered from %s and is left no looser",
		    bnd_mode_name(l->lockdown_from));
	return 0;
}

static bool
fits(const char *s, char *dst, size_t size)
{
	return s == NULL ||
	    bnd_str_copy((struct bnd_str){ s, strlen(s) }, dst, size);
}

int
bnd_ceremony_open(const struct bnd_root *root, const struct bnd_ask *ask,
    char *text, size_t *len, struct bnd_err *err)
{
	char body[BODY_MAX];
	struct bnd_challenge c = { 0 };
	struct bnd_policy policy;
	struct bnd_json j;
	SCOPED_HOLD struct hold *h = NULL;

	if (bnd_policy_load(root, &policy, err) != 0)
		return -1;
	if (!fits(ask->reason, c.reason, sizeof(c.reason)) ||
	    !fits(ask->subject, c.subject, sizeof(c.subject)) ||
	    !fits(ask->tty, c.requester.tty, sizeof(c.requester.tty)))
		return bnd_fail(err, BND_E_INPUT,
		    "the reason, subject or terminal is too long");
	h = take(root, err);
	if (h == NULL || check_possible(h, ask, err) != 0 ||
	    make_room(h, err) != 0)
		return -1;
	fill(h, &policy, ask, &c);
	if (bnd_challenge_pack(&c, text, len, err) != 0)
		return -1;
	begin_body(&j, body, NULL);
	bnd_json_bytes(&j, "text", (struct bnd_str){ text, *len });
	return append(h, "ceremony.open", &j, err);
}

static int
check_open(const struct hold *h, const uint8_t *id, struct bnd_err *err)
{
	const struct bnd_open_ceremony *o = &h->v.ledger.ceremony;

	if (!o->is_open || !bnd_same(o->id, id, sizeof(o->id)))
		return bnd_fail(
		    err, BND_E_CEREMONY, "that ceremony is not open");
	return 0;
}

static const struct bnd_approver *
find(const struct bnd_ledger *l, const char *name)
{
	for (unsigned i = 0; i < l->approvers; i++) {
		if (strcmp(l->approver[i].name, name) == 0)
			return &l->approver[i];
	}
	return NULL;
}

/* A name that nobody has is a miss like any other, but for the key. */
static int
miss_nobody(const struct hold *h, const uint8_t *id, const char *approver,
    struct bnd_err *err)
{
	char body[BODY_MAX];
	struct bnd_json j;

	begin_body(&j, body, id);
	bnd_json_null(&j, "key");
	if (append(h, "ceremony.miss", &j, err) != 0)
		return -1;
	return bnd_fail(err, BND_E_CEREMONY, "no approver %.40s", approver);
}

int
bnd_ceremony_approve(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], const char *approver,
    const struct bnd_evidence *e, struct bnd_err *err)
{
	char body[BODY_MAX], key[2 * BND_APPROVER_ID_LEN + 1];
	const struct bnd_approver *a;
	const struct bnd_ledger *l;
	struct bnd_doubt why;
	struct bnd_json j;
	unsigned i;
	SCOPED_HOLD struct hold *h = take(root, err);

	if (h == NULL || check_open(h, id, err) != 0)
		return -1;
	l = &h->v.ledger;
	a = find(l, approver);
	if (a == NULL)
		return miss_nobody(h, id, approver, err);
	i = (unsigned)(a - l->approver);
	if (!bnd_claim_may_sign(l, i, h->now.boot_us, &why))
		return bnd_fail(err, why.kind, "%s", why.text);
	bnd_text_to_hex(a->id, sizeof(a->id), key);
	begin_body(&j, body, id);
	bnd_json_str(&j, "key", key);
	if (!bnd_claim_is_signed(l, i, e, &why)) {
		if (append(h, "ceremony.miss", &j, err) != 0)
			return -1;
		return bnd_fail(err, why.kind, "%s", why.text);
	}
	bnd_json_str(&j, "kind", bnd_key_kind_name(a->pub.kind));
	bnd_evidence_to_json(e, a->pub.kind, &j, "sig");
	return append(h, "ceremony.approve", &j, err);
}

int
bnd_ceremony_end(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], const char *why,
    struct bnd_err *err)
{
	SCOPED_HOLD struct hold *h = take(root, err);

	if (h == NULL || check_open(h, id, err) != 0)
		return -1;
	return end_it(h, id, why, err);
}
