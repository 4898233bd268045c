/* net-try.c: try a list, wait for its end, confirm it */
/* SPDX-License-Identifier: ISC */
/*
 * Who waits for the end of a try must outlive the session it was begun in: the
 * new rules may have cut that off.  So it is nobody's child, in a session of
 * its own, deaf to hangup and to the signals that end a session, and holds
 * nothing but its timer and the root: not the lock, no terminal, no pipe of
 * ssh's.  SIGKILL still ends it; then the next apply, hook or mode-set --check
 * past the deadline does its work.
 */
#include "net-try.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"
#include "net-record.h"
#include "scope.h"
#include "seal-try.h"
#include "text.h"

#define HELD 64 /* descriptors from here on are the waiter's */

/* ---- who waits ---- */

/* Until then, suspend included; what was slept through is over. */
static bool
sleep_until(int timer, uint64_t until_us)
{
	struct bnd_err err = { 0 };
	struct bnd_now now;
	uint64_t times;

	while (bnd_clock_now(&now, &err) == 0 && now.boot_us < until_us) {
		uint64_t left = until_us - now.boot_us;
		const struct itimerspec t = {
			.it_value = { .tv_sec = (time_t)(left / 1000000),
			    .tv_nsec = (long)(left % 1000000) * 1000 }
		};

		if (timerfd_settime(timer, 0, &t, NULL) != 0 ||
		    (read(timer, &times, sizeof(times)) < 0 && errno != EINTR))
			return false;
	}
	return err.kind == BND_E_NONE;
}

/*
 * The standard ones on /dev/null, copies of these in ascending order, and
 * nothing else, whoever left what open.
 */
static bool
hold_only(int *fd[], size_t n)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	unsigned from = 3, above = HELD;

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(null, 2) < 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		*fd[i] = fcntl(*fd[i], F_DUPFD_CLOEXEC, above);
		if (*fd[i] < 0)
			return false;
		above = (unsigned)*fd[i] + 1;
	}
	for (size_t i = 0; i < n; i++) {
		if ((unsigned)*fd[i] > from &&
		    close_range(from, (unsigned)*fd[i] - 1, 0) != 0)
			return false;
		from = (unsigned)*fd[i] + 1;
	}
	return close_range(from, ~0U, 0) == 0;
}

static void
take_back(const struct bnd_root *root, const struct bnd_try *t)
{
	SCOPED_FREE struct bnd_seal *s = calloc(1, sizeof(*s));
	struct bnd_err err = { 0 };

	if (s == NULL || bnd_seal_try_over(root, t, s, &err) == -1)
		return;
	if (s->mode != BND_MODE_NONE)
		net_record_all(root, s);
	bnd_seal_free(s);
}

_Noreturn static void
wait_for_end(struct bnd_root *root, const struct bnd_try *t, int ready)
{
	static const int deaf[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP,
		SIGTTIN, SIGTTOU };
	int timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
	int *held[] = { &timer, &ready, &root->fd };

	for (size_t i = 0; i < sizeof(deaf) / sizeof(deaf[0]); i++)
		(void)signal(deaf[i], SIG_IGN);
	if (timer < 0 || chdir("/") != 0 || !hold_only(held, 3) ||
	    write(ready, "", 1) != 1)
		_exit(1);
	close(ready);
	if (!sleep_until(timer, t->until_us))
		_exit(1);
	take_back(root, t);
	_exit(0);
}

/* One that nobody waits for; 0 once he has said that he is there. */
static int
leave(void *ctx, const struct bnd_try *t, struct bnd_err *err)
{
	struct bnd_root *root = ctx;
	SCOPED_FD int said = -1, say = -1;
	int ends[2], status = 0;
	char byte;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return bnd_fail_errno(err, "cannot leave anybody waiting");
	said = ends[0];
	say = ends[1];
	pid = fork();
	if (pid == 0) {
		if (setsid() == -1)
			_exit(1);
		if (fork() == 0)
			wait_for_end(root, t, say);
		_exit(0);
	}
	bnd_close_fd(&say);
	if (pid == -1 || waitpid(pid, &status, 0) != pid ||
	    read(said, &byte, 1) != 1)
		return bnd_fail(err, BND_E_SYS, "cannot leave anybody waiting");
	return 0;
}

/* ---- verbs ---- */

/* Below the root, which knows no current directory. */
static int
whole_path(const struct bnd_root *root, const char *file, char *path,
    size_t size, struct bnd_err *err)
{
	char dir[PATH_MAX] = "";
	int n;

	if (root->real && file[0] != '/' && getcwd(dir, sizeof(dir)) == NULL)
		return bnd_fail_errno(err, "cannot tell where %.100s is", file);
	n = snprintf(
	    path, size, "%s%s%s", dir, file[0] == '/' ? "" : "/", file);
	if (n < 0 || (size_t)n >= size)
		return bnd_fail(err, BND_E_INPUT, "path too long");
	return 0;
}

static int
seconds_of(const char *word, uint64_t *seconds, struct bnd_err *err)
{
	*seconds = BND_TRY_DEFAULT;
	if (word == NULL ||
	    bnd_text_span(
		(struct bnd_str){ word, strlen(word) }, BND_TRY_MAX_S, seconds))
		return 0;
	return bnd_fail(
	    err, BND_E_INPUT, "a list is tried for 1s to 10m, not %.40s", word);
}

int
net_try(const struct bnd_root *root, const char *file, const char *word,
    struct bnd_seal *s, struct bnd_err *err)
{
	char path[PATH_MAX];
	struct bnd_root copy = *root;
	struct bnd_try_order order = {
		.path = path, .leave = leave, .ctx = &copy
	};

	if (seconds_of(word, &order.seconds, err) == -1 ||
	    whole_path(root, file, path, sizeof(path), err) == -1 ||
	    bnd_seal_try(root, &order, s, err) == -1)
		return -1;
	net_record(root, s, "net.try", s->trying ? "begun" : "refused");
	return 0;
}

int
net_confirm(
    const struct bnd_root *root, struct bnd_seal *s, struct bnd_err *err)
{
	if (bnd_seal_confirm(root, s, err) == -1)
		return -1;
	net_record(root, s, "net.try", s->accepted ? "confirmed" : "ended");
	if (s->accepted)
		net_record(root, s, "net.list", NULL);
	return 0;
}
