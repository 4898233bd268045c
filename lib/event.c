/* event.c: every record takes its turn before the rules of its event */
/* SPDX-License-Identifier: ISC */
/*
 * Bytes, link and signature of a record were checked before it comes here;
 * this file judges what it says.  Root can sign anything while the key is his,
 * so the rules rest on nothing he says about himself: a mode is lowered only
 * by a commit that answers its intent, and the intent only counts with the
 * approvers' signatures (claim.c).
 *
 * A record that breaks a rule is reported and then believed as far as that is
 * harmless, so that one fault gives one finding and not one for each record
 * that follows.
 */
#include "event.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "json-read.h"
#include "rule-approver.h"
#include "rule-ceremony.h"
#include "rule-log.h"
#include "rule-mode.h"
#include "turn.h"

#define STEP_US INT64_C(2000000) /* of the wall clock, from here on noted */

/* The result of a read-back: for people, no rule hangs on it. */
static void
on_any(struct bnd_turn *t)
{
	(void)t;
}

/* ---- all of them ---- */

static const struct rule {
	const char *ev;
	bool may_be_late; /* tightenings and what happened, never evidence */
	void (*judge)(struct bnd_turn *t);
} rules[] = {
	{ "mode.intent", true, bnd_rule_intent },
	{ "mode.commit", true, bnd_rule_commit },
	{ "mode.fail", true, bnd_rule_fail },
	{ "mode.recover", true, bnd_rule_fail },
	{ "mode.boot", true, bnd_rule_boot },
	{ "mode.check", true, on_any },
	{ "mode.freeze", true, bnd_rule_freeze },
	{ "mode.unfreeze", false, bnd_rule_unfreeze },
	{ "ceremony.open", false, bnd_rule_open },
	{ "ceremony.approve", false, bnd_rule_approve },
	{ "ceremony.miss", true, bnd_rule_miss },
	{ "ceremony.end", true, bnd_rule_end },
	{ "approver.enroll", false, bnd_rule_enroll },
	{ "approver.revoke", false, bnd_rule_revoke },
	{ "log.genesis", false, bnd_rule_genesis },
	{ "log.torn", false, bnd_rule_torn },
	{ "log.close", false, bnd_rule_close },
	{ "log.suppressed", true, bnd_rule_suppressed },
	{ "log.succeed", false, bnd_rule_succeed },
	{ "clock.jump", true, bnd_rule_jump },
	{ "login.allow", true, on_any },
	{ "login.deny", true, on_any },
};

/* Below these prefixes an event without a rule is itself a breach. */
static const char *const ours[] = { "mode.", "ceremony.", "approver.", "log.",
	"file.", "clock.", "login." };

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

/*
 * Of a successor that nobody has approved: only what leads there, and the mark
 * of a crash.  Told once; whatever follows is judged as any log's.
 */
static void
judge_nascent(struct bnd_turn *t)
{
	static const char ceremony[] = "ceremony.";
	const char *ev = t->r->ev;

	if (!t->l->nascent ||
	    strncmp(ev, ceremony, sizeof(ceremony) - 1) == 0 ||
	    strcmp(ev, "log.succeed") == 0 || strcmp(ev, "log.torn") == 0)
		return;
	bnd_turn_report(
	    t, BND_F_UNAPPROVED, "%s: before the succession was approved", ev);
	t->l->nascent = false;
}

static void
judge(struct bnd_turn *t)
{
	const struct rule *rule = rule_of(t->r->ev);

	judge_nascent(t);

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
next_boot(struct bnd_turn *t, int64_t offset_us)
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
	l->clock_us = offset_us;
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
		next_boot(t, offset_us);
	else
		same_boot(t, offset_us);
	memcpy(l->boot, now->boot, sizeof(l->boot));
	l->boot_us = now->boot_us;
	l->offset_us = offset_us;
}

/* Somebody wrote on, long after the mode should have been back. */
static void
check_bound(struct bnd_turn *t)
{
	struct bnd_bound *b = &t->l->bound;

	if (b->until_us == 0 || b->overstayed ||
	    strcmp(b->boot, t->r->time.boot) != 0 ||
	    t->r->time.boot_us <= b->until_us + BND_OVERSTAY_US)
		return;
	b->overstayed = true;
	bnd_turn_report(t, BND_F_OVERSTAYED,
	    "%s: %s should be in force again since %" PRIu64 " s", t->r->ev,
	    bnd_mode_name(b->back),
	    (t->r->time.boot_us - b->until_us) / 1000000);
}

/* ---- in ---- */

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
	check_bound(&t);
	l->last = t.mark;
}
