/* netns-visit.h: one network namespace that is not the host's: looked at, sealed */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NETNS_VISIT_H
#define BND_NETNS_VISIT_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "netns-find.h"
#include "note.h"
#include "seal-job.h"

struct bnd_netns_order {
	struct bnd_job *job; /* the mode, read again before each commit */
	int host;	     /* the host's network namespace, open */
	/* All that this pass judges. */
	const struct bnd_netns_list *all;
	bool fix; /* else only look */
};

/* What came of it.  Start as {0}. */
struct bnd_netns_visit {
	uint64_t cookie;
	bool holds;	/* a real link, seen from there, or rules of ours */
	bool good;	/* it is as the mode wants it */
	bool changed;	/* by this visit */
	bool kept_down; /* its real links, in this mode */
	unsigned downed, raised;
};

/*
 * Enter it for good, and judge it.  One without a real link that we never
 * sealed is left as it is.  What is not as it should be in the end is a note
 * that begins with its name.  -1: it could not be entered or looked at.
 */
int bnd_netns_visit(const struct bnd_netns_order *o,
    const struct bnd_netns_one *ns, struct bnd_netns_visit *v,
    struct bnd_notes *notes, struct bnd_err *err) BND_CHECK;

#endif
