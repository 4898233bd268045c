/* box-root, box-src: sources of a host, seen as a root, in namespaces of our own */
/* SPDX-License-Identifier: ISC */
#include "box-root.h"

#include <ftw.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "box-land.h"
#include "box-mounts.h"
#include "box-src.h"
#include "clock.h"
#include "tap.h"

#define B   3000000000U /* nobody's ids on any host */
#define UID 1000

static char top[] = "/tmp/bnd-test.XXXXXX";
static struct bnd_box_policy policy;
static struct bnd_box_job job;
static struct bnd_box_note note;
static struct bnd_err err;
static int work = -1;
static int stray = -1; /* a directory of the host that was left open */
static bool landlock;

/* ---- a host ------------------------------------------------------------- */

static const char *
in(const char *name)
{
	static char path[16][256];
	static unsigned i;
	char *p = path[i++ % 16];

	snprintf(p, sizeof(path[0]), "%s/%s", top, name);
	return p;
}

static void
dir(const char *name, uid_t uid)
{
	if (mkdir(in(name), 0755) != 0 || chown(in(name), uid, uid) != 0)
		bail(name);
}

static void
file(const char *name, uid_t uid, mode_t mode)
{
	int fd = open(in(name), O_CREAT | O_EXCL | O_WRONLY, mode);

	if (fd < 0 || write(fd, name, strlen(name)) < 0 ||
	    fchown(fd, uid, uid) != 0 || fchmod(fd, mode) != 0)
		bail(name);
	close(fd);
}

static void
plant(void)
{
	if (unshare(CLONE_NEWNS) != 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mkdtemp(top) == NULL || chmod(top, 0755) != 0)
		skip_kernel_all("no mounts of our own here");
	dir("etc", 0);
	file("etc/canary", 0, 0666);
	dir("sub", 0);
	dir("sub/mnt", 0);
	if (mount("s", in("sub/mnt"), "tmpfs", 0, "mode=0777") != 0)
		bail("a submount");
	file("sub/mnt/secret", 0, 0666);
	dir("work", UID);
	dir("work/sub", UID);
	dir("work/.git", UID);
	file("work/.git/config", UID, 0644);
	dir("other", 1001);
	dir("rooted", 0);
	dir("ramfs", 0);
	if (mount("r", in("ramfs"), "ramfs", 0, NULL) != 0 ||
	    chown(in("ramfs"), UID, UID) != 0)
		bail("a ramfs");
	if (symlink("/", in("work/abs")) != 0 ||
	    symlink("../../etc", in("work/rel")) != 0 ||
	    mkfifo(in("fifo"), 0666) != 0 ||
	    mknod(in("node"), S_IFCHR | 0666, makedev(1, 3)) != 0)
		bail("links and nodes");
	work = open(in("work"), O_PATH | O_CLOEXEC);
}

/* ---- a sandbox ---------------------------------------------------------- */

static void
bind(const char *src, const char *dst, unsigned rights)
{
	policy.bind[policy.binds++] =
	    (struct bnd_box_bind){ .src = src, .dst = dst, .rights = rights };
}

static void
nothing_bound(void)
{
	static const char *const nodes[] = { "full", "null", "random",
		"urandom", "zero" };

	policy = (struct bnd_box_policy){ .tmp_inodes = 64 };
	policy.num[BND_BOX_PROC] = 1;
	policy.num[BND_BOX_TMP] = 1 << 20;
	for (size_t i = 0; i < 5; i++)
		policy.dev.at[policy.dev.n++] = nodes[i];
	bind("/usr", "/usr", BND_BIND_R | BND_BIND_X);
	job = (struct bnd_box_job){ .policy = &policy };
	err = (struct bnd_err){ .kind = BND_E_NONE };
}

static int
sources(void)
{
	static char missing[512];

	return bnd_src_open(&policy, work, -1, &job, missing, sizeof(missing),
	    bnd_clock_ms() + 10000, &err);
}

