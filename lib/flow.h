/* flow.h: flows that are open already, judged by the rules and cut */
/* SPDX-License-Identifier: ISC */
#ifndef BND_FLOW_H
#define BND_FLOW_H

#include <stdbool.h>

#include "err.h"
#include "nl.h"
#include "rules.h"

struct bnd_cut {
	unsigned sockets;   /* destroyed */
	unsigned flows;	    /* conntrack entries deleted, or flushed */
	unsigned offloaded; /* of these flows: past a flowtable */
	unsigned stuck;	    /* those of them that could not be ended */
	unsigned failed;    /* sockets that could not be destroyed */
	bool no_destroy;    /* the kernel has no SOCK_DESTROY */
	bool no_conntrack;  /* nor a conntrack to ask */
};

/*
 * After the commit of the rules: destroy the sockets of flows the rules refuse
 * now, then delete their conntrack entries (net-seal(8), FLOWS).  Does all it
 * can; -1 names the first thing that failed, with *cut filled.  ct is the caller's
 * socket of NETLINK_NETFILTER (closing one of ours would wait for the kernel).
 */
int bnd_flow_cut(const struct bnd_rules_in *in, struct bnd_nl *ct,
    struct bnd_cut *cut, struct bnd_err *err) BND_CHECK;

/*
 * Before the commit of rules that let replies by: make conntrack know the flows
 * that this host opened and the rules allow, or what a peer sends first is new
 * to it and dropped.  Whatever fails, those flows wait for the host to send.
 */
void bnd_flow_prime(const struct bnd_rules_in *in, struct bnd_nl *ct);

#endif
