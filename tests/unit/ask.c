/* ask.c: what is typed comes whole or not at all, and the terminal comes back */
/* SPDX-License-Identifier: ISC */
#include "ask.h"

#include <poll.h>
#include <pty.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

#include "cmd.h"
#include "sign.h"
#include "tap.h"

static struct bnd_err err;

/* ---- a terminal with somebody behind it ---- */

struct seat {
	int master;
	pid_t pid;
	struct termios before;
	char out[4096];
	size_t len;
};

static void
nap(void)
{
	nanosleep(&(struct timespec){ 0, 5000000 }, NULL);
}

/* What was shown so far has text in it, within five seconds. */
static bool
shown(struct seat *s, const char *text)
{
	struct pollfd p = { .fd = s->master, .events = POLLIN };

	for (int i = 0; i < 500; i++) {
		s->out[s->len] = '\0';
		if (strstr(s->out, text) != NULL)
			return true;
		if (poll(&p, 1, 10) > 0 && (p.revents & POLLIN) != 0) {
			ssize_t n = read(s->master, s->out + s->len,
			    sizeof(s->out) - 1 - s->len);

			s->len += n > 0 ? (size_t)n : 0;
		}
	}
	return false;
}

static bool
echoes(const struct seat *s)
{
	struct termios t;

	return tcgetattr(s->master, &t) == 0 && (t.c_lflag & ECHO) != 0;
}

/* All of it as it was, within five seconds. */
static bool
is_restored(const struct seat *s)
{
	struct termios t;

	for (int i = 0; i < 1000; i++) {
		if (tcgetattr(s->master, &t) == 0 &&
		    t.c_lflag == s->before.c_lflag &&
		    t.c_iflag == s->before.c_iflag)
			return true;
		nap();
	}
	return false;
}

static void
type(const struct seat *s, const char *keys, size_t len)
{
	if (write(s->master, keys, len) != (ssize_t)len)
		bail("type");
}

enum job { SECRET, TWICE, LINE, STOPPED };

/* The child says "<rc:len:text>" when it was answered, and waits for a key. */
static _Noreturn void
sit(enum job job)
{
	char line[256], *buf = bnd_secret_new(ASK_SECRET_SIZE, &err);
	size_t len = 0;
	int rc;

	if (buf == NULL)
		_exit(99);
	if (job == LINE)
		rc = ask_line("what? ", buf, 64, &len, &err);
	else if (job == TWICE)
		rc = ask_secret_twice(
		    "what? ", buf, ASK_SECRET_SIZE, &len, &err);
	else
		rc = ask_secret("what? ", buf, ASK_SECRET_SIZE, &len, &err);
	snprintf(line, sizeof(line), "<%d:%zu:%.40s:%.80s>\n", rc, len, buf,
	    rc != 0 ? err.text : "");
	(void)!write(1, line, strlen(line));
	_exit(0);
}

/*
 * A shell: nothing stops a process whose parent is not of its session.  It says
 * "[stopped]", and lets go on what was stopped once it is told to.
 */
static _Noreturn void
mind(void)
{
	sigset_t usr2;
	int status, sig;
	pid_t pid;

	sigemptyset(&usr2);
	sigaddset(&usr2, SIGUSR2);
	sigprocmask(SIG_BLOCK, &usr2, NULL);
	signal(SIGTTOU, SIG_IGN);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		tcsetpgrp(0, getpid());
		signal(SIGTTOU, SIG_DFL);
		sigprocmask(SIG_UNBLOCK, &usr2, NULL);
		sit(SECRET);
	}
	while (waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status)) {
		tcsetpgrp(0, getpid());
		(void)!write(1, "[stopped]", 9);
		sigwait(&usr2, &sig);
		tcsetpgrp(0, pid);
		kill(pid, SIGCONT);
	}
	_exit(0);
}

