/* rule-mode.h: the rules of mode.* */
/* SPDX-License-Identifier: ISC */
#ifndef BND_RULE_MODE_H
#define BND_RULE_MODE_H

#include "turn.h"

void bnd_rule_intent(struct bnd_turn *t);
void bnd_rule_commit(struct bnd_turn *t);
void bnd_rule_fail(struct bnd_turn *t); /* and mode.recover */
void bnd_rule_boot(struct bnd_turn *t);
void bnd_rule_freeze(struct bnd_turn *t);
void bnd_rule_unfreeze(struct bnd_turn *t);
void bnd_rule_jump(struct bnd_turn *t);

#endif
