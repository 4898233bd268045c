/* verify.c: how fast a log is judged, against the bare cryptography */
/* SPDX-License-Identifier: ISC */
/*
 *	verify [RECORDS]
 *
 * Prints; asserts nothing.  Figures are CPU time, the best of three, and each
 * goal is a
 * ratio to what was measured in the same run.
 */
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "forge.h"
#include "verify.h"

#define ROUNDS 3

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double
bare_verify_s(unsigned n)
{
	uint8_t seed[BND_SEED_LEN], pk[BND_KEY_LEN], sig[BND_SIG_LEN];
	uint8_t msg[BND_HASH_LEN] = { 0 };
	double start;
	bool good = true;

	bnd_sign_keypair(pk, seed);
	bnd_sign(seed, msg, sizeof(msg), sig);
	start = now();
	for (unsigned i = 0; i < n; i++)
		good &= bnd_sign_verify(pk, msg, sizeof(msg), sig);
	if (!good)
		forge_die("a signature");
	return (now() - start) / n;
}

static double
bare_hash_s(const struct forge *f)
{
	uint8_t out[BND_HASH_LEN];
	double start = now();

	bnd_hash("bench", NULL, 0, f->log, f->len, out);
	return now() - start;
}

static double
judge_s(const struct bnd_root *root, bool structure_only, uint64_t want)
{
	struct bnd_verify in = { .root = root,
		.structure_only = structure_only };
	struct bnd_verdict v;
	struct bnd_err err;
	double start = now();

	if (bnd_verify(&in, &v, &err) != 0)
		forge_die(err.text);
	if (v.exit != (structure_only ? 5 : 0) || v.records != want)
		forge_die("the log is not verified");
	return now() - start;
}

/*
 * A process inherits the peak of the one that starts it, so a small one is
 * kept from the beginning to start the command.
 */
struct starter {
	int go[2], result[2];
};

static void
starter_wait(const struct starter *st, const char *dir)
{
	struct rusage use = { .ru_maxrss = -1024 };
	int status;
	char byte;
	pid_t pid;

	if (read(st->go[0], &byte, 1) != 1)
		_exit(1);
	pid = fork();
	if (pid == 0) {
		execl("build/release/chain-verify", "chain-verify", "-qR", dir,
		    (char *)NULL);
		_exit(127);
	}
	if (wait4(pid, &status, 0, &use) != pid || status != 0)
		use.ru_maxrss = -1024;
	if (write(st->result[1], &use.ru_maxrss, sizeof(use.ru_maxrss)) < 0)
		_exit(1);
	_exit(0);
}

static void
starter_make(struct starter *st, const char *dir)
{
	if (pipe(st->go) != 0 || pipe(st->result) != 0)
		forge_die("pipe");
	if (fork() == 0)
		starter_wait(st, dir);
}

static long
peak_kib(const struct starter *st)
{
	long kib = -1024;

	if (write(st->go[1], "x", 1) != 1 ||
	    read(st->result[0], &kib, sizeof(kib)) != sizeof(kib))
		return -1024;
	return kib;
}

int
main(int argc, char **argv)
{
	unsigned n = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100000;
	double bare = 1e9, full = 1e9, hash = 1e9, structure = 1e9, mb;
	static struct forge f;
	struct starter st;
	struct scratch at;

	scratch_make(&at);
	starter_make(&st, at.dir);
	forge_begin(&f, 1);
	while (f.seq < n)
		forge_add(&f, "usb.device",
		    "{\"action\":\"deny\",\"id\":\"1d6b:0002\",\"n\":%u}",
		    (unsigned)f.seq);
	forge_save(&f, at.dir);
	mb = (double)f.len / 1e6;
	for (int i = 0; i < ROUNDS; i++) {
		double s;

		bare = (s = bare_verify_s(n / 10)) < bare ? s : bare;
		full = (s = judge_s(&at.root, false, n) / n) < full ? s : full;
		hash = (s = bare_hash_s(&f)) < hash ? s : hash;
		structure = (s = judge_s(&at.root, true, n)) < structure
		    ? s
		    : structure;
	}
	printf("verify: %u records, %.1f MB\n", n, mb);
	printf("  full           %8.1f k/s   bare signature %8.1f k/s   "
	       "ratio %.2f   goal 0.85\n",
	    1e-3 / full, 1e-3 / bare, bare / full);
	printf("  structure only %8.1f MB/s  bare BLAKE2b   %8.1f MB/s  "
	       "ratio %.2f   goal 0.30\n",
	    mb / structure, mb / hash, hash / structure);
	printf("  peak memory    %8.1f MiB                             "
	       "            goal 16\n",
	    (double)peak_kib(&st) / 1024);
	forge_free(&f);
	scratch_remove(&at);
	return 0;
}
