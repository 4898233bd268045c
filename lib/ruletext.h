/* ruletext.h: the rules in the words of nft(8), for people to read */
/* SPDX-License-Identifier: ISC */
#ifndef BND_RULETEXT_H
#define BND_RULETEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "rules.h"

#define BND_RULE_TEXT 512

/* The family's and the hook's word. */
const char *bnd_family_name(enum bnd_family f);
const char *bnd_hook_name(enum bnd_hook h);

/* One rule without indentation or LF; false if dst is too small. */
bool bnd_rule_text(const struct bnd_rule *r, char *dst, size_t size);

/* All of them as nft -f loads it, piece by piece; put says -1 to end it. */
int bnd_rules_text(const struct bnd_rules_in *in,
    int (*put)(void *ctx, const char *text), void *ctx,
    struct bnd_err *err) BND_CHECK;

#endif
