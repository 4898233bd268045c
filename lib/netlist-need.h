/* netlist-need.h: what the fields of a line must be together */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NETLIST_NEED_H
#define BND_NETLIST_NEED_H

#include "netlist-whole.h"
#include "netlist-words.h"

/* The file being parsed, and the line in hand. */
struct bnd_list_reader {
	unsigned number;
	struct bnd_str text, rest;
	struct bnd_line line;
	unsigned seen;
	struct bnd_str value[BND_FIELDS];
	unsigned errors; /* told before this line */
	struct bnd_list_whole whole;
};

/* Where a byte of the line in hand stands, from 1. */
unsigned bnd_list_col(const struct bnd_list_reader *p, const char *at);

/* Tells what the fields of the line in hand lack, or cannot be, together. */
void bnd_list_need(struct bnd_list_reader *p, const struct bnd_list_verb *v,
    unsigned verb_col);

#endif
