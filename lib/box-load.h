/* box-load.h: profiles and floors from their files */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_LOAD_H
#define BND_BOX_LOAD_H

#include "box-profile.h"
#include "root.h"
#include "sign.h"

#define BND_BOX_PROFILE_DIR "etc/bnd/sbx"
#define BND_BOX_FLOOR_DIR   "etc/bnd/sbx/floor"

/* What was asked for, before the floor. */
struct bnd_box_ask {
	const char *profile;	   /* NULL: default; with a slash: a file */
	const char *const *option; /* "key=value" */
	size_t options;
	int work_fd;	  /* --work, or -1: the bind of $WORK is absent then */
	const char *work; /* its name, for messages */
};

/*
 * Profile chain (base at most 4 deep) and options.  A user file (slash) must
 * belong to the caller.  *system tells whether all came from /etc/bnd/sbx or is
 * built in.
 */
int bnd_box_profile_load(const struct bnd_root *root,
    const struct bnd_box_ask *ask, struct bnd_box_pool *pool,
    struct bnd_box_policy *p, bool *system, struct bnd_err *err) BND_CHECK;

/*
 * The floor of a mode: built-in ones up to it and etc/bnd/sbx/floor/MODE.sbx.
 * -1: a file is broken; nothing runs then.  BND_LOCKDOWN is always -1 (DENIED).
 */
int bnd_box_floor(const struct bnd_root *root, enum bnd_mode m,
    struct bnd_box_pool *pool, struct bnd_box_policy *floor,
    struct bnd_err *err) BND_CHECK;

/* SHA-256 of the canonical text: the policy's id. */
void bnd_box_policy_id(struct bnd_str text, uint8_t id[static BND_HASH_LEN]);

#endif
