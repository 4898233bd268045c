/* box-hide.h: which sources hide and protect forbid, by object and not by name */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_HIDE_H
#define BND_BOX_HIDE_H

#include "box-path.h"
#include "box-policy.h"
#include "err.h"

struct bnd_hide_object {
	dev_t dev;
	ino_t ino;
	const char *name; /* the entry of hide or protect that it is due to */
};

#define BND_HIDE_ABOVE 128
struct bnd_hide_set {
	struct stat top; /* of / */
	size_t n, above_n;
	struct bnd_hide_object at[BND_BOX_NAMES];
	struct bnd_hide_object above[BND_HIDE_ABOVE]; /* their ancestors */
};

/* The objects of the absolute paths among names; what is not there hides not. */
int bnd_hide_load(const struct bnd_box_names *names, struct bnd_hide_set *set,
    struct bnd_err *err) BND_CHECK;

/*
 * Whether at is, lies below or contains an object of set: walks ".." from the
 * descriptor up to /.  1 and *why (its name), 0, -1.  below tells whether it
 * does not contain it but is it or lies below it.
 */
int bnd_hide_find(const struct bnd_hide_set *set, const struct bnd_path *at,
    const char **why, bool *below, struct bnd_err *err) BND_CHECK;

/* The same for every mount below at, which a recursive bind shows: DENIED. */
int bnd_hide_submounts(const struct bnd_hide_set *set,
    const struct bnd_path *at, const char *src, struct bnd_err *err) BND_CHECK;

/*
 * For a source with w: protect's objects and names.  Another bind lifts what
 * lies below at if it has neither w nor ? and covers it.  DENIED says why.
 */
int bnd_hide_protect(const struct bnd_box_policy *p,
    const struct bnd_box_bind *b, const struct bnd_hide_set *set,
    const struct bnd_path *at, struct bnd_err *err) BND_CHECK;

#endif
