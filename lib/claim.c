/* claim.c: the signatures on the chain, and what they allow (E2 to E10) */
/* SPDX-License-Identifier: ISC */
/*
 * A loosening, an enrolment, a revocation and an unfreezing are worth what the
 * signatures on the chain are worth.  They hold when one open ceremony
 *
 *   1. asked for exactly this (action, modes, subject) of exactly this chain
 *      (log id, gen, base record, boot),
 *   2. was signed, within ten minutes, by as many distinct persons as its tier
 *      demands, each with a key that was live when it was opened,
 *   3. then waited for its cool-down, and was used within its window,
 *   4. and was used once.
 *
 * A ceremony is closed by everything that changes what the approvers believed:
 * a new gen, a new boot, another set of approvers, its end, its use.
 */
#include "claim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tier.h"

#define US UINT64_C(1000000)

__attribute__((format(printf, 4, 5))) static bool
doubt(struct bnd_doubt *why, enum bnd_code code, enum bnd_kind kind,
    const char *fmt, ...)
{
	va_list ap;

	why->code = code;
	why->kind = kind;
	va_start(ap, fmt);
	vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	return false;
}

static bool
same_mark(const struct bnd_mark *a, const struct bnd_mark *b)
{
	return a->seq == b->seq && bnd_same(a->link, b->link, BND_HASH_LEN);
}

/* ---- what a claim must show ---- */

struct bnd_claim
bnd_claim_of(
    const struct bnd_turn *t, enum bnd_action action, const char *subject)
{
	struct bnd_claim c = {
		.action = action,
		.from = t->l->mode,
		.to = t->l->mode,
		.subject = subject,
		.boot = t->r->time.boot,
		.us = t->r->time.boot_us,
	};

	if (!bnd_turn_hex(t, "auth", c.auth, sizeof(c.auth), &c.has_auth))
		c.has_auth = false;
	return c;
}

/* E2, E8, E9: what no signature can make good. */
static bool
is_possible(const struct bnd_ledger *l, const struct bnd_claim *c,
    struct bnd_doubt *why)
{
	if (c->from != l->mode)
		return doubt(why, BND_F_MODE, BND_E_DENIED,
		    "from %s, but the chain's mode is %s",
		    bnd_mode_name(c->from), bnd_mode_name(l->mode));
	if (c->action != BND_ACTION_LOOSEN)
		return true;
	if (l->frozen)
		return doubt(why, BND_F_FROZEN, BND_E_FROZEN,
		    "no loosening while frozen");
	if (bnd_bound_is_over(&l->bound, c->boot, c->us))
		return doubt(why, BND_F_UNAPPROVED, BND_E_DENIED,
		    "the time of the last loosening is over: %s is due",
		    bnd_mode_name(l->bound.back));
	if (c->from == BND_LOCKDOWN && c->to < l->lockdown_from)
		return doubt(why, BND_F_UNAPPROVED, BND_E_DENIED,
		    "LOCKDOWN was entered from %s and is left no looser",
		    bnd_mode_name(l->lockdown_from));
	return true;
}

/* E3: it names the open ceremony, and that asked for this. */
static bool
is_asked(const struct bnd_ledger *l, const struct bnd_claim *c,
    struct bnd_doubt *why)
{
	const struct bnd_open_ceremony *o = &l->ceremony;

	if (!c->has_auth)
		return doubt(why, BND_F_UNAPPROVED, BND_E_DENIED,
		    "%s without a ceremony", bnd_action_name(c->action));
	if (!o->is_open || !bnd_same(o->id, c->auth, sizeof(o->id)))
		return doubt(why, BND_F_UNAPPROVED, BND_E_CEREMONY,
		    "the ceremony named is not open");
	if (o->c.action != c->action || o->c.from != c->from ||
	    o->c.to != c->to || strcmp(o->c.subject, c->subject) != 0)
		return doubt(why, BND_F_UNAPPROVED, BND_E_CEREMONY,
		    "the ceremony named asks for something else");
	return true;
}

/* E4: the text is about this chain as it is now. */
static bool
is_of_chain(const struct bnd_ledger *l, const struct bnd_challenge *c,
    struct bnd_doubt *why)
{
	if (!bnd_same(c->log_id, l->log_id, BND_ID_LEN))
		return doubt(why, BND_F_UNAPPROVED, BND_E_CEREMONY,
		    "the challenge is of another log");
	if (c->from != l->mode || c->gen != l->gen ||
	    !same_mark(&c->base, &l->at))
		return doubt(why, BND_F_UNAPPROVED, BND_E_CEREMONY,
		    "the challenge is of another mode or generation");
	return true;
}

/* A log that waits for its succession takes no other ceremony, and only it. */
static bool
is_its_turn(const struct bnd_ledger *l, const struct bnd_challenge *c,
    struct bnd_doubt *why)
{
	bool succeed = c->action == BND_ACTION_SUCCEED;

	if (succeed == l->nascent &&
	    (!succeed || strcmp(c->subject, l->succeeds) == 0))
		return true;
	return doubt(why, BND_F_UNAPPROVED, BND_E_CEREMONY,
	    succeed ? "a succession that this log does not stand for"
		    : "nothing before the succession was approved");
}

