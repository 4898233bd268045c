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
 *
 * The umount waits for all CPUs, so the payload is cloned before it: from its
 * root and directory on no path leads to what is stacked on them, and it is held
 * until its mounts were read and are the plan.
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

const char *
bnd_root_part_name(unsigned arg)
{
	static const char *const names[] = {
		"private propagation",
		"the root's tmpfs (fsopen, fsmount, move_mount)",
		"the scratch's tmpfs (fsopen, fsmount, move_mount)",
		"/dev",
		"/proc",
		"/etc",
		"links into /usr",
		"pivot_root",
		"a read-only root (mount_setattr)",
		"the host's root (umount2)",
	};

	if (arg < BND_ROOT_PRIVATE || arg > BND_ROOT_LEAVE)
		return "";
	return names[arg - BND_ROOT_PRIVATE];
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

/* ---- mount points -------------------------------------------------------- */

struct build {
	const struct bnd_box_job *job;
	int procfs, scratch, root;
	unsigned at; /* the tree that is being attached, if it is one */
	int dir;     /* of the path before this one, which often has the same */
	size_t dir_len;
	char dir_path[BND_BOX_PATH];
};

static void
leave(struct build *b)
{
	bnd_close_fd(&b->dir);
	b->dir_len = 0;
}

/* One down, made if it is missing: in the root's tmpfs or the scratch only. */
static int
step_into(struct build *b, const char *name)
{
	int from = b->dir != -1 ? b->dir : b->root;
	int down;

	if (mkdirat(from, name, 0755) == -1 && errno != EEXIST)
		return -1;
	down = open_in(from, name, O_DIRECTORY);
	if (down == -1)
		return -1;
	bnd_close_fd(&b->dir);
	b->dir = down;
	return 0;
}

/* The directory of path is b->dir, -1 for the root itself; NULL, or the name. */
static const char *
enter(struct build *b, const char *path)
{
	const char *last = strrchr(path, '/');
	size_t len = (size_t)(last - path);
	char *name;

	if (b->dir_len == len && memcmp(b->dir_path, path, len) == 0)
		return last + 1;
	leave(b);
	if (len >= sizeof(b->dir_path)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	memcpy(b->dir_path, path, len);
	b->dir_path[len] = '\0';
	for (name = b->dir_path; *name == '/';) {
		char *end = name + 1 + strcspn(name + 1, "/");
		char was = *end;

		*end = '\0';
		if (step_into(b, name + 1) == -1) {
			leave(b);
			return NULL;
		}
		*end = was;
		name = end;
	}
	b->dir_len = len;
	return last + 1;
}

static int
here(const struct build *b)
{
	return b->dir != -1 ? b->dir : b->root;
}

static int
create(const struct build *b, const char *name)
{
	return openat(here(b), name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);
}

/*
 * A mount point, only ever resolved and never followed.  Below a tree it must
 * be there: that may be a directory of the host, where nothing is made.
 */
static int
point(struct build *b, const char *path, bool dir)
{
	const char *name;

	if (bnd_layout_is_below(b->job, path))
		return open_in(b->root, path, dir ? O_DIRECTORY : 0);
	name = enter(b, path);
	if (name == NULL)
		return -1;
	if (!dir)
		return create(b, name);
	if (mkdirat(here(b), name, 0755) == -1 && errno != EEXIST)
		return -1;
	return open_in(here(b), name, O_DIRECTORY);
}

static int
attach(struct build *b, int mnt, const char *path, bool dir)
{
	int SCOPED_FD at = point(b, path, dir);

	if (at == -1)
		return -1;
	return move_mount(
	    mnt, "", at, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

/* ---- the steps ----------------------------------------------------------- */

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
	    p->tmp_inodes >= INT32_MAX
		? 0
		: p->tmp_inodes + BND_LAYOUT_SCRATCHES + 1);
	b->scratch = tmpfs_at("/proc", size.at, inodes.at);
	if (b->scratch == -1)
		return -1;
	for (size_t i = 0; i < BND_LAYOUT_SCRATCHES; i++)
		if (mkdirat(b->scratch, bnd_layout_scratch[i].name, 01777) ==
		    -1)
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
	int SCOPED_FD mnt = open_tree(b->scratch, bnd_layout_scratch[i].name,
	    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);

	if (mnt == -1)
		return -1;
	return attach(b, mnt, bnd_layout_scratch[i].at, true);
}

static int
attach_trees(struct build *b)
{
	size_t order[BND_ROOT_MOUNTS], n = bnd_layout_order(b->job, order);

	for (size_t i = 0; i < n; i++) {
		const struct bnd_box_tree *t = &b->job->tree[order[i]];

		b->at = order[i] < b->job->trees ? (unsigned)order[i]
						 : BND_ROOT_SCRATCH;
		if (b->at == BND_ROOT_SCRATCH
			? attach_scratch(b, order[i] - b->job->trees) == -1
			: attach(b, t->fd, t->dst, t->dir) == -1)
			return -1;
	}
	return 0;
}

static int
attach_proc(struct build *b)
{
	if (b->procfs == -1)
		return 0;
	return attach(b, b->procfs, "/proc", true);
}

static int
fill_dev(struct build *b)
{
	static const char *const links[][2] = {
		{ "/dev/fd", "/proc/self/fd" },
		{ "/dev/stdin", "/proc/self/fd/0" },
		{ "/dev/stdout", "/proc/self/fd/1" },
		{ "/dev/stderr", "/proc/self/fd/2" },
	};

	for (size_t i = 0; b->procfs != -1 && i < 4; i++) {
		const char *name = enter(b, links[i][0]);

		if (name == NULL || symlinkat(links[i][1], here(b), name) == -1)
			return -1;
	}
	return 0;
}

static int
make_file(struct build *b, const char *path, const struct text *text)
{
	const char *name = enter(b, path);
	int SCOPED_FD fd = name != NULL ? create(b, name) : -1;

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
		if (!bnd_layout_is_covered(b->job, file[i].path) &&
		    make_file(b, file[i].path, &file[i].text) == -1)
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

/* Both are at "/" then, the host's on top, and what is begun at "/" is below. */
static int
pivot(struct build *b)
{
	if (fchdir(b->root) == -1 || syscall(SYS_pivot_root, ".", ".") == -1)
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
		{ fill_dev, BND_ROOT_DEV },
		{ attach_trees, BND_ROOT_SCRATCH },
		{ attach_proc, BND_ROOT_PROC },
		{ make_links, BND_ROOT_LINKS },
		{ pivot, BND_ROOT_PIVOT },
		{ make_readonly, BND_ROOT_READONLY },
	};
	struct build b = { .job = job,
		.procfs = procfs,
		.scratch = -1,
		.root = -1,
		.dir = -1 };
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
	leave(&b);
	bnd_close_fd(&b.root);
	bnd_close_fd(&b.scratch);
	return result;
}

int
bnd_root_leave(struct bnd_box_note *note)
{
	if (umount2("/", MNT_DETACH) == 0)
		return 0;
	note->errnum = errno;
	note->arg = BND_ROOT_LEAVE;
	return -1;
}
