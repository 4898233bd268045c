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

/* Who holds it would wait for himself, whatever the deadline. */
static void
twice(const struct scratch *s)
{
	struct bnd_err err = { 0 };
	long start = ms();

	{
		SCOPED_FD int a =
		    bnd_lock(&s->root, "twice", true, true, 1000, &err);
		ok(a >= 0, "held");
		ok(bnd_lock(&s->root, "twice", true, true, 60000, &err) < 0 &&
			err.kind == BND_E_BUSY &&
			strstr(err.text, "this very process") != NULL,
		    "a second time is refused: %s", err.text);
		ok(bnd_lock(&s->root, "/twice", false, false, 60000, &err) < 0,
		    "to read as well, and by another spelling");
		ok(ms() - start < 10000, "at once");
	}
	SCOPED_FD int b = bnd_lock(&s->root, "twice", true, true, 1000, &err);
	ok(b >= 0, "given back it can be had again");
	/* Its number, as another descriptor of the same file that locks nothing. */
	ok(dup2(openat(s->root.fd, "twice", O_RDWR | O_CLOEXEC), b) == b,
	    "closed, and its number is a mere descriptor of it");
	SCOPED_FD int c = bnd_lock(&s->root, "twice", true, true, 1000, &err);
	ok(c >= 0, "control: that is no lock");
}

/* From the state to the spool, as lock.h has them. */
static void
order(const struct scratch *s)
{
	static const char *const down[] = { "run/bnd/usb-baseline.lock",
		"run/bnd/refused", "run/bnd/lock", "run/bnd/net/lock",
		"run/bnd/net/probe", "run/bnd/usb/1-2.3", "run/bnd/usb/peers",
		"run/bnd/usb-bus-1.lock", "var/lib/bnd/log/lock",
		"run/bnd/spool" };
	const size_t n = sizeof(down) / sizeof(down[0]);
	struct bnd_err err = { 0 };
	unsigned bad = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			bad += bnd_lock_may_follow(down[j], down[i]) != (i < j);
	is_int(bad, 0, "each of them after those above it, and no other");
	ok(bnd_lock_may_follow("lock", "run/bnd/spool") &&
		bnd_lock_may_follow("run/bnd/lock", "lock"),
	    "what has no place may be anywhere");
	if (bnd_root_mkdir(&s->root, "run", 0755, &err) != 0 ||
	    bnd_root_mkdir(&s->root, "run/bnd", 0755, &err) != 0)
		bail(err.text);
	SCOPED_FD int low =
	    bnd_lock(&s->root, "run/bnd/spool", true, true, 100, &err);
	SCOPED_FD int high =
	    bnd_lock(&s->root, "run/bnd/lock", true, true, 100, &err);
	bool refused = low >= 0 && high < 0 && err.kind == BND_E_SYS &&
	    strstr(err.text, "out of order") != NULL;
#ifdef BND_DEBUG
	ok(refused, "a debug build refuses what is out of order: %s", err.text);
#else
	ok(!refused, "which only a debug build refuses");
#endif
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
	twice(&s);
	order(&s);
	scratch_remove(&s);
	return tap_done();
}
