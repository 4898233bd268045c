/* netlist-words.h: the words that make up a line of net.allow(5) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NETLIST_WORDS_H
#define BND_NETLIST_WORDS_H

#include "netlist.h"

enum bnd_list_field {
	BND_FIELD_IF,
	BND_FIELD_FROM,
	BND_FIELD_TO,
	BND_FIELD_PROTO,
	BND_FIELD_SRC,
	BND_FIELD_DST,
	BND_FIELD_SPORT,
	BND_FIELD_DPORT,
	BND_FIELD_TYPE,
	BND_FIELDS,
};
#define BND_FIELD_BIT(f) (1U << (f))

extern const char *const bnd_list_fields[BND_FIELDS];

/* What a line consists of.  fields 0: LINK, and for bypass one word more. */
struct bnd_list_verb {
	const char *name;
	enum bnd_line_verb verb;
	enum bnd_mode laxest, strictest; /* of the modes it may name */
	unsigned fields, needs;
};
#define BND_LIST_VERBS 7
extern const struct bnd_list_verb bnd_list_verbs[BND_LIST_VERBS];

extern const char *const bnd_bypass_names[BND_BYPASS_XSK + 1];

#endif
