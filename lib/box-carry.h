/* box-carry.h: the relay at work: connections in, listed ones out, bytes across */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_CARRY_H
#define BND_BOX_CARRY_H

#include <stdint.h>

#include "box-dial.h"
#include "err.h"

/* The payload may have this many open at once; others wait in the queue. */
#define BND_CARRY_CONNS 64

/* In memory that is shared with the supervisor, who reads it in the end. */
struct bnd_carry_sum {
	uint64_t connections; /* that reached the far side */
	uint64_t refused;     /* not listed, or no request at all */
	uint64_t failed;      /* listed, and not reached */
	uint64_t out, in;     /* bytes of the payload, and of the far sides */
};

/* Made before the relay is cloned: in it nothing is allocated. */
struct bnd_carry *bnd_carry_new(const struct bnd_dials *dials,
    struct bnd_carry_sum *sum, struct bnd_err *err) BND_CHECK;
void bnd_carry_free(struct bnd_carry *c);

/* Serves until anything happens at life, whose other end the supervisor has. */
void bnd_carry_run(struct bnd_carry *c, int listener, int life);

#endif
