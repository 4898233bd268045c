/* box-hide.c: which sources hide and protect forbid, by object and not by name */
/* SPDX-License-Identifier: ISC */
#include "box-hide.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "box-mounts.h"
#include "scope.h"

#define DEEPEST 4096

static bool
is_object(const struct bnd_hide_object *o, const struct stat *st)
{
	return o->dev == st->st_dev && o->ino == st->st_ino;
}

static const struct bnd_hide_object *
among(const struct bnd_hide_object *o, size_t n, const struct stat *st)
{
	for (size_t i = 0; i < n; i++)
		if (is_object(&o[i], st))
			return &o[i];
	return NULL;
}

/* ---- up to / ------------------------------------------------------------- */

/* One level is one stat() of "../.." and so on, relative to a descriptor. */
#define LEVELS 64

struct climb {
	int from, own;	/* own: -1, or from is to be closed */
	struct stat st; /* of the directory that it is at */
	const struct stat *top;
	unsigned steps, levels;
	char up[LEVELS * 3 + 1];
};

static int
climb_from(const struct bnd_path *at, const struct stat *top, struct climb *c,
    struct bnd_err *err)
{
	/* The ".." of what is no directory is where it was found. */
	bool dir = S_ISDIR(at->st.st_mode);

	*c = (struct climb){ .top = top,
		.from = dir ? at->fd : at->above,
		.own = -1,
		.st = at->st };
	if (!dir && fstat(c->from, &c->st) == -1)
		return bnd_fail_errno(err, "cannot look at a directory");
	return 0;
}

static int
climb_end(struct climb *c, int result)
{
	bnd_close_fd(&c->own);
	return result;
}

static int
climb_on(struct climb *c, struct bnd_err *err)
{
	int fd = openat(c->from, c->up, O_PATH | O_CLOEXEC);

	if (fd == -1)
		return bnd_fail_errno(err, "cannot open a directory's parent");
	bnd_close_fd(&c->own);
	c->from = c->own = fd;
	c->levels = 0;
	return 0;
}

/* 1: one up, 0: this is the top, -1. */
static int
climb_one(struct climb *c, struct bnd_err *err)
{
	if (c->st.st_dev == c->top->st_dev && c->st.st_ino == c->top->st_ino)
		return 0;
	if (++c->steps > DEEPEST)
		return bnd_fail(err, BND_E_INPUT, "too deep a directory");
	if (c->levels == LEVELS && climb_on(c, err) == -1)
		return -1;
	memcpy(c->up + 3 * c->levels++, "../", sizeof("../"));
	if (fstatat(c->from, c->up, &c->st, AT_NO_AUTOMOUNT) == -1)
		return bnd_fail_errno(err, "cannot stat a directory's parent");
	return 1;
}

/* ---- the objects --------------------------------------------------------- */

static int
put(struct bnd_hide_object *o, size_t *n, size_t max, const struct stat *st,
    const char *name, struct bnd_err *err)
{
	if (*n == max)
		return bnd_fail(
		    err, BND_E_INPUT, "%s: too many directories to hide", name);
	o[(*n)++] = (struct bnd_hide_object){ st->st_dev, st->st_ino, name };
	return 0;
}

/* What is above one that is known is known, too. */
static int
put_above(struct bnd_hide_set *set, const struct bnd_path *at, const char *name,
    struct bnd_err *err)
{
	struct climb c;
	int up;

	if (climb_from(at, &set->top, &c, err) == -1)
		return climb_end(&c, -1);
	up = S_ISDIR(at->st.st_mode) ? climb_one(&c, err) : 1;
	while (up == 1 && among(set->above, set->above_n, &c.st) == NULL) {
		if (put(set->above, &set->above_n, BND_HIDE_ABOVE, &c.st, name,
			err) == -1)
			up = -1;
		else
			up = climb_one(&c, err);
	}
	return climb_end(&c, up == -1 ? -1 : 0);
}

int
bnd_hide_load(const struct bnd_box_names *names, struct bnd_hide_set *set,
    struct bnd_err *err)
{
	set->n = 0;
	set->above_n = 0;
	if (stat("/", &set->top) == -1)
		return bnd_fail_errno(err, "cannot stat /");
	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->at[i];
		struct bnd_path SCOPED_PATH at = { .fd = -1, .above = -1 };

