/* box-profile.h: sbx-profile(5), from text to policy and back */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_PROFILE_H
#define BND_BOX_PROFILE_H

#include "box-value.h"

#define BND_BOX_NAME 33 /* of a profile, with its NUL */

/* Exactly [a-z0-9_-]{1,32}: nothing that could leave a directory. */
bool bnd_box_is_profile_name(struct bnd_str s);

/*
 * The base a text names, or the empty string; also the first check of the text
 * as a whole.  Errors begin with name:line.
 */
int bnd_box_profile_base(const char *name, struct bnd_str text,
    char base[static BND_BOX_NAME], struct bnd_err *err) BND_CHECK;

/* Whose lines they are, for messages and origins. */
struct bnd_box_source {
	const char *name; /* "judge.sbx", "default" */
	enum bnd_box_place place;
	bool unnumbered; /* compiled in: the line is of no interest */
};

/*
 * Pure.  Lines of text onto *p, which is what its base said: a line that says
 * something looser is an error naming key, both values and both origins.  What
 * *p does not say may be said freely.
 */
int bnd_box_profile_read(const struct bnd_box_source *source,
    struct bnd_str text, struct bnd_box_pool *pool, struct bnd_box_policy *p,
    struct bnd_err *err) BND_CHECK;
/* The canonical text of a whole policy. */
int bnd_box_profile_parse(const char *name, struct bnd_str text,
    struct bnd_box_pool *pool, struct bnd_box_policy *p,
    struct bnd_err *err) BND_CHECK;
/*
 * The options "key=value" of the command line (-k, and its short spellings), in
 * one go: a key given twice is an error.
 */
int bnd_box_profile_options(const char *const *option, size_t n,
    struct bnd_box_pool *pool, struct bnd_box_policy *p,
    struct bnd_err *err) BND_CHECK;

/*
 * -1 with BND_E_DENIED: what p says of key, and where, is looser than what was
 * says of it.  Both values and both origins, so that either can be mended.
 */
int bnd_box_fail_looser(const struct bnd_box_policy *p,
    const struct bnd_box_policy *was, enum bnd_box_key key,
    struct bnd_err *err);

/* What no line of a chain said is as in fill, with fill's origins. */
void bnd_box_profile_fill(
    struct bnd_box_policy *p, const struct bnd_box_policy *fill);

/* Canonical text: parses back to the same. */
int bnd_box_profile_print(const struct bnd_box_policy *p,
    char buf[static BND_BOX_TEXT_MAX], size_t *len,
    struct bnd_err *err) BND_CHECK;

#endif
