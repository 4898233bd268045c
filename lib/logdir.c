/* logdir.c: what stands in the log's directory is checked on the descriptor */
/* SPDX-License-Identifier: ISC */
#include "logdir.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "lock.h"
#include "log.h"
#include "scope.h"
#include "text.h"

#define LOCK_LEN (BND_B64_LEN(BND_ID_LEN) + 1)

void
bnd_logdir_name(uint32_t file, char name[static BND_LOG_NAME_LEN])
{
	snprintf(name, BND_LOG_NAME_LEN, "%06u.jsonl", file % 1000000U);
}

int
bnd_logdir_open(const struct bnd_root *root, struct bnd_err *err)
{
	struct stat st;
	struct bnd_err why = { 0 };
	SCOPED_FD int fd =
	    bnd_root_openat(root, BND_LOG_DIR, O_RDONLY | O_DIRECTORY, 0, &why);

	if (fd < 0 && why.errnum == ENOENT)
		return bnd_fail(
		    err, BND_E_TRUNCATED, "/%s is gone", BND_LOG_DIR);
	if (fd < 0 && (why.errnum == ENOTDIR || why.errnum == ELOOP))
		return bnd_fail(
		    err, BND_E_UNSAFE, "/%s is not a directory", BND_LOG_DIR);
	if (fd < 0)
		return bnd_fail(err, BND_E_SYS, "%s", why.text);
	if (fstat(fd, &st) != 0)
		return bnd_fail_errno(err, "cannot stat /%s", BND_LOG_DIR);
	if (st.st_uid != root->owner || (st.st_mode & 0027) != 0)
		return bnd_fail(err, BND_E_UNSAFE,
		    "/%s belongs to uid %u and has mode %04o", BND_LOG_DIR,
		    (unsigned)st.st_uid, (unsigned)(st.st_mode & 07777));
	return take_fd(&fd);
}

/* Why it could not be opened: a trap in its place, or trouble. */
static int
fail_open(int dir, const char *name, struct bnd_err *err)
{
	struct stat st;
	int saved = errno;

	if (saved == ENOENT)
		return bnd_fail(
		    err, BND_E_TRUNCATED, "/%s/%s is gone", BND_LOG_DIR, name);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !S_ISREG(st.st_mode))
		return bnd_fail(err, BND_E_UNSAFE,
		    "/%s/%s is not a regular file", BND_LOG_DIR, name);
	errno = saved;
	return bnd_fail_errno(err, "cannot open /%s/%s", BND_LOG_DIR, name);
}

int
bnd_logdir_file(const struct bnd_root *root, int dir, const char *name,
    int flags, mode_t forbidden, struct bnd_err *err)
{
	SCOPED_FD int fd = -1;

	do
		fd = openat(dir, name,
		    O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | flags);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return fail_open(dir, name, err);
	if (bnd_root_check_file(root, fd, name, forbidden, err) != 0)
		return -1;
	return take_fd(&fd);
}

int
bnd_logdir_make(
    int dir, const char *name, int flags, mode_t mode, struct bnd_err *err)
{
	SCOPED_FD int fd = -1;

	do
		fd = openat(dir, name,
		    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | flags, mode);
	while (fd < 0 && errno == EINTR);
	/* The umask took bits away, never added any. */
	if (fd < 0 || fchmod(fd, mode) != 0)
		return bnd_fail_errno(
		    err, "cannot make /%s/%s", BND_LOG_DIR, name);
	return take_fd(&fd);
}

bool
bnd_logdir_is_append_only(int fd)
{
	int attr = 0;

	return ioctl(fd, FS_IOC_GETFLAGS, &attr) == 0 &&
	    (attr & FS_APPEND_FL) != 0;
}

void
bnd_logdir_append_only(int fd, bool on)
{
	int attr = 0;

	if (ioctl(fd, FS_IOC_GETFLAGS, &attr) != 0)
		return;
	attr = on ? attr | FS_APPEND_FL : attr & ~FS_APPEND_FL;
	/* Whether it took is asked of the kernel afterwards. */
	(void)ioctl(fd, FS_IOC_SETFLAGS, &attr);
}

int
bnd_logdir_lock(const struct bnd_root *root,
    const uint8_t id[static BND_ID_LEN], bool exclusive, unsigned deadline_ms,
    struct bnd_err *err)
{
	char want[LOCK_LEN + 1], got[LOCK_LEN + 1];
	struct bnd_err why = { 0 };
	SCOPED_FD int fd =
	    bnd_lock(root, BND_LOG_LOCK, false, exclusive, deadline_ms, &why);

	/* A lock that is missing or a trap in its place is no busy one. */
	if (fd < 0 &&
	    (why.errnum == ENOENT || why.errnum == ELOOP ||
		why.errnum == EISDIR || why.errnum == ENXIO))
		why.kind = BND_E_UNSAFE;
	if (fd < 0)
		return bnd_fail(err, why.kind, "%s", why.text);
	bnd_text_to_b64(id, BND_ID_LEN, want);
	want[LOCK_LEN - 1] = '\n';
	if (pread(fd, got, sizeof(got), 0) != LOCK_LEN ||
	    memcmp(want, got, LOCK_LEN) != 0)
		return bnd_fail(err, BND_E_UNSAFE,
		    "/%s is not the lock of the pinned log", BND_LOG_LOCK);
	return take_fd(&fd);
}

bool
bnd_logdir_is_degraded(const struct bnd_root *root)
{
	struct bnd_err why = { 0 };
	SCOPED_FD int fd =
	    bnd_root_openat(root, BND_LOG_DEGRADED, O_PATH, 0, &why);

	return fd >= 0 || why.errnum != ENOENT;
}

void
bnd_logdir_degrade(const struct bnd_root *root)
{
	SCOPED_FD int fd = -1;

	/* Without the mark the failed call itself still says so. */
	if (bnd_root_mkdir(root, "run/bnd", 0755, NULL) == 0)
		fd = bnd_root_openat(
		    root, BND_LOG_DEGRADED, O_WRONLY | O_CREAT, 0600, NULL);
}

/* A page whose write failed is called clean; it goes when it is not wanted. */
void
bnd_logdir_uncache(const struct bnd_root *root)
{
	static const char *const names[] = { "000001.jsonl", BND_LOG_HEAD };
	SCOPED_FD int dir = bnd_logdir_open(root, NULL);

	for (size_t i = 0; dir >= 0 && i < sizeof(names) / sizeof(names[0]);
	     i++) {
		SCOPED_FD int fd = openat(dir, names[i],
		    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

		if (fd >= 0)
			(void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	}
}

int
bnd_logdir_restore(const struct bnd_root *root, struct bnd_err *err)
{
	if (!bnd_logdir_is_degraded(root))
		return 0;
	return bnd_file_unlink(root, BND_LOG_DEGRADED, err);
}
