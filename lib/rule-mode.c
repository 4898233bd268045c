/* rule-mode.c: a mode is lowered only by what its approvers signed */
/* SPDX-License-Identifier: ISC */
#include "rule-mode.h"

#include <inttypes.h>
#include <string.h>

#include "claim.h"
#include "json-read.h"
#include "state.h"

/* The members that intent, commit, fail and recover share. */
struct step {
	char txn[BND_TXN_MAX + 1];
	enum bnd_mode from, to, land;
	uint64_t gen;
};

static bool
is_txn(const char *s)
{
	size_t n = strspn(s, "0123456789abcdef");

	return n > 0 && s[n] == '\0';
}

static bool
read_step(const struct bnd_turn *t, struct step *s)
{
	if (bnd_json_get_str(t->d, "txn", s->txn, sizeof(s->txn)) &&
	    is_txn(s->txn) && bnd_turn_mode(t, "from", &s->from) &&
	    bnd_turn_mode(t, "to", &s->to))
		return true;
	bnd_turn_report(
	    t, BND_F_RULE, "%s: txn, from or to is no such thing", t->r->ev);
	return false;
}

static bool
is_answer(const struct bnd_ledger *l, const struct step *s)
{
	return l->pending && strcmp(s->txn, l->intent.txn) == 0 &&
	    s->from == l->intent.from && s->to == l->intent.to;
}

/* E2: one more than before; what is said is believed afterwards. */
static void
take_gen(struct bnd_turn *t)
{
	struct bnd_ledger *l = t->l;
	uint64_t gen;

	if (!bnd_json_get_u64(t->d, "gen", &gen)) {
		bnd_turn_report(t, BND_F_GEN, "%s: no gen", t->r->ev);
		gen = l->gen + 1;
	} else if (gen != l->gen + 1)
		bnd_turn_report(t, BND_F_GEN,
		    "%s: gen %" PRIu64 " after %" PRIu64, t->r->ev, gen,
		    l->gen);
	l->gen = gen;
}

/* A new generation: nothing is pending and no ceremony outlives it. */
static void
settle(struct bnd_turn *t, enum bnd_mode mode)
{
	struct bnd_ledger *l = t->l;

	take_gen(t);
	if (mode == BND_LOCKDOWN && l->mode != BND_LOCKDOWN)
		l->lockdown_from = l->mode;
	l->mode = mode;
	l->at = t->mark;
	l->boots_at_gen = l->boots_seen;
	l->pending = false;
	if (mode >= l->bound.back)
		l->bound = (struct bnd_bound){ 0 };
	l->ceremony.is_open = false;
}

static void
note_policy(struct bnd_turn *t)
{
	struct bnd_ledger *l = t->l;
	char policy[sizeof(l->policy)];

	if (!bnd_json_get_str(t->d, "policy", policy, sizeof(policy)))
		return;
	if (l->policy[0] != '\0' && strcmp(policy, l->policy) != 0)
		bnd_turn_report(t, BND_F_POLICY,
		    "%s: another policy is in "
		    "force",
		    t->r->ev);
	memcpy(l->policy, policy, sizeof(policy));
}

/*
 * A bounded loosening says until when: no longer than asked, and no longer
 * than the one before, if that is bounded too.
 */
static uint64_t
take_until(struct bnd_turn *t)
{
	const struct bnd_challenge *c = &t->l->ceremony.c;
	uint64_t until = 0, max = t->l->bound.until_us;
	uint64_t own = t->r->time.boot_us + c->for_s * UINT64_C(1000000);

	if (c->for_s != 0 && (max == 0 || own < max))
		max = own;
	if (!bnd_json_get_u64(t->d, "until", &until))
		until = 0;
	if ((until != 0) == (max != 0) && until <= max)
		return until;
	bnd_turn_report(t, BND_F_UNAPPROVED,
	    "mode.intent: not for as long as the challenge says");
	t->l->consent.given = false;
	return max;
}

