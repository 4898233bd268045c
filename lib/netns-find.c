/* netns-find.c: every other network namespace there is, as open descriptors */
/* SPDX-License-Identifier: ISC */
/*
 * One walk over /proc, then over the mounts of each mount namespace met on the
 * way.  A descriptor pins what it names, so within a pass an inode is one
 * namespace.  A process may end between any two steps: what it had is then gone
 * too, or somebody else has it and is looked at by himself.
 *
 * A thread's link is only opened if its inode is new: one stat a thread.
 *
 * Nothing here may wait for what others serve: a path may lead through a file
 * system of a user's program.  Mount points are looked up in what the kernel has
 * in memory (RESOLVE_CACHED).  Where a file system wants to be asked each time,
 * as NFS and 9p do and an overlay upon them, a child asks (netns-far.h).
 * Descriptors of others are never opened, nor their server asked, unless they
 * are known to be a namespace.
 */
#include "netns-find.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "netns-mount.h"
#include "scope.h"

#define SET_FIRST     256 /* a power of two */
#define TRIES_MAX     3	  /* of a lookup that a rename disturbed */
#define MOUNTINFO_MAX (64l << 20)

/* ---- the set ---- */

static size_t
slot(const struct bnd_ns_set *s, uint64_t inode)
{
	size_t i = (size_t)(inode * 0x9e3779b97f4a7c15u >> 32) & (s->size - 1);

	while (s->v[i] != 0 && s->v[i] != inode)
		i = (i + 1) & (s->size - 1);
	return i;
}

static bool
grow(struct bnd_ns_set *s)
{
	struct bnd_ns_set old = *s;

	s->size = old.size == 0 ? SET_FIRST : 2 * old.size;
	s->v = calloc(s->size, sizeof *s->v);
	if (s->v == NULL) {
		*s = old;
		return false;
	}
	for (size_t i = 0; i < old.size; i++)
		if (old.v[i] != 0)
			s->v[slot(s, old.v[i])] = old.v[i];
	free(old.v);
	return true;
}

bool
bnd_ns_set_has(const struct bnd_ns_set *s, uint64_t inode)
{
	return s->size > 0 && s->v[slot(s, inode)] == inode;
}

bool
bnd_ns_set_add(struct bnd_ns_set *s, uint64_t inode)
{
	size_t i;

	if (2 * (s->n + 1) > s->size && !grow(s))
		return false;
	i = slot(s, inode);
	if (s->v[i] == inode)
		return false;
	s->v[i] = inode;
	s->n++;
	return true;
}

/* ---- what is found ---- */

static void
busy(struct bnd_netns_list *l, const char *what)
{
	if (l->at != NULL)
		(void)snprintf(l->at, BND_NETNS_NAME, "%s", what);
}

static void
blind(struct bnd_netns_list *l, const char *where, const char *why)
{
	l->blind = true;
	if (l->why != NULL)
		bnd_note(l->why, "namespace", "%s: %s", where, why);
}

static bool
wanted(const struct bnd_netns_list *l, uint64_t inode)
{
	for (size_t i = 0; i < l->skips; i++)
		if (l->skip[i] == inode)
			return false;
	return !bnd_ns_set_has(&l->seen, inode);
}

static bool
keep(struct bnd_netns_one **v, size_t *n, struct bnd_netns_one one)
{
	struct bnd_netns_one *more;

	/* Grown at the powers of two. */
	if ((*n & (*n - 1)) == 0) {
		more = realloc(*v, (*n == 0 ? 1 : 2 * *n) * sizeof **v);
		if (more == NULL)
			return false;
		*v = more;
	}
	(*v)[(*n)++] = one;
	return true;
}

/* Gone; or not for us to see, which the host's root does not meet. */
static void
unseen(struct bnd_netns_list *l, const char *where)
{
	if (errno != ENOENT && errno != ESRCH && (l->all || errno != EACCES))
		blind(l, where, strerror(errno));
}

/* What open() gave of a namespace, new or not; it is used up. */
static void
take(struct bnd_netns_list *l, int fd, const char *where)
{
	struct bnd_netns_one one = { .fd = fd };
	SCOPED_FD int mine = fd;
	SCOPED_FD int owner = -1;
	struct stat st;
	bool net;

	if (fd < 0 || fstat(fd, &st) == -1) {
		unseen(l, where);
		return;
	}
	one.inode = st.st_ino;
	net = ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWNET;
	if (!wanted(l, one.inode))
		return;
	if (!bnd_ns_set_add(&l->seen, one.inode)) {
		blind(l, where, strerror(ENOMEM));
		return;
	}
	(void)snprintf(one.name, sizeof one.name, "%s:[%llu], %s",
	    net ? "net" : "mnt", (unsigned long long)one.inode, where);
	/* EPERM: of a user namespace that is not below ours. */
	owner = ioctl(fd, NS_GET_USERNS);
	if (owner == -1 && errno == EPERM)
		return;
	if (l->n >= BND_NETNS_MAX || l->mnts >= BND_NETNS_MAX)
		blind(l, one.name, "one more than are looked at");
	else if (keep(net ? &l->v : &l->mnt, net ? &l->n : &l->mnts, one))
		(void)take_fd(&mine);
	else
		blind(l, one.name, strerror(errno));
}

