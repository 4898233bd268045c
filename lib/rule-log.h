/* rule-log.h: the rules of log.* */
/* SPDX-License-Identifier: ISC */
#ifndef BND_RULE_LOG_H
#define BND_RULE_LOG_H

#include "turn.h"

void bnd_rule_genesis(struct bnd_turn *t);
void bnd_rule_torn(struct bnd_turn *t);
void bnd_rule_suppressed(struct bnd_turn *t);
void bnd_rule_close(struct bnd_turn *t);
void bnd_rule_succeed(struct bnd_turn *t);

#endif
