/* rule-approver.h: the rules of approver.*, and who may be one */
/* SPDX-License-Identifier: ISC */
#ifndef BND_RULE_APPROVER_H
#define BND_RULE_APPROVER_H

#include <stdbool.h>

#include "approver.h"
#include "claim.h"
#include "turn.h"

void bnd_rule_enroll(struct bnd_turn *t);
void bnd_rule_revoke(struct bnd_turn *t);
/* Whether the chain takes this entry, whoever approved it. */
bool bnd_rule_may_add(const struct bnd_ledger *l, const struct bnd_approver *a,
    struct bnd_doubt *why);
/* Add an entry that proves itself, or report why not. */
bool bnd_rule_add(struct bnd_turn *t, const struct bnd_approver *a);
/* One whose proof, made for another log, was checked. */
bool bnd_rule_add_proven(struct bnd_turn *t, const struct bnd_approver *a);

#endif
