/* box-lease.c: two ids for one run at a time, and what it leaves behind */
/* SPDX-License-Identifier: ISC */
#include "box-lease.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "scope.h"
#include "scratch.h"
#include "tap.h"

#define HEX "00112233445566778899aabbccddeeff"

static struct bnd_lease_text t, back;
static char text[BND_LEASE_MAX];

static void
sample(void)
{
	memset(&t, 0, sizeof(t));
	snprintf(t.boot, sizeof(t.boot), HEX);
	snprintf(t.id, sizeof(t.id), HEX);
	t.sup = 812;
	t.sup_start = 5512034;
	t.init = 813;
	t.init_start = UINT64_MAX;
	t.mode = BND_TRUSTED;
	t.logged = true;
	snprintf(t.cgroup[0], BND_BOX_PATH, "/sys/fs/cgroup/unified/bnd-sbx/7");
	snprintf(
	    t.cgroup[1], BND_BOX_PATH, "/sys/fs/cgroup/pids/a b/bnd-sbx-7");
	t.cgroups = 2;
	snprintf(t.argv0, sizeof(t.argv0), "/bin/true");
	snprintf(t.policy, sizeof(t.policy), "version 1\nmem 512M\nend\n");
}

static size_t
pack(void)
{
	size_t len = 0;

	ok(bnd_lease_pack(&t, text, sizeof(text), &len, NULL) == 0, "it fits");
	return len;
}

static int
unpack(const char *from, size_t len)
{
	return bnd_lease_unpack((struct bnd_str){ from, len }, &back, NULL);
}

/* ---- the text ---- */

static void
test_round(void)
{
	size_t len;

	sample();
	len = pack();
	ok(unpack(text, len) == 0, "and is read");
	is_str(back.boot, t.boot, "boot");
	is_str(back.id, t.id, "id");
	is_int(back.sup, 812, "supervisor");
	ok(back.init_start == UINT64_MAX, "start of the init");
	is_int(back.mode, BND_TRUSTED, "mode");
	ok(back.logged, "logged");
	is_int(back.cgroups, 2, "cgroups");
	is_str(back.cgroup[1], t.cgroup[1], "a blank in one");
	is_str(back.policy, t.policy, "a policy with a line end of its own");

	memset(&t, 0, sizeof(t));
	snprintf(t.boot, sizeof(t.boot), HEX);
	snprintf(t.id, sizeof(t.id), HEX);
	t.mode = BND_OPEN;
	len = pack();
	ok(unpack(text, len) == 0 && back.policy[0] == '\0' && !back.logged,
	    "one that has only begun");
}

/* The longest everything; a payload's name of bytes that spell as four each. */
static void
test_longest(void)
{
	sample();
	memset(t.argv0, '\n', sizeof(t.argv0) - 1);
	memset(t.policy, 'x', sizeof(t.policy) - 1);
	t.cgroups = BND_LEASE_PATHS;
	for (size_t i = 0; i < BND_LEASE_PATHS; i++) {
		memset(t.cgroup[i], 'c', BND_BOX_PATH - 1);
		t.cgroup[i][0] = '/';
	}
	ok(unpack(text, pack()) == 0, "the longest of all is read");
	is_mem(back.argv0, "\\x0a\\x0a", 8, "a line end is no line end");
	is_int(back.cgroups, BND_LEASE_PATHS, "with all its leaves");
	is_int(strlen(back.policy), BND_BOX_TEXT_MAX - 1, "and its policy");
}

/* Half a write is never another lease. */
static void
test_garbage(void)
{
	static const char *const bad[] = { "\n", "bnd-lease 2\n",
		"bnd-lease 1\n", "bnd-lease 1\nend\n" };
	size_t len, taken = 0;
	struct bnd_err err = { 0 };

	sample();
	len = pack();
	for (size_t i = 0; i < len; i++)
		taken += unpack(text, i) == 0;
	is_int(taken, 0, "no beginning of one is one");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(unpack(bad[i], strlen(bad[i])) == -1, "garbage %zu", i);
	memcpy(text + len, "x", 1);
	ok(bnd_lease_unpack((struct bnd_str){ text, len + 1 }, &back, &err) ==
		-1,
	    "nor is more");
	is_int(err.kind, BND_E_CORRUPT, "that is garbage");
	is_int(back.cgroups, 0, "of which nothing is kept");
}

