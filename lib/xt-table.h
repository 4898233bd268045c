/* xt-table.h: chains of ours in the tables of one family: put there, compared */
/* SPDX-License-Identifier: ISC */
#ifndef BND_XT_TABLE_H
#define BND_XT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "iptc.h"
#include "xt-rules.h"

#define BND_XT_CHAINS 6

/* The rules of a mode as entries; start as {0}, bnd_xt_set_free() at the end. */
struct bnd_xt_set {
	size_t chains;
	struct {
		struct bnd_xt_chain c;
		size_t first, n; /* of its entries */
	} chain[BND_XT_CHAINS];
	size_t entries, room;
	struct bnd_xt_entry {
		uint8_t *p, *mask; /* len bytes each; one allocation */
		size_t len;
		const char *verdict; /* of a standard target, else NULL */
	} * entry;
};

/* BND_E_DENIED: the kernel lacks an extension that a rule needs (xt.h). */
int bnd_xt_set_make(const struct bnd_iptc *t, const struct bnd_rules_in *in,
    bool alone, struct bnd_xt_set *set, struct bnd_err *err) BND_CHECK;
void bnd_xt_set_free(struct bnd_xt_set *set);
/* Whether the mode wants any chain in that table. */
bool bnd_xt_set_has(const struct bnd_xt_set *set, enum bnd_xt_table table);

/*
 * Make our chains of a table those of the set, in one commit of the table.
 * Nothing is written if they are already.  err->errnum EAGAIN: others were
 * quicker, and nothing happened.
 */
int bnd_xt_table_put(const struct bnd_iptc *t, enum bnd_xt_table table,
    const struct bnd_xt_set *set, struct bnd_err *err) BND_CHECK;

/* What is not as it should be: rule 0 is the chain or its jump. */
enum bnd_xt_flaw {
	BND_XT_SAME = 0,
	BND_XT_NO_CHAIN,
	BND_XT_NO_JUMP, /* not the first rule of its hook */
	BND_XT_STRAY,	/* a chain or jump that is not of this mode */
	BND_XT_RULE,	/* differs */
	BND_XT_MISSING, /* the rules end before */
	BND_XT_SURPLUS, /* one more than ours */
};
struct bnd_xt_diff {
	uint8_t family, table, flaw;
	uint16_t rule; /* from 1 */
	char chain[BND_XT_NAME];
};
#define BND_XT_DIFFS 12
struct bnd_xt_diffs {
	unsigned n; /* all of them; the first BND_XT_DIFFS are told */
	struct bnd_xt_diff v[BND_XT_DIFFS];
};

/* Entry for entry, counters apart; -1: the table cannot be read. */
int bnd_xt_table_compare(const struct bnd_iptc *t, enum bnd_xt_table table,
    const struct bnd_xt_set *set, struct bnd_xt_diffs *diffs,
    struct bnd_err *err) BND_CHECK;
/* The table is not there at all: every chain the set has for it lacks. */
void bnd_xt_table_absent(const struct bnd_iptc *t, enum bnd_xt_table table,
    const struct bnd_xt_set *set, struct bnd_xt_diffs *diffs);

#endif
