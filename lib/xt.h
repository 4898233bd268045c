/* xt.h: matches and targets of extensions as bytes; alone knows libxtables */
/* SPDX-License-Identifier: ISC */
#ifndef BND_XT_H
#define BND_XT_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "xt-rules.h"

#define BND_XT_EXT_MAX 1024 /* bytes of one; the largest is bpf's */

/* What the kernel gets; mask is 0xff where it gives the same back. */
struct bnd_xt_bytes {
	size_t len;
	uint8_t p[BND_XT_EXT_MAX], mask[BND_XT_EXT_MAX];
};

/*
 * The library is told to speak one family, 4 or 6, at a time.  It is made for a
 * program of its own: only in a child that owns descriptor 1 and nothing else,
 * has no environment and one user id (xt-child.c).
 */
int bnd_xt_begin(unsigned family, struct bnd_err *err) BND_CHECK;

/*
 * Build a match, or a target, for an entry whose head is filled.  What the
 * library then prints must be the words it was given.  BND_E_DENIED: this
 * kernel has no such extension; BND_E_ENFORCER: another was built than asked,
 * or the library's part is missing.
 */
int bnd_xt_match(const struct bnd_xt_ext *e, const void *entry,
    struct bnd_xt_bytes *out, struct bnd_err *err) BND_CHECK;
int bnd_xt_target(const struct bnd_xt_ext *e, const void *entry,
    struct bnd_xt_bytes *out, struct bnd_err *err) BND_CHECK;

#endif
