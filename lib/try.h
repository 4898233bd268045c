/* try.h: a list that is in force for a while, unless it is confirmed */
/* SPDX-License-Identifier: ISC */
#ifndef BND_TRY_H
#define BND_TRY_H

#include <stdbool.h>
#include <stdint.h>

#include "accepted.h"
#include "clock.h"
#include "err.h"
#include "mode.h"
#include "root.h"
#include "state.h"
#include "text.h"

#define BND_TRY_PATH	"run/bnd/net/try"
#define BND_TRY_MAX_S	600
#define BND_TRY_DEFAULT 60
#define BND_TRY_HEAD	320 /* bytes before the list, at most */

/* When it ends, and what it was begun in: any change of that ends it too. */
struct bnd_try {
	uint64_t until_us; /* CLOCK_BOOTTIME */
	uint64_t gen;	   /* of the state */
	enum bnd_mode mode;
	char boot[BND_BOOT_ID_LEN + 1];
};

/*
 * Pure: the file, whose first line has the digest of the rest.  buf takes
 * BND_TRY_HEAD + list.len bytes; *list points into text.
 */
int bnd_try_pack(const struct bnd_try *t, struct bnd_str list, char *buf,
    size_t *len, struct bnd_err *err) BND_CHECK;
int bnd_try_unpack(struct bnd_str text, struct bnd_try *t, struct bnd_str *list,
    struct bnd_err *err) BND_CHECK;

/* Whether its list is in force still, in that state and at that time. */
bool bnd_try_is_live(const struct bnd_try *t, const struct bnd_state *s,
    const struct bnd_now *now);

/*
 * errnum ENOENT: there is none.  Any other -1: there is something, and it is
 * no try; *file is the empty list then.
 */
int bnd_try_load(const struct bnd_root *root, struct bnd_try *t,
    struct bnd_listfile *file, struct bnd_err *err) BND_CHECK;
int bnd_try_store(const struct bnd_root *root, const struct bnd_try *t,
    const struct bnd_listfile *file, struct bnd_err *err) BND_CHECK;
int bnd_try_drop(const struct bnd_root *root, struct bnd_err *err) BND_CHECK;

#endif
