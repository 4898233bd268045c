/* lockout.c: every try counts, no wait is for ever, no success makes it shorter */
/* SPDX-License-Identifier: ISC */
#include "lockout.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "scratch.h"
#include "sign.h"
#include "tap.h"

#define S    UINT64_C(1000000)
#define HOUR (3600 * S)

/* A clock of the test's own, the same for all its processes. */
static struct {
	_Atomic uint64_t boot_us;
	_Atomic int64_t real_us;
	_Atomic bool shifted, other_boot;
} * now;

int
bnd_clock_now(struct bnd_now *n, struct bnd_err *err)
{
	(void)err;
	*n = (struct bnd_now){ .boot_us = now->boot_us,
		.real_us = now->real_us };
	memset(n->boot, now->other_boot ? 'b' : 'a', BND_BOOT_ID_LEN);
	return 0;
}

bool
bnd_clock_is_initial(void)
{
	return !now->shifted;
}

uint64_t
bnd_clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000U + (uint64_t)t.tv_nsec / 1000000U;
}

void
bnd_clock_format(int64_t real_us, char text[static BND_TIME_LEN + 1])
{
	(void)real_us;
	text[0] = '\0';
}

static struct scratch sc;
static struct bnd_err err;
static uint64_t wait_s;

/* ---- what the file says ---- */

static void
read_file(struct bnd_lockout *l)
{
	char buf[BND_LOCKOUT_LEN];
	size_t len;

	if (bnd_file_read(&sc.root, BND_LOCKOUT_PATH, 0077, buf, sizeof(buf),
		&len, &err) != 0 ||
	    bnd_lockout_unpack((struct bnd_str){ buf, len }, l, &err) != 0)
		bail(err.text);
}

static uint64_t
all(void)
{
	struct bnd_lockout l;

	read_file(&l);
	return l.all.n;
}

static uint64_t
names(void)
{
	struct bnd_lockout l;
	uint64_t n = 0;

	read_file(&l);
	for (int i = 0; i < BND_LOCKOUT_NAMES; i++)
		n += l.name[i].n;
	return n;
}

static void
fresh(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/" BND_LOCKOUT_PATH, sc.dir);
	unlink(path);
	if (bnd_lockout_make(&sc.root, &err) != 0)
		bail(err.text);
}

/* ---- tries ---- */

static bool
try(const char *name, bool good)
{
	struct bnd_attempt a;

	if (bnd_lockout_begin(&sc.root, name, &a, &wait_s, &err) != 0)
		return false;
	if (good) {
		if (bnd_lockout_forgive(&a, &err) != 0)
			bail(err.text);
	} else {
		bnd_lockout_fail(&a);
	}
	return true;
}

static void
test_waits(void)
{
	static const uint64_t want[] = { 2, 4, 8, 16, 32, 64, 128, 256, 512,
		900, 900 };
	bool right = true, early = false;

	fresh();
	ok(try("alice", false), "the first try is judged");
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct bnd_lockout l;
		struct bnd_failures f = { 0 };

		read_file(&l);
		for (int k = 0; k < BND_LOCKOUT_NAMES; k++) {
			if (l.name[k].n > f.n)
				f = l.name[k];
		}
		right &= f.wait_s == want[i] && f.n == i + 1;
		now->boot_us += want[i] * S;
		early |= !try("alice", false);
	}
	ok(right, "the nth failure waits 2^n s, at most 900");
	ok(!early, "and no longer");
}

static void
test_early(void)
{
	fresh();
	ok(try("alice", false) && try("bob", false) == true,
	    "another's failure is not waited for at first");
	now->boot_us += 2 * S - 1;
	ok(!try("alice", false) && wait_s == 1 && err.kind == BND_E_CEREMONY,
	    "a try before the end is refused, with the seconds left");
	is_int(all(), 3, "and counted");
	for (int i = 0; i < 50; i++)
		(void)try("alice", false);
	now->boot_us += 1;
	ok(try("alice", true), "but does not lengthen the wait");
	is_int(all(), BND_LOCKOUT_MAX_N, "the count has an end");
}

