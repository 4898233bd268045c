/* launch.c: what a start costs, of several launchers by turns */
/* SPDX-License-Identifier: ISC */
/*
 *	launch [-r ROUNDS] [-b BATCH] [-p PAUSE_MS] NAME CMD ARG... , NAME CMD ...
 *	launch -s SECONDS -j WORKERS NAME CMD ARG... , NAME CMD ...
 *
 * posix_spawn() to wait(), in milliseconds: the least and the median of all
 * rounds, and both in units of the first command's.  In each round each command
 * has its batch, so that what else the host does hits all of them.  -p: that
 * long a pause before each start, as cron and scripts have it.  -s: how many a
 * second WORKERS processes get done.  A command that fails ends everything.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS 16

struct command {
	const char *name;
	char **argv;
	double *ms;
	int n;
	uint64_t instructions; /* the least of a start, in user mode; 0: none */
};

static struct command command[COMMANDS];
static int commands, rounds = 10, batch = 20, pause_ms, seconds, workers = 2;
static posix_spawn_file_actions_t quiet;

static _Noreturn void
fail(const char *what)
{
	fprintf(stderr, "launch: %s: %s\n", what, strerror(errno));
	exit(2);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
start(struct command *c)
{
	pid_t pid;
	int st;

	errno = posix_spawn(&pid, c->argv[0], &quiet, NULL, c->argv, environ);
	if (errno != 0)
		fail(c->argv[0]);
	while (waitpid(pid, &st, 0) < 0)
		if (errno != EINTR)
			fail("wait");
	if (st != 0) {
		fprintf(stderr, "launch: %s: status %#x\n", c->name, st);
		exit(1);
	}
}

/* A counter of this process and its children, -1 where there is none. */
static int
counter(void)
{
	struct perf_event_attr a = { .type = PERF_TYPE_HARDWARE,
		.size = sizeof(a),
		.config = PERF_COUNT_HW_INSTRUCTIONS,
		.inherit = 1,
		.exclude_hv = 1 };

	return (int)syscall(
	    SYS_perf_event_open, &a, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static void
count(struct command *c)
{
	uint64_t n = 0;

	for (int i = 0; i < 5; i++) {
		int fd = counter();

		if (fd < 0)
			return;
		start(c);
		if (read(fd, &n, sizeof(n)) == sizeof(n) &&
		    (c->instructions == 0 || n < c->instructions))
			c->instructions = n;
		close(fd);
	}
}

static int
by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
measure(struct command *c)
{
	struct timespec t = { .tv_nsec = pause_ms * 1000000L };

	for (int i = 0; i < batch; i++) {
		if (pause_ms != 0)
			nanosleep(&t, NULL);
		double a = now();
		start(c);
		c->ms[c->n++] = now() - a;
	}
}

static void
table(void)
{
	const struct command *f = &command[0];

	printf("%-34s %8s %8s %7s %7s %9s\n", "", "min ms", "med ms", "x min",
	    "x med", "M instr");
	for (int i = 0; i < commands; i++) {
		const struct command *c = &command[i];

		printf("%-34s %8.2f %8.2f %7.1f %7.1f", c->name, c->ms[0],
		    c->ms[c->n / 2], c->ms[0] / f->ms[0],
		    c->ms[c->n / 2] / f->ms[f->n / 2]);
		if (c->instructions != 0)
			printf(" %9.2f", (double)c->instructions / 1e6);
		puts("");
	}
}

static void
latency(void)
{
	for (int i = 0; i < commands; i++) {
		struct command *c = &command[i];

		c->ms = calloc((size_t)(rounds * batch), sizeof(double));
		if (c->ms == NULL)
			fail("memory");
		start(c);
		count(c);
	}
	for (int r = 0; r < rounds; r++)
		for (int i = 0; i < commands; i++)
			measure(&command[i]);
	for (int i = 0; i < commands; i++)
		qsort(command[i].ms, (size_t)command[i].n, sizeof(double),
		    by_size);
	table();
}

/* Each worker says how many it got done. */
static double
rate(struct command *c)
{
	int p[2];
	long sum = 0, n;

	if (pipe2(p, O_CLOEXEC) != 0)
		fail("pipe");
	for (int w = 0; w < workers; w++) {
		if (fork() != 0)
			continue;
		double end = now() + seconds * 1e3;
		for (n = 0; now() < end; n++)
			start(c);
		_exit(write(p[1], &n, sizeof(n)) == sizeof(n) ? 0 : 1);
	}
	close(p[1]);
	for (int w = 0; w < workers; w++) {
		if (read(p[0], &n, sizeof(n)) != sizeof(n))
			exit(1);
		sum += n;
	}
	close(p[0]);
	while (wait(NULL) > 0)
		;
	return (double)sum / seconds;
}

static void
throughput(void)
{
	double first = 0;

	for (int i = 0; i < commands; i++) {
		double r = rate(&command[i]);

		first = i == 0 ? r : first;
		printf("%-34s %8.0f a second, %.3f of the first\n",
		    command[i].name, r, r / first);
		fflush(stdout);
	}
}

static void
read_commands(char **argv)
{
	while (*argv != NULL && commands < COMMANDS) {
		struct command *c = &command[commands++];

		c->name = *argv++;
		c->argv = argv;
		while (*argv != NULL && strcmp(*argv, ",") != 0)
			argv++;
		if (*argv != NULL)
			*argv++ = NULL;
		if (c->argv[0] == NULL)
			exit(2);
	}
}

int
main(int argc, char **argv)
{
	int o;

	while ((o = getopt(argc, argv, "+r:b:p:s:j:")) != -1) {
		int n = optarg != NULL ? (int)strtol(optarg, NULL, 10) : 0;

		if (o == '?')
			return 2;
		*(o == 'r'	   ? &rounds
			: o == 'b' ? &batch
			: o == 'p' ? &pause_ms
			: o == 's' ? &seconds
				   : &workers) = n;
	}
	read_commands(argv + optind);
	if (commands == 0)
		return 2;
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
	if (seconds != 0)
		throughput();
	else
		latency();
	return 0;
}
