/* probe-wire.h: the live probe's wire: a veth pair into another namespace */
/* SPDX-License-Identifier: ISC */
#ifndef BND_PROBE_WIRE_H
#define BND_PROBE_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "netval-link.h"
#include "nl.h"
#include "probe-frame.h"

/* The near end.  It dies with the far one's namespace. */
struct bnd_probe_wire {
	char name[BND_IFNAME];
	unsigned index;
	bool v6; /* the kernel takes IPv6 on it */
};

/*
 * Lay it from here to the network namespace of a process, whose end is
 * left down; ours is up.  err->errnum EOPNOTSUPP: no veth here.
 */
int bnd_probe_wire_lay(struct bnd_nl *nl, const struct bnd_probe_plan *plan,
    pid_t peer, struct bnd_probe_wire *w, struct bnd_err *err) BND_CHECK;
/*
 * The index of either end, where nl is; both have one name.  No index can be
 * asked for: tunnel modules put links of theirs into every new namespace, and
 * before Linux 6.8 veth heeds it for both ends or for none.
 */
int bnd_probe_wire_find(struct bnd_nl *nl, const struct bnd_probe_plan *plan,
    unsigned *index, struct bnd_err *err) BND_CHECK;
/* Addresses of both families, and the peer as a permanent neighbour. */
int bnd_probe_wire_furnish(struct bnd_nl *nl, const struct bnd_probe_plan *plan,
    struct bnd_probe_wire *w, struct bnd_err *err) BND_CHECK;
/* Whether what is sent here leaves: up, with carrier, and the kernel knows it. */
int bnd_probe_wire_runs(struct bnd_nl *nl, const struct bnd_probe_wire *w,
    bool *runs, struct bnd_err *err) BND_CHECK;
/* Which of BND_PROBE_IN_ARP and _ND the kernel has learned from. */
int bnd_probe_wire_learned(struct bnd_nl *nl, const struct bnd_probe_plan *plan,
    const struct bnd_probe_wire *w, uint32_t *kinds,
    struct bnd_err *err) BND_CHECK;
/* What is not cut dies with the peer. */
void bnd_probe_wire_cut(struct bnd_nl *nl, const struct bnd_probe_wire *w);

#endif