static void
test_salvage(void)
{
	char path[BND_LEASE_PATHS][BND_BOX_PATH];
	size_t len;

	sample();
	len = pack();
	is_int(bnd_lease_salvage((struct bnd_str){ text, len - 9 }, path), 2,
	    "a cut one still names its leaves");
	is_str(path[1], t.cgroup[1], "by their paths");
	is_int(bnd_lease_salvage((struct bnd_str){ "cgroup x\n", 9 }, path), 0,
	    "which are absolute");
}

/* ---- the ids ---- */

static void
put(const struct scratch *s, const char *path, const char *what)
{
	SCOPED_FD int fd = openat(
	    s->root.fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, what, strlen(what)) != (ssize_t)strlen(what))
		printf("# cannot write %s\n", path);
}

static const char *
range(const struct scratch *s, const char *u, const char *g)
{
	static struct bnd_err err;
	uid_t first = 0;

	err = (struct bnd_err){ 0 };
	put(s, "etc/subuid", u);
	put(s, "etc/subgid", g);
	if (bnd_lease_range(&s->root, &first, &err) == 0)
		snprintf(err.text, sizeof(err.text), "%u", first);
	return err.text;
}

static void
test_range(const struct scratch *s)
{
	static const char good[] = "a:100000:65536\nbnd-sbx:200000:2048\n";

	is_str(range(s, good, good), "200000", "ids that are ours alone");
	is_str(range(s, "bnd-sbx:300000:65536\n", "bnd-sbx:300000:65536\n"),
	    "300000", "as many as useradd gives");
	is_str(range(s, "a:100000:65536\n", good),
	    "/etc/subuid has no line of bnd-sbx (sbx-run(1))", "none");
	is_str(range(s, good, "bnd-sbx:200001:2048\n"),
	    "/etc/subuid and /etc/subgid give bnd-sbx other ids", "other ones");
	is_str(range(s, good, "bnd-sbx:200000:2047\n"),
	    "/etc/subgid: bnd-sbx needs 2048 ids from 65536 on", "too few");
	is_str(range(s, "bnd-sbx:1000:2048\n", good),
	    "/etc/subuid: bnd-sbx needs 2048 ids from 65536 on",
	    "people's own");
	is_str(range(s, "bnd-sbx:4294967000:2048\n", good),
	    "/etc/subuid: bnd-sbx needs 2048 ids from 65536 on",
	    "beyond the last");
	is_str(range(s, "bnd-sbx:200000:2048\nmallory:202047:1\n", good),
	    "/etc/subuid gives ids of bnd-sbx to mallory",
	    "the last of them somebody else's, too");
	is_str(range(s, good, "mallory:199999:2\nbnd-sbx:200000:2048\n"),
	    "/etc/subgid gives ids of bnd-sbx to mallory", "or the first");
	is_str(range(s, good, good), "200000", "and again");
}

/* ---- the lock ---- */

static unsigned cleaned, refused;

static int
clean(const struct bnd_root *root, const struct bnd_lease *l,
    const struct bnd_lease_text *was, struct bnd_err *err)
{
	(void)root, (void)was;
	if (refused > 0) {
		refused--;
		return bnd_fail(err, BND_E_BUSY, "it is stuck");
	}
	cleaned++;
	return ftruncate(l->fd, 0);
}

static struct bnd_lease
take(const struct scratch *s, struct bnd_err *err)
{
	struct bnd_lease l = { .fd = -1 };

	*err = (struct bnd_err){ 0 };
	ok(bnd_lease_take(&s->root, clean, &l, err) == 0, "a lease is taken %s",
	    err->text);
	return l;
}

static void
test_take(const struct scratch *s)
{
	struct bnd_err err;
	struct bnd_lease a = take(s, &err), b = take(s, &err), c, d;

	is_int(a.base, 200000, "the first has the first ids");
	is_int(b.n, a.n + 1, "the next one others");
	is_int(b.base, a.base + 2, "two on");
	is_int(bnd_lease_try(&s->root, a.n, &c, &err), 0, "it is locked");
	ok(bnd_lease_free(&a, &err) == 0, "given back");
	c = take(s, &err);
	is_int(c.n, b.n + 1, "the next is not the one just given back");

	sample();
	ok(bnd_lease_write(&b, &t, &err) == 0, "it says something");
	is_int(bnd_lease_read(b.fd, &back, &err), 0, "that can be read");
	is_str(back.policy, t.policy, "as it was");
	t.policy[0] = '\0';
	ok(bnd_lease_write(&b, &t, &err) == 0 &&
		bnd_lease_read(b.fd, &back, &err) == 0 &&
		back.policy[0] == '\0',
	    "a shorter one leaves nothing of the longer");
	is_int(bnd_lease_read(c.fd, &back, &err), 1, "the other says nothing");

	/* Given back dirty, and the hint moved there by hand. */
	close(b.fd);
	put(s, "run/bnd/sbx/next", "1");
	d = take(s, &err);
	is_int(d.n, 1, "a dirty one is taken");
	is_int(cleaned, 1, "once it is clean");
	ok(bnd_lease_write(&d, &t, &err) == 0 && close(d.fd) == 0,
	    "dirty again");
	put(s, "run/bnd/sbx/next", "1");
	refused = 1;
	d = take(s, &err);
	is_int(d.n, 3, "one that cannot be cleaned is passed over");
	is_int(bnd_lease_look(&s->root, 1, &err) < 0, 0, "and stays as it is");
	put(s, "run/bnd/sbx/next", "99999\n");
	a = take(s, &err);
	is_int(a.n, 0, "a hint that is none leads to the first");
}

