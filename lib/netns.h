/* netns.h: other network namespaces that hold a real link, sealed like the host */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NETNS_H
#define BND_NETNS_H

#include <stdbool.h>
#include <sys/types.h>

#include "err.h"
#include "note.h"
#include "seal-job.h"

/* What a sweep came to.  Start as {0}. */
struct bnd_netns_sum {
	unsigned seen;	  /* other network namespaces */
	unsigned held;	  /* of them with a real link, or with rules of ours */
	unsigned changed; /* of them that were mended */
	unsigned downed, raised; /* links there */
	unsigned passes;
	bool good; /* all that there are, and all as the mode wants them */
	/* Its process, which closes what it used: wait for it, later. */
	pid_t sweeper;
};

/*
 * Find them and bring them to what the job's mode wants (fix), or only look; in
 * a child that enters them, again until a pass changes nothing, five times at
 * most.  What is wrong is a note with the code "namespace".  A child that hangs
 * or dies is one too, and the sweep goes on without the namespace it was in.
 * -1: nothing could be looked at.
 */
int bnd_netns_sweep(struct bnd_job *j, bool fix, struct bnd_netns_sum *sum,
    struct bnd_notes *notes, struct bnd_err *err) BND_CHECK;

#endif
