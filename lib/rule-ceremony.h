/* rule-ceremony.h: the rules of ceremony.* */
/* SPDX-License-Identifier: ISC */
#ifndef BND_RULE_CEREMONY_H
#define BND_RULE_CEREMONY_H

#include "turn.h"

void bnd_rule_open(struct bnd_turn *t);
void bnd_rule_approve(struct bnd_turn *t);
void bnd_rule_miss(struct bnd_turn *t);
void bnd_rule_end(struct bnd_turn *t);

#endif
