/* rule-log.c: how a chain begins, what it says of itself, how it ends */
/* SPDX-License-Identifier: ISC */
#include "rule-log.h"

#include "json-read.h"
#include "rule-approver.h"

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

void
bnd_rule_genesis(struct bnd_turn *t)
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
