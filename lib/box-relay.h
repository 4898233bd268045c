/* box-relay.h: a process that dials for the payload, and can do nothing else */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_RELAY_H
#define BND_BOX_RELAY_H

#include <stdint.h>
#include <sys/types.h>

#include "box-carry.h"
#include "box-dial.h"
#include "err.h"

/* The supervisor's view of it; fd and life are -1 without one. */
struct bnd_relay {
	pid_t pid;
	int fd;	      /* pidfd */
	int listener; /* its number there, and ours until it has started */
	int life;     /* closing it, or our death, ends the relay */
	int its_life; /* the number of its end */
	uint64_t inode, space; /* of the listener, and its network namespace */
	int landlock_errno;    /* of the probe: EACCES is the proof */
	struct bnd_carry_sum *sum; /* shared with it */
};

struct bnd_relay_plan {
	const struct bnd_dials *dials;
	uid_t id;	  /* on the host, the init's; a group of that number */
	int cgroup;	  /* its leaf */
	int tasks;	  /* of the payload's v1 leaf for the CPU; -1: none */
	uint64_t time_ms; /* of the CPU, as the payload has; BND_BOX_TOP */
	int landlock_abi;
	uint64_t deadline_ms; /* bnd_clock_ms() */
};

/* Names of BND_STAGE_RELAY's steps in the relay begin at this one. */
#define BND_RELAY_STEPS 10

/*
 * r->listener is set, and is gone from us afterwards.  In the host's network
 * namespace: an id of its own, no group, no capability, no_new_privs, two
 * descriptors, a Landlock domain without files, a filter, a leaf; and no more of
 * the CPU than the payload has.  Returns when
 * the relay says that it has all that; -1: nothing of it lives.
 */
int bnd_relay_start(struct bnd_relay *r, const struct bnd_relay_plan *plan,
    struct bnd_err *err) BND_CHECK;
/* End it, and what it did; 0 of everything if there was none. */
void bnd_relay_stop(struct bnd_relay *r, struct bnd_carry_sum *sum);

#endif
