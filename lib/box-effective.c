/* box-effective.c: floor and profile met, or why they cannot be */
/* SPDX-License-Identifier: ISC */
#include "box-effective.h"

#include <stdio.h>
#include <string.h>

/* connect() to a named socket is judged from this ABI on. */
#define ABI_UNIX 9

/* Before it is opened: a file that may not count is not looked at either. */
static int
check_ask(const struct bnd_box_ask *ask, const struct bnd_box_policy *floor,
    enum bnd_mode m, struct bnd_err *err)
{
	if (ask->profile == NULL || strchr(ask->profile, '/') == NULL ||
	    !floor->said[BND_BOX_PROFILES] || floor->num[BND_BOX_PROFILES] != 0)
		return 0;
	return bnd_fail(err, BND_E_DENIED,
	    "%s takes the profiles of /etc/bnd/sbx only (%s)", bnd_mode_name(m),
	    floor->origin[BND_BOX_PROFILES]);
}

static int
check_mode(const struct bnd_box_policy *p, enum bnd_mode m, struct bnd_err *err)
{
	enum bnd_mode least = (enum bnd_mode)p->num[BND_BOX_MODE_MIN];

	if (m >= least)
		return 0;
	return bnd_fail(err, BND_E_DENIED, "mode-min %s (%s): the mode is %s",
	    bnd_mode_name(least), p->origin[BND_BOX_MODE_MIN],
	    bnd_mode_name(m));
}

/* By name, and so only what is plain: box-src.c judges the objects. */
static bool
lies_in(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	if (strcmp(dir, "/") == 0)
		return true; /* $WORK, too */
	return strncmp(path, dir, n) == 0 &&
	    (path[n] == '/' || path[n] == '\0');
}

static int
refuse(const struct bnd_box_policy *p, const struct bnd_box_bind *b,
    enum bnd_box_key key, const char *path, struct bnd_err *err)
{
	char hidden[64], src[64];

	bnd_text_keep(
	    (struct bnd_str){ path, strlen(path) }, hidden, sizeof(hidden));
	bnd_text_keep(
	    (struct bnd_str){ b->src, strlen(b->src) }, src, sizeof(src));
	return bnd_fail(err, BND_E_DENIED, "%s %s (%s) forbids bind %s%s (%s)",
	    bnd_box_key_of(key)->name, hidden, p->origin[key],
	    (b->rights & BND_BIND_W) != 0 ? "rw " : "", src,
	    p->origin[BND_BOX_BIND]);
}

static int
check_bind(const struct bnd_box_policy *p, const struct bnd_box_bind *b,
    struct bnd_err *err)
{
	for (size_t i = 0; i < p->hide.n; i++)
		if (lies_in(b->src, p->hide.at[i]) ||
		    lies_in(p->hide.at[i], b->src))
			return refuse(p, b, BND_BOX_HIDE, p->hide.at[i], err);
	for (size_t i = 0; i < p->protect.n; i++)
		if ((b->rights & BND_BIND_W) != 0 &&
		    lies_in(b->src, p->protect.at[i]))
			return refuse(
			    p, b, BND_BOX_PROTECT, p->protect.at[i], err);
	return 0;
}

int
bnd_box_effective(const struct bnd_root *root, const struct bnd_box_ask *ask,
    enum bnd_mode m, struct bnd_box_pool *pool, struct bnd_box_policy *p,
    bool narrowed[static BND_BOX_KEYS], struct bnd_err *err)
{
	struct bnd_box_policy *floor = bnd_box_pool_policy(pool, err);

	if (floor == NULL || bnd_box_floor(root, m, pool, floor, err) != 0 ||
	    check_ask(ask, floor, m, err) != 0 ||
	    bnd_box_profile_load(root, ask, pool, p, err) != 0 ||
	    check_mode(p, m, err) != 0 ||
	    bnd_box_meet(p, floor, narrowed, err) != 0)
		return -1;
	for (size_t i = 0; i < p->binds; i++)
		if (check_bind(p, &p->bind[i], err) != 0)
			return -1;
	return 0;
}

static bool
has_writable(const struct bnd_box_policy *p)
{
	for (size_t i = 0; i < p->binds; i++)
		if ((p->bind[i].rights & BND_BIND_W) != 0)
			return true;
	return false;
}

int
bnd_box_in_force(struct bnd_box_policy *p, unsigned abi, struct bnd_err *err)
{
	if (abi < p->num[BND_BOX_LANDLOCK])
		return bnd_fail(err, BND_E_SYS,
		    "landlock %u (%s): this kernel has ABI %u",
		    (unsigned)p->num[BND_BOX_LANDLOCK],
		    p->origin[BND_BOX_LANDLOCK], abi);
	/* A socket of the owner's (agent, desktop) may lie below the source. */
	if ((p->calls & BND_CALLS_UNIX) != 0 && has_writable(p) &&
	    abi < ABI_UNIX)
		return bnd_fail(err, BND_E_SYS,
		    "syscalls @unix (%s) with a writable bind needs Landlock "
		    "ABI %u: this kernel has %u",
		    p->origin[BND_BOX_SYSCALLS], ABI_UNIX, abi);
	if (p->num[BND_BOX_LANDLOCK] < abi)
		snprintf(
		    p->origin[BND_BOX_LANDLOCK], BND_BOX_ORIGIN, "this kernel");
	p->num[BND_BOX_LANDLOCK] = abi;
	return 0;
}

void
bnd_box_policy_id(struct bnd_str text, uint8_t id[static BND_HASH_LEN])
{
	bnd_sha256(text.p, text.len, id);
}
