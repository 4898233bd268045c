/* box-path.c: from a name to the object, by no link that somebody planted */
/* SPDX-License-Identifier: ISC */
#include "box-path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scope.h"

#define LINKS_MAX 16

/* What is still to be walked; a link's text is put before it. */
struct way {
	char rest[PATH_MAX];
	const char *name; /* of the whole, for messages */
	unsigned links;
};

void
bnd_path_close(struct bnd_path *at)
{
	bnd_close_fd(&at->fd);
	bnd_close_fd(&at->above);
}

static int
open_one(int dir, const char *name)
{
	const struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));
}

/* Whoever is not root could have put it there, or can replace it. */
static bool
is_roots(const struct stat *dir, const struct stat *link)
{
	return link->st_uid == 0 && dir->st_uid == 0 &&
	    ((dir->st_mode & 022) == 0 || (dir->st_mode & S_ISVTX));
}

static int
start(struct bnd_path *at, int from, const char *path, struct bnd_err *err)
{
	bnd_path_close(at);
	at->fd = *path == '/' ? open_one(AT_FDCWD, "/") : open_one(from, ".");
	if (at->fd == -1 || fstat(at->fd, &at->st) == -1)
		return bnd_fail_errno(
		    err, "cannot open %s: openat2", *path == '/' ? "/" : ".");
	return 0;
}

/* A link's text comes before what is left. */
static bool
prepend(struct way *w, const char *text, size_t n)
{
	size_t len = strlen(w->rest);

	if (n + 1 + len >= sizeof(w->rest))
		return false;
	memmove(w->rest + n + 1, w->rest, len + 1);
	memcpy(w->rest, text, n);
	w->rest[n] = '/';
	return true;
}

/* at is the link that was met: go on with its text from where it stands. */
static int
follow(struct bnd_path *at, struct way *w, const struct stat *dir,
    struct bnd_err *err)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(at->fd, "", text, sizeof(text));

	if (n <= 0)
		return bnd_fail_errno(err, "cannot read a link of %s", w->name);
	if (!is_roots(dir, &at->st))
		return bnd_fail(err, BND_E_DENIED,
		    "%s: a link on the way, to %.*s, is not root's alone",
		    w->name, (int)n, text);
	if (++w->links > LINKS_MAX || !prepend(w, text, (size_t)n))
		return bnd_fail(err, BND_E_INPUT,
		    "%s: too many links, or too long ones", w->name);
	if (*text == '/')
		return start(at, -1, "/", err);
	/* Back to the directory that it is in. */
	bnd_close_fd(&at->fd);
	at->fd = take_fd(&at->above);
	at->st = *dir;
	return 0;
}

static int
step(struct bnd_path *at, const char *name, struct way *w, struct bnd_err *err)
{
	struct stat dir = at->st;
	int fd = open_one(at->fd, name);

	if (fd == -1)
		return bnd_fail_errno(err, "%s: cannot open %s", w->name, name);
	bnd_close_fd(&at->above);
	at->above = at->fd;
	at->fd = fd;
	if (fstat(fd, &at->st) == -1)
		return bnd_fail_errno(err, "%s: cannot stat %s", w->name, name);
	return S_ISLNK(at->st.st_mode) ? follow(at, w, &dir, err) : 0;
}

/* The first component of rest, which loses it; false: there is none. */
static bool
next(struct way *w, char name[static NAME_MAX + 2])
{
	const char *p = w->rest + strspn(w->rest, "/");
	size_t n = strcspn(p, "/");

	if (n == 0)
		return false;
	if (n > NAME_MAX)
		n = NAME_MAX + 1; /* the kernel refuses that */
	memcpy(name, p, n);
	name[n] = '\0';
	memmove(w->rest, p + n, strlen(p + n) + 1);
	return true;
}

/* No link, no "..": then one call is as good as a walk.  1: it was not. */
static int
open_at_once(
    int from, const char *path, struct bnd_path *at, struct bnd_err *err)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	const char *name = strrchr(path, '/');
	char above[PATH_MAX];
	struct stat st;

	at->fd = (int)syscall(SYS_openat2, from, path, &how, sizeof(how));
	/* EACCES: so says fs.protected_symlinks of a link that ends it. */
	if (at->fd == -1 && (errno == ELOOP || errno == EACCES))
		return 1;
	if (at->fd == -1)
		return bnd_fail_errno(err, "cannot open %s: openat2", path);
	if (fstat(at->fd, &at->st) == -1)
		return bnd_fail_errno(err, "cannot stat %s", path);
	if (S_ISDIR(at->st.st_mode) || name == NULL || name == path)
		return S_ISDIR(at->st.st_mode) ? 0 : 1;
	/* The directory that has it is part of the answer, so it must have it. */
	memcpy(above, path, (size_t)(name - path));
	above[name - path] = '\0';
	at->above = (int)syscall(SYS_openat2, from, above, &how, sizeof(how));
	return at->above == -1 ||
	    fstatat(at->above, name + 1, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    st.st_dev != at->st.st_dev || st.st_ino != at->st.st_ino;
}

static bool
goes_up(const char *path)
{
	for (const char *p = path; (p = strstr(p, "..")) != NULL; p++)
		if ((p == path || p[-1] == '/') &&
		    (p[2] == '/' || p[2] == '\0'))
			return true;
	return false;
}

static int
walk(int from, const char *path, struct bnd_path *at, struct bnd_err *err)
{
	struct way w = { .name = path, .links = 0 };
	char name[NAME_MAX + 2];

	memcpy(w.rest, path, strlen(path) + 1);
	if (start(at, from, path, err) == -1)
		return -1;
	while (next(&w, name))
		if (strcmp(name, ".") != 0 && step(at, name, &w, err) == -1)
			return -1;
	return 0;
}

int
bnd_path_open_up(
    int from, const char *path, struct bnd_path *at, struct bnd_err *err)
{
	int result;

	*at = (struct bnd_path){ .fd = -1, .above = -1 };
	if (*path == '\0' || strlen(path) >= PATH_MAX)
		return bnd_fail(err, BND_E_INPUT, "%.100s: not a path", path);
	result = open_at_once(from, path, at, err);
	if (result == 1)
		result = walk(from, path, at, err);
	if (result == -1)
		bnd_path_close(at);
	return result;
}

int
bnd_path_open(
    int from, const char *path, struct bnd_path *at, struct bnd_err *err)
{
	if (goes_up(path)) {
		*at = (struct bnd_path){ .fd = -1, .above = -1 };
		return bnd_fail(
		    err, BND_E_INPUT, "%.100s: a path with .. in it", path);
	}
	return bnd_path_open_up(from, path, at, err);
}
