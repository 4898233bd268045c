/* get.c: what asking for the mode costs, beside starting any program at all */
/* SPDX-License-Identifier: ISC */
/*
 * The base is posix_spawn of a program with the same libraries that does
 * nothing (tests/helper/bare.c). Asked in turn, so that what else the machine
 * does falls on all of them.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "scratch.h"
#include "state.h"

#define ROUNDS 500
#define KINDS  4

static double
now_us(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
make_state(const struct scratch *sc)
{
	struct bnd_state s = { .gen = 7,
		.mode = BND_AIRGAP,
		.effective = BND_AIRGAP,
		.phase = BND_STABLE,
		.log = { .seq = 9 } };
	struct bnd_now now;
	struct bnd_err err = { 0 };

	if (bnd_clock_now(&now, &err) == 0) {
		memcpy(s.boot, now.boot, sizeof(s.boot));
		memset(s.log_id, 1, sizeof(s.log_id));
		if (bnd_root_mkdir(&sc->root, BND_REQUEST_DIR, 0755, &err) ==
			0 &&
		    bnd_state_store(&sc->root, &s, &err) == 0)
			return;
	}
	fprintf(stderr, "get: %s\n", err.text);
	exit(2);
}

static double
spawn_us(const char *const argv[], int want)
{
	posix_spawn_file_actions_t quiet;
	double start;
	int ws = 0;
	pid_t pid;

	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
	start = now_us();
	if (posix_spawn(&pid, argv[0], &quiet, NULL,
		(char *const *)(uintptr_t)argv, environ) != 0 ||
	    waitpid(pid, &ws, 0) != pid || !WIFEXITED(ws) ||
	    WEXITSTATUS(ws) != want) {
		fprintf(stderr, "get: %s: status %x\n", argv[0], (unsigned)ws);
		exit(2);
	}
	posix_spawn_file_actions_destroy(&quiet);
	return now_us() - start;
}

int
main(void)
{
	static double t[KINDS][ROUNDS];
	const char *build = getenv("BND_BUILD");
	char bare[512], tool[512];
	struct scratch sc;

	snprintf(bare, sizeof(bare), "%s/tests/helper/bare",
	    build != NULL ? build : "build/release");
	snprintf(tool, sizeof(tool), "%s/mode-set",
	    build != NULL ? build : "build/release");
	umask(022);
	scratch_make(&sc);
	make_state(&sc);
	{
		const char *const argv[KINDS][6] = {
			{ bare, NULL },
			{ tool, "-R", sc.dir, "--get", NULL },
			{ tool, "-R", sc.dir, "--may", "data.4", NULL },
			{ tool, "-R", sc.dir, "--require", "TRUSTED", NULL },
		};

		for (int i = 0; i < ROUNDS; i++)
			for (int k = 0; k < KINDS; k++)
				t[k][i] = spawn_us(argv[k], 0);
		for (int k = 0; k < KINDS; k++)
			qsort(t[k], ROUNDS, sizeof(double), by_value);
		for (int k = 1; k < KINDS; k++)
			printf("mode-set %-25s %6.2f  goal %-8s %.0f against "
			       "%.0f us, median\n",
			    argv[k][3], t[k][ROUNDS / 2] / t[0][ROUNDS / 2],
			    "<= 1.3", t[k][ROUNDS / 2], t[0][ROUNDS / 2]);
	}
	scratch_remove(&sc);
	return 0;
}