/* E5 for the text: as many as the tier demands. */
static bool
is_enough(const struct bnd_ledger *l, const struct bnd_challenge *c,
    struct bnd_doubt *why)
{
	struct bnd_tier t = bnd_challenge_floor(c, bnd_ledger_persons(l));

	if (c->need < t.need)
		return doubt(why, BND_F_UNAPPROVED, BND_E_CEREMONY,
		    "%u of the %u approvals that are the rule", c->need,
		    t.need);
	return true;
}

/* E7 for the text. */
static bool
is_slow_enough(const struct bnd_ledger *l, const struct bnd_challenge *c,
    struct bnd_doubt *why)
{
	struct bnd_tier t = bnd_challenge_floor(c, bnd_ledger_persons(l));

	if (c->cooldown_s < t.cooldown_s)
		return doubt(why, BND_F_RUSHED, BND_E_CEREMONY,
		    "a cool-down of %" PRIu64 " s where %" PRIu64 " are the "
		    "rule",
		    c->cooldown_s, t.cooldown_s);
	return true;
}

/* The live keys that are of the same person as the one to be revoked. */
static unsigned
keys_of_subject(const struct bnd_ledger *l)
{
	uint8_t id[BND_APPROVER_ID_LEN];
	const char *hex = l->ceremony.c.subject;
	unsigned mask = 0;
	int s = -1;

	if (bnd_text_from_hex(
		(struct bnd_str){ hex, strlen(hex) }, id, sizeof(id)))
		s = bnd_ledger_find(l, id);
	for (unsigned i = 0; s >= 0 && i < l->approvers; i++)
		if (strcmp(l->approver[i].person, l->approver[s].person) == 0)
			mask |= 1U << i;
	return mask;
}

unsigned
bnd_claim_persons(const struct bnd_ledger *l)
{
	const struct bnd_open_ceremony *o = &l->ceremony;
	unsigned mask = o->approved;

	if (bnd_challenge_floor(&o->c, bnd_ledger_persons(l)).another)
		mask &= ~keys_of_subject(l);
	return bnd_approver_persons(l->approver, l->approvers, mask);
}

/* E5: so many persons have signed. */
static bool
is_signed(const struct bnd_ledger *l, const struct bnd_claim *c,
    struct bnd_doubt *why)
{
	const struct bnd_open_ceremony *o = &l->ceremony;
	uint64_t end = o->c.opened_us + BND_APPROVE_WITHIN_US;
	unsigned have = bnd_claim_persons(l);

	if (have < o->c.need &&
	    (strcmp(c->boot, o->c.boot) != 0 || c->us > end))
		return doubt(why, BND_F_UNAPPROVED, BND_E_CEREMONY,
		    "%u of %u persons have approved, and it is too late for "
		    "more",
		    have, o->c.need);
	if (have < o->c.need)
		return doubt(why, BND_F_UNAPPROVED, BND_E_PENDING,
		    "%u of %u persons have approved; %" PRIu64
		    " s left for the others",
		    have, o->c.need, (end - c->us + US - 1) / US);
	return true;
}

/* E7: in the boot of its opening, after the cool-down, in the window. */
static bool
is_timely(const struct bnd_ledger *l, const struct bnd_claim *c,
    struct bnd_doubt *why)
{
	const struct bnd_open_ceremony *o = &l->ceremony;
	uint64_t ripe = o->quorum_us + o->c.cooldown_s * US;

	if (strcmp(c->boot, o->c.boot) != 0)
		return doubt(why, BND_F_RUSHED, BND_E_CEREMONY,
		    "the ceremony is of another boot");
	if (c->us < ripe)
		return doubt(why, BND_F_RUSHED, BND_E_PENDING,
		    "the cool-down has %" PRIu64 " s left",
		    (ripe - c->us + US - 1) / US);
	if (c->us > ripe + bnd_challenge_window_us(&o->c))
		return doubt(why, BND_F_RUSHED, BND_E_CEREMONY,
		    "the window of the ceremony has passed");
	return true;
}

bool
bnd_claim_holds(const struct bnd_ledger *l, const struct bnd_claim *c,
    struct bnd_doubt *why)
{
	const struct bnd_challenge *t = &l->ceremony.c;

	return is_possible(l, c, why) && is_asked(l, c, why) &&
	    is_of_chain(l, t, why) && is_enough(l, t, why) &&
	    is_slow_enough(l, t, why) && is_signed(l, c, why) &&
	    is_timely(l, c, why);
}

/* Who has approved the open ceremony, kept beyond its end. */
static void
keep_consent(struct bnd_ledger *l, bool given)
{
	const struct bnd_open_ceremony *o = &l->ceremony;
	struct bnd_consent *k = &l->consent;

	*k = (struct bnd_consent){ .given = given };
	if (!given)
		return;
	memcpy(k->auth, o->id, sizeof(k->auth));
	memcpy(k->reason, o->c.reason, sizeof(k->reason));
	for (unsigned i = 0; i < l->approvers; i++)
		if (o->approved >> i & 1)
			bnd_signer_of(&l->approver[i], &k->by[k->n++]);
}

