/* lock.c: an open-file-description lock, with a deadline */
/* SPDX-License-Identifier: ISC */
/*
 * The lock file is never renamed and never unlinked: two processes could then
 * hold locks on two files of one name.  It is 0600, because whoever can open
 * it can hold up every change.  The kernel drops the lock of a killed holder.
 */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "clock.h"
#include "scope.h"

#define BACKOFF_MIN_NS 50000L
#define BACKOFF_MAX_NS 5000000L

/* F_OFD_SETLKW has no timeout, and udev kills handlers that wait. */
static int
lock_by(int fd, const char *path, bool exclusive, unsigned deadline_ms,
    struct bnd_err *err)
{
	struct flock fl = {
		.l_type = exclusive ? F_WRLCK : F_RDLCK,
		.l_whence = SEEK_SET,
	};
	uint64_t end = bnd_clock_ms() + deadline_ms;
	struct timespec nap = { 0, BACKOFF_MIN_NS };

	while (fcntl(fd, F_OFD_SETLK, &fl) != 0) {
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EACCES)
			return bnd_fail_errno(err, "cannot lock %s", path);
		if (bnd_clock_ms() >= end)
			return bnd_fail(err, BND_E_BUSY,
			    "%s is held by another process (waited %u ms)",
			    path, deadline_ms);
		nanosleep(&nap, NULL);
		if (nap.tv_nsec < BACKOFF_MAX_NS)
			nap.tv_nsec *= 2;
	}
	return 0;
}

/*
 * The descriptor was opened without links, so a name that leads to the same
 * file, by whatever way, is as good.
 */
static bool
is_same_file(const struct bnd_root *root, const char *path, int fd)
{
	struct stat ours, named;

	while (*path == '/')
		path++;
	return fstat(fd, &ours) == 0 &&
	    fstatat(root->fd, path, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	    ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

int
bnd_lock(const struct bnd_root *root, const char *path, bool make,
    bool exclusive, unsigned deadline_ms, struct bnd_err *err)
{
	int flags = exclusive ? O_RDWR : O_RDONLY;
	SCOPED_FD int fd = bnd_root_openat(
	    root, path, make ? O_RDWR | O_CREAT : flags, 0600, err);

	if (fd < 0 || bnd_root_check_file(root, fd, path, 0077, err) != 0 ||
	    lock_by(fd, path, exclusive, deadline_ms, err) != 0)
		return -1;
	if (!is_same_file(root, path, fd))
		return bnd_fail(err, BND_E_UNSAFE,
		    "%s was replaced while it was being locked", path);
	return take_fd(&fd);
}
