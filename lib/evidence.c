/* evidence.c: ceremonies on the chain, and what they allow (E2 to E10) */
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
#include "evidence.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

/* E5 for the text: as many as the tier demands. */
static bool
is_enough(const struct bnd_ledger *l, const struct bnd_challenge *c,
    struct bnd_doubt *why)
{
	struct bnd_tier t =
	    bnd_challenge_tier(c->action, c->from, bnd_ledger_persons(l));

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
	struct bnd_tier t =
	    bnd_challenge_tier(c->action, c->from, bnd_ledger_persons(l));

	if (c->cooldown_s < t.cooldown_s)
		return doubt(why, BND_F_RUSHED, BND_E_CEREMONY,
		    "a cool-down of %" PRIu64 " s where %" PRIu64 " are the "
		    "rule",
		    c->cooldown_s, t.cooldown_s);
	return true;
}

/* E5: so many persons have signed. */
static bool
is_signed(const struct bnd_ledger *l, struct bnd_doubt *why)
{
	const struct bnd_open_ceremony *o = &l->ceremony;
	unsigned have =
	    bnd_approver_persons(l->approver, l->approvers, o->approved);

	if (have < o->c.need)
		return doubt(why, BND_F_UNAPPROVED, BND_E_PENDING,
		    "%u of %u persons have approved", have, o->c.need);
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
	    is_slow_enough(l, t, why) && is_signed(l, why) &&
	    is_timely(l, c, why);
}

bool
bnd_claim_use(struct bnd_turn *t, const struct bnd_claim *c)
{
	struct bnd_open_ceremony *o = &t->l->ceremony;
	struct bnd_doubt why;
	bool held = bnd_claim_holds(t->l, c, &why);

	if (!held)
		bnd_turn_report(t, why.code, "%s: %s", t->r->ev, why.text);
	else if (o->single)
		bnd_turn_report(t, BND_F_SINGLE_APPROVER,
		    "%s: one person approved where two are the rule", t->r->ev);
	o->is_open = false;
	return held;
}

/* ---- ceremony.* ---- */

static bool
names_open(struct bnd_turn *t)
{
	uint8_t id[BND_CHALLENGE_ID_LEN];
	bool given;

	if (bnd_turn_hex(t, "open", id, sizeof(id), &given) && given &&
	    t->l->ceremony.len > 0 &&
	    bnd_same(id, t->l->ceremony.id, sizeof(id)))
		return true;
	bnd_turn_report(
	    t, BND_F_RULE, "%s: names no ceremony that is open", t->r->ev);
	return false;
}

/* Whether the text tells the truth at this moment. */
static bool
is_true(const struct bnd_turn *t, const struct bnd_challenge *c,
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
	return is_of_chain(t->l, c, why) && is_enough(t->l, c, why) &&
	    is_slow_enough(t->l, c, why);
}

void
bnd_rule_open(struct bnd_turn *t)
{
	struct bnd_open_ceremony *o = &t->l->ceremony;
	struct bnd_doubt why;
	struct bnd_err err;

	if (o->is_open)
		bnd_turn_report(
		    t, BND_F_RULE, "ceremony.open: another one is open");
	memset(o, 0, sizeof(*o));
	if (!bnd_json_get_str(t->d, "text", o->text, sizeof(o->text))) {
		bnd_turn_report(t, BND_F_UNAPPROVED,
		    "ceremony.open: no text of a challenge");
		return;
	}
	o->len = strlen(o->text);
	if (bnd_challenge_unpack(
		(struct bnd_str){ o->text, o->len }, &o->c, &err) != 0) {
		bnd_turn_report(
		    t, BND_F_UNAPPROVED, "ceremony.open: %.120s", err.text);
		return;
	}
	bnd_challenge_id((struct bnd_str){ o->text, o->len }, o->id);
	o->is_open = is_true(t, &o->c, &why);
	if (!o->is_open)
		bnd_turn_report(t, why.code, "ceremony.open: %s", why.text);
	else
		t->l->opened_us = o->c.opened_us;
	o->single =
	    bnd_challenge_tier(o->c.action, o->c.from, bnd_ledger_persons(t->l))
		.single;
}