bool
bnd_claim_use(struct bnd_turn *t, const struct bnd_claim *c)
{
	struct bnd_open_ceremony *o = &t->l->ceremony;
	struct bnd_doubt why;
	bool held = bnd_claim_holds(t->l, c, &why);

	keep_consent(t->l, held);
	if (!held)
		bnd_turn_report(t, why.code, "%s: %s", t->r->ev, why.text);
	else if (o->single && bnd_claim_persons(t->l) < 2)
		bnd_turn_report(t, BND_F_SINGLE_APPROVER,
		    "%s: one person approved where two are the rule", t->r->ev);
	o->is_open = false;
	return held;
}

bool
bnd_claim_is_true(const struct bnd_turn *t, const struct bnd_challenge *c,
    struct bnd_doubt *why)
{
	if (strcmp(c->boot, t->r->time.boot) != 0 ||
	    c->opened_us > t->r->time.boot_us)
		return doubt(why, BND_F_UNAPPROVED, BND_E_CEREMONY,
		    "the challenge is of another time");
	/*
	 * Root can cancel a ceremony, open its text again and copy the
	 * signatures: nobody has approved that.
	 */
	if (t->l->opened_us != 0 && c->opened_us <= t->l->opened_us)
		return doubt(why, BND_F_UNAPPROVED, BND_E_CEREMONY,
		    "the challenge is not newer than the one before");
	/* Nor may boots made up for it push its own out of what is known. */
	if (t->l->boots_seen - t->l->boots_at_gen >= BND_LEDGER_BOOTS)
		return doubt(why, BND_F_UNAPPROVED, BND_E_CEREMONY,
		    "%d boots since the mode was last set: whether this one "
		    "is new cannot be told (mode-set --boot)",
		    BND_LEDGER_BOOTS);
	return is_of_chain(t->l, c, why) && is_its_turn(t->l, c, why) &&
	    is_enough(t->l, c, why) && is_slow_enough(t->l, c, why);
}

/* The key itself gives itself up: it has approved, nothing else is asked. */
bool
bnd_claim_is_own(struct bnd_ledger *l, const struct bnd_claim *c, unsigned i)
{
	const struct bnd_open_ceremony *o = &l->ceremony;
	struct bnd_doubt why;

	if (!is_asked(l, c, &why) || !is_of_chain(l, &o->c, &why) ||
	    strcmp(c->boot, o->c.boot) != 0 || (o->approved >> i & 1) == 0 ||
	    c->us > o->c.opened_us + BND_APPROVE_WITHIN_US)
		return false;
	keep_consent(l, true);
	return true;
}

/* ---- one approval ---- */

bool
bnd_claim_may_sign(
    const struct bnd_ledger *l, unsigned i, uint64_t us, struct bnd_doubt *why)
{
	const struct bnd_challenge *c = &l->ceremony.c;

	if (c->offline && !bnd_key_kind_is_offline(l->approver[i].pub.kind))
		return doubt(why, BND_F_UNAPPROVED, BND_E_CEREMONY,
		    "an offline key was asked for");
	if (us > c->opened_us + BND_APPROVE_WITHIN_US)
		return doubt(why, BND_F_RUSHED, BND_E_CEREMONY,
		    "later than ten minutes");
	return true;
}

bool
bnd_claim_is_signed(const struct bnd_ledger *l, unsigned i,
    const struct bnd_evidence *e, struct bnd_doubt *why)
{
	const struct bnd_open_ceremony *o = &l->ceremony;
	const struct bnd_approver *a = &l->approver[i];

	if (!bnd_evidence_verify(
		&a->pub, (struct bnd_str){ o->text, o->len }, e))
		return doubt(why, BND_F_UNAPPROVED, BND_E_CEREMONY,
		    "not a signature of %s over the challenge", a->name);
	if (!bnd_evidence_is_newer(e, l->use[i].counter))
		return doubt(why, BND_F_UNAPPROVED, BND_E_CEREMONY,
		    "the counter of %s's token does not grow: %" PRIu32
		    " after %" PRIu32 "; is there a copy of it?",
		    a->name, e->counter, l->use[i].counter);
	return true;
}

/* ---- asked by mode-set before it loosens ---- */

int
bnd_ledger_may_loosen(const struct bnd_ledger *l, const struct bnd_now *now,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], enum bnd_mode from,
    enum bnd_mode to, struct bnd_err *err)
{
	struct bnd_claim c = {
		.action = BND_ACTION_LOOSEN,
		.from = from,
		.to = to,
		.subject = "",
		.has_auth = true,
		.boot = now->boot,
		.us = now->boot_us,
	};
	struct bnd_doubt why;

	memcpy(c.auth, id, sizeof(c.auth));
	if (l->pending)
		return bnd_fail(
		    err, BND_E_DENIED, "a transition is not finished yet");
	if (l->closed)
		return bnd_fail(err, BND_E_DENIED, "the log is closed");
	if (!bnd_claim_holds(l, &c, &why))
		return bnd_fail(err, why.kind, "%s", why.text);
	return 0;
}
