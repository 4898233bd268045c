/* box-pool.h: where the texts of policies are kept */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_POOL_H
#define BND_BOX_POOL_H

#include "box-policy.h"
#include "err.h"

/* 2 MiB: the texts of a whole chain and of all floors fit; given out lazily. */
int bnd_box_pool_make(struct bnd_box_pool *pool, struct bnd_err *err) BND_CHECK;
void bnd_box_pool_free(struct bnd_box_pool *pool);
#define SCOPED_POOL __attribute__((cleanup(bnd_box_pool_free)))
/* A copy with a NUL, or NULL and err if the pool is full. */
const char *bnd_box_pool_put(
    struct bnd_box_pool *pool, struct bnd_str s, struct bnd_err *err) BND_CHECK;
/* n bytes, for whatever lives as long; NULL and err as above. */
char *bnd_box_pool_take(
    struct bnd_box_pool *pool, size_t n, struct bnd_err *err) BND_CHECK;
/* Room for n texts. */
const char **bnd_box_pool_array(
    struct bnd_box_pool *pool, size_t n, struct bnd_err *err) BND_CHECK;
/* An empty policy: they are too big for a stack.  NULL and err as above. */
struct bnd_box_policy *bnd_box_pool_policy(
    struct bnd_box_pool *pool, struct bnd_err *err) BND_CHECK;

/* Whether p was put there by the text that is being read. */
static inline bool
bnd_box_pool_is_new(const struct bnd_box_pool *pool, const char *p)
{
	return p >= pool->at + pool->mark;
}

#endif
