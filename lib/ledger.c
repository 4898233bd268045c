/* ledger.c: every record takes its turn before the rules of its event */
/* SPDX-License-Identifier: ISC */
/*
 * Bytes, link and signature of a record were checked before it comes here;
 * this file judges what it says.  Root can sign anything while the key is his,
 * so the rules rest on nothing he says about himself: a mode is lowered only
 * by a commit that answers its intent, and the intent only counts with the
 * approvers' signatures (evidence.c).
 *
 * A record that breaks a rule is reported and then believed as far as that is
 * harmless, so that one fault gives one finding and not one for each record
 * that follows.
 */
#include "ledger.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence.h"

#define STEP_US INT64_C(2000000) /* of the wall clock, from here on noted */

/* ---- the turn ---- */

void
bnd_turn_report(
    const struct bnd_turn *t, enum bnd_code code, const char *fmt, ...)
{
	struct bnd_finding f = {
		.code = code,
		.has_seq = true,
		.seq = t->mark.seq,
	};
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f.detail, sizeof(f.detail), fmt, ap);
	va_end(ap);
	t->sink->take(t->sink->arg, &f);
}

static bool
mode_of(struct bnd_str object, const char *key, enum bnd_mode *out)
{
	char name[BND_NAME_MAX];

	return bnd_json_get_str(object, key, name, sizeof(name)) &&
	    bnd_mode_parse_exact((struct bnd_str){ name, strlen(name) }, out);
}

bool
bnd_turn_mode(const struct bnd_turn *t, const char *key, enum bnd_mode *out)
{
	return mode_of(t->d, key, out);
}

bool
bnd_turn_has(const struct bnd_turn *t, const char *key, char bracket)
{
	struct bnd_str v;

	return bnd_json_get(t->d, key, &v) && v.p[0] == bracket;
}

bool
bnd_turn_hex(const struct bnd_turn *t, const char *key, uint8_t *bin, size_t n,
    bool *given)
{
	char hex[2 * BND_HASH_LEN + 1];
	struct bnd_str v;

	*given = false;
	if (!bnd_json_get(t->d, key, &v))
		return false;
	if (bnd_json_is_null(v))
		return true;
	*given = true;
	return bnd_json_get_str(t->d, key, hex, sizeof(hex)) &&
	    bnd_text_from_hex((struct bnd_str){ hex, strlen(hex) }, bin, n);
}

/* ---- mode.* ---- */

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
	l->pending = false;
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

/* [2] A bounded loosening says until when, and no longer than asked. */
static void
check_until(struct bnd_turn *t)
{
	const struct bnd_challenge *c = &t->l->ceremony.c;
	uint64_t until = 0,
		 max = t->r->time.boot_us + c->for_s * UINT64_C(1000000);
	bool bounded = bnd_json_get_u64(t->d, "until", &until);

	if (bounded != (c->for_s != 0) || (bounded && until > max))
		bnd_turn_report(t, BND_F_UNAPPROVED,
		    "mode.intent: not for as "
		    "long as the challenge says");
}

static void
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
	if (t->late)
		bnd_turn_report(t, BND_F_LATE,
		    "mode.intent: a spooled record cannot loosen");
	else if (bnd_claim_use(t, &c))
		check_until(t);
}

static void
on_intent(struct bnd_turn *t)
{
	uint8_t auth[BND_CHALLENGE_ID_LEN] = { 0 };
	struct bnd_ledger *l = t->l;
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
		loosening_intent(t, &s, has_auth, auth);
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
	};
	memcpy(l->intent.txn, s.txn, sizeof(s.txn));
	memcpy(l->intent.boot, t->r->time.boot, sizeof(l->intent.boot));
}

/* E1: the only record that may lower the mode, and it answers its intent. */
static void
on_commit(struct bnd_turn *t)
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

static void
on_fail(struct bnd_turn *t)
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

static void
on_boot(struct bnd_turn *t)
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
	if (mode < at_least)
		bnd_turn_report(t, BND_F_RULE, "mode.boot: %s, laxer than %s",
		    bnd_mode_name(mode), bnd_mode_name(at_least));
	settle(t, mode);
}

static void
on_freeze(struct bnd_turn *t)
{
	if (!bnd_turn_has(t, "reason", '"'))
		bnd_turn_report(t, BND_F_RULE, "mode.freeze: no reason");
	t->l->frozen = true;
}

static void
on_unfreeze(struct bnd_turn *t)
{
	struct bnd_claim c = {
		.action = BND_ACTION_UNFREEZE,
		.from = t->l->mode,
		.to = t->l->mode,
		.subject = "",
		.boot = t->r->time.boot,
		.us = t->r->time.boot_us,
	};

	if (!bnd_turn_hex(t, "auth", c.auth, sizeof(c.auth), &c.has_auth))
		c.has_auth = false;
	bnd_claim_use(t, &c);
	t->l->frozen = false;
}

