/* probe-host.h: the near end of the live probe: what its sockets send and get */
/* SPDX-License-Identifier: ISC */
#ifndef BND_PROBE_HOST_H
#define BND_PROBE_HOST_H

#include <stdint.h>

#include "err.h"
#include "probe-frame.h"
#include "probe-wire.h"

enum bnd_probe_socket {
	BND_PROBE_S_DOOR, /* sees what comes by the wire, before any hook */
	BND_PROBE_S_FRAME,
	BND_PROBE_S_UDP4, /* these two send, the raw ones receive */
	BND_PROBE_S_UDP6,
	BND_PROBE_S_RAW_UDP4,
	BND_PROBE_S_RAW_UDP6,
	BND_PROBE_S_RAW_TCP4,
	BND_PROBE_S_RAW_TCP6,
	BND_PROBE_SOCKETS,
};

/* In the network namespace of the caller.  Start as BND_PROBE_HOST_NONE. */
struct bnd_probe_host {
	const struct bnd_probe_plan *plan;
	const struct bnd_probe_wire *wire;
	int fd[BND_PROBE_SOCKETS];
};
#define BND_PROBE_HOST_NONE                               \
	{                                                 \
		.fd = { -1, -1, -1, -1, -1, -1, -1, -1 }, \
	}

/* Waits until the addresses of a furnished wire can be used, 300 ms at most. */
int bnd_probe_host_open(struct bnd_probe_host *h,
    const struct bnd_probe_plan *plan, const struct bnd_probe_wire *wire,
    struct bnd_err *err) BND_CHECK;
void bnd_probe_host_close(struct bnd_probe_host *h);
#define SCOPED_HOST __attribute__((cleanup(bnd_probe_host_close)))

/*
 * Send all of kinds that start here.  Being refused by a packet filter is
 * sending; a packet that was never made is a failure.
 */
int bnd_probe_host_send(const struct bnd_probe_host *h, uint32_t kinds,
    struct bnd_err *err) BND_CHECK;
/*
 * What got in since it was last asked: *door to the wire's end, *kinds behind
 * the hooks.
 */
int bnd_probe_host_seen(const struct bnd_probe_host *h, uint32_t *door,
    uint32_t *kinds, struct bnd_err *err) BND_CHECK;

#endif
