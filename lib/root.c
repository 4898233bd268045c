/* root.c: paths below a root descriptor, and files that may be believed */
/* SPDX-License-Identifier: ISC */
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scope.h"
#include "text.h"

#define PATH_LEN 256

/*
 * BENEATH refuses "..", absolute names and every way out; NO_SYMLINKS refuses
 * /var/run and whatever an attacker planted; NO_MAGICLINKS /proc/self/exe.
 */
#define STRICT	 (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)
#define SYSFS	 (RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)

int
bnd_root_open(struct bnd_root *root, const char *dir, struct bnd_err *err)
{
	const char *name = dir != NULL ? dir : "/";
	struct stat real, ours;

	root->fd = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root->fd < 0)
		return bnd_fail_errno(err, "cannot open root %s", name);
	if (stat("/", &real) != 0 || fstat(root->fd, &ours) != 0) {
		bnd_root_close(root);
		return bnd_fail_errno(err, "cannot stat root %s", name);
	}
	root->real = real.st_dev == ours.st_dev && real.st_ino == ours.st_ino;
	root->owner = root->real ? 0 : geteuid();
	return 0;
}

void
bnd_root_close(struct bnd_root *root)
{
	bnd_close_fd(&root->fd);
}

static int
open_below(const struct bnd_root *root, const char *path, int flags,
    mode_t mode, uint64_t resolve, struct bnd_err *err)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC | O_NOFOLLOW),
		.mode = (flags & O_CREAT) != 0 ? mode : 0,
		.resolve = resolve,
	};
	long fd;

	if ((flags & O_PATH) == 0)
		how.flags |= O_NONBLOCK; /* a planted FIFO never hangs us */
	while (*path == '/')
		path++;
	do
		fd = syscall(SYS_openat2, root->fd, *path != '\0' ? path : ".",
		    &how, sizeof(how));
	while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	if (fd < 0)
		return bnd_fail_errno(err, "cannot open /%s", path);
	return (int)fd;
}

int
bnd_root_openat(const struct bnd_root *root, const char *path, int flags,
    mode_t mode, struct bnd_err *err)
{
	return open_below(root, path, flags, mode, STRICT, err);
}

int
bnd_root_open_sysfs(const struct bnd_root *root, const char *path, int flags,
    struct bnd_err *err)
{
	/* O_NOFOLLOW would refuse the very links this call is for. */
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.resolve = SYSFS,
	};
	long fd;

	if ((flags & O_PATH) == 0)
		how.flags |= O_NONBLOCK;
	fd = syscall(SYS_openat2, root->fd, path, &how, sizeof(how));

	if (fd < 0)
		return bnd_fail_errno(err, "cannot open %s", path);
	return (int)fd;
}

int
bnd_root_check_file(const struct bnd_root *root, int fd, const char *name,
    mode_t forbidden, struct bnd_err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return bnd_fail_errno(err, "cannot stat %s", name);
	if (!S_ISREG(st.st_mode))
		return bnd_fail(
		    err, BND_E_UNSAFE, "%s is not a regular file", name);
	if (st.st_uid != root->owner)
		return bnd_fail(err, BND_E_UNSAFE,
		    "%s belongs to uid %u, not %u", name, (unsigned)st.st_uid,
		    (unsigned)root->owner);
	/* None left: replaced by rename since it was opened.  It was whole. */
	if (st.st_nlink > 1)
		return bnd_fail(err, BND_E_UNSAFE, "%s has %lu links, not 1",
		    name, (unsigned long)st.st_nlink);
	if ((st.st_mode & forbidden) != 0)
		return bnd_fail(err, BND_E_UNSAFE,
		    "%s has mode %04o, bits of %04o are not allowed", name,
		    (unsigned)(st.st_mode & 07777), (unsigned)forbidden);
	return 0;
}

/* Whoever can write a directory can replace what is in it. */
static int
check_dir_stat(const struct bnd_root *root, const struct stat *st,
    const char *name, struct bnd_err *err)
{
	if (!S_ISDIR(st->st_mode))
		return bnd_fail(
		    err, BND_E_UNSAFE, "/%s is not a directory", name);
	if (st->st_uid != root->owner && st->st_uid != 0)
		return bnd_fail(err, BND_E_UNSAFE,
		    "directory /%s belongs to uid %u", name,
		    (unsigned)st->st_uid);
	if ((st->st_mode & 0022) != 0 && (st->st_mode & S_ISVTX) == 0)
		return bnd_fail(err, BND_E_UNSAFE,
		    "directory /%s is writable by others (mode %04o)", name,
		    (unsigned)(st->st_mode & 07777));
	return 0;
}

