/* socks.h: sockets of refused flows, found and destroyed */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SOCKS_H
#define BND_SOCKS_H

#include "err.h"
#include "flow.h"
#include "nl.h"
#include "rules.h"

/*
 * Judge every socket that has a peer and destroy what the rules refuse.  route
 * is NETLINK_ROUTE; ct is NETLINK_NETFILTER, or closed without conntrack.  What
 * budget_ms was too short for is not judged, and -1 says so.
 */
int bnd_socks_cut(const struct bnd_rules_in *in, struct bnd_nl *route,
    struct bnd_nl *ct, struct bnd_cut *cut, unsigned budget_ms,
    struct bnd_err *err) BND_CHECK;

/*
 * Enter into conntrack what it does not know yet: established flows that this
 * host opened and the rules of *in allow.  Stops after budget_ms: it is done
 * before a seal, which nobody may hold up with many sockets.
 */
int bnd_socks_prime(const struct bnd_rules_in *in, struct bnd_nl *route,
    struct bnd_nl *ct, unsigned budget_ms, struct bnd_err *err) BND_CHECK;

#endif
