/* rule-approver.c: who is let in and sent away, and by whom */
/* SPDX-License-Identifier: ISC */
#include "rule-approver.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "challenge.h"
#include "claim.h"
#include "json-read.h"

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

__attribute__((format(printf, 2, 3))) static bool
doubt(struct bnd_doubt *why, const char *fmt, ...)
{
	va_list ap;

	why->code = BND_F_RULE;
	why->kind = BND_E_DENIED;
	va_start(ap, fmt);
	(void)vsnprintf(why->text, sizeof(why->text), fmt, ap);
	va_end(ap);
	return false;
}

static bool
has_room(const struct bnd_ledger *l, const struct bnd_approver *a,
    struct bnd_doubt *why)
{
	if (was_known(l, a->id))
		return doubt(why, "the key of %s was enrolled before", a->name);
	if (name_is_live(l, a->name))
		return doubt(why, "%s is enrolled already", a->name);
	if (l->approvers == BND_APPROVERS_MAX)
		return doubt(why, "one key too many: %d live ones at most",
		    BND_APPROVERS_MAX);
	if (l->keys == BND_KEYS_MAX)
		return doubt(
		    why, "one key too many: %d in a log's life", BND_KEYS_MAX);
	return true;
}

bool
bnd_rule_may_add(const struct bnd_ledger *l, const struct bnd_approver *a,
    struct bnd_doubt *why)
{
	struct bnd_err err = { 0 };

	if (bnd_approver_check(a, l->log_id, &err) != 0)
		return doubt(why, "%.120s", err.text);
	return has_room(l, a, why);
}

static bool
add(struct bnd_turn *t, const struct bnd_approver *a, bool may,
    const struct bnd_doubt *why)
{
	if (may)
		bnd_ledger_add(t->l, a, t->mark.seq, t->r->time.real_us);
	else
		bnd_turn_report(t, why->code, "%s: %s", t->r->ev, why->text);
	return may;
}

bool
bnd_rule_add_proven(struct bnd_turn *t, const struct bnd_approver *a)
{
	struct bnd_doubt why;
	bool may = has_room(t->l, a, &why);

	return add(t, a, may, &why);
}

/* Add an entry that proves itself; also for each one of the genesis. */
bool
bnd_rule_add(struct bnd_turn *t, const struct bnd_approver *a)
{
	struct bnd_doubt why;
	bool may = bnd_rule_may_add(t->l, a, &why);

	return add(t, a, may, &why);
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
	c = bnd_claim_of(t, BND_ACTION_ENROLL, subject);
	if (bnd_claim_use(t, &c) && bnd_rule_add(t, &a))
		bnd_turn_deed(t, c.action, c.from, c.to, &a);
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
	c = bnd_claim_of(t, BND_ACTION_REVOKE, subject);
	if (bnd_claim_is_own(l, &c, (unsigned)i))
		l->ceremony.is_open = false;
	else if (!bnd_claim_use(t, &c))
		return;
	if (l->approvers == 1) {
		bnd_turn_report(
		    t, BND_F_RULE, "approver.revoke: the last live key");
		return;
	}
	bnd_turn_deed(t, c.action, c.from, c.to, &l->approver[i]);
	bnd_ledger_drop(l, (unsigned)i);
}
