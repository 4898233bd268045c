/* seal-try.h: a list from far away: tried, then confirmed or taken back */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SEAL_TRY_H
#define BND_SEAL_TRY_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "root.h"
#include "seal-result.h"
#include "try.h"

struct bnd_try_order {
	const char *path; /* the list, below the root */
	uint64_t seconds; /* 1 to BND_TRY_MAX_S */
	/*
	 * Leave somebody behind who calls bnd_seal_try_over() at t->until_us.
	 * Called before any rule is changed; he must hold no descriptor of ours.
	 */
	int (*leave)(void *ctx, const struct bnd_try *t, struct bnd_err *err);
	void *ctx;
};

/*
 * -1: refused (DENIED: the mode has no list, BUSY: one is being tried, INPUT
 * and UNSAFE: the list, with s->edited), nothing was changed.
 */
int bnd_seal_try(const struct bnd_root *root, const struct bnd_try_order *order,
    struct bnd_seal *s, struct bnd_err *err) BND_CHECK;
/* What is tried becomes file and accepted copy; DENIED: nothing is, or not
 * any more, and then the list accepted before is in force. */
int bnd_seal_confirm(const struct bnd_root *root, struct bnd_seal *s,
    struct bnd_err *err) BND_CHECK;
/* Its time has come: take it back, unless it ended already (s->mode NONE). */
int bnd_seal_try_over(const struct bnd_root *root, const struct bnd_try *t,
    struct bnd_seal *s, struct bnd_err *err) BND_CHECK;

#endif
