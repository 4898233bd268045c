/* conns.h: conntrack, asked who began a flow, and relieved of refused ones */
/* SPDX-License-Identifier: ISC */
#ifndef BND_CONNS_H
#define BND_CONNS_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "flow.h"
#include "nl.h"
#include "rules.h"

/* One direction of a tracked flow. */
struct bnd_tuple {
	struct bnd_prefix src, dst;
	uint8_t l4proto, icmp_type;
	uint16_t sport, dport;
};

/* Who sent the first packet of a flow that this host has an end of. */
enum bnd_began {
	BND_BEGAN_UNKNOWN = 0,
	BND_BEGAN_HERE,
	BND_BEGAN_THERE,
};
enum bnd_began bnd_conns_began(struct bnd_nl *ct, const struct bnd_tuple *ours);

/*
 * Enter an established flow of TCP or UDP that this host opened, so that what
 * the peer sends next is a reply.
 */
int bnd_conns_enter(struct bnd_nl *ct, const struct bnd_tuple *ours,
    struct bnd_err *err) BND_CHECK;

/* Delete the entries of refused flows that leave or are forwarded. */
int bnd_conns_cut(const struct bnd_rules_in *in, struct bnd_nl *route,
    struct bnd_nl *ct, struct bnd_cut *cut, unsigned budget_ms,
    struct bnd_err *err) BND_CHECK;

/* All entries and expectations: only for modes that judge before conntrack. */
int bnd_conns_flush(
    struct bnd_nl *ct, struct bnd_cut *cut, struct bnd_err *err) BND_CHECK;

#endif