/* The live approver that the record names, with the kind it says. */
static int
approver_of(struct bnd_turn *t)
{
	uint8_t id[BND_APPROVER_ID_LEN];
	char kind[BND_NAME_MAX];
	bool given;
	int i;

	if (!bnd_turn_hex(t, "key", id, sizeof(id), &given) || !given ||
	    !bnd_json_get_str(t->d, "kind", kind, sizeof(kind)))
		return -1;
	i = bnd_ledger_find(t->l, id);
	if (i < 0 ||
	    strcmp(kind, bnd_key_kind_name(t->l->approver[i].kind)) != 0)
		return -1;
	return i;
}

/* E5, E6, E7 for one approval; the index of the approver, or -1. */
static int
judge_approval(struct bnd_turn *t)
{
	const struct bnd_open_ceremony *o = &t->l->ceremony;
	uint8_t sig[BND_SIG_LEN];
	int i = approver_of(t);

	if (i < 0) {
		bnd_turn_report(
		    t, BND_F_UNAPPROVED, "ceremony.approve: not by a live key");
		return -1;
	}
	if (o->c.offline && !bnd_key_kind_is_offline(t->l->approver[i].kind)) {
		bnd_turn_report(t, BND_F_UNAPPROVED,
		    "ceremony.approve: an offline key was asked for");
		return -1;
	}
	if (!bnd_json_get_b64(t->d, "sig", sig, sizeof(sig)) ||
	    !bnd_approver_verify(
		&t->l->approver[i], (struct bnd_str){ o->text, o->len }, sig)) {
		bnd_turn_report(t, BND_F_UNAPPROVED,
		    "ceremony.approve: not a signature of %s over the "
		    "challenge",
		    t->l->approver[i].name);
		return -1;
	}
	if (t->r->time.boot_us > o->c.opened_us + BND_APPROVE_WITHIN_US) {
		bnd_turn_report(t, BND_F_RUSHED,
		    "ceremony.approve: later than ten minutes");
		return -1;
	}
	return i;
}

/* The cool-down runs from the approval that completes the quorum. */
void
bnd_rule_approve(struct bnd_turn *t)
{
	struct bnd_open_ceremony *o = &t->l->ceremony;
	int i;

	if (!names_open(t))
		return;
	if (!o->is_open) {
		bnd_turn_report(t, BND_F_RULE,
		    "ceremony.approve: the ceremony is not open any more");
		return;
	}
	i = judge_approval(t);
	if (i < 0)
		return;
	o->approved |= 1U << i;
	if (o->quorum_us == 0 &&
	    bnd_approver_persons(
		t->l->approver, t->l->approvers, o->approved) >= o->c.need)
		o->quorum_us = t->r->time.boot_us;
}

void
bnd_rule_miss(struct bnd_turn *t)
{
	uint8_t id[BND_APPROVER_ID_LEN];
	bool given;

	if (!names_open(t))
		return;
	if (!bnd_turn_hex(t, "key", id, sizeof(id), &given))
		bnd_turn_report(t, BND_F_RULE, "ceremony.miss: bad key");
}

/* May come after the fact: a new gen has closed the ceremony before. */
void
bnd_rule_end(struct bnd_turn *t)
{
	static const char *const whys[] = { "cancelled", "expired", "failed",
		"drilled" };
	char why[BND_NAME_MAX];

	if (!names_open(t))
		return;
	t->l->ceremony.is_open = false;
	if (bnd_json_get_str(t->d, "why", why, sizeof(why)))
		for (size_t i = 0; i < sizeof(whys) / sizeof(whys[0]); i++)
			if (strcmp(why, whys[i]) == 0)
				return;
	bnd_turn_report(t, BND_F_RULE, "ceremony.end: unknown reason");
}

/* ---- approver.* ---- */

static struct bnd_claim
claim_of(const struct bnd_turn *t, enum bnd_action action, const char *subject)
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

static bool
was_known(
    const struct bnd_ledger *l, const uint8_t id[static BND_APPROVER_ID_LEN])
{
	for (unsigned i = 0; i < l->keys; i++)
		if (memcmp(l->known[i], id, BND_APPROVER_ID_LEN) == 0)
			return true;
	return false;
}

