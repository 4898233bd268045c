/* box-pool.c: one piece of memory that a policy's texts live and die with */
/* SPDX-License-Identifier: ISC */
#include "box-pool.h"

#include <stdlib.h>
#include <string.h>

#define POOL_SIZE (2 << 20)

int
bnd_box_pool_make(struct bnd_box_pool *pool, struct bnd_err *err)
{
	*pool = (struct bnd_box_pool){ .at = malloc(POOL_SIZE) };
	if (pool->at == NULL)
		return bnd_fail_errno(err, "no memory for a profile");
	pool->size = POOL_SIZE;
	return 0;
}

void
bnd_box_pool_free(struct bnd_box_pool *pool)
{
	free(pool->at);
	*pool = (struct bnd_box_pool){ 0 };
}

char *
bnd_box_pool_take(struct bnd_box_pool *pool, size_t n, struct bnd_err *err)
{
	char *at = pool->at + pool->used;

	if (n > pool->size - pool->used) {
		(void)bnd_fail(
		    err, BND_E_INPUT, "the profiles are too long together");
		return NULL;
	}
	pool->used += n;
	return at;
}

const char *
bnd_box_pool_put(
    struct bnd_box_pool *pool, struct bnd_str s, struct bnd_err *err)
{
	char *at = bnd_box_pool_take(pool, s.len + 1, err);

	if (at != NULL && !bnd_str_copy(s, at, s.len + 1)) {
		(void)bnd_fail(err, BND_E_INPUT, "a NUL byte");
		return NULL;
	}
	return at;
}

static void *
take_aligned(struct bnd_box_pool *pool, size_t n, struct bnd_err *err)
{
	const size_t align = _Alignof(max_align_t);
	size_t gap = (align - pool->used % align) % align;
	char *at = bnd_box_pool_take(pool, gap + n, err);

	return at != NULL ? at + gap : NULL;
}

const char **
bnd_box_pool_array(struct bnd_box_pool *pool, size_t n, struct bnd_err *err)
{
	return take_aligned(pool, n * sizeof(const char *), err);
}

struct bnd_box_policy *
bnd_box_pool_policy(struct bnd_box_pool *pool, struct bnd_err *err)
{
	struct bnd_box_policy *p = take_aligned(pool, sizeof(*p), err);

	return p != NULL ? memset(p, 0, sizeof(*p)) : NULL;
}
