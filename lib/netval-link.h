/* netval-link.h: how net.allow(5) names a link, and what its kind tells */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NETVAL_LINK_H
#define BND_NETVAL_LINK_H

#include <stdbool.h>

#include "netlist-note.h"
#include "text.h"

#define BND_IFNAME 16 /* IFNAMSIZ, NUL included */

/* A link as a line names it; no kind means one without IFLA_INFO_KIND. */
struct bnd_linkname {
	char name[BND_IFNAME]; /* "" is any link */
	char kind[BND_IFNAME];
};

/* Takes exactly the value; false fills *flaw. */
bool bnd_netval_link(
    struct bnd_str s, struct bnd_linkname *out, struct bnd_flaw *flaw);

/* The other way; a size that always does. */
#define BND_LINK_TEXT 32
void bnd_link_text(
    const struct bnd_linkname *l, char dst[static BND_LINK_TEXT]);

/* Kinds that may stand in a vpn line. */
bool bnd_kind_is_vpn(const char *kind);

/* Kinds of links that are tunnels, and of those on top of another link. */
bool bnd_kind_is_tunnel(const char *kind);
bool bnd_kind_is_stacked(const char *kind);

#endif
