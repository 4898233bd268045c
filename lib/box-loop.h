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
	int out[2];  /* pipes the payload writes to */
	int to[2];   /* where their bytes go */
	int alive;   /* --die-with: EOF or hang-up cancels */
	int signals; /* signalfd of TERM, INT, HUP */
};

/*
 * One epoll over init, status, pipes, clocks, memory event, signals, the
 * lifetime descriptor and the mode.  The first cause wins and is kept in
 * r->reason with its counter.  Returns when the payload's tree is dead, the
 * pipes are dry and the leaves are empty (or after 2 s: BND_WHY_STUCK).
 */
void bnd_box_watch(const struct bnd_root *root, const struct bnd_box_policy *p,
    struct bnd_box_run *run, const struct bnd_cg *cg,
    const struct bnd_box_watch *w, struct bnd_box_result *r);

#endif
