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
struct bare {
	int head, log;
	unsigned n;
};

static void
bare_append(struct bare *b)
{
	static const char slot[512] = { 1 }, line[460] = { 2 };

	if (pwrite(b->head, slot, sizeof(slot), (b->n++ & 1) * 4096) < 0 ||
	    fdatasync(b->head) != 0 || write(b->log, line, sizeof(line)) < 0 ||
	    fdatasync(b->log) != 0)
		bail("cannot write");
}

static void
bare_open(const struct scratch *s, struct bare *b)
{
	b->n = 0;
	b->head = openat(s->root.fd, "bare-head", O_RDWR | O_CREAT, 0600);
	b->log =
	    openat(s->root.fd, "bare-log", O_RDWR | O_CREAT | O_APPEND, 0600);
	if (b->head < 0 || b->log < 0 || ftruncate(b->head, 8192) != 0)
		bail("no files to write");
}

/* In turns, so that what the disk does meanwhile hits both. */
static void
against_bare(void)
{
	static double bare[ROUNDS], ours[ROUNDS];
	struct bnd_err err = { 0 };
	struct scratch s;
	struct bare b;
	double floor;

	scratch_make(&s);
	if (kit_init(&s.root, &err) != 0)
		bail(err.text);
	bare_open(&s, &b);
	for (unsigned i = 0; i < ROUNDS; i++) {
		double start = now_us(CLOCK_MONOTONIC), between;

		bare_append(&b);
		between = now_us(CLOCK_MONOTONIC);
		if (kit_more(&s.root, i, &err) != 0)
			bail(err.text);
		ours[i] = now_us(CLOCK_MONOTONIC) - between;
		bare[i] = between - start;
	}
	floor = percentile(bare, ROUNDS, 50);
	say("append p50 / bare writes and syncs", "<= 1.5",
	    percentile(ours, ROUNDS, 50), floor, "us");
	say("append p99 / bare p99", "-", percentile(ours, ROUNDS, 99),
	    percentile(bare, ROUNDS, 99), "us");
	close(b.head);
	close(b.log);
	scratch_remove(&s);
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

/* n more records through one opening of the log. */
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
	start = now_us(CLOCK_PROCESS_CPUTIME_ID);
	grow(&s, ROUNDS);
	cpu = (now_us(CLOCK_PROCESS_CPUTIME_ID) - start) / ROUNDS;
	say("  of it, all but opening the log", "<= 4", cpu, sign, "us");
	scratch_remove(&s);
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

/* In a loop as tight as no real writer's, a waiter may starve for seconds. */
static _Noreturn void
writer(const struct scratch *s, unsigned each)
{
	struct bnd_event e = { .prog = "bench",
		.ev = "usb.test",
		.body = { "{}", 2 },
		.deadline_ms = 60000 };
	struct bnd_err err = { 0 };
	struct bnd_mark mark;

	for (unsigned i = 0; i < each; i++)
		if (bnd_log_append(&s->root, &e, &mark, &err) != 0)
			bail(err.text);
	_exit(0);
}

static double
rate_of(const struct scratch *s, unsigned writers, unsigned each)
{
	double start = now_us(CLOCK_MONOTONIC);
	for (unsigned w = 0; w < writers; w++)
		if (fork() == 0)
			writer(s, each);
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
