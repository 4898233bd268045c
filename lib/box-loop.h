/* box-loop.h: the supervisor while the payload runs */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_LOOP_H
#define BND_BOX_LOOP_H

#include "box-cgroup.h"
#include "box-policy.h"
#include "box-result.h"
#include "box-start.h"
#include "root.h"

/* -1 where there is none. */
struct bnd_box_watch {
	int out[2];  /* pipes the payload writes to, ours and O_NONBLOCK */
	int to[2];   /* where their bytes go */
	int alive;   /* --die-with: EOF or hang-up cancels */
	int signals; /* signalfd of TERM, INT, HUP, QUIT */
};

struct bnd_box_loop;

/*
 * Clocks, memory event and the eye on the mode, made before the payload is
 * released, so that nothing can happen unseen.  All of *w but out stays the
 * caller's.  NULL: see err.
 */
struct bnd_box_loop *bnd_box_loop_new(const struct bnd_root *root,
    const struct bnd_box_policy *p, const struct bnd_cg *cg,
    const struct bnd_box_watch *w, struct bnd_err *err) BND_CHECK;
void bnd_box_loop_free(struct bnd_box_loop *l);
/* The relay's pidfd stays the caller's; its end is the end of the run. */
void bnd_box_loop_relay(struct bnd_box_loop *l, int pidfd);

/*
 * From the go (CLOCK_BOOTTIME, microseconds) to the end.  The first cause wins
 * and is kept in r->reason with its counter.  Returns when the payload's tree is
 * dead, its leaf empty and its output delivered (or after 2 s: BND_WHY_STUCK).
 */
void bnd_box_loop_run(struct bnd_box_loop *l, const struct bnd_box_run *run,
    uint64_t go_us, struct bnd_box_result *r);

#endif