/* path below /proc, of the kind net or mnt. */
static void
look(struct bnd_netns_list *l, int dir, const char *path, const char *where)
{
	struct stat st;

	if (fstatat(dir, path, &st, 0) == -1)
		unseen(l, where);
	else if (wanted(l, st.st_ino))
		take(l, openat(dir, path, O_RDONLY | O_CLOEXEC), where);
}

/* ---- processes ---- */

static bool
is_number(const char *name)
{
	return name[0] >= '0' && name[0] <= '9';
}

static DIR *
open_dir(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (fd >= 0 && dir == NULL)
		close(fd);
	return dir;
}

static void
look_at_threads(struct bnd_netns_list *l, const char *pid)
{
	char path[300], where[300];
	struct dirent *e;
	struct stat st;
	DIR *dir;

	/* Two links, and one more for each thread. */
	(void)snprintf(path, sizeof path, "%s/task", pid);
	if (fstatat(l->proc, path, &st, 0) == -1 || st.st_nlink == 3)
		return;
	dir = open_dir(l->proc, path);
	if (dir == NULL)
		unseen(l, path);
	while (dir != NULL && (e = readdir(dir)) != NULL) {
		if (!is_number(e->d_name) || strcmp(e->d_name, pid) == 0)
			continue;
		(void)snprintf(where, sizeof where, "thread %.16s of pid %.16s",
		    e->d_name, pid);
		(void)snprintf(path, sizeof path, "%s/ns/net", e->d_name);
		look(l, dirfd(dir), path, where);
		(void)snprintf(path, sizeof path, "%s/ns/mnt", e->d_name);
		look(l, dirfd(dir), path, where);
	}
	if (dir != NULL)
		closedir(dir);
}

/*
 * Its inode, or 0 if it is none.  All namespaces are on one device; no server is
 * asked what another file is like.
 */
static uint64_t
namespace_of(const struct bnd_netns_list *l, int fd)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO, &st) ==
		-1 ||
	    makedev(st.stx_dev_major, st.stx_dev_minor) != l->nsfs)
		return 0;
	return st.stx_ino;
}

/* Found by O_PATH, known to be a namespace: now for reading. */
static int
reopen(const struct bnd_netns_list *l, int fd)
{
	char path[64];

	(void)snprintf(path, sizeof path, "self/fd/%d", fd);
	return openat(l->proc, path, O_RDONLY | O_CLOEXEC);
}

static void
look_at_descriptor(
    struct bnd_netns_list *l, int dir, const char *name, const char *pid)
{
	char text[64], where[64];
	uint64_t inode;
	ssize_t len = readlinkat(dir, name, text, sizeof text);

	if (len < 0 || bnd_ns_parse(text, (size_t)len, &inode) == BND_NS_NONE ||
	    !wanted(l, inode))
		return;
	(void)snprintf(where, sizeof where, "held open by pid %.16s", pid);
	SCOPED_FD int fd = openat(dir, name, O_PATH | O_CLOEXEC);
	/* It may be another file by now. */
	if (fd < 0)
		unseen(l, where);
	else if (namespace_of(l, fd) != 0)
		take(l, reopen(l, fd), where);
}

static void
look_at_descriptors(struct bnd_netns_list *l, const char *pid)
{
	char path[300];
	struct dirent *e;
	DIR *dir;

	(void)snprintf(path, sizeof path, "%s/fd", pid);
	dir = open_dir(l->proc, path);
	if (dir == NULL)
		unseen(l, path);
	while (dir != NULL && (e = readdir(dir)) != NULL)
		if (is_number(e->d_name))
			look_at_descriptor(l, dirfd(dir), e->d_name, pid);
	if (dir != NULL)
		closedir(dir);
}

static int
look_at_processes(struct bnd_netns_list *l, struct bnd_err *err)
{
	DIR *dir = open_dir(l->proc, ".");
	char path[300], where[64];
	struct dirent *e;

	if (dir == NULL)
		return bnd_fail_errno(err, "cannot list /proc");
	busy(l, "the processes");
	while ((e = readdir(dir)) != NULL) {
		if (!is_number(e->d_name))
			continue;
		(void)snprintf(where, sizeof where, "pid %.16s", e->d_name);
		(void)snprintf(path, sizeof path, "%s/ns/net", e->d_name);
		look(l, l->proc, path, where);
		(void)snprintf(path, sizeof path, "%s/ns/mnt", e->d_name);
		look(l, l->proc, path, where);
		look_at_threads(l, e->d_name);
		look_at_descriptors(l, e->d_name);
	}
	closedir(dir);
	return 0;
}

/* ---- mounts ---- */

