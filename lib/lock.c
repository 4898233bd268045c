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
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "scope.h"

/* Built so that a lock out of its order is refused: for tests (GNUmakefile). */
#ifdef BND_DEBUG
#define IS_ORDER_HELD true
#else
#define IS_ORDER_HELD false
#endif

#define HELD_MAX       16

#define BACKOFF_MIN_NS 50000L
#define BACKOFF_MAX_NS UINT64_C(5000000)

/* As lock.h has them; one that ends in "/" or "-" is whatever begins so. */
static const char *const order[] = { "run/bnd/usb-baseline.lock",
	"run/bnd/refused", "run/bnd/lock", "run/bnd/net/lock",
	"run/bnd/net/probe", "run/bnd/usb/", "run/bnd/usb/peers",
	"run/bnd/usb-bus-", "var/lib/bnd/log/lock", "run/bnd/spool", NULL };

/* What this process has locked, until its descriptor is closed. */
static struct {
	int fd;
	dev_t dev;
	ino_t ino;
	bool exclusive;
	const char *name; /* of order[], or NULL */
} held[HELD_MAX];

static const char *const *
place(const char *path)
{
	const char *const *p, *const *begins = NULL;

	while (*path == '/')
		path++;
	for (p = order; *p != NULL; p++) {
		size_t n = strlen(*p);

		if (strcmp(path, *p) == 0)
			return p;
		if (((*p)[n - 1] == '/' || (*p)[n - 1] == '-') &&
		    strncmp(path, *p, n) == 0)
			begins = p;
	}
	return begins != NULL ? begins : p;
}

bool
bnd_lock_may_follow(const char *path, const char *after)
{
	const char *const *a = place(after), *const *p = place(path);

	return *a == NULL || *p == NULL || a < p;
}

/* Its number may be another file's by now, or the same file's without a lock. */
static bool
is_held(size_t i)
{
	char path[48], text[512];
	struct stat st;
	ssize_t n;

	if (held[i].ino == 0 || fstat(held[i].fd, &st) != 0 ||
	    st.st_dev != held[i].dev || st.st_ino != held[i].ino)
		return false;
	(void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", held[i].fd);
	SCOPED_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	return strstr(text, "\nlock:") != NULL;
}

/*
 * Who waits for himself waits in vain.  Out of order two processes could wait
 * for each other: only until a deadline, so that this is for tests to find.
 */
static int
check_held(int fd, const char *path, bool exclusive, struct bnd_err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return bnd_fail_errno(err, "cannot look at %s", path);
	for (size_t i = 0; i < HELD_MAX; i++) {
		bool same =
		    st.st_dev == held[i].dev && st.st_ino == held[i].ino;

		if (same && !exclusive && !held[i].exclusive)
			continue;
		if (!same && !IS_ORDER_HELD)
			continue;
		if (!is_held(i))
			held[i].ino = 0;
		else if (same)
			return bnd_fail(err, BND_E_BUSY,
			    "%s is held by this very process", path);
		else if (held[i].name != NULL &&
		    !bnd_lock_may_follow(path, held[i].name))
			return bnd_fail(err, BND_E_SYS,
			    "%s is locked after %s: out of order", path,
			    held[i].name);
	}
	return 0;
}

static void
remember(int fd, const char *path, bool exclusive)
{
	struct stat st;
	size_t i = 0;

	while (i < HELD_MAX && is_held(i))
		i++;
	if (i == HELD_MAX || fstat(fd, &st) != 0)
		return;
	held[i].fd = fd;
	held[i].dev = st.st_dev;
	held[i].ino = st.st_ino;
	held[i].exclusive = exclusive;
	held[i].name = *place(path);
}

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
	    check_held(fd, path, exclusive, err) != 0 ||
	    lock_by(fd, path, exclusive, deadline_ms, err) != 0)
		return -1;
	if (!is_same_file(root, path, fd))
		return bnd_fail(err, BND_E_UNSAFE,
		    "%s was replaced while it was being locked", path);
	remember(fd, path, exclusive);
	return take_fd(&fd);
}
