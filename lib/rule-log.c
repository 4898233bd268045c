/* rule-log.c: how a chain begins, what it says of itself, how it ends */
/* SPDX-License-Identifier: ISC */
#include "rule-log.h"

#include "claim.h"
#include "json-read.h"
#include "rule-approver.h"
#include "succeeds.h"

/* from: of a successor, whose approvers proved themselves to older logs. */
static void
add_first_approvers(
    struct bnd_turn *t, struct bnd_str list, const struct bnd_succeeds *from)
{
	struct bnd_approver a;
	struct bnd_str key, entry;
	unsigned at;

	for (size_t i = 0; bnd_json_at(list, i, &key, &entry); i++) {
		if (bnd_approver_from_json(entry, &a, NULL) != 0)
			bnd_turn_report(t, BND_F_GENESIS,
			    "log.genesis: entry %zu is no approver", i);
		else if (from == NULL)
			bnd_rule_add(t, &a);
		else if (bnd_succeeds_check(from, &a, &at, NULL) != 0)
			bnd_turn_report(t, BND_F_GENESIS,
			    "log.genesis: %s has proven the key to no origin",
			    a.name);
		else
			bnd_rule_add_proven(t, &a);
	}
	if (t->l->approvers == 0)
		bnd_turn_report(t, BND_F_GENESIS,
		    "log.genesis: no approver, such a host could never loosen");
}

/*
 * A successor is nobody's word but that of whoever wrote it, root's: until its
 * ceremony was held there is nothing in it but that ceremony.
 */
static const struct bnd_succeeds *
take_succeeds(struct bnd_turn *t, struct bnd_succeeds *from)
{
	struct bnd_ledger *l = t->l;
	struct bnd_str val;
	bool first =
	    bnd_json_get(t->d, "succeeds", &val) && bnd_json_is_null(val);

	if (first && l->mode == BND_OPEN)
		return NULL;
	if (first || !bnd_json_get(t->d, "succeeds", &val) ||
	    !bnd_succeeds_from_json(val, from) || l->mode != BND_LOCKDOWN) {
		bnd_turn_report(t, BND_F_GENESIS,
		    "log.genesis: begins neither OPEN nor in the LOCKDOWN of "
		    "a succession");
		return NULL;
	}
	bnd_succeeds_subject(from, l->succeeds);
	l->nascent = true;
	l->lockdown_from = from->mode;
	l->frozen = from->frozen;
	return from;
}

void
bnd_rule_genesis(struct bnd_turn *t)
{
	struct bnd_ledger *l = t->l;
	struct bnd_succeeds from;
	struct bnd_str approvers;

	if (l->begun) {
		bnd_turn_report(t, BND_F_GENESIS, "a second genesis");
		return;
	}
	l->begun = true;
	l->gen = 1;
	l->at = t->mark;
	l->boots_at_gen = l->boots_seen;
	if (!bnd_json_get_b64(t->d, "id", l->log_id, BND_ID_LEN) ||
	    !bnd_turn_mode(t, "mode", &l->mode) ||
	    !bnd_json_get(t->d, "approvers", &approvers) ||
	    approvers.p[0] != '[') {
		bnd_turn_report(t, BND_F_GENESIS,
		    "log.genesis: id, mode or approvers is no such thing");
		return;
	}
	l->lockdown_from = BND_OPEN;
	add_first_approvers(t, approvers, take_succeeds(t, &from));
}

/* The one use of the succession's ceremony; from here on it is a log. */
void
bnd_rule_succeed(struct bnd_turn *t)
{
	struct bnd_ledger *l = t->l;
	struct bnd_claim c = bnd_claim_of(t, BND_ACTION_SUCCEED, l->succeeds);

	if (!l->nascent) {
		bnd_turn_report(t, BND_F_RULE,
		    "log.succeed: this log succeeds no other, or did already");
		return;
	}
	if (bnd_claim_use(t, &c))
		bnd_turn_deed(t, c.action, c.from, c.to, NULL);
	l->nascent = false;
}

/* The verifier compares it with the bytes it speaks of. */
void
bnd_rule_torn(struct bnd_turn *t)
{
	uint8_t hash[BND_HASH_LEN];
	uint64_t len;

	if (!bnd_json_get_u64(t->d, "len", &len) ||
	    !bnd_json_get_b64(t->d, "h", hash, sizeof(hash)))
		bnd_turn_report(t, BND_F_RULE, "log.torn: no len and hash");
}

void
bnd_rule_suppressed(struct bnd_turn *t)
{
	uint64_t n;

	if (!bnd_turn_has(t, "of", '"') || !bnd_json_get_u64(t->d, "n", &n))
		bnd_turn_report(t, BND_F_RULE,
		    "log.suppressed: does not say how many of what");
}

void
bnd_rule_close(struct bnd_turn *t)
{
	t->l->closed = true;
}