/* Only by what is in memory; -1 with EAGAIN if that does not do. */
static int
open_cached(const char *path)
{
	const struct open_how how = { .flags = O_PATH | O_CLOEXEC | O_NOFOLLOW,
		.resolve = RESOLVE_CACHED | RESOLVE_NO_SYMLINKS };
	long fd = -1;

	for (int i = 0; i < TRIES_MAX; i++) {
		fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return (int)fd;
}

static void
look_at_mount(struct bnd_netns_list *l, uint64_t inode, const char *path)
{
	struct bnd_netns_one lost = { .fd = -1 };
	SCOPED_FD int fd = -1;
	char where[96];

	(void)snprintf(where, sizeof where, "mounted on %.80s", path);
	fd = open_cached(path);
	if (fd < 0 && errno == EAGAIN)
		fd = bnd_netns_far_open(&l->far, path);
	if (fd >= 0 && namespace_of(l, fd) == inode) {
		take(l, reopen(l, fd), where);
		return;
	}
	/* Another way to it may still be met. */
	lost.silent = fd < 0 && errno == ETIMEDOUT;
	lost.inode = inode;
	(void)snprintf(lost.name, sizeof lost.name, "ns:[%llu], %s",
	    (unsigned long long)inode, where);
	if (!keep(&l->lost, &l->losts, lost))
		blind(l, where, strerror(errno));
}

static void
tell_of_lost(struct bnd_netns_list *l)
{
	for (size_t i = 0; i < l->losts; i++) {
		const struct bnd_netns_one *lost = &l->lost[i];

		if (!wanted(l, lost->inode))
			continue;
		(void)bnd_ns_set_add(&l->seen, lost->inode);
		blind(l, lost->name,
		    lost->silent ? "a file system on the way is silent"
				 : "cannot be reached");
	}
}

/* Of the mount namespace we are in. */
static void
look_at_mounts(struct bnd_netns_list *l, const char *where)
{
	SCOPED_FREE char *path = malloc(BND_NETNS_PATH);
	SCOPED_FREE char *line = NULL;
	int fd = openat(l->proc, "self/mountinfo", O_RDONLY | O_CLOEXEC);
	SCOPED_FILE FILE *f = fd >= 0 ? fdopen(fd, "re") : NULL;
	size_t size = 0;
	uint64_t inode;
	ssize_t len;
	long all = 0;

	if (path == NULL || f == NULL) {
		blind(l, where, strerror(errno));
		return;
	}
	while ((len = getline(&line, &size, f)) > 0) {
		all += len;
		if (all > MOUNTINFO_MAX) {
			blind(l, where, "too many mounts");
			break;
		}
		if (bnd_ns_mount(line, &inode, path) != BND_NS_NONE &&
		    wanted(l, inode))
			look_at_mount(l, inode, path);
	}
	if (len <= 0 && !feof(f))
		blind(l, where, strerror(errno));
	bnd_netns_far_end(&l->far);
}

/* Each may hold more of them; the list grows while it is walked. */
static int
look_at_mount_namespaces(struct bnd_netns_list *l, struct bnd_err *err)
{
	SCOPED_FD int home =
	    openat(l->proc, "self/ns/mnt", O_RDONLY | O_CLOEXEC);

	if (home < 0)
		return bnd_fail_errno(err, "cannot open my mount namespace");
	look_at_mounts(l, "the mounts");
	for (size_t i = 0; i < l->mnts; i++) {
		char where[BND_NETNS_NAME];

		(void)snprintf(where, sizeof where, "%s", l->mnt[i].name);
		busy(l, where);
		if (setns(l->mnt[i].fd, CLONE_NEWNS) == -1)
			blind(l, where, strerror(errno));
		else
			look_at_mounts(l, where);
	}
	if (l->mnts > 0 && setns(home, CLONE_NEWNS) == -1)
		return bnd_fail_errno(err, "cannot come back");
	return 0;
}

/* ---- all of it ---- */

static int
leave_out_own(struct bnd_netns_list *l, struct bnd_err *err)
{
	struct stat net, mnt;

	if (fstat(l->host, &net) == -1 ||
	    fstatat(l->proc, "self/ns/mnt", &mnt, 0) == -1)
		return bnd_fail_errno(err, "cannot stat my namespaces");
	l->nsfs = net.st_dev;
	if (!bnd_ns_set_add(&l->seen, net.st_ino) ||
	    !bnd_ns_set_add(&l->seen, mnt.st_ino))
		return bnd_fail_errno(err, "namespaces");
	return 0;
}

int
bnd_netns_find(struct bnd_netns_list *l, struct bnd_err *err)
{
	SCOPED_FD int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (proc < 0)
		return bnd_fail_errno(err, "cannot open /proc");
	l->proc = proc;
	r = leave_out_own(l, err);
	if (r == 0)
		r = look_at_processes(l, err);
	if (r == 0)
		r = look_at_mount_namespaces(l, err);
	tell_of_lost(l);
	l->proc = -1;
	return r;
}

static void
close_all(struct bnd_netns_one *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].fd >= 0)
			close(v[i].fd);
	free(v);
}

void
bnd_netns_list_free(struct bnd_netns_list *l)
{
	close_all(l->v, l->n);
	close_all(l->mnt, l->mnts);
	close_all(l->lost, l->losts);
	free(l->seen.v);
	*l = (struct bnd_netns_list){ 0 };
}