static void
begin(struct seat *s, enum job job)
{
	int slave;

	*s = (struct seat){ .master = -1 };
	fflush(stdout);
	if (openpty(&s->master, &slave, NULL, NULL, NULL) != 0 ||
	    tcgetattr(s->master, &s->before) != 0)
		bail("no pseudo terminal");
	s->pid = fork();
	if (s->pid == 0) {
		close(s->master);
		if (login_tty(slave) != 0)
			_exit(98);
		if (job == STOPPED)
			mind();
		sit(job);
	}
	/* Kept open: else the terminal would end with the child. */
	if (!shown(s, "what? "))
		bail("no question");
	(void)slave;
}

static int
end(struct seat *s)
{
	int status = 0;

	if (waitpid(s->pid, &status, 0) != s->pid)
		bail("wait");
	return status;
}

static void
answer(enum job job, const char *keys, size_t len, const char *want,
    const char *what)
{
	struct seat s;

	begin(&s, job);
	type(&s, keys, len);
	if (!ok(shown(&s, want), "%s", what))
		diag("%s", s.out);
	ok(is_restored(&s), "%s: and the terminal is as it was", what);
	end(&s);
	close(s.master);
}

/* ---- what comes ---- */

static void
test_answers(void)
{
	char much[ASK_SECRET_SIZE + 1];

	answer(SECRET, "secret words\n", 13, "<0:12:secret words:>", "a line");
	answer(SECRET, "\n", 1, "<0:0::>", "an empty one");
	answer(SECRET, "\4", 1, "<-1:0::the answer ended too early>", "an end");
	answer(SECRET, "abc\4\4", 5, "<-1:3::the answer ended too early>",
	    "an end in the middle");
	answer(SECRET, "a\0b\n", 4, "the answer has a NUL in it>", "a NUL");
	memset(much, 'x', sizeof(much));
	much[sizeof(much) - 2] = '\n';
	answer(SECRET, much, sizeof(much) - 1, "<0:511:xxx", "all that fits");
	much[sizeof(much) - 2] = 'x';
	much[sizeof(much) - 1] = '\n';
	answer(SECRET, much, sizeof(much), "an answer has at most 511 bytes>",
	    "a byte more");
	answer(LINE, "downgrade\n", 10, "<0:9:downgrade:>", "a line with echo");
}

static void
test_echo(void)
{
	struct seat s;

	begin(&s, SECRET);
	ok(!echoes(&s), "no echo for a secret");
	type(&s, "marker\n", 7);
	ok(shown(&s, "<0:6:marker:>"), "it is read");
	*strstr(s.out, "<0:") = '\0';
	ok(strstr(s.out, "marker") == NULL, "and was not shown");
	end(&s);
	close(s.master);
	begin(&s, LINE);
	ok(echoes(&s), "control: echo for a line");
	type(&s, "marker\n", 7);
	ok(shown(&s, "<0:6:marker:>"), "it is read");
	*strstr(s.out, "<0:") = '\0';
	ok(strstr(s.out, "marker") != NULL, "and was shown");
	end(&s);
	close(s.master);
}

static void
test_twice(void)
{
	struct seat s;

	for (int i = 0; i < 2; i++) {
		begin(&s, TWICE);
		type(&s, "one thing\n", 10);
		ok(shown(&s, "The same again: "), "asked again");
		type(&s, i == 0 ? "one thing\n" : "one thinG\n", 10);
		ok(shown(&s,
		       i == 0 ? "<0:9:one thing:>"
			      : "::the two are not the same>"),
		    i == 0 ? "the same" : "another");
		end(&s);
		close(s.master);
	}
}

/* ---- signals ---- */

static void
test_fatal(void)
{
	static const struct {
		int sig;
		const char *key;
	} how[] = {
		{ SIGINT, "\3" },
		{ SIGQUIT, "\34" },
		{ SIGTERM, NULL },
		{ SIGHUP, NULL },
		{ SIGALRM, NULL },
		{ SIGUSR1, NULL },
	};
	struct seat s;
	int status;

	for (size_t i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
		begin(&s, SECRET);
		type(&s, "half", 4);
		if (how[i].key != NULL)
			type(&s, how[i].key, 1);
		else
			kill(s.pid, how[i].sig);
		status = end(&s);
		ok(WIFSIGNALED(status) && WTERMSIG(status) == how[i].sig,
		    "%s ends the question and the process",
		    strsignal(how[i].sig));
		ok(is_restored(&s), "and the terminal is as it was");
		close(s.master);
	}
}

