/* file.c: bounded reads, files replaced whole, writes that reached the disk */
/* SPDX-License-Identifier: ISC */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "scope.h"
#include "text.h"

#define NAME_LEN 256

static ssize_t
read_some(int fd, void *buf, size_t len)
{
	ssize_t n;

	do
		n = read(fd, buf, len);
	while (n < 0 && errno == EINTR);
	return n;
}

int
bnd_file_open_regular(const char *path, struct bnd_err *err)
{
	SCOPED_FD int fd =
	    open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return bnd_fail_errno(err, "cannot open %s", path);
	if (fstat(fd, &st) != 0)
		return bnd_fail_errno(err, "cannot look at %s", path);
	if (!S_ISREG(st.st_mode))
		return bnd_fail(
		    err, BND_E_UNSAFE, "%s is not a regular file", path);
	return take_fd(&fd);
}

int
bnd_file_read_fd(int fd, const char *name, char *buf, size_t size, size_t *len,
    struct bnd_err *err)
{
	char more;
	ssize_t n;

	*len = 0;
	while (*len < size) {
		n = read_some(fd, buf + *len, size - *len);
		if (n < 0)
			return bnd_fail_errno(err, "cannot read %s", name);
		if (n == 0)
			return 0;
		*len += (size_t)n;
	}
	n = read_some(fd, &more, 1);
	if (n < 0)
		return bnd_fail_errno(err, "cannot read %s", name);
	if (n > 0)
		return bnd_fail(err, BND_E_INPUT, "%s is longer than %zu bytes",
		    name, size);
	return 0;
}

int
bnd_file_read(const struct bnd_root *root, const char *path, mode_t forbidden,
    char *buf, size_t size, size_t *len, struct bnd_err *err)
{
	SCOPED_FD int fd = bnd_root_open_trusted(root, path, forbidden, err);

	*len = 0;
	if (fd < 0)
		return -1;
	return bnd_file_read_fd(fd, path, buf, size, len, err);
}

