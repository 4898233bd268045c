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
 * is NETLINK_ROUTE; ct is NETLINK_NETFILTER, or closed without conntrack.
 */
int bnd_socks_cut(const struct bnd_rules_in *in, struct bnd_nl *route,
    struct bnd_nl *ct, struct bnd_cut *cut, struct bnd_err *err) BND_CHECK;

#endif