static int
procfs(void)
{
	int fs = fsopen("proc", FSOPEN_CLOEXEC);

	if (fsconfig(fs, FSCONFIG_SET_STRING, "subset", "pid", 0) != 0 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) != 0)
		return -1;
	return fsmount(fs, FSMOUNT_CLOEXEC,
	    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
		MOUNT_ATTR_NOEXEC);
}

static void
map(pid_t pid, const char *name)
{
	char path[64], text[64];
	int fd, n;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	n = snprintf(
	    text, sizeof(text), "%u %u 1\n%u %u 1\n", B, B, job.uid, B + 1);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, (size_t)n) != n)
		bail("a map of ids");
	close(fd);
}

static _Noreturn void
child(int go, int say, void (*inside)(void))
{
	struct bnd_box_note n = { .magic = BND_NOTE_MAGIC };
	char c;

	if (read(go, &c, 1) != 1 || setresgid(B, B, B) != 0 ||
	    setresuid(B, B, B) != 0)
		_exit(2);
	if (bnd_root_build(&job, procfs(), &n) == -1 ||
	    bnd_root_leave(&n) == -1)
		n.kind = BND_NOTE_FAILED;
	if (write(say, &n, sizeof(n)) != sizeof(n) ||
	    n.kind == BND_NOTE_FAILED || read(go, &c, 1) != 1)
		_exit(3);
	if (landlock && bnd_land_restrict(&job, &n) == -1)
		_exit(5);
	if (setresgid(job.gid, job.gid, job.gid) != 0 ||
	    setresuid(job.uid, job.uid, job.uid) != 0 || dup2(say, 1) != 1)
		_exit(4);
	umask(022);
	inside();
	fflush(stdout);
	_exit(0);
}

struct box {
	pid_t pid;
	int go, said;
	char text[8192];
};

/* The root is there when this returns 0; -1: err or note says why not. */
static int
begin(struct box *b, void (*inside)(void))
{
	int go[2], say[2], ns;
	char path[64];

	if (sources() == -1)
		return -1;
	if (pipe2(go, O_CLOEXEC) != 0 || pipe2(say, O_CLOEXEC) != 0)
		bail("pipes");
	b->pid = (pid_t)syscall(SYS_clone,
	    CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC |
		CLONE_NEWUTS | SIGCHLD,
	    0, 0, 0, 0);
	if (b->pid == -1)
		bail("no namespaces");
	if (b->pid == 0) {
		close(go[1]);
		child(go[0], say[1], inside);
	}
	map(b->pid, "uid_map");
	map(b->pid, "gid_map");
	close(go[0]);
	close(say[1]);
	b->go = go[1];
	b->said = say[0];
	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)b->pid);
	ns = open(path, O_RDONLY | O_CLOEXEC);
	note = (struct bnd_box_note){ .kind = BND_NOTE_NONE };
	if (bnd_src_idmap(&job, ns, &err) == -1 || write(b->go, "x", 1) != 1 ||
	    read(b->said, &note, sizeof(note)) != (ssize_t)sizeof(note))
		note.kind = BND_NOTE_FAILED;
	close(ns);
	return note.kind == BND_NOTE_FAILED ? -1 : 0;
}

/* Let it go on to its end: its exit status, and what it printed. */
static int
end(struct box *b)
{
	size_t len = 0;
	ssize_t n;
	int st = 0;

	if (b->pid <= 0)
		return -1;
	if (write(b->go, "x", 1) != 1)
		b->text[0] = '\0';
	while (
	    (n = read(b->said, b->text + len, sizeof(b->text) - 1 - len)) > 0)
		len += (size_t)n;
	b->text[len] = '\0';
	close(b->go);
	close(b->said);
	waitpid(b->pid, &st, 0);
	bnd_src_close(&job);
	return WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
}

