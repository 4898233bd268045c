/* box-load.h: a profile from its files */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_LOAD_H
#define BND_BOX_LOAD_H

#include "box-profile.h"
#include "box-user.h"
#include "root.h"

#define BND_BOX_PROFILE_DIR "etc/bnd/sbx"
#define BND_BOX_CHAIN	    4 /* bases below a profile */

/* What was asked for, before the floor. */
struct bnd_box_ask {
	const char *profile;	   /* NULL: default; with a slash: a file */
	const char *const *option; /* "key=value" */
	size_t options;
	int work_fd;	  /* --work, or -1: the bind of $WORK is absent then */
	const char *work; /* its name, for messages */
	const struct bnd_box_user *user; /* whose a file is, or NULL: ours */
	int cwd_fd; /* where the name of a file begins; or AT_FDCWD */
};

/*
 * Profile chain (base at most 4 deep) and options; what none of them says is as
 * in the built-in default.  A file of one's own (slash) must belong to the
 * effective user; or to the user, with whose rights it is read then.  `profiles`
 * of *p: whether all came from /etc/bnd/sbx or is built in.
 */
int bnd_box_profile_load(const struct bnd_root *root,
    const struct bnd_box_ask *ask, struct bnd_box_pool *pool,
    struct bnd_box_policy *p, struct bnd_err *err) BND_CHECK;

/* The text of a trusted file, kept in the pool; err->errnum tells ENOENT. */
int bnd_box_text(const struct bnd_root *root, const char *path,
    struct bnd_box_pool *pool, struct bnd_str *text,
    struct bnd_err *err) BND_CHECK;

#endif
