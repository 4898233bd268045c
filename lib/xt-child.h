/* xt-child.h: the legacy tables, worked on by one child that cannot stay */
/* SPDX-License-Identifier: ISC */
#ifndef BND_XT_CHILD_H
#define BND_XT_CHILD_H

#include <stdbool.h>

#include "err.h"
#include "xt-rules.h"
#include "xt-table.h"

#define BND_XT_DEADLINE_MS 2000
#define BND_XT_FAMILIES	   2 /* IPv4, IPv6 */

enum bnd_xt_work {
	BND_XT_LOOK = 0, /* change nothing, not even which tables there are */
	BND_XT_PUT,	 /* and then look */
};

struct bnd_xt_order {
	const struct bnd_rules_in *in;
	enum bnd_xt_work work;
	bool alone; /* see bnd_xt_render() */
	/*
	 * Without the extensions the mode needs: take out what is there, for
	 * nf_tables holds the mode.  Else nothing is changed.
	 */
	bool spare;
};

enum bnd_xt_state {
	BND_XT_UNSEEN = 0,
	BND_XT_NONE,	/* the kernel has no such tables */
	BND_XT_NO_IP,	/* nor that protocol */
	BND_XT_UNABLE,	/* an extension the mode needs lacks */
	BND_XT_FAILED,	/* could not be put or read */
	BND_XT_DIFFERS, /* see diffs */
	BND_XT_HOLDS,	/* read back, entry for entry */
};

/* Of one size, in one write.  Index 0 is IPv4. */
struct bnd_xt_result {
	enum bnd_xt_state state[BND_XT_FAMILIES];
	struct bnd_xt_diffs diffs;
	struct bnd_err err; /* the first thing that failed, or what lacks */
};

/* Whether the kernel has tables of that family, without a module for it. */
enum bnd_xt_state bnd_xt_there(unsigned family);

/*
 * -1: the child could not be made, died, or was not done in time (ETIMEDOUT) and
 * was ended; what it had committed by then stands.
 */
int bnd_xt_run(const struct bnd_xt_order *order, struct bnd_xt_result *out,
    struct bnd_err *err) BND_CHECK;

#endif
