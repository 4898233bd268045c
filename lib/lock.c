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
#define BACKOFF_MAX_NS UINT64_C(5000000)

/*
 * A little longer each time, but less and less as the deadline comes near:
 * else whoever has just come, or comes again and again, looks more often than
 * who has waited long, and he is starved.  By the third power, so that for the
 * last quarter of his time he looks as often as anybody can.
 */
static long
next_nap(long nap_ns, uint64_t left_ms, unsigned deadline_ms)
{
	const uint64_t part = left_ms * 1000 / deadline_ms;
	const long most_ns =
	    (long)(BACKOFF_MAX_NS * part * part * part / 1000000000U);

	nap_ns = 2 * nap_ns < most_ns ? 2 * nap_ns : most_ns;
	return nap_ns > BACKOFF_MIN_NS ? nap_ns : BACKOFF_MIN_NS;
}

/* F_OFD_SETLKW has no timeout, and udev kills handlers that wait. */
static int
lock_by(int fd, const char *path, bool exclusive, unsigned deadline_ms,
    struct bnd_err *err)
{
	struct flock fl = {
		.l_type = exclusive ? F_WRLCK : F_RDLCK,
		.l_whence = SEEK_SET,
	};
	uint64_t now = bnd_clock_ms(), end = now + deadline_ms;
	struct timespec nap = { 0, BACKOFF_MIN_NS };

	while (fcntl(fd, F_OFD_SETLK, &fl) != 0) {
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EACCES)
			return bnd_fail_errno(err, "cannot lock %s", path);
		now = bnd_clock_ms();
		if (now >= end)
			return bnd_fail(err, BND_E_BUSY,
			    "%s is held by another process (waited %u ms)",
			    path, deadline_ms);
		nanosleep(&nap, NULL);
		nap.tv_nsec = next_nap(nap.tv_nsec, end - now, deadline_ms);
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