static const char *
run(void (*inside)(void))
{
	static struct box b;

	b = (struct box){ .pid = -1 };
	signal(SIGPIPE, SIG_IGN);
	if (begin(&b, inside) == -1) {
		snprintf(b.text, sizeof(b.text), "failed");
		if (b.pid > 0) {
			close(b.go);
			close(b.said);
			waitpid(b.pid, NULL, 0);
		}
		bnd_src_close(&job);
		return "failed";
	}
	end(&b);
	return b.text;
}

static void
nothing(void)
{
}

/* What opening path (flags) comes to. */
static void
try(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);

	printf("%s ", fd >= 0 ? "ok" : strerrorname_np(errno));
	if (fd >= 0)
		close(fd);
}

/* ---- what it comes to --------------------------------------------------- */

static bool
is_as_planned(const struct bnd_root_mount *p, const struct bnd_mount_line *m)
{
	return bnd_mount_has(m->options, p->ro ? "ro" : "rw") &&
	    bnd_mount_has(m->options, "nosuid") == p->nosuid &&
	    bnd_mount_has(m->options, "nodev") == p->nodev &&
	    bnd_mount_has(m->options, "noexec") == p->noexec && !m->shared &&
	    (p->fstype == NULL || bnd_str_is(m->fstype, p->fstype));
}

static void
mounts_are_the_plan(void)
{
	struct bnd_root_mount plan[BND_ROOT_MOUNTS];
	struct bnd_mount_line m;
	struct box b = { .pid = -1 };
	char path[64], *line = NULL;
	size_t size = 0, n, seen = 0, equal = 0;
	ssize_t len;
	FILE *f;

	nothing_bound();
	bind("$WORK", "/job", BND_BIND_R | BND_BIND_W | BND_BIND_OWN);
	bind(in("etc"), "/etc/mine", BND_BIND_R);
	bind(in("sub"), "/sub", BND_BIND_R);
	if (!ok(begin(&b, nothing) == 0, "a root is made"))
		bail(err.text);
	n = bnd_root_plan(&job, plan);
	snprintf(path, sizeof(path), "/proc/%d/mountinfo", (int)b.pid);
	f = fopen(path, "re");
	while (f != NULL && (len = getline(&line, &size, f)) > 0) {
		seen++;
		if (!bnd_mount_parse(
			(struct bnd_str){ line, (size_t)len - 1 }, &m))
			bail(line);
		for (size_t i = 0; i < n; i++)
			if (strcmp(plan[i].at, m.point) == 0 &&
			    is_as_planned(&plan[i], &m))
				equal++;
	}
	if (f != NULL)
		fclose(f);
	free(line);
	is_int(seen, n, "X30: as many mounts as planned");
	is_int(
	    equal, n, "X30: each as planned, the host's root not among them");
	is_int(end(&b), 0, "and it goes on");
}

static void
look_around(void)
{
	try("/usr/x", O_WRONLY | O_CREAT);
	try("/x", O_WRONLY | O_CREAT);
	try("/etc/mine/canary", O_RDONLY);
	try("/etc/mine/canary", O_WRONLY);
	try("/sub/mnt/secret", O_RDONLY);
	try("/tmp/x", O_WRONLY | O_CREAT);
	try("/etc/passwd", O_RDONLY);
	try("/bin/sh", O_RDONLY);
	try("/dev/null", O_WRONLY);
	try("/dev/mem", O_RDONLY);
	try("/sys", O_RDONLY);
	try("/../../etc/shadow", O_RDONLY);
	try("/proc/1/root/etc/shadow", O_RDONLY);
}

static void
what_is_seen(void)
{
	nothing_bound();
	bind(in("etc"), "/etc/mine", BND_BIND_R);
	bind(in("sub"), "/sub", BND_BIND_R);
	is_str(run(look_around),
	    "EROFS EROFS ok EROFS ENOENT ok ok ok ok ENOENT ENOENT ENOENT "
	    "ENOENT ",
	    "what is there, and what is not");
	ok(access(in("sub/mnt/secret"), F_OK) == 0,
	    "X26: control: the submount has it");
}

