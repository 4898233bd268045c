/* net-table.h: what net-seal says, for people */
/* SPDX-License-Identifier: ISC */
#ifndef NET_TABLE_H
#define NET_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "note.h"
#include "seal.h"

/* A layer of the seal as people and scripts know it, and what it stops. */
struct net_layer {
	const char *name;
	enum bnd_layer is;
	const char *stops;
};
#define NET_LAYERS 11
void net_layers(
    const struct bnd_seal *s, struct net_layer layer[static NET_LAYERS]);

/*
 * The first line is the verdict, then what is wrong and what to type; with
 * whole what holds it, the links, and what is not covered.  On a terminal it
 * is coloured and folded, elsewhere neither.  verbose: nothing is left out.
 */
struct net_look {
	bool whole, verbose;
};
void net_table(const struct bnd_seal *s, const struct net_look *look);

/* As rows that begin with what. */
void net_table_notes(const char *what, const struct bnd_notes *n, size_t max);

#endif