		if (*name != '/')
			continue;
		if (bnd_path_open(-1, name, &at, err) == -1) {
			if (err->errnum == ENOENT || err->errnum == ENOTDIR)
				continue;
			return -1;
		}
		if (put(set->at, &set->n, BND_BOX_NAMES, &at.st, name, err) ==
			-1 ||
		    put_above(set, &at, name, err) == -1)
			return -1;
	}
	return 0;
}

int
bnd_hide_find(const struct bnd_hide_set *set, const struct bnd_path *at,
    const char **why, bool *below, struct bnd_err *err)
{
	const struct bnd_hide_object *o = among(set->at, set->n, &at->st);
	struct climb c;
	int up;

	*below = true;
	if (climb_from(at, &set->top, &c, err) == -1)
		return climb_end(&c, -1);
	for (up = 1; o == NULL && up == 1; up = climb_one(&c, err))
		o = among(set->at, set->n, &c.st);
	climb_end(&c, 0);
	if (o == NULL && up == -1)
		return -1;
	if (o == NULL) {
		*below = false;
		o = among(set->above, set->above_n, &at->st);
	}
	*why = o != NULL ? o->name : NULL;
	return o != NULL;
}

/* ---- what is mounted below ----------------------------------------------- */

/* Where the kernel says that an object is. */
static int
path_of(int fd, char path[static PATH_MAX], struct bnd_err *err)
{
	char link[32];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, PATH_MAX - 1);
	if (n <= 0)
		return bnd_fail_errno(err, "cannot read %s", link);
	path[n] = '\0';
	return 0;
}

static int
check_mount(const struct bnd_hide_set *set, const char *point, const char *src,
    struct bnd_err *err)
{
	struct bnd_path SCOPED_PATH at = { .fd = -1, .above = -1 };
	const char *why;
	bool below;

	/* Its place was removed: nobody gets there, nor does a clone. */
	if (bnd_path_open(-1, point, &at, err) == -1)
		return err->errnum == ENOENT ? 0 : -1;
	switch (bnd_hide_find(set, &at, &why, &below, err)) {
	case 0:
		return 0;
	case 1:
		return bnd_fail(err, BND_E_DENIED,
		    "bind %s: what is mounted at %s shows %s, which is hidden",
		    src, point, why);
	default:
		return -1;
	}
}

static bool
is_below(const char *path, const char *dir)
{
	size_t n = strcmp(dir, "/") == 0 ? 0 : strlen(dir);

	return strncmp(path, dir, n) == 0 && path[n] == '/' &&
	    path[n + 1] != '\0';
}

int
bnd_hide_submounts(const struct bnd_hide_set *set, const struct bnd_path *at,
    const char *src, struct bnd_err *err)
{
	FILE SCOPED_FILE *f = fopen("/proc/self/mountinfo", "re");
	char SCOPED_FREE *line = NULL;
	struct bnd_mount_line m;
	char path[PATH_MAX];
	size_t size = 0;
	ssize_t n;

	if (f == NULL)
		return bnd_fail_errno(err, "cannot open /proc/self/mountinfo");
	if (path_of(at->fd, path, err) == -1)
		return -1;
	while ((n = getline(&line, &size, f)) > 0) {
		if (!bnd_mount_parse(
			(struct bnd_str){ line, (size_t)n - 1 }, &m))
			return bnd_fail(err, BND_E_SYS,
			    "cannot make out a line of mountinfo");
		if (is_below(m.point, path) &&
		    check_mount(set, m.point, src, err) == -1)
			return -1;
	}
	return ferror(f)
	    ? bnd_fail_errno(err, "cannot read /proc/self/mountinfo")
	    : 0;
}

/* ---- protect ------------------------------------------------------------- */

static bool
has_component(const char *path, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = path; (p = strstr(p, name)) != NULL; p++)
		if ((p == path || p[-1] == '/') &&
		    (p[n] == '/' || p[n] == '\0'))
			return true;
	return false;
}

