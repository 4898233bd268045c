/* box-root.c: the root of a sandbox, built in its init from detached mounts */
/* SPDX-License-Identifier: ISC */
/*
 * The init has a copy of the host's mount namespace and no rights on the host.
 * It attaches what the supervisor cloned, and lets go of the rest:
 *
 *	host's /  <-  root tmpfs: all that the payload has
 *	host's /proc  <-  scratch tmpfs: its directories, cloned into the root
 *
 * The scratch directories share one quota, as they are one file system's; its
 * own mount stays on the host's side, and goes with it in the one umount.  It
 * may not be stacked on "/": that umount takes the topmost mount there.
 * No mount point is made but in these two, no path is joined, nothing of
 * mountinfo is read.
 */
#include "box-root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scope.h"

#define LOCKED_DOWN (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)
#define ROOT_SIZE   "1m"
#define ROOT_INODES "1024"

/* Where the scratch is, and the directory of it that is there; sorted. */
static const struct {
	const char *at, *name;
} scratch[] = {
	{ "/dev/shm", "shm" },
	{ "/tmp", "tmp" },
	{ "/var/tmp", "var" },
};
#define SCRATCHES (sizeof(scratch) / sizeof(scratch[0]))

const char *const bnd_root_links[BND_ROOT_LINKS_N] = {
	"bin",
	"lib",
	"lib32",
	"lib64",
	"libx32",
	"sbin",
};

const char *
bnd_root_part_name(unsigned arg)
{
	static const char *const names[] = {
		"private propagation",
		"the root's tmpfs (fsopen)",
		"the scratch's tmpfs",
		"/dev",
		"/proc",
		"/etc",
		"links into /usr",
		"pivot_root",
		"a read-only root (mount_setattr)",
	};

	if (arg < BND_ROOT_PRIVATE || arg > BND_ROOT_READONLY)
		return "";
	return names[arg - BND_ROOT_PRIVATE];
}

/* ---- what is where (pure) ------------------------------------------------ */

/* path is dst or lies below it. */
static bool
is_at_or_below(const char *path, const char *dst)
{
	size_t n = strlen(dst);

	return strncmp(path, dst, n) == 0 &&
	    (path[n] == '/' || path[n] == '\0');
}

/* Some tree is at path, or above it: then nothing there is ours to make. */
static bool
is_covered(const struct bnd_box_job *job, const char *path)
{
	for (size_t i = 0; i < job->trees; i++)
		if (is_at_or_below(path, job->tree[i].dst))
			return true;
	return false;
}

static bool
is_below_a_tree(const struct bnd_box_job *job, const char *path)
{
	for (size_t i = 0; i < job->trees; i++)
		if (is_at_or_below(path, job->tree[i].dst) &&
		    strcmp(path, job->tree[i].dst) != 0)
			return true;
	return false;
}

static bool
has_tree_at(const struct bnd_box_job *job, const char *path)
{
	for (size_t i = 0; i < job->trees; i++)
		if (strcmp(path, job->tree[i].dst) == 0)
			return true;
	return false;
}

/*
 * Trees and scratch directories, merged: each comes behind what is above it.
 * An index below job->trees, or that plus one of scratch; a tree at the very
 * place of a scratch directory takes it.
 */
static size_t
merge(const struct bnd_box_job *job, size_t order[static BND_ROOT_MOUNTS])
{
	size_t n = 0, s = 0;

	for (size_t i = 0; i <= job->trees; i++) {
		for (; s < SCRATCHES; s++) {
			if (i < job->trees &&
			    strcmp(scratch[s].at, job->tree[i].dst) > 0)
				break;
			if (!has_tree_at(job, scratch[s].at))
				order[n++] = job->trees + s;
		}
		if (i < job->trees)
			order[n++] = i;
	}
	return n;
}

static struct bnd_root_mount
planned(const char *at, const char *fstype, bool ro, bool noexec)
{
	struct bnd_root_mount m = {
		.fstype = fstype,
		.ro = ro,
		.nosuid = true,
		.nodev = true,
		.noexec = noexec,
	};
	size_t n = strnlen(at, sizeof(m.at) - 1);

	memcpy(m.at, at, n);
	return m;
}

