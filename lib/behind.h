/* behind.h: chains of others that frames pass after ours, and what they may hold */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BEHIND_H
#define BND_BEHIND_H

#include <stdbool.h>

#include "err.h"
#include "nl.h"

/*
 * Our frame chains of egress have the last priority there is.  A chain of
 * somebody else's with the same one may come after them, and rewrite what they
 * let by; which comes first the kernel does not say.
 */
struct bnd_behind {
	unsigned n;
	char name[80]; /* "TABLE CHAIN" of the first, made safe to show */
};

/* A kernel without nf_tables has none. */
int bnd_behind_read(
    struct bnd_nl *nf, struct bnd_behind *b, struct bnd_err *err) BND_CHECK;

#endif
