/* passphrase.c: right, wrong, unknown: the same work, one answer, nothing left */
/* SPDX-License-Identifier: ISC */
#include "passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sodium.h>

#include "ceremony-look.h"
#include "file.h"
#include "init.h"
#include "lockout.h"
#include "scratch.h"
#include "tap.h"
#include "verify.h"

static const char right[] = "plough-cedar-seventh-marble-dune-eleven";
static const char wrong[] = "plough-cedar-seventh-marble-dune-twelve";

static struct scratch sc;
static struct bnd_err err;
static uint8_t open_id[BND_CHALLENGE_ID_LEN];
static uint64_t wait_s;

/* ---- what is asked of libsodium and of the disk ---- */

int __real_crypto_pwhash_argon2id(unsigned char *, unsigned long long,
    const char *, unsigned long long, const unsigned char *, unsigned long long,
    size_t, int);
int __wrap_crypto_pwhash_argon2id(unsigned char *, unsigned long long,
    const char *, unsigned long long, const unsigned char *, unsigned long long,
    size_t, int);
int __real_fdatasync(int);
int __wrap_fdatasync(int);
int __real_munmap(void *, size_t);
int __wrap_munmap(void *, size_t);

struct work {
	unsigned derived, synced;
	unsigned long long ops;
	size_t mem;
};
static struct work work;
static unsigned unwiped, freed;
static bool no_memory;
static void (*on_derive)(void);

int
__wrap_crypto_pwhash_argon2id(unsigned char *out, unsigned long long len,
    const char *pass, unsigned long long pass_len, const unsigned char *salt,
    unsigned long long ops, size_t mem, int alg)
{
	work.derived++;
	work.ops += ops;
	work.mem += mem;
	if (on_derive != NULL)
		on_derive();
	if (no_memory) {
		errno = ENOMEM;
		return -1;
	}
	return __real_crypto_pwhash_argon2id(out, len, pass, pass_len, salt,
	    crypto_pwhash_argon2id_OPSLIMIT_MIN,
	    crypto_pwhash_argon2id_MEMLIMIT_MIN, alg);
}

int
__wrap_fdatasync(int fd)
{
	work.synced++;
	return __real_fdatasync(fd);
}

/* Seeds are the only mappings of that size that are given back. */
int
__wrap_munmap(void *p, size_t size)
{
	if (size == BND_SEED_LEN) {
		freed++;
		unwiped += !bnd_is_zero(p, size);
	}
	return __real_munmap(p, size);
}

/* ---- a host with alice (passphrase) and bob (raw) ---- */

static void
must(int rc)
{
	if (rc != 0)
		bail(err.text);
}

static void
name(struct bnd_approver *a, const char *who)
{
	*a = (struct bnd_approver){ 0 };
	snprintf(a->name, sizeof(a->name), "%s", who);
	snprintf(a->person, sizeof(a->person), "%s", who);
}

static void
set_up(void)
{
	char text[2][BND_ENROLL_MAX + 1];
	uint8_t seed[BND_SEED_LEN];
	struct bnd_approver a, b;
	struct bnd_mark mark;
	size_t len[2];
	bool done;

	name(&a, "alice");
	name(&b, "bob");
	must(bnd_passphrase_new(
	    &sc.root, "alice", right, strlen(right), &a.pub, &err));
	b.pub.kind = BND_KEY_RAW;
	bnd_sign_keypair(b.pub.key, seed);
	must(bnd_init_ask(&sc.root, &a, text[0], &len[0], &err));
	must(bnd_init_ask(&sc.root, &b, text[1], &len[1], &err));
	must(bnd_passphrase_prove(&sc.root, "alice", right, strlen(right),
	    (struct bnd_str){ text[0], len[0] }, &a.pop, &err));
	bnd_sign(seed, text[1], len[1], b.pop.sig);
	must(bnd_init_prove(&sc.root, &a, &done, &mark, &err));
	must(bnd_init_prove(&sc.root, &b, &done, &mark, &err));
	if (!done)
		bail("not set up");
}

static void
open_drill(void)
{
	struct bnd_ask ask = { .action = BND_ACTION_DRILL, .reason = "test" };
	char text[BND_CHALLENGE_MAX + 1];
	size_t len;

	must(bnd_ceremony_open(&sc.root, &ask, text, &len, &err));
	bnd_challenge_id((struct bnd_str){ text, len }, open_id);
}

static unsigned
records(void)
{
	struct bnd_verdict *v = calloc(1, sizeof(*v));
	unsigned n;

	if (v == NULL || bnd_verify_live(&sc.root, v, &err) != 0 ||
	    v->exit != 0)
		bail("the log does not verify");
	n = (unsigned)v->records;
	free(v);
	return n;
}

static uint64_t
failures(void)
{
	char buf[BND_LOCKOUT_LEN];
	struct bnd_lockout l;
	size_t len;

	must(bnd_file_read(
	    &sc.root, BND_LOCKOUT_PATH, 0077, buf, sizeof(buf), &len, &err));
	must(bnd_lockout_unpack((struct bnd_str){ buf, len }, &l, &err));
	return l.all.n;
}

