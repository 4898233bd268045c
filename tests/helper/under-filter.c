/* under-filter.c: a command under the filter of a set of system calls, and no more */
/* SPDX-License-Identifier: ISC */
/*
 *	under-filter [-w none|mem|all] [-n none|loop] [-d NAME]... GROUPS COMMAND [ARG...]
 *
 * GROUPS are words as in a profile, with blanks between; "seal" is the init's
 * filter.  -c prints the program's length instead of running anything; -t how
 * long making and loading one takes, in microseconds, the least and the median
 * of 200.
 */
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/filter.h>

#include "box-key.h"
#include "filter.h"

static struct bnd_filter_buf buf;

static uint32_t
groups(char *words)
{
	uint32_t calls = 0, was;

	for (char *w = strsep(&words, " "); w != NULL;
	     w = strsep(&words, " ")) {
		was = calls;
		for (size_t i = 0; bnd_box_groups[i] != NULL; i++)
			if (!strcmp(bnd_box_groups[i], w))
				calls |= UINT32_C(1) << i;
		if (calls == was) {
			fprintf(stderr, "under-filter: no group %s\n", w);
			exit(2);
		}
	}
	return calls;
}

static long
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void
enter(const struct bnd_box_filter *f)
{
	struct sock_fprog prog = { f->len,
		(struct sock_filter *)(uintptr_t)f->code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) != 0) {
		perror("under-filter: seccomp");
		exit(125);
	}
}

static int
by_size(const void *a, const void *b)
{
	const long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
show(const char *what, long *t, size_t n)
{
	qsort(t, n, sizeof(*t), by_size);
	printf("%s %.1f %.1f\n", what, (double)t[0] / 1000,
	    (double)t[n / 2] / 1000);
}

static void
measure(const struct bnd_box_policy *p)
{
	static long make[200], load[200];
	struct bnd_box_filter f;
	struct bnd_err err = { 0 };

	for (size_t i = 0; i < 200; i++) {
		int fd[2];
		long t = now_ns();

		if (bnd_filter_make(p, &buf, &f, &err) < 0)
			exit(1);
		make[i] = now_ns() - t;
		if (pipe(fd) < 0)
			exit(1);
		if (fork() == 0) {
			prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
			t = now_ns();
			enter(&f);
			t = now_ns() - t;
			if (write(fd[1], &t, sizeof(t)) != sizeof(t))
				_exit(1);
			_exit(0);
		}
		if (read(fd[0], &load[i], sizeof(long)) != sizeof(long))
			exit(1);
		close(fd[0]);
		close(fd[1]);
		wait(NULL);
	}
	show("make", make, 200);
	show("load", load, 200);
}

int
main(int argc, char **argv)
{
	struct bnd_box_policy p = { .num = { [BND_BOX_NET] = BND_NET_LOOP,
					[BND_BOX_WX] = BND_WX_MEM } };
	struct bnd_box_filter f;
	struct bnd_err err = { 0 };
	char mode = 'x';
	int c;

	while ((c = getopt(argc, argv, "+w:n:d:ct")) != -1)
		if (c == 'w')
			p.num[BND_BOX_WX] = !strcmp(optarg, "none")
			    ? BND_WX_NONE
			    : !strcmp(optarg, "mem") ? BND_WX_MEM
						     : BND_WX_ALL;
		else if (c == 'n')
			p.num[BND_BOX_NET] = !strcmp(optarg, "none")
			    ? BND_NET_NONE
			    : BND_NET_LOOP;
		else if (c == 'd' && p.deny.n < BND_BOX_NAMES)
			p.deny.at[p.deny.n++] = optarg;
		else if (c == 'c' || c == 't')
			mode = (char)c;
		else
			return 2;
	if (optind >= argc)
		return 2;
	if (!strcmp(argv[optind], "seal")) {
		f = bnd_filter_seal;
	} else {
		p.calls = groups(argv[optind]);
		if (bnd_filter_make(&p, &buf, &f, &err) < 0) {
			fprintf(stderr, "under-filter: %s\n", err.text);
			return 125;
		}
	}
	if (mode == 'c')
		return printf("%u\n", f.len) < 0;
	if (mode == 't') {
		measure(&p);
		return 0;
	}
	enter(&f);
	execv(argv[optind + 1], &argv[optind + 1]);
	_exit(126);
}
