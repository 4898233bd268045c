/* grow.h: the writes of an append; for chain.c */
/* SPDX-License-Identifier: ISC */
#ifndef BND_GROW_H
#define BND_GROW_H

#include <stddef.h>

#include "chain.h"
#include "err.h"
#include "record.h"

/*
 * A3 to A6: sign *r, which is complete but for nk, announce it, write it,
 * erase the key.  gap is 1 when an LF must end a fragment first.
 */
int bnd_grow(struct bnd_chain *c, struct bnd_record *r, size_t gap,
    struct bnd_err *err) BND_CHECK;

/* A6 alone: erase the key of slot i. */
int bnd_grow_wipe(struct bnd_chain *c, int i, struct bnd_err *err) BND_CHECK;

/* A sync that fails leaves the degraded mark. */
int bnd_grow_sync(struct bnd_chain *c, int fd, const char *what,
    struct bnd_err *err) BND_CHECK;

#endif
