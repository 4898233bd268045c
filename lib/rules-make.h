/* rules-make.h: a rule being put together, match by match */
/* SPDX-License-Identifier: ISC */
#ifndef BND_RULES_MAKE_H
#define BND_RULES_MAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "rules-stack.h"
#include "rules.h"

struct bnd_render {
	const struct bnd_rules_in *in;
	const struct bnd_rules_sink *sink;
	struct bnd_err *err;
	int status;
	struct bnd_chain chain;
	struct bnd_rule rule; /* under construction */
};

void bnd_rule_number(
    struct bnd_render *r, enum bnd_match_key key, uint32_t lo, uint32_t hi);
void bnd_rule_is(struct bnd_render *r, enum bnd_match_key key, uint32_t n);

/* An address, unless every address will do. */
void bnd_rule_addr(
    struct bnd_render *r, enum bnd_match_key key, const struct bnd_prefix *p);

void bnd_rule_emit(struct bnd_render *r, enum bnd_fate verdict, unsigned line);

bool bnd_rule_in_netdev(const struct bnd_render *r);

/* Packets come by a link in these hooks, and leave by one in the others. */
bool bnd_rule_inbound(const struct bnd_render *r);

void bnd_rule_link(
    struct bnd_render *r, bool incoming, const struct bnd_rules_link *link);

/* The link of whose packets the rule speaks; NULL: any. */
void bnd_rule_here(struct bnd_render *r, const struct bnd_place *at);

/* Where the chains of this family see what a link carries. */
struct bnd_places bnd_rule_places(
    const struct bnd_render *r, const struct bnd_rules_link *link);

/*
 * The network layer.  In a place the type in the frame is looked at too, or a
 * tag around a listed packet would go unseen.
 */
void bnd_rule_layer(
    struct bnd_render *r, const struct bnd_place *at, uint32_t ethertype);

/* The frames by which the ends of a bond agree on its ports. */
void bnd_rule_lacp(struct bnd_render *r, const struct bnd_place *at);

#endif
