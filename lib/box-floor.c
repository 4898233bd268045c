/* box-floor.c: the floors, from OPEN to the right, each below the last */
/* SPDX-License-Identifier: ISC */
#include "box-floor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "box-builtin.h"
#include "box-lattice.h"
#include "box-load.h"
#include "scope.h"

static int
add_builtin(enum bnd_mode m, struct bnd_box_pool *pool,
    struct bnd_box_policy *floor, struct bnd_err *err)
{
	const char *text = bnd_box_builtin_floor(m);
	struct bnd_box_policy *here = bnd_box_pool_policy(pool, err);
	bool narrowed[BND_BOX_KEYS];
	char name[BND_BOX_ORIGIN];
	const struct bnd_box_source source = { name, BND_PLACE_FLOOR, true };

	snprintf(name, sizeof(name), "floor %s", bnd_mode_name(m));
	if (here == NULL ||
	    bnd_box_profile_read(&source,
		(struct bnd_str){ text, strlen(text) }, pool, here, err) != 0)
		return -1;
	return bnd_box_meet(floor, here, narrowed, err);
}

/* A list that only grows is added to; any other line must tighten. */
static int
check_file(const struct bnd_box_policy *here,
    const struct bnd_box_policy *floor, struct bnd_err *err)
{
	for (const struct bnd_box_keydef *k = bnd_box_keys;
	     k->key != BND_BOX_NONE; k++) {
		enum bnd_box_order o;

		if (!here->said[k->key] || !floor->said[k->key] ||
		    k->lattice == BND_LATTICE_SUPERSET)
			continue;
		o = bnd_box_compare_key(here, floor, k->key);
		if (o == BND_BOX_LOOSER || o == BND_BOX_INCOMPARABLE)
			return bnd_box_fail_looser(here, floor, k->key, err);
	}
	return 0;
}

static int
add_file(const struct bnd_root *root, enum bnd_mode m,
    struct bnd_box_pool *pool, struct bnd_box_policy *floor,
    struct bnd_err *err)
{
	char path[sizeof(BND_BOX_FLOOR_DIR) + 32];
	struct bnd_box_source source = { .place = BND_PLACE_FLOOR };
	struct bnd_box_policy *here = bnd_box_pool_policy(pool, err);
	bool narrowed[BND_BOX_KEYS];
	struct bnd_err why = { 0 };
	struct bnd_str text;

	snprintf(
	    path, sizeof(path), BND_BOX_FLOOR_DIR "/%s.sbx", bnd_mode_name(m));
	source.name = path + sizeof(BND_BOX_PROFILE_DIR);
	if (here == NULL)
		return -1;
	if (bnd_box_text(root, path, pool, &text, &why) != 0)
		return why.errnum == ENOENT
		    ? 0
		    : bnd_fail(err, why.kind, "%s", why.text);
	if (bnd_box_profile_read(&source, text, pool, here, err) != 0 ||
	    check_file(here, floor, err) != 0)
		return -1;
	return bnd_box_meet(floor, here, narrowed, err);
}

/* "floor/airgap.sbx" would be a floor that silently does not hold. */
static int
check_name(const char *name, struct bnd_err *err)
{
	struct bnd_str s = { name, strlen(name) };
	enum bnd_mode m;
	char shown[64];

	if (s.len < 4 || strcmp(name + s.len - 4, ".sbx") != 0)
		return 0;
	s.len -= 4;
	if (bnd_mode_parse_exact(s, &m))
		return 0;
	bnd_text_show(s, shown, sizeof(shown));
	return bnd_fail(err, BND_E_INPUT,
	    "/" BND_BOX_FLOOR_DIR "/%s.sbx is no mode's floor: they are "
	    "OPEN.sbx to COLDROOM.sbx",
	    shown);
}

/* Whether there are files to read: 1, 0 or -1. */
static int
check_names(const struct bnd_root *root, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	SCOPED_FD int fd = bnd_root_open_dir(root, BND_BOX_FLOOR_DIR, &why);
	SCOPED_DIR DIR *dir = bnd_dir_of(&fd);
	const struct dirent *e;

	if (dir == NULL)
		return why.errnum == ENOENT
		    ? 0
		    : bnd_fail(err,
			  why.kind != BND_E_NONE ? why.kind : BND_E_SYS, "%s",
			  why.text);
	for (errno = 0; (e = readdir(dir)) != NULL; errno = 0)
		if (check_name(e->d_name, err) != 0)
			return -1;
	if (errno != 0)
		return bnd_fail_errno(err, "cannot list " BND_BOX_FLOOR_DIR);
	return 1;
}

int
bnd_box_floor(const struct bnd_root *root, enum bnd_mode m,
    struct bnd_box_pool *pool, struct bnd_box_policy *floor,
    struct bnd_err *err)
{
	int files;

	*floor = (struct bnd_box_policy){ 0 };
	if (bnd_box_builtin_floor(m) == NULL)
		return bnd_fail(
		    err, BND_E_DENIED, "nothing runs in %s", bnd_mode_name(m));
	files = check_names(root, err);
	if (files < 0)
		return -1;
	for (int at = BND_OPEN; at <= (int)m; at++)
		if (add_builtin((enum bnd_mode)at, pool, floor, err) != 0 ||
		    (files == 1 &&
			add_file(root, (enum bnd_mode)at, pool, floor, err) !=
			    0))
			return -1;
	return 0;
}
