/* rules-stack.h: where the frames of a link pass: there, and on what lies below */
/* SPDX-License-Identifier: ISC */
#ifndef BND_RULES_STACK_H
#define BND_RULES_STACK_H

#include <stddef.h>
#include <stdint.h>

#include "rules-links.h"

#define BND_PLACES_MAX 32 /* links that one link's frames may pass */

/* A link, and the tag its frames bear there; tpid 0: none. */
struct bnd_place {
	const struct bnd_rules_link *link;
	uint16_t tpid, vlan;
};

/* The first is the link itself. */
struct bnd_places {
	size_t n;
	struct bnd_place at[BND_PLACES_MAX];
};

/*
 * NULL: *p is every link of this namespace whose hooks see the frames, each as
 * whole as on the link itself.  Else why rules cannot follow them.
 */
const char *bnd_rules_places(const struct bnd_rules_in *in,
    const struct bnd_rules_link *link, struct bnd_places *p);

#endif