/* A bind that surely is there covers dst/rest, and cannot be written. */
static bool
is_lifted(const struct bnd_box_policy *p, const char *dst, const char *rest)
{
	size_t n = strlen(dst);

	for (size_t i = 0; i < p->binds; i++) {
		const struct bnd_box_bind *b = &p->bind[i];
		const char *r = b->dst + n + 1;
		size_t len;

		if ((b->rights & (BND_BIND_W | BND_BIND_OPTIONAL)) ||
		    strncmp(b->dst, dst, n) != 0 || b->dst[n] != '/')
			continue;
		len = strlen(r);
		if (strncmp(rest, r, len) == 0 &&
		    (rest[len] == '/' || rest[len] == '\0'))
			return true;
	}
	return false;
}

static int
denied(const struct bnd_box_bind *b, const char *how, const char *name,
    struct bnd_err *err)
{
	return bnd_fail(err, BND_E_DENIED,
	    "bind %s: %s %s, which is protected from writing", b->src, how,
	    name);
}

static int
protect_name(const struct bnd_box_policy *p, const struct bnd_box_bind *b,
    const struct bnd_path *at, const char *path, const char *name,
    struct bnd_err *err)
{
	struct stat st;

	if (has_component(path, name) || has_component(b->src, name))
		return denied(b, "it is or lies below a", name, err);
	if (!S_ISDIR(at->st.st_mode) || is_lifted(p, b->dst, name))
		return 0;
	if (fstatat(at->fd, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) ==
	    0)
		return denied(b, "it has a", name, err);
	if (errno != ENOENT)
		return bnd_fail_errno(
		    err, "bind %s: cannot look for %s", b->src, name);
	return 0;
}

/* 1: o lies below at, by whatever name. */
static int
contains(const struct bnd_hide_set *set, const struct bnd_path *at,
    const struct bnd_path *o, struct bnd_err *err)
{
	struct climb c;
	int up;

	if (climb_from(o, &set->top, &c, err) == -1)
		return climb_end(&c, -1);
	for (up = 1; up == 1; up = climb_one(&c, err))
		if (c.st.st_dev == at->st.st_dev &&
		    c.st.st_ino == at->st.st_ino)
			return climb_end(&c, 1);
	return climb_end(&c, up);
}

/* name, an object, may lie below at: then it must be covered. */
static int
protect_object(const struct bnd_box_policy *p, const struct bnd_box_bind *b,
    const struct bnd_hide_set *set, const struct bnd_path *at, const char *name,
    struct bnd_err *err)
{
	struct bnd_path SCOPED_PATH o = { .fd = -1, .above = -1 };
	char path[PATH_MAX], where[PATH_MAX];
	int in;

	if (bnd_path_open(-1, name, &o, err) == -1)
		return err->errnum == ENOENT || err->errnum == ENOTDIR ? 0 : -1;
	in = contains(set, at, &o, err);
	if (in != 1)
		return in;
	if (path_of(at->fd, path, err) == -1 || path_of(o.fd, where, err) == -1)
		return -1;
	/* Its name below at is known only if both have the same names above. */
	if (is_below(where, path) && strcmp(path, "/") != 0 &&
	    is_lifted(p, b->dst, where + strlen(path) + 1))
		return 0;
	return denied(b, "it contains", name, err);
}

static int
protect_inside(const struct bnd_box_policy *p, const struct bnd_box_bind *b,
    const struct bnd_hide_set *set, const struct bnd_path *at,
    struct bnd_err *err)
{
	for (size_t i = 0; i < p->protect.n; i++)
		if (p->protect.at[i][0] == '/' &&
		    protect_object(p, b, set, at, p->protect.at[i], err) == -1)
			return -1;
	return 0;
}

int
bnd_hide_protect(const struct bnd_box_policy *p, const struct bnd_box_bind *b,
    const struct bnd_hide_set *set, const struct bnd_path *at,
    struct bnd_err *err)
{
	char path[PATH_MAX];
	const char *why = NULL;
	bool below = false;
	int found = bnd_hide_find(set, at, &why, &below, err);

	if (found == -1 || path_of(at->fd, path, err) == -1)
		return -1;
	if (found == 1 && below)
		return denied(b, "it is or lies below", why, err);
	if (found == 1 && protect_inside(p, b, set, at, err) == -1)
		return -1;
	for (size_t i = 0; i < p->protect.n; i++)
		if (p->protect.at[i][0] != '/' &&
		    protect_name(p, b, at, path, p->protect.at[i], err) == -1)
			return -1;
	return 0;
}
