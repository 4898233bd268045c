/* probe-peer.h: the far end of the live probe: a process in a namespace that dies with it */
/* SPDX-License-Identifier: ISC */
#ifndef BND_PROBE_PEER_H
#define BND_PROBE_PEER_H

#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "probe-frame.h"

/* In a network namespace of its own, which holds nothing but wires to here. */
struct bnd_probe_peer {
	pid_t pid;
	int fd;
};
#define BND_PROBE_PEER_NONE \
	{                   \
		.fd = -1    \
	}

/* err->errnum EINVAL: this kernel has no network namespaces. */
int bnd_probe_peer_start(
    struct bnd_probe_peer *p, struct bnd_err *err) BND_CHECK;
/* Ends it; its namespace and all wires into it go with it. */
void bnd_probe_peer_end(struct bnd_probe_peer *p);
#define SCOPED_PEER __attribute__((cleanup(bnd_probe_peer_end)))

/* Listen on the plan's wire, in the peer's namespace, and on no other link. */
int bnd_probe_peer_take(struct bnd_probe_peer *p,
    const struct bnd_probe_plan *plan, struct bnd_err *err) BND_CHECK;
/* Send every frame that is in kinds. */
int bnd_probe_peer_send(
    struct bnd_probe_peer *p, uint32_t kinds, struct bnd_err *err) BND_CHECK;
/* What arrived since it was last asked. */
int bnd_probe_peer_seen(
    struct bnd_probe_peer *p, uint32_t *kinds, struct bnd_err *err) BND_CHECK;

#endif