/* The result of a read-back: for people, no rule hangs on it. */
static void
on_any(struct bnd_turn *t)
{
	(void)t;
}

/* ---- log.* ---- */

static void
add_first_approvers(struct bnd_turn *t, struct bnd_str list)
{
	struct bnd_approver a;
	struct bnd_str key, entry;

	for (size_t i = 0; bnd_json_at(list, i, &key, &entry); i++) {
		if (bnd_approver_from_json(entry, &a, NULL) != 0)
			bnd_turn_report(t, BND_F_GENESIS,
			    "log.genesis: entry %zu is no approver", i);
		else
			bnd_rule_add(t, &a);
	}
	if (t->l->approvers == 0)
		bnd_turn_report(t, BND_F_GENESIS,
		    "log.genesis: no approver, such a host could never loosen");
}

static void
on_genesis(struct bnd_turn *t)
{
	struct bnd_ledger *l = t->l;
	struct bnd_str approvers;

	if (l->begun) {
		bnd_turn_report(t, BND_F_GENESIS, "a second genesis");
		return;
	}
	l->begun = true;
	l->gen = 1;
	l->at = t->mark;
	if (!bnd_json_get_b64(t->d, "id", l->log_id, BND_ID_LEN) ||
	    !bnd_turn_mode(t, "mode", &l->mode) ||
	    !bnd_json_get(t->d, "approvers", &approvers) ||
	    approvers.p[0] != '[') {
		bnd_turn_report(t, BND_F_GENESIS,
		    "log.genesis: id, mode or approvers is no such thing");
		return;
	}
	l->lockdown_from = BND_OPEN;
	add_first_approvers(t, approvers);
}

/* The verifier compares it with the bytes it speaks of. */
static void
on_torn(struct bnd_turn *t)
{
	uint8_t hash[BND_HASH_LEN];
	uint64_t len;

	if (!bnd_json_get_u64(t->d, "len", &len) ||
	    !bnd_json_get_b64(t->d, "h", hash, sizeof(hash)))
		bnd_turn_report(t, BND_F_RULE, "log.torn: no len and hash");
}

static void
on_suppressed(struct bnd_turn *t)
{
	uint64_t n;

	if (!bnd_turn_has(t, "of", '"') || !bnd_json_get_u64(t->d, "n", &n))
		bnd_turn_report(t, BND_F_RULE,
		    "log.suppressed: does not say how many of what");
}

static void
on_close(struct bnd_turn *t)
{
	t->l->closed = true;
}

/* ---- all of them ---- */

static const struct rule {
	const char *ev;
	bool may_be_late; /* tightenings and what happened, never evidence */
	void (*judge)(struct bnd_turn *t);
} rules[] = {
	{ "mode.intent", true, on_intent },
	{ "mode.commit", true, on_commit },
	{ "mode.fail", true, on_fail },
	{ "mode.recover", true, on_fail },
	{ "mode.boot", true, on_boot },
	{ "mode.check", true, on_any },
	{ "mode.freeze", true, on_freeze },
	{ "mode.unfreeze", false, on_unfreeze },
	{ "ceremony.open", false, bnd_rule_open },
	{ "ceremony.approve", false, bnd_rule_approve },
	{ "ceremony.miss", true, bnd_rule_miss },
	{ "ceremony.end", true, bnd_rule_end },
	{ "approver.enroll", false, bnd_rule_enroll },
	{ "approver.revoke", false, bnd_rule_revoke },
	{ "log.genesis", false, on_genesis },
	{ "log.torn", false, on_torn },
	{ "log.close", false, on_close },
	{ "log.suppressed", true, on_suppressed },
	{ "clock.jump", true, on_any },
};

/* Below these prefixes an event without a rule is itself a breach. */
static const char *const ours[] = { "mode.", "ceremony.", "approver.", "log.",
	"file.", "clock." };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct rule *
rule_of(const char *ev)
{
	for (size_t i = 0; i < COUNT(rules); i++)
		if (strcmp(rules[i].ev, ev) == 0)
			return &rules[i];
	return NULL;
}

static bool
is_ours(const char *ev)
{
	for (size_t i = 0; i < COUNT(ours); i++)
		if (strncmp(ev, ours[i], strlen(ours[i])) == 0)
			return true;
	return false;
}

