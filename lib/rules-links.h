/* rules-links.h: the links there are, and which of them a mode takes */
/* SPDX-License-Identifier: ISC */
#ifndef BND_RULES_LINKS_H
#define BND_RULES_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mode.h"
#include "netlist.h"

#define BND_LO_INDEX	 1 /* LOOPBACK_IFINDEX: of every network namespace */

/* What keeps a link from carrying what rules let by, or adds to it. */
#define BND_LINK_LACP	 1u /* a bond that speaks LACP with the other end */
#define BND_LINK_FILTERS 2u /* a bridge that puts tags on and takes them off */
#define BND_LINK_OBSCURE 4u /* the kernel did not say what rules must know */
#define BND_LINK_INFRAME 8u /* a vlan that leaves its tag in the frame */

/* A link as the kernel describes it now. */
struct bnd_rules_link {
	unsigned index;
	unsigned type; /* ARPHRD_* */
	char name[BND_IFNAME];
	char kind[BND_IFNAME]; /* IFLA_INFO_KIND, "" without one */
	unsigned lower;	       /* what a stacked one lies upon; 0: not here */
	unsigned master;       /* of which it is a port, 0 without one */
	uint16_t tpid, vlan; /* of kind vlan: the tag, ETH_P_8021Q or _8021AD */
	unsigned traits;     /* BND_LINK_* */
};

/* All there is to know; the rules follow from it. */
struct bnd_rules_in {
	enum bnd_mode mode;
	const struct bnd_netlist *list;
	const struct bnd_rules_link *link;
	size_t links;
	bool every; /* chains of frames hook every link, those to come too */
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
/* The same in words, and *link it waits for; NULL if it does not wait. */
const char *bnd_rules_why_waiting(const struct bnd_rules_in *in,
    const struct bnd_line *line, const struct bnd_linkname **link);

/* How many lines there are; no list is the empty one. */
size_t bnd_rules_lines(const struct bnd_rules_in *in);

bool bnd_rules_is_lo(const struct bnd_rules_link *link);

/* A link of a vpn line: no kind of it lets anybody choose that kind. */
bool bnd_rules_is_vpn(
    const struct bnd_rules_in *in, const struct bnd_rules_link *link);

/* A line lets TRUSTED's own packets leave by it, if rules can follow them. */
bool bnd_rules_is_carrier(
    const struct bnd_rules_in *in, const struct bnd_rules_link *link);

/* Whether the frames of a link are judged. */
bool bnd_rules_is_judged(
    const struct bnd_rules_in *in, const struct bnd_rules_link *link);

#endif