static struct bnd_root_mount
planned_tree(const struct bnd_box_tree *t)
{
	struct bnd_root_mount m = planned(
	    t->dst, NULL, !(t->rights & BND_BIND_W), !(t->rights & BND_BIND_X));

	m.nodev = !t->device;
	m.recursive = t->rights & BND_BIND_SUBMOUNTS;
	return m;
}

size_t
bnd_root_plan(const struct bnd_box_job *job,
    struct bnd_root_mount plan[static BND_ROOT_MOUNTS])
{
	size_t order[BND_ROOT_MOUNTS], n = 0, all = merge(job, order);

	plan[n++] = planned("/", "tmpfs", true, true);
	if (job->policy->num[BND_BOX_PROC] != 0)
		plan[n++] = planned("/proc", "proc", true, true);
	for (size_t i = 0; i < all; i++)
		if (order[i] < job->trees)
			plan[n++] = planned_tree(&job->tree[order[i]]);
		else
			plan[n++] = planned(scratch[order[i] - job->trees].at,
			    "tmpfs", false, true);
	return n;
}

/* ---- small things without stdio ------------------------------------------ */

struct text {
	char at[256];
	size_t len;
};

static void
put(struct text *t, const char *s)
{
	size_t n = strlen(s);

	if (n > sizeof(t->at) - 1 - t->len)
		n = sizeof(t->at) - 1 - t->len;
	memcpy(t->at + t->len, s, n);
	t->len += n;
	t->at[t->len] = '\0';
}

static void
put_number(struct text *t, uint64_t n)
{
	char digits[21];
	char *p = digits + sizeof(digits) - 1;

	*p = '\0';
	do
		*--p = (char)('0' + n % 10);
	while ((n /= 10) != 0);
	put(t, p);
}

/* ---- mounts -------------------------------------------------------------- */

static int
set(int fs, const char *key, const char *value)
{
	return fsconfig(fs, FSCONFIG_SET_STRING, key, value, 0);
}

/* A new tmpfs, attached (before 6.15 only such a one is cloned from). */
static int
tmpfs_at(const char *at, const char *size, const char *inodes)
{
	int SCOPED_FD fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
	int SCOPED_FD mnt = -1;

	if (fs == -1 || set(fs, "size", size) == -1 ||
	    set(fs, "nr_inodes", inodes) == -1 ||
	    set(fs, "mode", "0755") == -1 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == -1)
		return -1;
	mnt = fsmount(fs, FSMOUNT_CLOEXEC, LOCKED_DOWN);
	if (mnt == -1 ||
	    move_mount(mnt, "", AT_FDCWD, at, MOVE_MOUNT_F_EMPTY_PATH) == -1)
		return -1;
	return take_fd(&mnt);
}

/* path below dir, by no link and not out of it. */
static int
open_in(int dir, const char *path, uint64_t flags)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | O_NOFOLLOW | flags,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS |
		    RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
}

static int
touch(int dir, const char *name)
{
	int SCOPED_FD fd = openat(dir, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);

	return fd != -1 || errno == EEXIST ? 0 : -1;
}

static int
step_into(int *at, const char *name)
{
	int down;

	if (mkdirat(*at, name, 0755) == -1 && errno != EEXIST)
		return -1;
	down = open_in(*at, name, O_DIRECTORY);
	if (down == -1)
		return -1;
	close(*at);
	*at = down;
	return 0;
}

/* The directory of path, made as far as it is missing; *last is path's name. */
static int
make_above(int root, const char *path, char last[static BND_BOX_PATH])
{
	int SCOPED_FD at = fcntl(root, F_DUPFD_CLOEXEC, 0);
	const char *p = path;

	while (at != -1 && *p == '/') {
		size_t n = strcspn(++p, "/");

		if (n == 0 || n >= BND_BOX_PATH) {
			errno = EINVAL;
			return -1;
		}
		memcpy(last, p, n);
		last[n] = '\0';
		p += n;
		if (*p == '/' && step_into(&at, last) == -1)
			return -1;
	}
	return take_fd(&at);
}