static int
check_dir(
    const struct bnd_root *root, int fd, const char *name, struct bnd_err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return bnd_fail_errno(err, "cannot stat %s", name);
	return check_dir_stat(root, &st, name, err);
}

/*
 * From the top: none is a link, and each lies where only its owner can replace
 * it; so the next is looked up through what was checked, and stat() is enough.
 */
static int
check_parents(
    const struct bnd_root *root, const char *path, struct bnd_err *err)
{
	char name[PATH_LEN];

	for (const char *slash = path; (slash = strchr(slash, '/')) != NULL;
	     slash++) {
		struct bnd_str part = { path, (size_t)(slash - path) };
		struct stat st;

		if (part.len == 0)
			continue;
		if (!bnd_str_copy(part, name, sizeof(name)))
			return bnd_fail(err, BND_E_INPUT, "path too long");
		if (fstatat(root->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			return bnd_fail_errno(err, "cannot stat /%s", name);
		if (check_dir_stat(root, &st, name, err) != 0)
			return -1;
	}
	return 0;
}

static int
open_believed(const struct bnd_root *root, const char *path, int flags,
    struct bnd_err *err)
{
	int fd = bnd_root_openat(root, path, flags, 0, err);

	/* A link or a way out is a refusal, not trouble. */
	if (fd < 0 && err != NULL &&
	    (err->errnum == ELOOP || err->errnum == EXDEV ||
		err->errnum == ENOTDIR))
		err->kind = BND_E_UNSAFE;
	return fd;
}

int
bnd_root_open_trusted(const struct bnd_root *root, const char *path,
    mode_t forbidden, struct bnd_err *err)
{
	SCOPED_FD int fd = -1;

	while (*path == '/')
		path++;
	fd = open_believed(root, path, O_RDONLY, err);
	if (fd < 0 ||
	    bnd_root_check_file(root, fd, path, forbidden, err) != 0 ||
	    check_parents(root, path, err) != 0)
		return -1;
	return take_fd(&fd);
}

int
bnd_root_open_dir(
    const struct bnd_root *root, const char *path, struct bnd_err *err)
{
	SCOPED_FD int fd = -1;

	while (*path == '/')
		path++;
	fd = open_believed(root, path, O_RDONLY | O_DIRECTORY, err);
	if (fd < 0 || check_dir(root, fd, path, err) != 0 ||
	    check_parents(root, path, err) != 0)
		return -1;
	return take_fd(&fd);
}

static int
make_one(const struct bnd_root *root, int at, const char *name,
    const char *path, mode_t mode, struct bnd_err *err)
{
	SCOPED_FD int fd = -1;
	bool made = mkdirat(at, name, mode) == 0;

	if (!made && errno != EEXIST)
		return bnd_fail_errno(err, "cannot make directory %s", path);
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return bnd_fail_errno(err, "cannot open directory %s", path);
	/* The umask took bits away, never added any. */
	if (made && fchmod(fd, mode) != 0)
		return bnd_fail_errno(err, "cannot chmod directory %s", path);
	if (check_dir(root, fd, path, err) != 0)
		return -1;
	return take_fd(&fd);
}

int
bnd_root_mkdir(const struct bnd_root *root, const char *path, mode_t mode,
    struct bnd_err *err)
{
	struct bnd_str rest = { path, strlen(path) };
	SCOPED_FD int at =
	    bnd_root_openat(root, ".", O_RDONLY | O_DIRECTORY, 0, err);

	while (at >= 0 && rest.len > 0) {
		char name[PATH_LEN];
		const char *slash = memchr(rest.p, '/', rest.len);
		struct bnd_str part = { rest.p,
			slash != NULL ? (size_t)(slash - rest.p) : rest.len };
		size_t step = part.len + (slash != NULL);
		int next;

		rest.p += step;
		rest.len -= step;
		if (part.len == 0)
			continue;
		if (!bnd_str_copy(part, name, sizeof(name)) ||
		    strcmp(name, "..") == 0)
			return bnd_fail(err, BND_E_INPUT, "bad path %s", path);
		next = make_one(root, at, name, path, mode, err);
		close(at);
		at = next;
	}
	return at >= 0 ? 0 : -1;
}
