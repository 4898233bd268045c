/* seal.h: the network obeys a mode, shown by reading the kernel back */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SEAL_H
#define BND_SEAL_H

#include "err.h"
#include "mode.h"
#include "root.h"
#include "seal-job.h"
#include "seal-result.h"

/*
 * -1: refused or not begun, nothing was changed.  0: *s says what came of it,
 * be it good or bad.  apply and hook need bnd_seal_may_touch() (seal-may.h).
 */
int bnd_seal_apply(const struct bnd_root *root,
    const struct bnd_seal_order *order, struct bnd_seal *s,
    struct bnd_err *err) BND_CHECK;
/* With a txn that the state names: as if that mode were in force already. */
int bnd_seal_check(const struct bnd_root *root,
    const struct bnd_seal_order *order, struct bnd_seal *s,
    struct bnd_err *err) BND_CHECK;
/* A link came or changed, or (0) a radio; s->tripped asks the caller to trip. */
int bnd_seal_hook(const struct bnd_root *root, unsigned index,
    struct bnd_seal *s, struct bnd_err *err) BND_CHECK;

/* Packets at the seal that is in force; s->tripped as above. */
int bnd_seal_probe(const struct bnd_root *root, struct bnd_seal *s,
    struct bnd_err *err) BND_CHECK;

/*
 * Whether this kernel can do a mode: tried in a throw-away network namespace.
 * s->sealed is the answer, the findings name what lacks.
 */
int bnd_seal_can(
    enum bnd_mode mode, struct bnd_seal *s, struct bnd_err *err) BND_CHECK;

/* What an apply of a mode would load, for -n: the rules' input. */
int bnd_seal_preview(const struct bnd_root *root, enum bnd_mode mode,
    int (*put)(void *ctx, const char *text), void *ctx,
    struct bnd_err *err) BND_CHECK;

#endif