/*
 * A mount point, only ever resolved and never followed.  Below a tree it must
 * be there: that may be a directory of the host, where nothing is made.
 */
static int
point(const struct bnd_box_job *job, int root, const char *path, bool dir)
{
	char name[BND_BOX_PATH];
	int SCOPED_FD above = -1;
	int made;

	if (!is_below_a_tree(job, path)) {
		above = make_above(root, path, name);
		if (above == -1)
			return -1;
		made = dir ? mkdirat(above, name, 0755) : touch(above, name);
		if (made == -1 && errno != EEXIST)
			return -1;
	}
	return open_in(root, path, dir ? O_DIRECTORY : 0);
}

static int
attach(const struct bnd_box_job *job, int root, int mnt, const char *path,
    bool dir)
{
	int SCOPED_FD at = point(job, root, path, dir);

	if (at == -1)
		return -1;
	return move_mount(
	    mnt, "", at, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

/* ---- the steps ----------------------------------------------------------- */

struct build {
	const struct bnd_box_job *job;
	int procfs, scratch, root;
	unsigned at; /* the tree that is being attached, if it is one */
};

/*
 * A copy made for another user namespace is a slave of the host's mounts
 * already; this keeps it from being anybody's master, too.
 */
static int private(struct build *b)
{
	(void)b;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

/* The four inodes of its own directories are not the payload's. */
static int
make_scratch(struct build *b)
{
	const struct bnd_box_policy *p = b->job->policy;
	struct text size = { .len = 0 }, inodes = { .len = 0 };

	/* tmpfs takes 0 for "no limit". */
	if (p->num[BND_BOX_TMP] == 0 || p->tmp_inodes == 0) {
		errno = EINVAL;
		return -1;
	}
	put_number(&size,
	    p->num[BND_BOX_TMP] == BND_BOX_TOP ? 0 : p->num[BND_BOX_TMP]);
	put_number(&inodes,
	    p->tmp_inodes >= INT32_MAX ? 0 : p->tmp_inodes + SCRATCHES + 1);
	b->scratch = tmpfs_at("/proc", size.at, inodes.at);
	if (b->scratch == -1)
		return -1;
	for (size_t i = 0; i < SCRATCHES; i++)
		if (mkdirat(b->scratch, scratch[i].name, 01777) == -1)
			return -1;
	return 0;
}

static int
make_root(struct build *b)
{
	b->root = tmpfs_at("/", ROOT_SIZE, ROOT_INODES);
	return b->root == -1 ? -1 : 0;
}

static int
attach_scratch(struct build *b, size_t i)
{
	int SCOPED_FD mnt = open_tree(b->scratch, scratch[i].name,
	    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);

	if (mnt == -1)
		return -1;
	return attach(b->job, b->root, mnt, scratch[i].at, true);
}

static int
attach_trees(struct build *b)
{
	size_t order[BND_ROOT_MOUNTS], n = merge(b->job, order);

	for (size_t i = 0; i < n; i++) {
		const struct bnd_box_tree *t = &b->job->tree[order[i]];

		b->at = order[i] < b->job->trees ? (unsigned)order[i]
						 : BND_ROOT_SCRATCH;
		if (b->at == BND_ROOT_SCRATCH
			? attach_scratch(b, order[i] - b->job->trees) == -1
			: attach(b->job, b->root, t->fd, t->dst, t->dir) == -1)
			return -1;
	}
	return 0;
}

static int
attach_proc(struct build *b)
{
	if (b->procfs == -1)
		return 0;
	return attach(b->job, b->root, b->procfs, "/proc", true);
}

/* A destination of a tree may lie in /dev already; it is our directory. */
static int
fill_dev(struct build *b)
{
	static const char *const links[][2] = {
		{ "/proc/self/fd", "fd" },
		{ "/proc/self/fd/0", "stdin" },
		{ "/proc/self/fd/1", "stdout" },
		{ "/proc/self/fd/2", "stderr" },
	};
	char last[BND_BOX_PATH];
	int SCOPED_FD dev = make_above(b->root, "/dev/fd", last);

	if (dev == -1)
		return -1;
	for (size_t i = 0; b->procfs != -1 && i < 4; i++)
		if (symlinkat(links[i][0], dev, links[i][1]) == -1)
			return -1;
	return 0;
}

static int
make_file(struct build *b, const char *path, const struct text *text)
{
	char name[BND_BOX_PATH];
	int SCOPED_FD dir = -1;
	int SCOPED_FD fd = -1;

	if (is_covered(b->job, path))
		return 0;
	dir = make_above(b->root, path, name);
	if (dir == -1)
		return -1;
	fd = openat(dir, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);
	if (fd == -1 || write(fd, text->at, text->len) != (ssize_t)text->len)
		return -1;
	return 0;
}

static struct text
passwd(const struct bnd_box_job *job)
{
	struct text t = { .len = 0 };

	put(&t, "sandbox:x:");
	put_number(&t, job->uid);
	put(&t, ":");
	put_number(&t, job->gid);
	put(&t,
	    ":sandbox:/tmp:/bin/sh\n"
	    "nobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n");
	return t;
}

static struct text
group(const struct bnd_box_job *job)
{
	struct text t = { .len = 0 };

	put(&t, "sandbox:x:");
	put_number(&t, job->gid);
	put(&t, ":\nnogroup:x:65534:\n");
	return t;
}

static struct text
plain(const char *s)
{
	struct text t = { .len = 0 };

	put(&t, s);
	return t;
}

static int
fill_etc(struct build *b)
{
	const struct {
		const char *path;
		struct text text;
	} file[] = {
		{ "/etc/passwd", passwd(b->job) },
		{ "/etc/group", group(b->job) },
		{ "/etc/hosts",
		    plain("127.0.0.1\tlocalhost sandbox\n::1\tlocalhost\n") },
		{ "/etc/nsswitch.conf",
		    plain("passwd: files\ngroup: files\nhosts: files\n") },
	};

	for (size_t i = 0; i < sizeof(file) / sizeof(file[0]); i++)
		if (make_file(b, file[i].path, &file[i].text) == -1)
			return -1;
	return 0;
}

static int
make_links(struct build *b)
{
	for (size_t i = 0; i < BND_ROOT_LINKS_N; i++) {
		struct text to = plain("usr/");

		put(&to, bnd_root_links[i]);
		if ((b->job->links & 1U << i) &&
		    symlinkat(to.at, b->root, bnd_root_links[i]) == -1)
			return -1;
	}
	return 0;
}

/* The host's root, with the scratch on it, goes and is in no one's reach. */
static int
pivot(struct build *b)
{
	if (fchdir(b->root) == -1 || syscall(SYS_pivot_root, ".", ".") == -1 ||
	    umount2(".", MNT_DETACH) == -1)
		return -1;
	return chdir("/");
}

static int
make_readonly(struct build *b)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	return mount_setattr(b->root, "", AT_EMPTY_PATH, &attr, sizeof(attr));
}

int
bnd_root_build(
    const struct bnd_box_job *job, int procfs, struct bnd_box_note *note)
{
	static const struct {
		int (*step)(struct build *b);
		unsigned part;
	} steps[] = {
		{ private, BND_ROOT_PRIVATE },
		{ make_scratch, BND_ROOT_SCRATCH },
		{ make_root, BND_ROOT_TMPFS },
		{ fill_etc, BND_ROOT_ETC },
		{ attach_trees, BND_ROOT_SCRATCH },
		{ attach_proc, BND_ROOT_PROC },
		{ fill_dev, BND_ROOT_DEV },
		{ make_links, BND_ROOT_LINKS },
		{ pivot, BND_ROOT_PIVOT },
		{ make_readonly, BND_ROOT_READONLY },
	};
	struct build b = { job, procfs, -1, -1, 0 };
	int result = 0;

	umask(0);
	for (size_t i = 0; result == 0 && i < sizeof(steps) / sizeof(steps[0]);
	     i++) {
		b.at = steps[i].part;
		if (steps[i].step(&b) == -1) {
			note->errnum = errno;
			note->arg = b.at;
			result = -1;
		}
	}
	bnd_close_fd(&b.root);
	bnd_close_fd(&b.scratch);
	return result;
}