static void
look_below(void)
{
	try("/sub/mnt/secret", O_RDONLY);
	try("/sub/mnt/secret", O_WRONLY);
	try("/sub/mnt/new", O_WRONLY | O_CREAT);
}

static void
submounts(void)
{
	nothing_bound();
	bind(in("sub"), "/sub", BND_BIND_R | BND_BIND_SUBMOUNTS);
	is_str(run(look_below), "ok EROFS EROFS ",
	    "X26: with R it is seen, and not written");
	nothing_bound();
	if (chown(in("sub"), UID, UID) != 0)
		bail("chown");
	bind(in("sub"), "/sub", BND_BIND_R | BND_BIND_W | BND_BIND_SUBMOUNTS);
	is_str(run(look_below), "ok EROFS EROFS ", "X26: not with w either");
}

/* ---- links in the way --------------------------------------------------- */

static int
open_trees(void)
{
	int n = 0;

	for (size_t i = 0; i < job.trees; i++)
		n += job.tree[i].fd != -1;
	return n;
}

/* A bind below a source whose owner put a link there. */
static void
links_of_the_owner(void)
{
	static const char *const dst[] = { "/job/abs/etc", "/job/abs/new",
		"/job/rel/x", "/job/rel", "/job/none/x", "/job/none" };
	static const int want[] = { ELOOP, ELOOP, ELOOP, ENOTDIR, ENOENT,
		ENOENT };

	for (size_t i = 0; i < sizeof(dst) / sizeof(dst[0]); i++) {
		nothing_bound();
		bind("$WORK", "/job", BND_BIND_R | BND_BIND_W);
		bind(in("etc"), dst[i], BND_BIND_R);
		is_str(run(nothing), "failed", "X21: a bind at %s", dst[i]);
		is_int(note.errnum, want[i], "X21: and which error it is");
		is_int(open_trees(), 0, "all closed");
	}
	ok(access(in("work/none"), F_OK) != 0, "X21: nothing was made there");
	ok(access("/new", F_OK) != 0 && access(in("etc/x"), F_OK) != 0,
	    "X21: nor on the host");
}

static void
in_git(void)
{
	try("/job/.git/config", O_RDONLY);
	try("/job/.git/config", O_WRONLY);
	try("/job/.git/new", O_WRONLY | O_CREAT);
	try("/job/new", O_WRONLY | O_CREAT);
	printf("%s ",
	    rename("/job/.git", "/job/x") == 0 ? "ok" : strerrorname_np(errno));
	printf("%s ", rmdir("/job/.git") == 0 ? "ok" : strerrorname_np(errno));
}

static void
nested(void)
{
	struct stat st = { .st_uid = 0 };

	nothing_bound();
	policy.protect.n = 1;
	policy.protect.at[0] = ".git";
	bind("$WORK", "/job", BND_BIND_R | BND_BIND_W);
	is_str(run(in_git), "failed", "X36: .git in a writable bind");
	is_int(err.kind, BND_E_DENIED, "X36: that is policy's no");
	nothing_bound();
	policy.protect.n = 1;
	policy.protect.at[0] = ".git";
	bind("$WORK", "/job", BND_BIND_R | BND_BIND_W);
	bind("$WORK/.git", "/job/.git", BND_BIND_R | BND_BIND_OWN);
	is_str(run(in_git), "ok EROFS EROFS ok EBUSY EBUSY ",
	    "X36: covered by a bind that cannot be written");
	ok(stat(in("work/new"), &st) == 0 && st.st_uid == UID &&
		st.st_gid == UID,
	    "X119: what was written is the owner's, no leased id's");
	ok(unlink(in("work/new")) == 0, "and was there");
}

/* Between a directory and a link to the host's, as fast as it can. */
static pid_t
swapper(void)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (chdir(in("work")) != 0 || symlink("../etc", "away") != 0)
		_exit(1);
	for (;;)
		syscall(SYS_renameat2, AT_FDCWD, "sub", AT_FDCWD, "away",
		    1 << 1 /* RENAME_EXCHANGE */);
}

