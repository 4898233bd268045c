/* log-crowd.c: sixteen writers, killed and stopped at random, lose nothing */
/* SPDX-License-Identifier: ISC */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "logkit.h"
#include "scratch.h"

#define WRITERS	   16
#define EACH	   1000
#define DEADLINE_S 100

/* Seen by all: what each writer was told is durable. */
struct shared {
	volatile unsigned acked[WRITERS];
};

static struct scratch s;
static struct shared *shared;

static long
now_ms(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000L + ts.tv_nsec / 1000000L;
}

/* Goes on behind what was acknowledged; after a death one may be repeated. */
static _Noreturn void
writer(unsigned w)
{
	while (shared->acked[w] < EACH) {
		struct bnd_err err = { 0 };
		struct bnd_mark mark;
		char body[64];
		struct bnd_event e = { .prog = "crowd",
			.ev = "usb.test",
			.body = { body, 0 },
			.deadline_ms = 60000 };

		e.body.len = (size_t)snprintf(body, sizeof(body),
		    "{\"w\":%u,\"n\":%u}", w, shared->acked[w] + 1);
		if (bnd_log_append(&s.root, &e, &mark, &err) != 0) {
			diag("writer %u: %s", w, err.text);
			_exit(1);
		}
		shared->acked[w]++;
	}
	_exit(0);
}

static pid_t
start_writer(unsigned w)
{
	pid_t pid = fork();

	if (pid == 0)
		writer(w);
	return pid;
}

struct crowd {
	pid_t pid[WRITERS];
	unsigned running, kills, stops, failed;
};

/* Who ended: done, failed, or killed and to be started again. */
static void
reap(struct crowd *c)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (unsigned w = 0; w < WRITERS; w++) {
			if (c->pid[w] != pid)
				continue;
			if (WIFSIGNALED(status)) {
				c->pid[w] = start_writer(w);
				continue;
			}
			c->pid[w] = 0;
			c->running--;
			c->failed += WEXITSTATUS(status) != 0;
		}
}

static void
harass(struct crowd *c)
{
	unsigned w = (unsigned)random() % WRITERS;

	if (c->pid[w] <= 0)
		return;
	if (random() % 4 == 0) {
		kill(c->pid[w], SIGSTOP);
		usleep((useconds_t)(random() % 3000));
		kill(c->pid[w], SIGCONT);
		c->stops++;
	} else {
		kill(c->pid[w], SIGKILL);
		c->kills++;
	}
}

static bool
run(struct crowd *c)
{
	long end = now_ms() + DEADLINE_S * 1000L;

	for (unsigned w = 0; w < WRITERS; w++)
		c->pid[w] = start_writer(w);
	c->running = WRITERS;
	while (c->running > 0 && now_ms() < end) {
		usleep((useconds_t)(random() % 20000));
		harass(c);
		reap(c);
	}
	for (unsigned w = 0; w < WRITERS; w++)
		if (c->pid[w] > 0)
			kill(c->pid[w], SIGKILL);
	while (wait(NULL) > 0)
		;
	return c->running == 0;
}

/* One pass: each writer's numbers in order, none missing. */
static unsigned
missing(struct blob log)
{
	unsigned next[WRITERS], gaps = 0;
	struct bnd_str rest = { log.p, (size_t)log.len }, line;
	bool whole;

	for (unsigned w = 0; w < WRITERS; w++)
		next[w] = 1;
	while (bnd_text_line(&rest, &line, &whole)) {
		struct bnd_record r;
		uint64_t w, n;

		if (bnd_record_parse(line, &r, NULL) != 0 ||
		    !bnd_json_get_u64(r.body, "w", &w) ||
		    !bnd_json_get_u64(r.body, "n", &n) || w >= WRITERS)
			continue;
		gaps += n > next[w];
		if (n >= next[w])
			next[w] = (unsigned)n + 1;
	}
	for (unsigned w = 0; w < WRITERS; w++)
		gaps += next[w] <= shared->acked[w];
	return gaps;
}

int
main(void)
{
	struct bnd_err err = { 0 };
	struct crowd c = { 0 };
	struct blob log;
	struct walk w;
	long start = now_ms();
	bool done;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	scratch_make_fast(&s);
	if (shared == MAP_FAILED || kit_init(&s.root, &err) != 0)
		bail("no log");
	srandom((unsigned)getpid());
	done = run(&c);
	ok(done, "all done within %d s: %ld ms", DEADLINE_S, now_ms() - start);
	is_int(c.failed, 0, "no writer was refused");
	ok(c.kills > 20, "%u were killed, %u stopped for a while", c.kills,
	    c.stops);
	is_int(kit_more(&s.root, 1, &err), 0, "the log goes on: %s", err.text);
	log = blob_read(&s.root, LOG_FILE);
	w = walk_log(log);
	ok(w.records >= WRITERS * EACH + 2,
	    "%d records, linked, signed, contiguous; %d tears healed",
	    w.records, w.torn);
	is_int(missing(log), 0, "every acknowledged record is there");
	blob_free(&log);
	scratch_remove(&s);
	return tap_done();
}
