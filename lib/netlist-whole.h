/* netlist-whole.h: what only all lines of a list together can tell */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NETLIST_WHOLE_H
#define BND_NETLIST_WHOLE_H

#include "netlist.h"

/* A list, and the columns of the links of its lines. */
struct bnd_list_whole {
	struct bnd_netlist *list;
	struct bnd_list_report *report;
	uint16_t in_col[BND_LIST_LINES], out_col[BND_LIST_LINES];
};

/* Tunnels without a vpn line are errors, a line within another a warning. */
void bnd_list_check_whole(const struct bnd_list_whole *p);

#endif