static void
stop(pid_t swapping)
{
	kill(swapping, SIGKILL);
	waitpid(swapping, NULL, 0);
	if (unlink(in("work/away")) != 0 &&
	    (unlink(in("work/sub")) != 0 ||
		rename(in("work/away"), in("work/sub")) != 0))
		bail("work/sub");
}

static void
race(void)
{
	unsigned right = 0, refused = 0, wrong = 0;
	pid_t pid = swapper();

	for (unsigned i = 0; i < 150; i++) {
		nothing_bound();
		bind("$WORK", "/job", BND_BIND_R | BND_BIND_W);
		bind(in("etc"), "/job/sub", BND_BIND_R);
		if (strcmp(run(nothing), "failed") != 0)
			right++;
		else if (note.errnum == ELOOP || note.errnum == ENOTDIR)
			refused++;
		else
			wrong++;
	}
	stop(pid);
	diag("%u right, %u refused", right, refused);
	ok(right > 0 && refused > 0, "X22: it was swapped during the starts");
	is_int(wrong, 0, "X22: each start was right or refused");
	ok(access(in("etc/canary"), F_OK) == 0, "X22: the host is as it was");
}

/* The source itself: a directory of its owner's, or a link to what is hidden. */
static void
race_source(void)
{
	unsigned right = 0, refused = 0, wrong = 0;
	struct stat want = { .st_ino = 0 }, st;
	pid_t pid;

	if (stat(in("work/sub"), &want) != 0)
		bail("work/sub");
	pid = swapper();
	for (unsigned i = 0; i < 1000; i++) {
		nothing_bound();
		bind("$WORK/sub", "/sub", BND_BIND_R);
		if (sources() == -1)
			refused++;
		else if (fstat(job.tree[job.trees - 2].fd, &st) == 0 &&
		    st.st_ino == want.st_ino && st.st_dev == want.st_dev)
			right++;
		else
			wrong++;
		bnd_src_close(&job);
	}
	stop(pid);
	diag("%u right, %u refused", right, refused);
	ok(right > 0 && refused > 0, "X23: it was swapped during the starts");
	is_int(wrong, 0, "X23: what is cloned is what was opened");
}

/* ---- who owns ----------------------------------------------------------- */

static void
owners(void)
{
	const unsigned rw = BND_BIND_R | BND_BIND_W;

	nothing_bound();
	bind(in("rooted"), "/job", rw);
	is_int(sources(), -1, "X117: a writable source of root's");
	ok(strstr(err.text, "user 0") != NULL, "X117: %s", err.text);
	if (chown(in("rooted"), UID, 0) != 0)
		bail("chown");
	is_int(sources(), -1, "X117: or of its group");
	ok(strstr(err.text, "group 0") != NULL, "X117: %s", err.text);
	nothing_bound();
	bind(in("rooted"), "/job", BND_BIND_R | BND_BIND_OWN);
	is_int(sources(), -1, "X117: the same for o");
	nothing_bound();
	bind(in("work"), "/job", rw);
	bind(in("other"), "/other", rw);
	is_int(sources(), -1, "X117: two of different owners");
	nothing_bound();
	bind(in("work"), "/job", rw);
	bind(in("work/sub"), "/sub", rw);
	is_int(sources(), 0, "two of one owner are fine (control)");
	is_int(job.uid, UID, "whom the payload is then");
	bnd_src_close(&job);
	nothing_bound();
	bind(in("ramfs"), "/job", rw);
	is_str(run(nothing), "failed", "X117: what cannot be idmapped");
	ok(strstr(err.text, "mount_setattr (idmap)") != NULL, "X117: %s",
	    err.text);
}

/* ---- what is no source -------------------------------------------------- */

