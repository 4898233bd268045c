/* flowtable.h: shortcuts of nf_tables past the forward rules, as others made them */
/* SPDX-License-Identifier: ISC */
#ifndef BND_FLOWTABLE_H
#define BND_FLOWTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "nl.h"

#define BND_FLOWTABLES_MAX 16

/* Names are the caller's of nf_tables: made safe to show. */
struct bnd_flowtable {
	char name[80];	/* "TABLE NAME" */
	char links[80]; /* their names, cut with "..." */
	int32_t priority;
	bool hardware; /* a card forwards by itself */
};

/* Start as {0}. */
struct bnd_flowtables {
	size_t n;
	bool more; /* than fit */
	struct bnd_flowtable v[BND_FLOWTABLES_MAX];
};

/* A kernel without nf_tables, or without them, has none. */
int bnd_flowtables_read(struct bnd_nl *nf, struct bnd_flowtables *all,
    struct bnd_err *err) BND_CHECK;

#endif