/* No failures: each of these tests stands alone. */
static void
forgive(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/" BND_LOCKOUT_PATH, sc.dir);
	unlink(path);
	must(bnd_lockout_make(&sc.root, &err));
}

static int
approve(const char *who, const char *pass)
{
	err = (struct bnd_err){ 0 };
	work = (struct work){ 0 };
	return bnd_passphrase_approve(
	    &sc.root, open_id, who, pass, strlen(pass), &wait_s, &err);
}

/* ---- the tests ---- */

static void
test_enrolled(void)
{
	char path[128];
	struct bnd_public p;
	struct bnd_kdf k;
	struct stat st;

	snprintf(path, sizeof(path), "%s/" BND_KDF_DIR "/alice.kdf", sc.dir);
	ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600,
	    "a passphrase leaves a file of its parameters");
	must(bnd_kdf_load(&sc.root, "alice", &k, &err));
	ok(k.ops >= crypto_pwhash_argon2id_OPSLIMIT_MODERATE &&
		k.mem >= crypto_pwhash_argon2id_MEMLIMIT_MODERATE,
	    "of MODERATE at least");
	is_int(records(), 1, "and an entry that the log takes");
	ok(bnd_passphrase_new(
	       &sc.root, "alice", wrong, strlen(wrong), &p, &err) != 0 &&
		err.kind == BND_E_DENIED,
	    "never in the place of another");
	ok(bnd_passphrase_new(
	       &sc.root, "carol", "thirteen byte", 13, &p, &err) != 0 &&
		err.kind == BND_E_INPUT,
	    "thirteen bytes are too short");
	is_int(bnd_passphrase_new(
		   &sc.root, "carol", "fourteen bytes", 14, &p, &err),
	    0, "fourteen are not");
}

static void
test_same_work(void)
{
	static const char *const who[] = { "alice", "nobody", "bob" };
	char said[sizeof(err.text)] = "";
	struct work first = { 0 };

	for (int i = 0; i < 3; i++) {
		unsigned before = records();

		forgive();
		ok(approve(who[i], wrong) != 0 && err.kind == BND_E_CEREMONY,
		    "%s: refused, %s", who[i], err.text);
		is_int(records() - before, 1, "recorded");
		is_int(failures(), 1, "counted");
		if (i == 0) {
			first = work;
			snprintf(said, sizeof(said), "%s", err.text);
			ok(first.derived == 1 &&
				first.ops >= BND_STRETCH_OPS_MIN &&
				first.mem >= BND_STRETCH_MEM_MIN,
			    "derived at full cost");
		}
		ok(memcmp(&first, &work, sizeof(work)) == 0,
		    "%s: %u derivation, ops %llu, mem %zu, %u syncs", who[i],
		    work.derived, work.ops, work.mem, work.synced);
		is_str(err.text, said, "in the same words");
		ok(approve(who[i], wrong) != 0 && wait_s > 0 &&
			work.derived == 0,
		    "%s: the next one waits, and derives nothing", who[i]);
	}
	forgive();
	is_int(approve("alice", right), 0, "control: the right one");
	is_int(failures(), 0, "is not counted");
	ok(work.derived == first.derived, "and is no more work");
}

/* On the disk when the derivation begins, so whoever stops it has spent it. */
static void
is_counted(void)
{
	ok(failures() == 1, "counted before it is derived");
	ok(work.synced == 1, "and on the disk");
}

static void
test_order(void)
{
	forgive();
	on_derive = is_counted;
	ok(approve("alice", wrong) != 0, "a wrong one");
	forgive();
	ok(approve("alice", right) == 0, "a right one");
	on_derive = NULL;
}

static void
test_trouble(void)
{
	char file[128], other[128];
	unsigned before = records();

	forgive();
	no_memory = true;
	ok(approve("alice", right) != 0 && bnd_kind_exit(err.kind) == 2,
	    "no memory is trouble (2): %s", err.text);
	no_memory = false;
	is_int(failures(), 0, "and no failure");
	snprintf(file, sizeof(file), "%s/" BND_KDF_DIR "/alice.kdf", sc.dir);
	snprintf(other, sizeof(other), "%s/" BND_KDF_DIR "/alice", sc.dir);
	chmod(file, 0644);
	ok(approve("alice", right) != 0 && bnd_kind_exit(err.kind) == 8,
	    "a file that others can read is not used (8)");
	chmod(file, 0600);
	if (rename(file, other) != 0)
		bail("rename");
	ok(approve("alice", right) != 0 && bnd_kind_exit(err.kind) == 2,
	    "a file that is gone is said to be: %s", err.text);
	snprintf(other, sizeof(other), "%s/" BND_KDF_DIR "/carol.kdf", sc.dir);
	if (rename(other, file) != 0)
		bail("rename");
	ok(approve("alice", "fourteen bytes") != 0 &&
		bnd_kind_exit(err.kind) == 8,
	    "nor another's in its place (8)");
	snprintf(other, sizeof(other), "%s/" BND_KDF_DIR "/alice", sc.dir);
	if (rename(other, file) != 0)
		bail("rename");
	is_int(records() - before, 0, "none of it is recorded as a miss");
	open_id[0] ^= 1;
	ok(approve("alice", right) != 0 && work.derived == 0,
	    "no ceremony, nothing to try");
	open_id[0] ^= 1;
	ok(approve("", right) != 0 && approve("../alice", right) != 0 &&
		approve("alice", "") != 0 && failures() == 0,
	    "what is no name or passphrase is no attempt");
	is_int(approve("alice", right), 0, "control");
}

