/* rules-list.h: the lines of the list, as rules */
/* SPDX-License-Identifier: ISC */
#ifndef BND_RULES_LIST_H
#define BND_RULES_LIST_H

#include <stdbool.h>

#include "netlist.h"
#include "rules-make.h"

/* Which lines: by whether a class that wide lines do not open holds the far end. */
enum bnd_pick {
	BND_PICK_ALL,
	BND_PICK_SPECIAL,
	BND_PICK_ORDINARY,
};

void bnd_rules_list_lines(struct bnd_render *r, enum bnd_line_verb verb,
    enum bnd_pick pick, bool turned);

/* The narrow lines, what no other opens, the rest. */
void bnd_rules_list(struct bnd_render *r, enum bnd_line_verb verb, bool turned,
    enum bnd_fate deny);

#endif
