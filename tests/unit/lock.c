/* lock.c: held by one, given back by death, never waited for too long */
/* SPDX-License-Identifier: ISC */
#include "lock.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "scope.h"
#include "scratch.h"
#include "tap.h"

static long
ms(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000L + ts.tv_nsec / 1000000L;
}

/* A child that holds the lock until it is killed; returns once it has it. */
static pid_t
holder(const struct scratch *s)
{
	int p[2];
	char c;
	pid_t pid;

	if (pipe(p) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		int fd = bnd_lock(&s->root, "lock", true, true, 1000, NULL);

		if (fd < 0 || write(p[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(p[1]);
	if (read(p[0], &c, 1) != 1)
		printf("# the holder did not get the lock\n");
	close(p[0]);
	return pid;
}

static void
deadline(const struct scratch *s)
{
	struct bnd_err err = { 0 };
	pid_t pid = holder(s);
	long start = ms(), took;
	SCOPED_FD int fd = bnd_lock(&s->root, "lock", true, true, 200, &err);
	SCOPED_FD int later = -1;

	took = ms() - start;
	ok(fd < 0 && err.kind == BND_E_BUSY, "a held lock is busy");
	ok(took >= 190 && took < 2000, "after its deadline, not for ever");
	kill(pid, SIGSTOP);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	later = bnd_lock(&s->root, "lock", true, true, 200, &err);
	ok(later >= 0, "the kernel gives a dead holder's lock back");
}

static void
sharing(const struct scratch *s)
{
	struct bnd_err err = { 0 };
	SCOPED_FD int a = bnd_lock(&s->root, "lock", false, false, 100, &err);
	SCOPED_FD int b = bnd_lock(&s->root, "lock", false, false, 100, &err);
	SCOPED_FD int c = bnd_lock(&s->root, "lock", false, true, 50, &err);

	ok(a >= 0 && b >= 0, "two readers");
	ok(c < 0 && err.kind == BND_E_BUSY, "no writer beside them");
}

static void
planted(const struct scratch *s)
{
	struct bnd_err err = { 0 };
	SCOPED_FD int none = bnd_lock(&s->root, "none", false, true, 50, &err);
	struct stat st = { 0 };

	ok(none < 0, "not made unless asked");
	ok(fstatat(s->root.fd, "lock", &st, 0) == 0 &&
		(st.st_mode & 07777) == 0600,
	    "made 0600");
	ok(fchmodat(s->root.fd, "lock", 0644, 0) == 0, "opened to readers");
	ok(bnd_lock(&s->root, "lock", true, true, 50, &err) < 0 &&
		err.kind == BND_E_UNSAFE,
	    "is refused: a reader could hold it");
	ok(symlinkat("lock", s->root.fd, "link") == 0 &&
		bnd_lock(&s->root, "link", true, true, 50, &err) < 0,
	    "a link is refused");
	ok(mkfifoat(s->root.fd, "fifo", 0600) == 0 &&
		bnd_lock(&s->root, "fifo", true, true, 50, &err) < 0 &&
		err.kind == BND_E_UNSAFE,
	    "a FIFO is refused, at once");
}

/*
 * Who has waited long looks as often as who has just come: with naps that only
 * grow, eight writers on a slow disk starve a reader.
 */
static long longest, last; /* naps, in ns */

int __real_nanosleep(const struct timespec *want, struct timespec *left);
int __wrap_nanosleep(const struct timespec *want, struct timespec *left);

int
__wrap_nanosleep(const struct timespec *want, struct timespec *left)
{
	last = want->tv_nsec;
	longest = last > longest ? last : longest;
	return __real_nanosleep(want, left);
}

static void
naps(const struct scratch *s)
{
	struct bnd_err err = { 0 };
	pid_t pid = holder(s);

	longest = last = 0;
	ok(bnd_lock(&s->root, "lock", true, false, 200, &err) < 0 &&
		err.kind == BND_E_BUSY,
	    "a reader waits in vain");
	ok(longest > 1000000L && longest <= 5000000L,
	    "without looking all the time: %ld us", longest / 1000);
	is_int(last, 50000, "but more and more often");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int
main(void)
{
	struct scratch s;

	scratch_make(&s);
	deadline(&s);
	sharing(&s);
	naps(&s);
	planted(&s);
	scratch_remove(&s);
	return tap_done();
}
