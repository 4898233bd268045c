/* box-profile.h: sbx-profile(5), from text to policy and back */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_PROFILE_H
#define BND_BOX_PROFILE_H

#include "box-key.h"
#include "box-policy.h"
#include "err.h"

int bnd_box_pool_make(struct bnd_box_pool *pool, struct bnd_err *err) BND_CHECK;
void bnd_box_pool_free(struct bnd_box_pool *pool);
/* A copy with a NUL, or NULL and err if the pool is full. */
const char *bnd_box_pool_put(
    struct bnd_box_pool *pool, struct bnd_str s, struct bnd_err *err);

/*
 * Pure.  Lines of text onto *p, which is what its base said: a line that says
 * something looser is an error naming key, both values and both origins.  base,
 * if the text names one, goes to *base.  Errors begin with name:line.
 */
int bnd_box_profile_base(const char *name, struct bnd_str text,
    char base[static 33], struct bnd_err *err) BND_CHECK;
int bnd_box_profile_parse(const char *name, struct bnd_str text,
    struct bnd_box_pool *pool, struct bnd_box_policy *p,
    struct bnd_err *err) BND_CHECK;
/* One "key=value" of the command line (-k, and its short spellings). */
int bnd_box_profile_option(struct bnd_str option, struct bnd_box_pool *pool,
    struct bnd_box_policy *p, struct bnd_err *err) BND_CHECK;

/* A profile or floor compiled in ("default", "AIRGAP"), or NULL. */
const char *bnd_box_builtin(const char *name);

/* Canonical text: parses back to the same. */
int bnd_box_profile_print(const struct bnd_box_policy *p,
    char buf[static BND_BOX_TEXT_MAX], size_t *len,
    struct bnd_err *err) BND_CHECK;

#endif
