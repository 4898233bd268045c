/* net-show.h: what net-seal says, as one JSON object or for people */
/* SPDX-License-Identifier: ISC */
#ifndef NET_SHOW_H
#define NET_SHOW_H

#include <stdbool.h>
#include <stddef.h>

#include "json.h"
#include "netlist.h"
#include "seal.h"

#define NET_JSON_SIZE (256u << 10)

struct net_how {
	bool json, quiet, verbose;
	bool whole; /* what holds it too, for people (net-table.h) */
};

/* Say it all; returns the exit status. */
int net_report(const struct bnd_seal *s, const struct net_how *how);

void net_warn_errors(const struct bnd_list_report *r, const char *file);
void net_json_errors(struct bnd_json *j, const struct bnd_list_report *r);

#endif