/* Until when, or 0. */
static uint64_t
loosening_intent(struct bnd_turn *t, const struct step *s, bool has_auth,
    const uint8_t auth[static BND_CHALLENGE_ID_LEN])
{
	struct bnd_claim c = {
		.action = BND_ACTION_LOOSEN,
		.from = s->from,
		.to = s->to,
		.subject = "",
		.has_auth = has_auth,
		.boot = t->r->time.boot,
		.us = t->r->time.boot_us,
	};

	memcpy(c.auth, auth, sizeof(c.auth));
	t->l->consent = (struct bnd_consent){ .given = false };
	if (t->late)
		bnd_turn_report(t, BND_F_LATE,
		    "mode.intent: a spooled record cannot loosen");
	else if (bnd_claim_use(t, &c))
		return take_until(t);
	return 0;
}

void
bnd_rule_intent(struct bnd_turn *t)
{
	uint8_t auth[BND_CHALLENGE_ID_LEN] = { 0 };
	struct bnd_ledger *l = t->l;
	uint64_t until = 0;
	struct step s;
	bool has_auth;

	if (!read_step(t, &s))
		return;
	if (!bnd_turn_hex(t, "auth", auth, sizeof(auth), &has_auth))
		bnd_turn_report(t, BND_F_RULE, "mode.intent: bad auth");
	if (l->pending)
		bnd_turn_report(t, BND_F_RULE,
		    "mode.intent: another intent has no answer yet");
	if (bnd_mode_loosens(s.from, s.to))
		until = loosening_intent(t, &s, has_auth, auth);
	else if (s.from != l->mode)
		bnd_turn_report(t, BND_F_MODE,
		    "mode.intent: from %s, but the chain's mode is %s",
		    bnd_mode_name(s.from), bnd_mode_name(l->mode));
	note_policy(t);
	l->pending = true;
	l->intent = (struct bnd_intent){
		.from = s.from,
		.to = s.to,
		.has_auth = has_auth,
		.by = l->consent,
		.until_us = until,
	};
	memcpy(l->intent.txn, s.txn, sizeof(s.txn));
	memcpy(l->intent.boot, t->r->time.boot, sizeof(l->intent.boot));
}

/* The consent is the intent's, if this answers it. */
static void
keep_loosening(struct bnd_turn *t, const struct step *s)
{
	struct bnd_ledger *l = t->l;

	l->consent = l->intent.by;
	if (!is_answer(l, s))
		l->consent = (struct bnd_consent){ .given = false };
	bnd_turn_deed(t, BND_ACTION_LOOSEN, l->mode, s->to, NULL);
}

/* The mode it came from, or the one before was bounded to come back to. */
static void
take_bound(struct bnd_ledger *l)
{
	if (l->intent.until_us == 0)
		return;
	l->bound.until_us = l->intent.until_us;
	l->bound.back = bnd_mode_max(l->bound.back, l->intent.from);
	memcpy(l->bound.boot, l->intent.boot, sizeof(l->bound.boot));
}

/* E1: the only record that may lower the mode, and it answers its intent. */
void
bnd_rule_commit(struct bnd_turn *t)
{
	struct bnd_ledger *l = t->l;
	struct step s;
	bool loosens;

	if (!read_step(t, &s))
		return;
	loosens = s.to < l->mode;
	if (!is_answer(l, &s))
		bnd_turn_report(t, loosens ? BND_F_UNAPPROVED : BND_F_RULE,
		    "mode.commit: answers no intent");
	else if (strcmp(l->intent.boot, t->r->time.boot) != 0)
		bnd_turn_report(t, BND_F_RULE,
		    "mode.commit: of another boot than its intent");
	if (s.from != l->mode)
		bnd_turn_report(t, BND_F_MODE,
		    "mode.commit: from %s, but the chain's mode is %s",
		    bnd_mode_name(s.from), bnd_mode_name(l->mode));
	if (t->late && loosens)
		bnd_turn_report(t, BND_F_LATE,
		    "mode.commit: a spooled record cannot loosen");
	/* The freeze may have come after the intent. */
	if (loosens && l->frozen)
		bnd_turn_report(
		    t, BND_F_FROZEN, "mode.commit: no loosening while frozen");
	if (!bnd_turn_has(t, "enforced", '{'))
		bnd_turn_report(t, BND_F_RULE,
		    "mode.commit: does not say what is enforced");
	note_policy(t);
	l->loosenings += loosens;
	if (loosens)
		keep_loosening(t, &s);
	if (loosens && l->pending)
		take_bound(l);
	settle(t, s.to);
}

