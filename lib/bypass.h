/* bypass.h: what moves frames past the rules: XDP, tc, AF_XDP, packet taps */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BYPASS_H
#define BND_BYPASS_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "holder.h"
#include "link.h"
#include "netlist.h"
#include "nl.h"

#define BND_BYPASS_MAX 128

struct bnd_bypass_seen {
	enum bnd_bypass kind; /* BND_BYPASS_NONE: a tap, which only listens */
	unsigned index;	      /* of the link; 0: every one, or not known */
	bool socket;	      /* and what follows is known */
	unsigned uid;
	struct bnd_holder by;
};

/* Start as {0}. */
struct bnd_bypasses {
	size_t n;
	bool more;   /* than fit: treated as one that nobody listed */
	bool no_xsk; /* the kernel tells nothing of AF_XDP sockets */
	struct bnd_bypass_seen seen[BND_BYPASS_MAX];
};

int bnd_bypass_read(struct bnd_nl *nl, const struct bnd_links *links,
    struct bnd_bypasses *b, struct bnd_err *err) BND_CHECK;

#endif