static void
test_success(void)
{
	struct bnd_lockout before, after;
	char one[BND_LOCKOUT_LEN], two[BND_LOCKOUT_LEN];

	fresh();
	(void)try("alice", false);
	now->boot_us += 10 * S;
	(void)try("alice", false);
	now->boot_us += 10 * S;
	read_file(&before);
	ok(try("alice", true), "fail, fail, good");
	read_file(&after);
	bnd_lockout_pack(&before, one);
	bnd_lockout_pack(&after, two);
	is_mem(one, two, sizeof(one), "a success clears nothing but its own");
	ok(try("alice", true), "nor is it waited for");
	ok(try("alice", false), "fail");
	ok(!try("alice", true) && wait_s == 8,
	    "the third failure waits as the third, right passphrase or not");
}

static void
test_all(void)
{
	char name[8];
	int judged = 0;

	fresh();
	for (int i = 0; i < 16; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		judged += try(name, false);
	}
	ok(judged <= BND_LOCKOUT_SPARED + 1,
	    "one name after the other: %d are judged", judged);
	is_int(all(), 16, "all are counted together");
	is_int(names(), 16, "and each by its name");
}

static void
test_halving(void)
{
	fresh();
	for (int i = 0; i < 16; i++)
		(void)try("alice", false);
	now->boot_us += HOUR - 1;
	now->real_us += 1000 * (int64_t)HOUR;
	(void)try("bob", true);
	is_int(all(), 16,
	    "within the hour nothing is taken off, whatever the wall clock is");
	now->boot_us += 1;
	ok(try("bob", false), "an hour later");
	is_int(all(), 9, "halved, and one more");
	now->boot_us += 2 * HOUR;
	(void)try("bob", false);
	is_int(all(), 3, "two more hours quarter it");
	now->boot_us += 400 * HOUR;
	(void)try("bob", false);
	is_int(all(), 1, "and in the end it is gone");
}

static void
test_reboot(void)
{
	uint64_t before;

	fresh();
	for (int i = 0; i < 5; i++)
		(void)try("alice", false);
	now->boot_us += 100 * S;
	ok(try("alice", false), "a sixth failure, that waits 64 s");
	before = now->boot_us;
	now->boot_us += 60 * S;
	now->other_boot = true;
	now->boot_us = 5 * S;
	ok(!try("alice", true) && wait_s == 59, "a reboot begins it anew");
	is_int(all(), 7, "and takes nothing off");
	now->boot_us = 64 * S;
	ok(try("alice", true), "it ends all the same");
	now->other_boot = false;
	now->boot_us = before + 1000 * S;
}

static void
test_clock(void)
{
	fresh();
	(void)try("alice", false);
	now->real_us += 1000 * (int64_t)S;
	ok(!try("alice", true), "the wall clock forward ends no wait");
	now->real_us -= 3000 * (int64_t)S;
	now->boot_us += 4 * S;
	ok(try("alice", true), "nor does it backward lengthen one");
	now->shifted = true;
	ok(!try("alice", true) && err.kind == BND_E_FROZEN,
	    "in a time namespace of somebody's own nothing is judged");
	now->shifted = false;
	now->boot_us -= 100 * S;
	ok(!try("alice", true) && wait_s == BND_LOCKOUT_MAX_S,
	    "a clock that runs backward is the longest wait");
	now->boot_us += 1000 * S;
}

/* ---- the file, damaged ---- */

