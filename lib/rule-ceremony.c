/* rule-ceremony.c: a ceremony is opened, approved, missed and ended */
/* SPDX-License-Identifier: ISC */
#include "rule-ceremony.h"

#include <string.h>

#include "challenge.h"
#include "claim.h"
#include "json-read.h"
#include "tier.h"

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

/* Kept for whoever finishes it: what counts is that it is what was signed. */
static void
take_entry(const struct bnd_turn *t, struct bnd_open_ceremony *o)
{
	char subject[BND_CHALLENGE_SUBJECT + 1];
	struct bnd_str entry;

	if (o->c.action != BND_ACTION_ENROLL ||
	    !bnd_json_get(t->d, "entry", &entry) ||
	    bnd_approver_from_json(entry, &o->entry, NULL) != 0)
		return;
	bnd_challenge_subject_enroll(&o->entry, subject);
	o->has_entry = strcmp(subject, o->c.subject) == 0;
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
	o->is_open = bnd_claim_is_true(t, &o->c, &why);
	if (!o->is_open)
		bnd_turn_report(t, why.code, "ceremony.open: %s", why.text);
	else
		t->l->opened_us = o->c.opened_us;
	take_entry(t, o);
	o->single = bnd_challenge_floor(&o->c, bnd_ledger_persons(t->l)).single;
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
	    strcmp(kind, bnd_key_kind_name(t->l->approver[i].pub.kind)) != 0)
		return -1;
	return i;
}

/* E5, E6, E7 for one approval by live key i. */
static bool
judge_approval(struct bnd_turn *t, unsigned i, struct bnd_evidence *e)
{
	const struct bnd_approver *a = &t->l->approver[i];
	struct bnd_doubt why;

	if (!bnd_evidence_from_json(t->d, a->pub.kind, "sig", e)) {
		bnd_turn_report(t, BND_F_UNAPPROVED,
		    "ceremony.approve: no signature of kind %s",
		    bnd_key_kind_name(a->pub.kind));
		return false;
	}
	if (bnd_claim_may_sign(t->l, i, t->r->time.boot_us, &why) &&
	    bnd_claim_is_signed(t->l, i, e, &why))
		return true;
	bnd_turn_report(t, why.code, "ceremony.approve: %s", why.text);
	return false;
}

/* The cool-down runs from the approval that completes the quorum. */
static void
take_approval(struct bnd_turn *t, unsigned i, const struct bnd_evidence *e)
{
	struct bnd_open_ceremony *o = &t->l->ceremony;
	struct bnd_key_use *use = &t->l->use[i];

	use->counter = e->counter;
	use->worked = t->mark.seq;
	use->worked_us = t->r->time.real_us;
	o->approved |= 1U << i;
	if (o->quorum_us == 0 && bnd_claim_persons(t->l) >= o->c.need)
		o->quorum_us = t->r->time.boot_us;
}

void
bnd_rule_approve(struct bnd_turn *t)
{
	struct bnd_evidence e;
	int i;

	if (!names_open(t))
		return;
	if (!t->l->ceremony.is_open) {
		bnd_turn_report(t, BND_F_RULE,
		    "ceremony.approve: the ceremony is not open any more");
		return;
	}
	i = approver_of(t);
	if (i < 0)
		bnd_turn_report(
		    t, BND_F_UNAPPROVED, "ceremony.approve: not by a live key");
	else if (judge_approval(t, (unsigned)i, &e))
		take_approval(t, (unsigned)i, &e);
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
