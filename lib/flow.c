/* flow.c: flows that are open already, judged by the rules and cut */
/* SPDX-License-Identifier: ISC */
#include "flow.h"

#include <time.h>

#include "conns.h"
#include "nl.h"
#include "socks.h"

/*
 * The order is the point.  The rules are in force before this is called, so
 * what SOCK_DESTROY makes the kernel send is judged by them.  Sockets go before
 * conntrack entries: an entry that goes first is made again, the other way
 * round, by the next packet of a socket that still lives.
 */

/*
 * Whoever can open many flows must not hold up a seal, nor mode-set's patience
 * with it: what was not looked at in time is told.
 */
#define PRIME_MS 200
#define SOCKS_MS 3000
#define CONNS_MS 2000

/* What a flowtable needs to notice that a flow has ended, and a little more. */
static const struct timespec tidied = { 1, 200 * 1000000 };

/* Only rules that judge before conntrack can do without its memory. */
static bool
seals(enum bnd_mode mode)
{
	return mode >= BND_AIRGAP;
}

static int
cut_entries(const struct bnd_rules_in *in, struct bnd_nl *route,
    struct bnd_nl *ct, struct bnd_cut *cut, struct bnd_err *err)
{
	if (ct->fd < 0)
		return 0;
	if (seals(in->mode))
		return bnd_conns_flush(ct, cut, err);
	return bnd_conns_cut(in, route, ct, cut, CONNS_MS, err);
}

void
bnd_flow_prime(const struct bnd_rules_in *in, struct bnd_nl *ct)
{
	SCOPED_NL struct bnd_nl route = BND_NL_CLOSED;
	struct bnd_err none = { 0 };

	if (in->mode <= BND_OPEN || seals(in->mode) || ct->fd < 0 ||
	    bnd_nl_open(&route, NETLINK_ROUTE, &none) != 0)
		return;
	(void)!bnd_socks_prime(in, &route, ct, PRIME_MS, &none);
}

int
bnd_flow_cut(const struct bnd_rules_in *in, struct bnd_nl *ct,
    struct bnd_cut *cut, struct bnd_err *err)
{
	SCOPED_NL struct bnd_nl route = BND_NL_CLOSED;
	int status;

	*cut = (struct bnd_cut){ 0 };
	if (in->mode <= BND_OPEN)
		return 0;
	if (bnd_nl_open(&route, NETLINK_ROUTE, err) != 0)
		return -1;
	cut->no_conntrack = ct->fd < 0;
	status = bnd_socks_cut(in, &route, ct, cut, SOCKS_MS, err);
	if (cut_entries(in, &route, ct, cut, status == 0 ? err : NULL) != 0)
		status = -1;
	/* Nothing else stops it where frames are not judged. */
	if (cut->offloaded > 0 && in->mode == BND_RESTRICTED)
		(void)nanosleep(&tidied, NULL);
	return status;
}