static void
test_damage(void)
{
	char path[128], good[BND_LOCKOUT_LEN];
	unsigned passed = 0, stuck = 0;
	struct bnd_lockout l;
	struct stat st, then;
	size_t len;
	int fd;

	fresh();
	(void)try("alice", false);
	now->boot_us += 10 * S;
	snprintf(path, sizeof(path), "%s/" BND_LOCKOUT_PATH, sc.dir);
	fd = open(path, O_RDWR);
	if (fd < 0 || pread(fd, good, sizeof(good), 0) != sizeof(good) ||
	    fstat(fd, &st) != 0)
		bail("read");
	len = (size_t)(strstr(good, "\nsum ") - good) + 49;
	for (size_t bit = 0; bit < len * 8; bit++) {
		char bad[BND_LOCKOUT_LEN];

		memcpy(bad, good, sizeof(bad));
		bad[bit / 8] = (char)(bad[bit / 8] ^ (1 << (bit % 8)));
		passed +=
		    bnd_lockout_unpack(
			(struct bnd_str){ bad, sizeof(bad) }, &l, NULL) == 0;
	}
	is_int(passed, 0, "no flipped bit is read");
	for (int cut = 0; cut < BND_LOCKOUT_LEN; cut += 97) {
		if (pwrite(fd, good, sizeof(good), 0) != sizeof(good) ||
		    ftruncate(fd, cut) != 0)
			bail("truncate");
		passed += try("alice", true) || wait_s != BND_LOCKOUT_MAX_S;
		now->boot_us += BND_LOCKOUT_MAX_S * S;
		stuck += !try("alice", true);
	}
	is_int(passed, 0, "every cut is the longest wait");
	is_int(stuck, 0, "once: it is made good");
	ok(stat(path, &then) == 0 && then.st_ino == st.st_ino &&
		then.st_size == BND_LOCKOUT_LEN &&
		(then.st_mode & 07777) == 0600,
	    "in place, 0600");
	if (fchmod(fd, 0644) != 0)
		bail("chmod");
	ok(!try("alice", true) && err.kind == BND_E_UNSAFE,
	    "one that others can read is not believed");
	close(fd);
	unlink(path);
	ok(!try("alice", true) && wait_s == BND_LOCKOUT_MAX_S,
	    "no file is the longest wait");
	now->boot_us += BND_LOCKOUT_MAX_S * S;
	ok(try("alice", true), "once");
	unlink(path);
	if (symlink("/etc/passwd", path) != 0)
		bail("symlink");
	ok(!try("alice", true), "a link is not followed");
}

/* ---- processes ---- */

static void
test_killed(void)
{
	struct bnd_attempt a;
	int status;
	pid_t pid;

	fresh();
	pid = fork();
	if (pid == 0) {
		if (bnd_lockout_begin(&sc.root, "alice", &a, &wait_s, &err) !=
		    0)
			_exit(1);
		raise(SIGKILL);
	}
	if (waitpid(pid, &status, 0) != pid)
		bail("wait");
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
	    "killed between count and verdict");
	is_int(all(), 1, "it has counted");
	ok(!try("alice", true) && wait_s == 2, "and is waited for");
}

static int
at_once(int n, bool good)
{
	int status, judged = 0;

	for (int i = 0; i < n; i++) {
		if (fork() == 0)
			_exit(try("alice", good) ? 0 : 1);
	}
	for (int i = 0; i < n; i++) {
		if (wait(&status) < 0 || !WIFEXITED(status))
			bail("wait");
		judged += WEXITSTATUS(status) == 0;
	}
	return judged;
}

static void
test_parallel(void)
{
	fresh();
	is_int(at_once(20, false), 1, "of 20 at once one is judged");
	is_int(all(), 20, "and 20 are counted, for all");
	is_int(names(), 20, "and for the name");
	fresh();
	is_int(at_once(20, true), 20, "control: 20 good ones all are");
	is_int(all(), 0, "and leave nothing");
}

int
main(void)
{
	now = mmap(NULL, sizeof(*now), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (now == MAP_FAILED || bnd_sign_init(&err) != 0)
		bail("no shared memory");
	now->boot_us = 100000 * S;
	scratch_make_fast(&sc);
	if (bnd_root_mkdir(&sc.root, "var/lib/bnd", 0755, &err) != 0)
		bail(err.text);
	test_waits();
	test_early();
	test_success();
	test_all();
	test_halving();
	test_reboot();
	test_clock();
	test_damage();
	test_killed();
	test_parallel();
	scratch_remove(&sc);
	return tap_done();
}
