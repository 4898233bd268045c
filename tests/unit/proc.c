/* proc.c: a helper inherits nothing, cannot hang us, and is told apart */
/* SPDX-License-Identifier: ISC */
#include "proc.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

static char out[65536];

static int
sh(const char *script, struct bnd_proc *p, struct bnd_err *err)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };

	p->path = "/bin/sh";
	p->argv = argv;
	p->out = out;
	p->out_size = sizeof(out);
	if (p->deadline_ms == 0)
		p->deadline_ms = 5000;
	return bnd_proc_run(p, err);
}

static void
results(void)
{
	struct bnd_err err = { 0 };
	struct bnd_proc p = { 0 };

	ok(sh("echo hello; echo 'bad\033thing' >&2; echo two >&2; exit 3", &p,
	       &err) == 0,
	    "runs");
	is_int(p.status, 3, "exit status");
	is_str(out, "hello\n", "stdout");
	is_str(p.errtext, "bad\\x1bthing", "first line of stderr, harmless");
	ok(sh("kill -9 $$", &p, &err) == 0 && p.status == 137,
	    "death by signal is no success");
	p.input = (struct bnd_str){ "from memory", 11 };
	ok(sh("cat", &p, &err) == 0 && strcmp(out, "from memory") == 0,
	    "stdin");
}

static void
inheritance(void)
{
	struct bnd_err err = { 0 };
	struct bnd_proc p = { 0 };
	int leak = open("/dev/null", O_RDONLY); /* no CLOEXEC, on purpose */

	setenv("LD_PRELOAD_TEST_MARKER", "evil", 1);
	signal(SIGTERM, SIG_IGN);
	ok(sh("env | sort", &p, &err) == 0 && strstr(out, "evil") == NULL &&
		strstr(out, "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n") != NULL,
	    "a clean environment");
	ok(sh("ls /proc/self/fd | wc -l", &p, &err) == 0 && atol(out) == 4,
	    "three descriptors (and that of the listing)");
	ok(sh("kill -TERM $$; echo alive", &p, &err) == 0 && p.status == 143,
	    "default signals, whatever ours are");
	signal(SIGTERM, SIG_DFL);
	close(leak);
}

static long
seconds(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static void
deadlines(void)
{
	struct bnd_err err = { 0 };
	struct bnd_proc p = { .deadline_ms = 300 };
	long start = seconds();

	ok(sh("trap '' TERM; sleep 60", &p, &err) == 0 && p.timed_out &&
		p.status == 137,
	    "a helper that hangs is killed");
	ok(seconds() - start < 5, "in time");
	start = seconds();
	p.deadline_ms = 5000;
	ok(sh("sleep 60 & echo done", &p, &err) == 0 && !p.timed_out &&
		p.status == 0 && strcmp(out, "done\n") == 0,
	    "one that leaves a child with our pipe is not waited for");
	ok(seconds() - start < 4, "in time");
}

static void
trouble(void)
{
	static const char *const argv[] = { "none", NULL };
	struct bnd_err err = { 0 };
	struct bnd_proc p = { .path = "/nonexistent/helper",
		.argv = argv,
		.out = out,
		.out_size = 10,
		.deadline_ms = 1000 };

	ok(bnd_proc_run(&p, &err) == 0 && p.status == 127,
	    "a missing helper is 127, never 0");
	p.path = "helper";
	ok(bnd_proc_run(&p, &err) == -1, "a relative name is refused");
	memset(&p, 0, sizeof(p));
	ok(sh("head -c 100000 /dev/zero", &p, &err) == 0 && p.out_full &&
		p.out_len == sizeof(out) - 1,
	    "too much output is told, not kept");
	signal(SIGCHLD, SIG_IGN);
	ok(sh("exit 0", &p, &err) == -1, "no status to be had is a failure");
	signal(SIGCHLD, SIG_DFL);
}

static void
who(void)
{
	struct bnd_who w;

	bnd_proc_who(&w);
	ok(w.pid == getpid() && w.uid == getuid(), "who we are");
	ok(!w.has_auid || w.auid != 4294967295U, "unset is not a number");
}

int
main(void)
{
	results();
	inheritance();
	deadlines();
	trouble();
	who();
	return tap_done();
}