/* To say that it is not the one given before is a verdict, too. */
static void
test_prove(void)
{
	struct bnd_evidence e;

	forgive();
	ok(bnd_passphrase_prove(&sc.root, "alice", wrong, strlen(wrong),
	       (struct bnd_str){ "x", 1 }, &e, &err) != 0 &&
		err.kind == BND_E_CEREMONY,
	    "a proof by another passphrase");
	is_int(failures(), 1, "is counted");
	ok(bnd_passphrase_prove(&sc.root, "alice", right, strlen(right),
	       (struct bnd_str){ "x", 1 }, &e, &err) != 0 &&
		err.kind == BND_E_CEREMONY,
	    "and waited for");
	forgive();
	is_int(bnd_passphrase_prove(&sc.root, "alice", right, strlen(right),
		   (struct bnd_str){ "x", 1 }, &e, &err),
	    0, "control");
}

/* ---- nothing is left ---- */

/* Whether the memory of a stopped process has these bytes anywhere. */
static bool
holds(pid_t pid, const void *what, size_t len)
{
	char path[64], line[512];
	bool found = false;
	FILE *maps;
	int mem;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	mem = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "re");
	if (mem < 0 || maps == NULL)
		bail("cannot look into a child");
	while (!found && fgets(line, sizeof(line), maps) != NULL) {
		unsigned long from, to;
		char *buf;
		ssize_t n;

		if (sscanf(line, "%lx-%lx", &from, &to) != 2 ||
		    to - from > (64UL << 20))
			continue;
		buf = malloc(to - from);
		n = buf == NULL ? -1 : pread(mem, buf, to - from, (off_t)from);
		found = n > 0 && memmem(buf, (size_t)n, what, len) != NULL;
		free(buf);
	}
	fclose(maps);
	close(mem);
	return found;
}

/* Uses the words read backward: no other memory has them forward. */
static _Noreturn void
use_and_stop(const char *hidden, size_t len, bool keep)
{
	char *copy = bnd_secret_new(BND_PASSPHRASE_MAX, &err);

	if (copy == NULL)
		_exit(1);
	for (size_t i = 0; i < len; i++)
		copy[i] = hidden[len - 1 - i];
	(void)!bnd_passphrase_approve(
	    &sc.root, open_id, "alice", copy, len, &wait_s, &err);
	if (!keep)
		bnd_secret_free(copy, BND_PASSPHRASE_MAX);
	raise(SIGSTOP);
	_exit(0);
}

static void
test_left(void)
{
	static const char hidden[] = "rekram eht si siht os ,drow yb drow";
	char pass[sizeof(hidden)];
	size_t len = sizeof(hidden) - 1;
	uint8_t seed[BND_SEED_LEN];
	struct bnd_kdf k;
	pid_t pid;

	must(bnd_kdf_load(&sc.root, "alice", &k, &err));
	for (int keep = 0; keep < 2; keep++) {
		forgive();
		pid = fork();
		if (pid == 0)
			use_and_stop(hidden, len, keep != 0);
		if (waitpid(pid, NULL, WUNTRACED) != pid)
			bail("the child did not stop");
		for (size_t i = 0; i < len; i++)
			pass[i] = hidden[len - 1 - i];
		ok(holds(pid, pass, len) == (keep != 0),
		    keep == 0 ? "a passphrase that was used is in no memory"
			      : "control: one that is kept is found");
		must(bnd_kdf_derive(&k, pass, len, seed, &err));
		ok(!holds(pid, seed, sizeof(seed)),
		    "nor is the seed that came of it");
		bnd_wipe(pass, sizeof(pass));
		bnd_wipe(seed, sizeof(seed));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

int
main(void)
{
	if (bnd_sign_init(&err) != 0)
		bail(err.text);
	scratch_make_fast(&sc);
	set_up();
	test_enrolled();
	open_drill();
	test_same_work();
	test_order();
	test_trouble();
	test_prove();
	test_left();
	ok(freed >= 5 && unwiped == 0, "%u seeds were given back, wiped",
	    freed);
	scratch_remove(&sc);
	return tap_done();
}
