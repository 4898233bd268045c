/* append.c: what a record costs, beside what it cannot cost less than */
/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "chain.h"
#include "logkit.h"
#include "scratch.h"

#define ROUNDS 1000

static double
now_us(clockid_t id)
{
	struct timespec ts = { 0 };

	clock_gettime(id, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
percentile(double *t, size_t n, unsigned p)
{
	qsort(t, n, sizeof(*t), by_value);
	return t[n * p / 100];
}

static void
say(const char *what, const char *goal, double got, double base,
    const char *unit)
{
	printf("%-34s %6.2f  goal %-8s %.1f against %.1f %s\n", what,
	    got / base, goal, got, base, unit);
	fflush(stdout);
}

/* The floor: the same two writes and syncs, and nothing else. */
static double
bare_us(const struct scratch *s, double *t)
{
	char slot[512] = { 1 }, line[460] = { 2 };
	int head = openat(s->root.fd, "bare-head", O_RDWR | O_CREAT, 0600);
	int log =
	    openat(s->root.fd, "bare-log", O_RDWR | O_CREAT | O_APPEND, 0600);

	if (head < 0 || log < 0 || ftruncate(head, 8192) != 0)
		bail("no files to write");
	for (int i = 0; i < ROUNDS; i++) {
		double start = now_us(CLOCK_MONOTONIC);

		if (pwrite(head, slot, sizeof(slot), (i & 1) * 4096) < 0 ||
		    fdatasync(head) != 0 ||
		    write(log, line, sizeof(line)) < 0 || fdatasync(log) != 0)
			bail("cannot write");
		t[i] = now_us(CLOCK_MONOTONIC) - start;
	}
	close(head);
	close(log);
	return percentile(t, ROUNDS, 50);
}

static double
append_us(const struct scratch *s, double *t, unsigned p)
{
	struct bnd_err err = { 0 };

	for (unsigned i = 0; i < ROUNDS; i++) {
		double start = now_us(CLOCK_MONOTONIC);

		if (kit_more(&s->root, i, &err) != 0)
			bail(err.text);
		t[i] = now_us(CLOCK_MONOTONIC) - start;
	}
	return percentile(t, ROUNDS, p);
}

static void
against_bare(void)
{
	struct scratch s;
	struct bnd_err err = { 0 };
	static double t[ROUNDS];
	double bare, us, p99;

	scratch_make(&s);
	if (kit_init(&s.root, &err) != 0)
		bail(err.text);
	/* Twice each, alternating: what the disk does meanwhile hits both. */
	bare = bare_us(&s, t);
	us = append_us(&s, t, 50);
	bare = (bare + bare_us(&s, t)) / 2;
	us = (us + append_us(&s, t, 50)) / 2;
	p99 = percentile(t, ROUNDS, 99);
	say("append p50 / bare writes and syncs", "<= 1.5", us, bare, "us");
	say("append p99 / bare p50", "-", p99, bare, "us");
	scratch_remove(&s);
}

/* On tmpfs a sync costs nothing, so what is left is ours. */
static void
against_signature(void)
{
	struct scratch s;
	struct bnd_err err = { 0 };
	static double t[ROUNDS];
	uint8_t seed[BND_SEED_LEN], pk[BND_KEY_LEN], sig[BND_SIG_LEN];
	uint8_t m[BND_HASH_LEN] = { 3 };
	double start, sign, cpu;

	snprintf(s.dir, sizeof(s.dir), "/dev/shm/bnd-bench.XXXXXX");
	if (mkdtemp(s.dir) == NULL ||
	    bnd_root_open(&s.root, s.dir, &err) != 0 ||
	    kit_init(&s.root, &err) != 0)
		bail("no log on tmpfs");
	bnd_sign_keypair(pk, seed);
	start = now_us(CLOCK_PROCESS_CPUTIME_ID);
	for (unsigned i = 0; i < ROUNDS; i++) {
		m[1] = (uint8_t)i;
		bnd_sign_paired(seed, pk, m, sizeof(m), sig);
	}
	sign = (now_us(CLOCK_PROCESS_CPUTIME_ID) - start) / ROUNDS;
	start = now_us(CLOCK_PROCESS_CPUTIME_ID);
	append_us(&s, t, 50);
	cpu = (now_us(CLOCK_PROCESS_CPUTIME_ID) - start) / ROUNDS;
	say("append CPU / one signature", "<= 4", cpu, sign, "us");
	scratch_remove(&s);
}

/* n more records without a sync in between, as only a bench may. */
static void
grow(const struct scratch *s, unsigned n)
{
	struct bnd_by by = { .prog = "bench", .pid = 1 };
	struct bnd_err err = { 0 };
	struct bnd_mark mark;
	SCOPED_CHAIN struct bnd_chain c;

	if (bnd_chain_open(&s->root, &by, 2000, &c, &err) != 0)
		bail(err.text);
	for (unsigned i = 0; i < n; i++) {
		struct bnd_record r = {
			.ev = "usb.test", .by = by, .body = { "{\"n\":1}", 7 }
		};

		if (bnd_chain_append(&c, &r, &mark, &err) != 0)
			bail(err.text);
	}
}

static void
against_length(void)
{
	struct scratch s;
	struct bnd_err err = { 0 };
	static double t[ROUNDS];
	double few, many;

	snprintf(s.dir, sizeof(s.dir), "/dev/shm/bnd-bench.XXXXXX");
	if (mkdtemp(s.dir) == NULL ||
	    bnd_root_open(&s.root, s.dir, &err) != 0 ||
	    kit_init(&s.root, &err) != 0)
		bail("no log on tmpfs");
	append_us(&s, t, 50);
	few = append_us(&s, t, 50);
	grow(&s, 97000);
	many = append_us(&s, t, 50);
	say("append p50 at 10^5 / at 10^3", "<= 1.1", many, few, "us");
	scratch_remove(&s);
}

static double
rate_of(const struct scratch *s, unsigned writers, unsigned each)
{
	double start = now_us(CLOCK_MONOTONIC);
	struct bnd_err err = { 0 };

	for (unsigned w = 0; w < writers; w++)
		if (fork() == 0) {
			for (unsigned i = 0; i < each; i++)
				if (kit_more(&s->root, i, &err) != 0)
					bail(err.text);
			_exit(0);
		}
	for (unsigned w = 0; w < writers; w++) {
		int status = 0;

		if (wait(&status) < 0 || status != 0)
			bail("a writer failed");
	}
	return writers * each / (now_us(CLOCK_MONOTONIC) - start) * 1e6;
}

static void
against_one(void)
{
	struct scratch s;
	struct bnd_err err = { 0 };
	double one, eight;

	scratch_make(&s);
	if (kit_init(&s.root, &err) != 0)
		bail(err.text);
	one = rate_of(&s, 1, 1600);
	eight = rate_of(&s, 8, 200);
	one = (one + rate_of(&s, 1, 1600)) / 2;
	eight = (eight + rate_of(&s, 8, 200)) / 2;
	say("8 writers together / one", ">= 0.75", eight, one, "/s");
	scratch_remove(&s);
}

int
main(void)
{
	against_bare();
	against_signature();
	against_length();
	against_one();
	return 0;
}