/* X108: with none left it says so, and for what they are held. */
static void
test_all(const struct scratch *s)
{
	struct bnd_err err = { 0 };
	struct bnd_lease l;
	unsigned n = 0;

	for (; bnd_lease_take(&s->root, clean, &l, &err) == 0; n++)
		continue;
	ok(n > BND_BOX_LEASES - 8, "all leases: %u", n);
	is_int(err.kind, BND_E_BUSY, "then none is free");
	is_str(err.text, "no lease is free", "it says");
}

/* Dying gives it back, dirty. */
static void
test_death(const struct scratch *s)
{
	struct bnd_lease l;
	struct bnd_err err = { 0 };
	int p[2], status = 0;
	char c;
	pid_t pid;

	ok(pipe(p) == 0, "a pipe");
	pid = fork();
	if (pid == 0) {
		close(p[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (bnd_lease_take(&s->root, clean, &l, &err) != 0 ||
		    bnd_lease_write(&l, &t, &err) != 0 ||
		    write(p[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(p[1]);
	ok(read(p[0], &c, 1) == 1, "control: another process has it");
	is_int(bnd_lease_try(&s->root, 0, &l, &err), 0, "and nobody else");
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	is_int(bnd_lease_try(&s->root, 0, &l, &err), 1, "until it is dead");
	is_int(bnd_lease_read(l.fd, &back, &err), 0, "what it said stands");
	close(l.fd);
	close(p[0]);
}

/* Whoever can open it could hold it up; whoever can replace it, share ids. */
static void
test_planted(const struct scratch *s)
{
	struct bnd_err err = { 0 };
	struct bnd_lease l;

	put(s, "run/bnd/sbx/5", "");
	ok(fchmodat(s->root.fd, "run/bnd/sbx/5", 0644, 0) == 0, "for all");
	is_int(bnd_lease_try(&s->root, 5, &l, &err), -1, "others can read it");
	is_int(err.kind, BND_E_UNSAFE, "and lock it");
	ok(symlinkat("5", s->root.fd, "run/bnd/sbx/6") == 0, "a link");
	is_int(bnd_lease_try(&s->root, 6, &l, &err), -1, "is not followed");
	ok(linkat(s->root.fd, "run/bnd/sbx/0", s->root.fd, "run/bnd/sbx/7",
	       0) == 0,
	    "two names");
	is_int(bnd_lease_try(&s->root, 7, &l, &err), -1, "are one too many");
}

static void
test_started(void)
{
	ok(prctl(PR_SET_NAME, "a) R 1 2 (b") == 0, "a name with brackets");
	ok(bnd_lease_started(getpid()) > 0, "this process started");
	ok(bnd_lease_started(getpid()) >= bnd_lease_started(getppid()),
	    "not before its parent");
	is_int(bnd_lease_started(INT32_MAX), 0, "one that is none never did");
}

int
main(void)
{
	struct scratch s, all, dead;

	test_round();
	test_longest();
	test_garbage();
	test_salvage();
	scratch_make_fast(&s);
	mkdirat(s.root.fd, "etc", 0755);
	test_range(&s);
	test_take(&s);
	test_planted(&s);
	scratch_remove(&s);
	scratch_make_fast(&dead);
	mkdirat(dead.root.fd, "etc", 0755);
	test_range(&dead);
	test_death(&dead);
	scratch_remove(&dead);
	scratch_make_fast(&all);
	mkdirat(all.root.fd, "etc", 0755);
	test_range(&all);
	test_all(&all);
	scratch_remove(&all);
	test_started();
	return tap_done();
}
