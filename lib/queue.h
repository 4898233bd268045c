/* queue.h: what stood in a queue before the rules changed does not leave */
/* SPDX-License-Identifier: ISC */
#ifndef BND_QUEUE_H
#define BND_QUEUE_H

#include <stdbool.h>

#include "err.h"
#include "link.h"
#include "nl.h"
#include "note.h"

/*
 * No hook sees a packet again that stands in a qdisc: the one of a link that
 * stays up is emptied.  index 0: every link; else that one.
 */
struct bnd_queue_order {
	unsigned index;
	unsigned wait_ms; /* for what is not ours to empty; 0: leave it alone */
	bool all;	  /* also default queues that seem to be empty */
};

struct bnd_queue_result {
	unsigned emptied; /* queues */
	bool absent;	  /* this kernel does not show its queues */
	bool left;	  /* something may still leave: a finding says what */
};

/*
 * To be called when the new rules are in force.  The kernel's default queue is
 * swapped for another and comes back empty; an administrator's is waited for.
 * links are for the words of findings.
 * -1: the kernel could not be asked.
 */
int bnd_queue_empty(struct bnd_nl *nl, const struct bnd_links *links,
    const struct bnd_queue_order *order, struct bnd_queue_result *res,
    struct bnd_notes *findings, struct bnd_err *err) BND_CHECK;

/* Take away what an emptying that was killed in between has left. */
int bnd_queue_tidy(struct bnd_nl *nl, struct bnd_err *err) BND_CHECK;

#endif
