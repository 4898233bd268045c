/* rules.h: mode x list x links to packet rules, as data */
/* SPDX-License-Identifier: ISC */
#ifndef BND_RULES_H
#define BND_RULES_H

#include <stdint.h>

#include "err.h"
#include "rules-data.h"
#include "rules-links.h"

#define BND_RULES_BLOCK	    200 /* links in a netdev chain; the kernel takes 255 */
#define BND_RULES_FRAMES    (-500) /* priority of netdev ingress, the first */
#define BND_RULES_LEAVE	    INT32_MAX /* of egress: nobody rewrites after it */
#define BND_RULES_TABLE	    "bnd"
#define BND_RULES_LOG	    "bnd out " /* prefix of BND_V_LOG, with flag skuid */
#define BND_RULES_LOG_RATE  10	       /* a second */
#define BND_RULES_LOG_BURST 50

/*
 * Give every chain, then its rules in order, then the next chain.  Nothing is
 * given in OPEN.  A callback that returns -1 ends it; a chain's that returns 1
 * does without the rules of that chain.
 */
struct bnd_rules_sink {
	int (*chain)(void *ctx, const struct bnd_chain *c, struct bnd_err *err);
	int (*rule)(void *ctx, const struct bnd_chain *c,
	    const struct bnd_rule *r, struct bnd_err *err);
	void *ctx;
};
int bnd_rules_render(const struct bnd_rules_in *in,
    const struct bnd_rules_sink *sink, struct bnd_err *err) BND_CHECK;

#endif