static void
land(struct bnd_turn *t, const struct step *s)
{
	enum bnd_mode at_least = bnd_mode_max(s->from, s->to);

	at_least = bnd_mode_max(at_least, t->l->mode);
	if (s->land < at_least)
		bnd_turn_report(t, BND_F_RULE, "%s: lands on %s, laxer than %s",
		    t->r->ev, bnd_mode_name(s->land), bnd_mode_name(at_least));
	if (!bnd_turn_has(t, "failed", '['))
		bnd_turn_report(
		    t, BND_F_RULE, "%s: does not say what failed", t->r->ev);
	settle(t, s->land);
}

void
bnd_rule_fail(struct bnd_turn *t)
{
	struct step s;

	if (!read_step(t, &s))
		return;
	if (!bnd_turn_mode(t, "land", &s.land)) {
		bnd_turn_report(t, BND_F_RULE, "%s: no land", t->r->ev);
		return;
	}
	if (t->l->pending && !is_answer(t->l, &s))
		bnd_turn_report(t, BND_F_RULE,
		    "%s: answers another intent than the pending one",
		    t->r->ev);
	land(t, &s);
}

void
bnd_rule_boot(struct bnd_turn *t)
{
	struct bnd_ledger *l = t->l;
	enum bnd_mode mode, at_least = l->mode;

	if (!bnd_turn_mode(t, "mode", &mode)) {
		bnd_turn_report(t, BND_F_RULE, "mode.boot: no mode");
		return;
	}
	if (l->pending)
		at_least = bnd_mode_max(
		    at_least, bnd_mode_max(l->intent.from, l->intent.to));
	if (strcmp(l->bound.boot, t->r->time.boot) != 0)
		at_least = bnd_mode_max(at_least, l->bound.back);
	if (mode < at_least)
		bnd_turn_report(t, BND_F_RULE, "mode.boot: %s, laxer than %s",
		    bnd_mode_name(mode), bnd_mode_name(at_least));
	settle(t, mode);
}

/* What the clock was is said, and from here on what it is counts. */
static bool
take_clock(struct bnd_turn *t)
{
	int64_t was, now;

	if (!bnd_json_get_i64(t->d, "was", &was) ||
	    !bnd_json_get_i64(t->d, "now", &now))
		return false;
	t->l->clock_us = now;
	return true;
}

void
bnd_rule_jump(struct bnd_turn *t)
{
	if (!take_clock(t))
		bnd_turn_report(
		    t, BND_F_RULE, "clock.jump: no old and new offset");
}

/*
 * The first reason stays.  A loosening that people wait for is off, and so is
 * an unfreezing: they signed before whatever there is to freeze for now.
 */
void
bnd_rule_freeze(struct bnd_turn *t)
{
	struct bnd_ledger *l = t->l;
	char why[BND_FROZEN_MAX + 1] = "";

	if (!bnd_turn_has(t, "reason", '"'))
		bnd_turn_report(t, BND_F_RULE, "mode.freeze: no reason");
	if (!l->frozen) {
		(void)bnd_json_get_str(t->d, "reason", why, sizeof(why));
		bnd_frozen_text(
		    (struct bnd_str){ why, strlen(why) }, l->freeze_why);
	}
	l->frozen = true;
	if (l->ceremony.c.action == BND_ACTION_LOOSEN ||
	    l->ceremony.c.action == BND_ACTION_UNFREEZE)
		l->ceremony.is_open = false;
}

void
bnd_rule_unfreeze(struct bnd_turn *t)
{
	struct bnd_claim c = bnd_claim_of(t, BND_ACTION_UNFREEZE, "");

	bnd_claim_use(t, &c);
	bnd_turn_deed(t, c.action, c.from, c.to, NULL);
	if (!take_clock(t))
		bnd_turn_report(
		    t, BND_F_RULE, "mode.unfreeze: no old and new offset");
	t->l->frozen = false;
	t->l->freeze_why[0] = '\0';
}
