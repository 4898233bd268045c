/* box-value.h: one value of a policy, from text and back */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_VALUE_H
#define BND_BOX_VALUE_H

#include "box-key.h"
#include "err.h"

/* 2 MiB: the texts of a whole chain and of all floors fit; given out lazily. */
int bnd_box_pool_make(struct bnd_box_pool *pool, struct bnd_err *err) BND_CHECK;
void bnd_box_pool_free(struct bnd_box_pool *pool);
#define SCOPED_POOL __attribute__((cleanup(bnd_box_pool_free)))
/* A copy with a NUL, or NULL and err if the pool is full. */
const char *bnd_box_pool_put(
    struct bnd_box_pool *pool, struct bnd_str s, struct bnd_err *err);
/* n bytes, for whatever lives as long; NULL and err as above. */
char *bnd_box_pool_take(
    struct bnd_box_pool *pool, size_t n, struct bnd_err *err);
/* Room for n texts. */
const char **bnd_box_pool_array(
    struct bnd_box_pool *pool, size_t n, struct bnd_err *err);
/* An empty policy: they are too big for a stack.  NULL and err as above. */
struct bnd_box_policy *bnd_box_pool_policy(
    struct bnd_box_pool *pool, struct bnd_err *err);

/* Whether p was put there by the text that is being read. */
static inline bool
bnd_box_pool_is_new(const struct bnd_box_pool *pool, const char *p)
{
	return p >= pool->at + pool->mark;
}

/*
 * What stands behind the key on its line: it replaces the value p has, or the
 * entry of bind and env that has the same destination or name, unless that one
 * is of this text, too.  err says what is wrong and neither key nor place.
 */
int bnd_box_value_parse(const struct bnd_box_keydef *k, struct bnd_str text,
    struct bnd_box_pool *pool, struct bnd_box_policy *p,
    struct bnd_err *err) BND_CHECK;

/*
 * A value as a profile writes it; "any" if p does not say it.  Entries of bind
 * and env are joined by "; ".  Cut never: false if no room.
 */
bool bnd_box_value_print(const struct bnd_box_policy *p, enum bnd_box_key key,
    char *buf, size_t size);
/* How many lines the key has, and one of them. */
size_t bnd_box_value_lines(
    const struct bnd_box_policy *p, enum bnd_box_key key);
bool bnd_box_value_line(const struct bnd_box_policy *p, enum bnd_box_key key,
    size_t i, char *buf, size_t size);

#endif