/* A spooled record: the rules judge what it was. */
static void
unwrap(struct bnd_turn *t)
{
	struct bnd_str late, was;
	uint64_t bt;

	if (!bnd_json_get(t->d, "late", &late) ||
	    !bnd_json_get(t->d, "was", &was))
		return;
	t->late = true;
	t->d = was;
	if (late.p[0] != '{' || was.p[0] != '{' ||
	    !bnd_json_get_u64(late, "bt", &bt) || bt > t->r->time.boot_us)
		bnd_turn_report(t, BND_F_LATE,
		    "%s: was not spooled before it was logged", t->r->ev);
	if (was.p[0] != '{')
		t->d = (struct bnd_str){ "{}", 2 };
}

static void
judge(struct bnd_turn *t)
{
	const struct rule *rule = rule_of(t->r->ev);

	if (rule == NULL && !is_ours(t->r->ev))
		return;
	if (rule == NULL) {
		bnd_turn_report(t, BND_F_RULE, "%s: no such event", t->r->ev);
		return;
	}
	unwrap(t);
	if (t->late && !rule->may_be_late)
		bnd_turn_report(
		    t, BND_F_LATE, "%s: cannot have been spooled", t->r->ev);
	else
		rule->judge(t);
}

/* ---- time ---- */

static bool
boot_is_known(const struct bnd_ledger *l, const uint8_t id[static BND_ID_LEN])
{
	unsigned n =
	    l->boots_seen < BND_LEDGER_BOOTS ? l->boots_seen : BND_LEDGER_BOOTS;

	for (unsigned i = 0; i < n; i++)
		if (memcmp(l->boots[i], id, BND_ID_LEN) == 0)
			return true;
	return false;
}

/* Another boot: what was asked and waited for in the old one is void. */
static void
next_boot(struct bnd_turn *t)
{
	struct bnd_ledger *l = t->l;
	uint8_t id[BND_ID_LEN] = { 0 };
	const char *boot = t->r->time.boot;

	if (!bnd_text_from_hex(
		(struct bnd_str){ boot, strlen(boot) }, id, sizeof(id)) ||
	    boot_is_known(l, id))
		bnd_turn_report(t, BND_F_BOOTTIME,
		    "%s: a boot that was over comes back", t->r->ev);
	memcpy(l->boots[l->boots_seen++ % BND_LEDGER_BOOTS], id, sizeof(id));
	l->ceremony.is_open = false;
	l->opened_us = 0;
}

static void
same_boot(struct bnd_turn *t, int64_t offset_us)
{
	struct bnd_ledger *l = t->l;

	if (t->r->time.boot_us < l->boot_us)
		bnd_turn_report(
		    t, BND_F_BOOTTIME, "%s: boot time falls", t->r->ev);
	if (llabs(offset_us - l->offset_us) > STEP_US &&
	    strcmp(t->r->ev, "clock.jump") != 0)
		bnd_turn_report(t, BND_F_WALLCLOCK,
		    "%s: the wall clock was stepped by %" PRId64 " ms",
		    t->r->ev, (offset_us - l->offset_us) / 1000);
}

static void
take_time(struct bnd_turn *t)
{
	const struct bnd_now *now = &t->r->time;
	int64_t offset_us = now->real_us - (int64_t)now->boot_us;
	struct bnd_ledger *l = t->l;

	if (strcmp(now->boot, l->boot) != 0)
		next_boot(t);
	else
		same_boot(t, offset_us);
	memcpy(l->boot, now->boot, sizeof(l->boot));
	l->boot_us = now->boot_us;
	l->offset_us = offset_us;
}

/* ---- in and out ---- */

void
bnd_ledger_start(struct bnd_ledger *l)
{
	memset(l, 0, sizeof(*l));
}

static bool
must_come_first(const struct bnd_turn *t)
{
	bool genesis = strcmp(t->r->ev, "log.genesis") == 0;

	return !t->l->begun && !genesis;
}

void
bnd_ledger_feed(struct bnd_ledger *l, const struct bnd_record *r,
    const uint8_t link[static BND_HASH_LEN], const struct bnd_sink *sink)
{
	struct bnd_turn t = { .l = l, .r = r, .sink = sink, .d = r->body };

	t.mark.seq = r->seq;
	memcpy(t.mark.link, link, BND_HASH_LEN);
	if (l->closed)
		bnd_turn_report(&t, BND_F_CLOSED, "%s: after log.close", r->ev);
	if (must_come_first(&t)) {
		bnd_turn_report(&t, BND_F_GENESIS,
		    "%s: the first record is no genesis", r->ev);
		l->begun = true;
	}
	take_time(&t);
	if (r->redacted)
		bnd_turn_report(&t, BND_F_REDACTED,
		    "%s: redacted without a record that says so", r->ev);
	else
		judge(&t);
	l->last = t.mark;
}
