/* peer.h: two ends of a flow, and the links the kernel would use for it */
/* SPDX-License-Identifier: ISC */
#ifndef BND_PEER_H
#define BND_PEER_H

#include <stdbool.h>

#include "err.h"
#include "judge.h"
#include "netlist.h"
#include "nl.h"

/* One end: an address with all its bits. */
bool bnd_peer_addr(struct bnd_prefix *out, int af, const void *addr);

/*
 * Ask the route lookup (nl is NETLINK_ROUTE): the link by which a packet to dst
 * leaves, 0 if there is none; *local if dst is an address of this host.  from and
 * bound narrow it, NULL and 0 if there is nothing to say.
 */
unsigned bnd_peer_link(struct bnd_nl *nl, const struct bnd_prefix *dst,
    const struct bnd_prefix *from, unsigned bound, bool *local);

/* The addresses of this host, so that most need no lookup. */
struct bnd_here {
	size_t n;
	struct bnd_prefix *addr;
};
int bnd_here_read(
    struct bnd_nl *nl, struct bnd_here *here, struct bnd_err *err) BND_CHECK;
void bnd_here_free(struct bnd_here *here);
bool bnd_here_has(const struct bnd_here *here, const struct bnd_prefix *addr);

#endif
