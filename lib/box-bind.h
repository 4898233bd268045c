/* box-bind.h: binds: one line of them, and what a policy shows at a path */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_BIND_H
#define BND_BOX_BIND_H

#include "box-value.h"

/* Absolute, canonical ("." ".." "//" and a final slash are none), printable. */
bool bnd_box_is_path(struct bnd_str s);

/*
 * "RIGHTS SRC [DST]" into p, in the place of the entry with that destination;
 * rights "-" take it away.  Entries are sorted by destination.
 */
int bnd_box_bind_parse(struct bnd_str text, struct bnd_box_pool *pool,
    struct bnd_box_policy *p, struct bnd_err *err) BND_CHECK;
/* Its source is $WORK or below it. */
bool bnd_box_bind_is_work(const struct bnd_box_bind *b);
bool bnd_box_bind_print(const struct bnd_box_bind *b, char *buf, size_t size);

/* What p shows at path: the bind with the deepest destination, or NULL. */
const struct bnd_box_bind *bnd_box_bind_at(
    const struct bnd_box_policy *p, const char *path);

/*
 * NULL if at every path a shows what b shows there, with at most b's rights;
 * else a path where it does not.  Leaving out a read-only bind over a part of a
 * writable one is looser, as the part becomes writable.
 */
const char *bnd_box_binds_beyond(
    const struct bnd_box_policy *a, const struct bnd_box_policy *b);

#endif
