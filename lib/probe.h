/* probe.h: packets sent at the seal from both sides, to see that none passes */
/* SPDX-License-Identifier: ISC */
#ifndef BND_PROBE_H
#define BND_PROBE_H

#include <stdint.h>

#include "err.h"
#include "nl.h"
#include "probe-frame.h"

enum bnd_probed {
	BND_PROBED_NOT = 0,
	BND_PROBED_TIGHT,   /* everything was sent, nothing passed */
	BND_PROBED_LEAKS,   /* what passed is in passed */
	BND_PROBED_UNSHOWN, /* the probe did not work: nothing is known */
	BND_PROBED_ABSENT,  /* no network namespaces or no veth here */
};

struct bnd_probe {
	/* The caller's: */
	uint32_t judged; /* which kinds make a leak; looked at after hook() */
	bool hooked;	 /* a new link is hooked at once: no control on it */
	/* Puts the new link behind the seal as any other.  NULL: nothing to do. */
	int (*hook)(void *ctx, struct bnd_err *err);
	void *ctx;
	/* The result: */
	enum bnd_probed result;
	uint32_t passed; /* all of it, judged or not */
	bool v6;	 /* IPv6 was among what was sent */
	unsigned ms;
	struct bnd_err why; /* of UNSHOWN and ABSENT */
};

/*
 * In the network namespace of nl (NETLINK_ROUTE), which is left as it was: two
 * helper processes and a link live for as long as this runs, 60 ms on an idle
 * machine, 2 s at the most, or die with the caller.
 */
void bnd_probe_run(struct bnd_probe *p, struct bnd_nl *nl);

/* "arp-reply out-l2", the kinds of a set; cut at size. */
void bnd_probe_list(uint32_t kinds, char *text, size_t size);

#endif
