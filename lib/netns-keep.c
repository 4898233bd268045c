/* netns-keep.c: which network namespaces hold rules of ours, and what links had */
/* SPDX-License-Identifier: ISC */
#include "netns-keep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "scope.h"

void
bnd_netns_dir(uint64_t cookie, char dir[static BND_NETNS_DIR_SIZE])
{
	(void)snprintf(
	    dir, BND_NETNS_DIR_SIZE, BND_NETNS_DIR "/%016" PRIx64, cookie);
}

int
bnd_netns_keep(
    const struct bnd_root *root, uint64_t cookie, struct bnd_err *err)
{
	char dir[BND_NETNS_DIR_SIZE];

	bnd_netns_dir(cookie, dir);
	if (bnd_root_mkdir(root, "run/bnd/net", 0755, err) == -1 ||
	    bnd_root_mkdir(root, BND_NETNS_DIR, 0700, err) == -1)
		return -1;
	return bnd_root_mkdir(root, dir, 0700, err);
}

static int
open_dir(const struct bnd_root *root, const char *dir, struct bnd_err *err)
{
	return bnd_root_openat(root, dir, O_RDONLY | O_DIRECTORY, 0, err);
}

bool
bnd_netns_is_kept(const struct bnd_root *root, uint64_t cookie)
{
	char dir[BND_NETNS_DIR_SIZE];
	struct bnd_err none = { 0 };
	SCOPED_FD int fd = -1;

	bnd_netns_dir(cookie, dir);
	fd = open_dir(root, dir, &none);
	return fd >= 0;
}

static bool
is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Names in dir, one after the other; NULL ends and closes. */
static struct dirent *
next(DIR **dir)
{
	struct dirent *e;

	while ((e = readdir(*dir)) != NULL)
		if (!is_dots(e->d_name))
			return e;
	closedir(*dir);
	*dir = NULL;
	return NULL;
}

/* NULL with errnum ENOENT: there is none. */
static DIR *
list(const struct bnd_root *root, const char *name, struct bnd_err *err)
{
	SCOPED_FD int fd = open_dir(root, name, err);
	DIR *dir;

	if (fd == -1)
		return NULL;
	dir = fdopendir(fd);
	if (dir == NULL)
		(void)bnd_fail_errno(err, "cannot read %s", name);
	else
		(void)take_fd(&fd);
	return dir;
}

static int
empty(const struct bnd_root *root, const char *name, struct bnd_err *err)
{
	DIR *dir = list(root, name, err);
	struct dirent *e;

	if (dir == NULL)
		return -1;
	while ((e = next(&dir)) != NULL)
		if (unlinkat(dirfd(dir), e->d_name, 0) == -1) {
			(void)bnd_fail_errno(
			    err, "cannot remove %s/%s", name, e->d_name);
			closedir(dir);
			return -1;
		}
	return 0;
}

static int
forget(const struct bnd_root *root, const char *leaf, struct bnd_err *err)
{
	SCOPED_FD int top = open_dir(root, BND_NETNS_DIR, err);
	char name[BND_NETNS_DIR_SIZE + 256];

	(void)snprintf(name, sizeof name, BND_NETNS_DIR "/%s", leaf);
	if (top == -1 || empty(root, name, err) == -1)
		return err->errnum == ENOENT ? 0 : -1;
	if (unlinkat(top, leaf, AT_REMOVEDIR) == -1 && errno != ENOENT)
		return bnd_fail_errno(err, "cannot remove %s", name);
	return 0;
}

int
bnd_netns_forget(
    const struct bnd_root *root, uint64_t cookie, struct bnd_err *err)
{
	char leaf[17];

	(void)snprintf(leaf, sizeof leaf, "%016" PRIx64, cookie);
	return forget(root, leaf, err);
}

/* What cannot be read may hold anything. */
static bool
holds_any(const struct bnd_root *root, const char *name)
{
	struct bnd_err why = { 0 };
	DIR *dir = list(root, name, &why);

	if (dir == NULL)
		return why.errnum != ENOENT;
	if (next(&dir) == NULL)
		return false;
	closedir(dir);
	return true;
}

bool
bnd_netns_any_kept(const struct bnd_root *root)
{
	return holds_any(root, BND_NETNS_DIR);
}

bool
bnd_netns_has_files(const struct bnd_root *root, uint64_t cookie)
{
	char dir[BND_NETNS_DIR_SIZE];

	bnd_netns_dir(cookie, dir);
	return holds_any(root, dir);
}

static bool
is_one_of(const char *leaf, const uint64_t *cookie, size_t n)
{
	char text[17];

	for (size_t i = 0; i < n; i++) {
		(void)snprintf(text, sizeof text, "%016" PRIx64, cookie[i]);
		if (strcmp(text, leaf) == 0)
			return true;
	}
	return false;
}

int
bnd_netns_prune(const struct bnd_root *root, const uint64_t *cookie, size_t n,
    struct bnd_err *err)
{
	DIR *dir = list(root, BND_NETNS_DIR, err);
	struct bnd_err why = { 0 };
	struct dirent *e;
	int r = 0;

	if (dir == NULL)
		return err->errnum == ENOENT ? 0 : -1;
	while ((e = next(&dir)) != NULL) {
		if (is_one_of(e->d_name, cookie, n))
			continue;
		if (forget(root, e->d_name, &why) == -1) {
			*err = why;
			r = -1;
		}
	}
	return r;
}