static void
test_stop(void)
{
	struct seat s;

	begin(&s, STOPPED);
	type(&s, "half\32", 5);
	ok(shown(&s, "[stopped]"), "stopped");
	ok(is_restored(&s), "the terminal is as it was meanwhile");
	s.len = 0;
	kill(s.pid, SIGUSR2);
	ok(shown(&s, "what? "), "asked again when it goes on");
	ok(!echoes(&s), "without echo");
	type(&s, "whole\n", 6);
	ok(shown(&s, "<0:5:whole:>"), "and what came before is no part of it");
	end(&s);
	close(s.master);
}

/* Ignored signals stay ignored: nohup. */
static void
test_ignored(void)
{
	struct seat s;

	signal(SIGHUP, SIG_IGN);
	begin(&s, SECRET);
	signal(SIGHUP, SIG_DFL);
	kill(s.pid, SIGHUP);
	nap();
	type(&s, "still here\n", 11);
	ok(shown(&s, "<0:10:still here:>"),
	    "who ignores a signal is not ended");
	end(&s);
	close(s.master);
}

/* ---- without a terminal ---- */

static void
from_pipe(const char *text, size_t n, int want, const char *what)
{
	char *buf = bnd_secret_new(ASK_SECRET_SIZE, &err), rest[16] = "";
	size_t len;
	int p[2], rc;

	if (buf == NULL || pipe(p) != 0 || write(p[1], text, n) != (ssize_t)n)
		bail("pipe");
	close(p[1]);
	rc = ask_secret_fd(p[0], buf, ASK_SECRET_SIZE, &len, &err);
	is_int(rc, want, "%s", what);
	if (rc == 0) {
		is_str(buf, "secret", "as it came");
		is_int(read(p[0], rest, sizeof(rest) - 1), 4, "and no more");
		is_str(rest, "next", "of what follows");
	} else {
		ok(bnd_is_zero(buf, ASK_SECRET_SIZE), "and nothing is kept");
	}
	close(p[0]);
	bnd_secret_free(buf, ASK_SECRET_SIZE);
}

static void
test_descriptor(void)
{
	char *buf = bnd_secret_new(ASK_SECRET_SIZE, &err);
	size_t len;

	from_pipe("secret\nnext", 11, 0, "a line of a descriptor");
	from_pipe("", 0, -1, "an empty one");
	from_pipe("secret", 6, -1, "a line that is cut off");
	from_pipe("sec\0ret\n", 8, -1, "a NUL");
	ok(buf != NULL &&
		ask_secret_fd(987, buf, ASK_SECRET_SIZE, &len, &err) != 0,
	    "no descriptor");
	bnd_secret_free(buf, ASK_SECRET_SIZE);
}

static void
test_alone(void)
{
	char buf[64];
	size_t len;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		if (setsid() < 0 || dup2(null, 0) != 0)
			_exit(9);
		_exit(!ask_can() && !ask_tell("x") &&
			    ask_line("? ", buf, sizeof(buf), &len, &err) != 0 &&
			    err.kind == BND_E_DENIED
			? 0
			: 1);
	}
	waitpid(pid, &status, 0);
	is_int(status, 0, "without a terminal nobody is asked");
}

static void
test_keep(void)
{
	struct rlimit l;
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(prctl(PR_GET_DUMPABLE) == 1 &&
			    cmd_keep_secrets(&err) == 0 &&
			    prctl(PR_GET_DUMPABLE) == 0 &&
			    getrlimit(RLIMIT_CORE, &l) == 0 && l.rlim_max == 0
			? 0
			: 1);
	waitpid(pid, &status, 0);
	is_int(status, 0, "who keeps secrets is not dumpable, and stays so");
}

int
main(void)
{
	if (bnd_sign_init(&err) != 0)
		bail(err.text);
	test_answers();
	test_echo();
	test_twice();
	test_fatal();
	test_stop();
	test_ignored();
	test_descriptor();
	test_alone();
	test_keep();
	return tap_done();
}
