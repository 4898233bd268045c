/* rules-links.h: the links there are, and which of them a mode takes */
/* SPDX-License-Identifier: ISC */
#ifndef BND_RULES_LINKS_H
#define BND_RULES_LINKS_H

#include <stdbool.h>
#include <stddef.h>

#include "mode.h"
#include "netlist.h"

#define BND_LO_INDEX 1 /* LOOPBACK_IFINDEX: of every network namespace */

/* A link as the kernel describes it now. */
struct bnd_rules_link {
	unsigned index;
	unsigned type; /* ARPHRD_* */
	char name[BND_IFNAME];
	char kind[BND_IFNAME]; /* IFLA_INFO_KIND, "" without one */
};

/* All there is to know; the rules follow from it. */
struct bnd_rules_in {
	enum bnd_mode mode;
	const struct bnd_netlist *list;
	const struct bnd_rules_link *link;
	size_t links;
};

/* The link a line names, NULL if it is not there or of another kind. */
const struct bnd_rules_link *bnd_rules_find(
    const struct bnd_rules_in *in, const struct bnd_linkname *name);

/*
 * Whether a line allows nothing now because a link it names is absent, of
 * another kind, or not one the mode takes.
 */
bool bnd_rules_waiting(
    const struct bnd_rules_in *in, const struct bnd_line *line);

/* How many lines there are; no list is the empty one. */
size_t bnd_rules_lines(const struct bnd_rules_in *in);

bool bnd_rules_is_lo(const struct bnd_rules_link *link);

/* A link of a vpn line: no kind of it lets anybody choose that kind. */
bool bnd_rules_is_vpn(
    const struct bnd_rules_in *in, const struct bnd_rules_link *link);

/* What TRUSTED's own packets may leave by, beside the vpn links. */
bool bnd_rules_is_carrier(
    const struct bnd_rules_in *in, const struct bnd_rules_link *link);

/* Whether the frames of a link are judged. */
bool bnd_rules_is_judged(
    const struct bnd_rules_in *in, const struct bnd_rules_link *link);

#endif