static void
odd_sources(void)
{
	static const struct {
		const char *src, *dst;
		enum bnd_kind want;
	} rows[] = {
		{ "fifo", "/x", BND_E_INPUT },
		{ "node", "/x", BND_E_INPUT },
		{ "none", "/x", BND_E_SYS },
		{ "etc", "/", BND_E_INPUT },
		{ "etc", "/proc/x", BND_E_INPUT },
		{ "etc", "/dev", BND_E_INPUT },
		{ "etc", "/usr", BND_E_INPUT },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		nothing_bound();
		bind(in(rows[i].src), rows[i].dst, BND_BIND_R);
		is_int(
		    sources(), -1, "X25: %s at %s", rows[i].src, rows[i].dst);
		is_int(err.kind, rows[i].want, "%s", err.text);
	}
	nothing_bound();
	bind(in("none"), "/x", BND_BIND_R | BND_BIND_OPTIONAL);
	is_int(sources(), 0, "X130: one that may be missing");
	is_int(job.trees, 6, "X130: is absent");
	bnd_src_close(&job);
	nothing_bound();
	policy.dev.at[policy.dev.n++] = "mem";
	is_int(sources(), -1, "X31: no other node");
}

/* A file system whose server never answers. */
static void
hung_source(void)
{
	char options[64];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	uint64_t before;

	snprintf(options, sizeof(options),
	    "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	dir("fuse", 0);
	if (fd < 0 || mount("f", in("fuse"), "fuse", 0, options) != 0) {
		skip_kernel("X25: a source that hangs", "no fuse");
		return;
	}
	nothing_bound();
	bind(in("fuse/x"), "/x", BND_BIND_R);
	before = bnd_clock_ms();
	is_int(
	    bnd_src_open(&policy, work, -1, &job, NULL, 0, before + 300, &err),
	    -1, "X25: a source that hangs");
	is_int(err.errnum, ETIMEDOUT, "X25: %s", err.text);
	ok(bnd_clock_ms() - before < 2000, "X25: at its deadline");
	close(fd);
	umount2(in("fuse"), MNT_DETACH);
}

/* ---- an old kernel ------------------------------------------------------ */

static void
deny(long call)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_K | BPF_JEQ, (uint32_t)call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { 4, code };

	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) != 0)
		_exit(9);
}

/* Without call: 0 if the sentence names it and what it was for. */
static int
lacking(long call, const char *name)
{
	pid_t pid = fork();
	int st = 0;

	if (pid == 0) {
		deny(call);
		nothing_bound();
		bind("$WORK", "/job", BND_BIND_R | BND_BIND_W);
		if (strcmp(run(nothing), "failed") != 0)
			_exit(1);
		if (err.kind == BND_E_NONE)
			snprintf(err.text, sizeof(err.text), "%s",
			    bnd_root_part_name(note.arg));
		_exit(strstr(err.text, name) == NULL ? 2 : 0);
	}
	waitpid(pid, &st, 0);
	return WIFEXITED(st) ? WEXITSTATUS(st) : -1;
}

static void
old_kernel(void)
{
	is_int(
	    lacking(SYS_getsid, "x"), 1, "control: it works without a filter");
	is_int(lacking(SYS_openat2, "openat2"), 0, "X111: without openat2");
	is_int(
	    lacking(SYS_open_tree, "open_tree"), 0, "X111: without open_tree");
	is_int(lacking(SYS_mount_setattr, "mount_setattr"), 0,
	    "X111: without mount_setattr");
	is_int(lacking(SYS_fsopen, "fsopen"), 0, "X111: without fsopen");
	is_int(lacking(SYS_move_mount, "move_mount"), 0,
	    "X111: without move_mount");
	is_int(lacking(SYS_pivot_root, "pivot_root"), 0,
	    "S0-86: without pivot_root");
	is_int(lacking(SYS_umount2, "umount2"), 0, "S0-86: without umount2");
	is_int(lacking(SYS_mount, "propagation"), 0, "S0-86: without mount");
}