static bool
name_is_live(const struct bnd_ledger *l, const char *name)
{
	for (unsigned i = 0; i < l->approvers; i++)
		if (strcmp(l->approver[i].name, name) == 0)
			return true;
	return false;
}

/* Add an entry that proves itself; also for each one of the genesis. */
void
bnd_rule_add(struct bnd_turn *t, const struct bnd_approver *a)
{
	struct bnd_ledger *l = t->l;
	struct bnd_err err;

	if (bnd_approver_check(a, l->log_id, &err) != 0)
		bnd_turn_report(
		    t, BND_F_RULE, "%s: %.120s", t->r->ev, err.text);
	else if (was_known(l, a->id))
		bnd_turn_report(t, BND_F_RULE,
		    "%s: the key of %s was enrolled before", t->r->ev, a->name);
	else if (name_is_live(l, a->name))
		bnd_turn_report(t, BND_F_RULE, "%s: %s is enrolled already",
		    t->r->ev, a->name);
	else if (l->approvers == BND_APPROVERS_MAX || l->keys == BND_KEYS_MAX)
		bnd_turn_report(
		    t, BND_F_RULE, "%s: one key too many", t->r->ev);
	else {
		l->approver[l->approvers++] = *a;
		memcpy(l->known[l->keys++], a->id, sizeof(a->id));
	}
}

void
bnd_rule_enroll(struct bnd_turn *t)
{
	char subject[BND_CHALLENGE_SUBJECT + 1];
	struct bnd_approver a;
	struct bnd_claim c;
	struct bnd_str entry;

	if (!bnd_json_get(t->d, "entry", &entry) ||
	    bnd_approver_from_json(entry, &a, NULL) != 0) {
		bnd_turn_report(
		    t, BND_F_RULE, "approver.enroll: no entry of an approver");
		return;
	}
	bnd_challenge_subject_enroll(&a, subject);
	c = claim_of(t, BND_ACTION_ENROLL, subject);
	if (bnd_claim_use(t, &c))
		bnd_rule_add(t, &a);
}

/* The key itself gives itself up: it has approved, nothing else is asked. */
static bool
gives_itself_up(const struct bnd_ledger *l, const struct bnd_claim *c, int i)
{
	struct bnd_doubt why;

	return is_asked(l, c, &why) && is_of_chain(l, &l->ceremony.c, &why) &&
	    strcmp(c->boot, l->ceremony.c.boot) == 0 &&
	    (l->ceremony.approved >> i & 1) != 0;
}

void
bnd_rule_revoke(struct bnd_turn *t)
{
	char subject[2 * BND_APPROVER_ID_LEN + 1];
	uint8_t id[BND_APPROVER_ID_LEN];
	struct bnd_ledger *l = t->l;
	struct bnd_claim c;
	bool given;
	int i;

	if (!bnd_turn_hex(t, "key", id, sizeof(id), &given) || !given ||
	    (i = bnd_ledger_find(l, id)) < 0) {
		bnd_turn_report(
		    t, BND_F_RULE, "approver.revoke: not a live key");
		return;
	}
	bnd_text_to_hex(id, sizeof(id), subject);
	c = claim_of(t, BND_ACTION_REVOKE, subject);
	if (gives_itself_up(l, &c, i))
		l->ceremony.is_open = false;
	else if (!bnd_claim_use(t, &c))
		return;
	if (l->approvers == 1) {
		bnd_turn_report(
		    t, BND_F_RULE, "approver.revoke: the last live key");
		return;
	}
	memmove(&l->approver[i], &l->approver[i + 1],
	    (l->approvers - (unsigned)i - 1) * sizeof(l->approver[0]));
	l->approvers--;
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

unsigned
bnd_ledger_persons(const struct bnd_ledger *l)
{
	return bnd_approver_persons(l->approver, l->approvers, ~0U);
}

int
bnd_ledger_find(
    const struct bnd_ledger *l, const uint8_t id[static BND_APPROVER_ID_LEN])
{
	for (unsigned i = 0; i < l->approvers; i++)
		if (memcmp(l->approver[i].id, id, BND_APPROVER_ID_LEN) == 0)
			return (int)i;
	return -1;
}