int
bnd_file_write_all(
    int fd, const char *name, const void *buf, size_t len, struct bnd_err *err)
{
	const char *p = buf;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return bnd_fail_errno(err, "cannot write %s", name);
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The directory that holds path, and in *base the name in it. */
static int
open_parent(const struct bnd_root *root, const char *path, const char **base,
    struct bnd_err *err)
{
	const char *slash = strrchr(path, '/');
	char dir[NAME_LEN];
	struct bnd_str part = { path,
		slash != NULL ? (size_t)(slash - path) : 0 };

	*base = slash != NULL ? slash + 1 : path;
	if (!bnd_str_copy(part, dir, sizeof(dir)))
		return bnd_fail(err, BND_E_INPUT, "path too long");
	return bnd_root_openat(root, dir, O_RDONLY | O_DIRECTORY, 0, err);
}

/* A name nobody can have made before us, with its final mode at once. */
static int
make_temp(int dir, const char *base, mode_t mode, char temp[static NAME_LEN],
    struct bnd_err *err)
{
	SCOPED_FD int fd = -1;
	uint64_t nonce;
	char hex[17];

	if (getrandom(&nonce, sizeof(nonce), 0) != (ssize_t)sizeof(nonce))
		return bnd_fail_errno(err, "cannot get random bytes");
	bnd_text_to_hex((const uint8_t *)&nonce, sizeof(nonce), hex);
	if (snprintf(temp, NAME_LEN, ".%s.%s", base, hex) >= NAME_LEN)
		return bnd_fail(err, BND_E_INPUT, "name too long: %s", base);
	fd = openat(dir, temp,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return bnd_fail_errno(err, "cannot create %s", temp);
	/* Only the umask can have changed it, and only to fewer bits. */
	if (fchmod(fd, mode) != 0)
		return bnd_fail_errno(err, "cannot chmod %s", temp);
	return take_fd(&fd);
}

/* Before it has its name; a chown may take bits of the mode away. */
static int
give_group(
    int fd, const char *base, const struct stat *was, struct bnd_err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return bnd_fail_errno(err, "cannot look at %s", base);
	if (st.st_gid == was->st_gid)
		return 0;
	if (fchown(fd, (uid_t)-1, was->st_gid) != 0 ||
	    fchmod(fd, was->st_mode & 07777) != 0)
		return bnd_fail_errno(err, "cannot give %s its group", base);
	return 0;
}

static int
write_and_rename(int dir, int fd, const char *temp, const char *base,
    const void *buf, size_t len, struct bnd_err *err)
{
	if (bnd_file_write_all(fd, base, buf, len, err) != 0)
		return -1;
	if (fsync(fd) != 0)
		return bnd_fail_errno(err, "cannot sync %s", base);
	if (renameat(dir, temp, dir, base) != 0)
		return bnd_fail_errno(err, "cannot rename %s", base);
	return 0;
}

static int
replace(const struct bnd_root *root, const char *path, const void *buf,
    size_t len, mode_t mode, const struct stat *was, struct bnd_err *err)
{
	const char *base;
	char temp[NAME_LEN] = "";
	SCOPED_FD int dir = open_parent(root, path, &base, err);
	SCOPED_FD int fd = -1;

	if (dir < 0)
		return -1;
	fd = make_temp(dir, base, mode, temp, err);
	if (fd < 0 || (was != NULL && give_group(fd, base, was, err)) ||
	    write_and_rename(dir, fd, temp, base, buf, len, err)) {
		if (temp[0] != '\0')
			unlinkat(dir, temp, 0);
		return -1;
	}
	if (fsync(dir) != 0)
		return bnd_fail_errno(
		    err, "%s was replaced, durability unknown", path);
	return 0;
}

int
bnd_file_replace(const struct bnd_root *root, const char *path, const void *buf,
    size_t len, mode_t mode, struct bnd_err *err)
{
	return replace(root, path, buf, len, mode, NULL, err);
}

int
bnd_file_replace_like(const struct bnd_root *root, const char *path,
    const void *buf, size_t len, const struct stat *was, struct bnd_err *err)
{
	return replace(root, path, buf, len, was->st_mode & 07777, was, err);
}

int
bnd_file_sync_dir(
    const struct bnd_root *root, const char *path, struct bnd_err *err)
{
	const char *base;
	SCOPED_FD int dir = open_parent(root, path, &base, err);

	if (dir < 0)
		return -1;
	if (fsync(dir) != 0)
		return bnd_fail_errno(err, "cannot sync directory of %s", path);
	return 0;
}

int
bnd_file_move(const struct bnd_root *root, const char *from, const char *to,
    struct bnd_err *err)
{
	const char *old, *new;
	SCOPED_FD int src = open_parent(root, from, &old, err);
	SCOPED_FD int dst = src < 0 ? -1 : open_parent(root, to, &new, err);

	if (src < 0 || dst < 0)
		return -1;
	if (renameat2(src, old, dst, new, RENAME_NOREPLACE) != 0)
		return bnd_fail_errno(err, "cannot move /%s to /%s", from, to);
	if (fsync(dst) != 0 || fsync(src) != 0)
		return bnd_fail_errno(
		    err, "/%s was moved to /%s, durability unknown", from, to);
	return 0;
}

int
bnd_file_unlink(
    const struct bnd_root *root, const char *path, struct bnd_err *err)
{
	const char *base;
	SCOPED_FD int dir = open_parent(root, path, &base, err);

	if (dir < 0)
		return err != NULL && err->errnum == ENOENT ? 0 : -1;
	if (unlinkat(dir, base, 0) != 0 && errno != ENOENT)
		return bnd_fail_errno(err, "cannot remove %s", path);
	if (fsync(dir) != 0)
		return bnd_fail_errno(err, "cannot sync directory of %s", path);
	return 0;
}