/* ---- the second fence ---------------------------------------------------- */

static void
reach_out(void)
{
	int fd = openat(stray, "canary", O_RDONLY | O_CLOEXEC);

	printf("%s ", fd >= 0 ? "ok" : strerrorname_np(errno));
	printf("%s ",
	    mount(NULL, "/", NULL, MS_PRIVATE, NULL) == 0
		? "ok"
		: strerrorname_np(errno));
	try("/usr/bin/env", O_RDONLY);
	try("/tmp/x", O_WRONLY | O_CREAT);
	try("/dev/null", O_RDWR);
	try("/job/x", O_WRONLY | O_CREAT | O_TRUNC);
	printf("%s ",
	    rename("/job/x", "/job/sub/x") == 0 ? "ok"
						: strerrorname_np(errno));
	printf(
	    "%s ", unlink("/job/sub/x") == 0 ? "ok" : strerrorname_np(errno));
	printf("%s ",
	    mkfifo("/job/p", 0600) == 0 && unlink("/job/p") == 0
		? "ok"
		: strerrorname_np(errno));
}

static void
second_fence(void)
{
	int abi = bnd_land_abi();
	char what[64];

	if (abi == 0) {
		skip_kernel("S1-22: a descriptor from outside", "no Landlock");
		return;
	}
	stray = open(in("etc"), O_PATH | O_CLOEXEC);
	for (int a = 0; a <= abi; a++) {
		nothing_bound();
		job.landlock_abi = a;
		landlock = a > 0;
		bind("$WORK", "/job", BND_BIND_R | BND_BIND_W);
		snprintf(what, sizeof(what), "S1-22: by ABI %d", a);
		/* ABI 1 forbids every rename from one directory to another. */
		is_str(run(reach_out),
		    a == 0	 ? "ok ok ok ok ok ok ok ok ok "
			: a == 1 ? "EACCES EPERM ok ok ok ok EXDEV ENOENT ok "
				 : "EACCES EPERM ok ok ok ok ok ok ok ",
		    "%s",
		    a == 0 ? "control: a descriptor of the host's opens its "
			     "files"
			   : what);
		unlink(in("work/x"));
	}
	landlock = false;
	close(stray);
}

/* ---- quotas ------------------------------------------------------------- */

static void
fill(void)
{
	static char block[65536];
	struct statvfs v = { .f_files = 0 };
	unsigned n = 0, files = 0;
	char name[32];
	int fd = open("/tmp/big", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	while (write(fd, block, sizeof(block)) == (ssize_t)sizeof(block))
		n++;
	printf("%s at %u ", strerrorname_np(errno), n);
	close(fd);
	unlink("/tmp/big");
	for (;; files++) {
		snprintf(name, sizeof(name), "/dev/shm/%u", files);
		fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		if (fd < 0)
			break;
		close(fd);
	}
	printf("%s at %u ", strerrorname_np(errno), files);
	try("/var/tmp/x", O_WRONLY | O_CREAT);
	printf("%d", statvfs("/tmp", &v) == 0 && v.f_favail == 0);
}

static void
quotas(void)
{
	nothing_bound();
	is_str(run(fill), "ENOSPC at 16 ENOSPC at 64 ENOSPC 1",
	    "X82: bytes and inodes of all of scratch are one quota");
	nothing_bound();
	policy.num[BND_BOX_TMP] = 0;
	is_str(run(fill), "failed", "0 is no quota, and not none");
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

int
main(void)
{
	if (geteuid() != 0)
		skip_all("only root makes a root");
	plant();
	mounts_are_the_plan();
	what_is_seen();
	submounts();
	links_of_the_owner();
	nested();
	race();
	race_source();
	owners();
	odd_sources();
	old_kernel();
	second_fence();
	quotas();
	hung_source();
	umount2(in("sub/mnt"), MNT_DETACH);
	umount2(in("ramfs"), MNT_DETACH);
	nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	return tap_done();
}
