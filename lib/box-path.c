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

int
bnd_path_open(
    int from, const char *path, struct bnd_path *at, struct bnd_err *err)
{
	struct way w = { .name = path, .links = 0 };
	char name[NAME_MAX + 2];
	int n = snprintf(w.rest, sizeof(w.rest), "%s", path);
	int result;

	*at = (struct bnd_path){ .fd = -1, .above = -1 };
	if (n <= 0 || (size_t)n >= sizeof(w.rest))
		return bnd_fail(err, BND_E_INPUT, "%s: not a path", path);
	result = start(at, from, path, err);
	while (result == 0 && next(&w, name))
		if (strcmp(name, "..") == 0 && w.links == 0)
			result = bnd_fail(
			    err, BND_E_INPUT, "%s: has a .. in it", path);
		else if (strcmp(name, ".") != 0)
			result = step(at, name, &w, err);
	if (result == -1)
		bnd_path_close(at);
	return result;
}
