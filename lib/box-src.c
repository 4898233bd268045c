/* box-src.c: what of the host is shown, as detached mounts */
/* SPDX-License-Identifier: ISC */
#include "box-src.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "box-find.h"
#include "box-hide.h"
#include "box-path.h"
#include "box-root.h"
#include "box-task.h"
#include "box-user.h"
#include "scope.h"

#define DEFAULT_ID 1000

/* The nodes a dev key may name: none of them is a door to the machine. */
static const struct {
	const char *name, *path;
	unsigned minor;
} nodes[] = {
	{ "full", "/dev/full", 7 },
	{ "null", "/dev/null", 3 },
	{ "random", "/dev/random", 8 },
	{ "urandom", "/dev/urandom", 9 },
	{ "zero", "/dev/zero", 5 },
};
#define MEM_MAJOR 1

struct opening {
	const struct bnd_box_policy *p;
	struct bnd_box_job *job;
	struct bnd_find find;
	bool owned; /* uid and gid come from a source */
	struct bnd_hide_set hide, protect;
};

/* ---- a tree -------------------------------------------------------------- */

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_rdev == b->st_rdev &&
	    (a->st_mode & S_IFMT) == (b->st_mode & S_IFMT);
}

/* A mount of what at is, nobody's yet. */
static int
clone_of(const struct bnd_path *at, const char *src, bool submounts, int *fd,
    struct bnd_err *err)
{
	int SCOPED_FD tree = open_tree(at->fd, "",
	    AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
		(submounts ? AT_RECURSIVE : 0));
	struct stat st;

	if (tree == -1)
		return bnd_fail_errno(err, "cannot clone %s: open_tree", src);
	if (fstat(tree, &st) == -1)
		return bnd_fail_errno(err, "cannot stat the clone of %s", src);
	if (!is_same(&st, &at->st))
		return bnd_fail(err, BND_E_SYS,
		    "the clone of %s is not what was opened", src);
	*fd = take_fd(&tree);
	return 0;
}

static int
set_attr(int fd, unsigned flags, uint64_t set, uint64_t clear,
    uint64_t propagation, const char *src, struct bnd_err *err)
{
	struct mount_attr attr = {
		.attr_set = set,
		.attr_clr = clear,
		.propagation = propagation,
	};

	if (mount_setattr(fd, "", AT_EMPTY_PATH | flags, &attr, sizeof(attr)) ==
	    -1)
		return bnd_fail_errno(
		    err, "cannot close off %s: mount_setattr", src);
	return 0;
}

/* Submounts are never writable, whatever is said of what they are on. */
static int
close_off(const struct bnd_box_tree *t, const char *src, struct bnd_err *err)
{
	uint64_t set = MOUNT_ATTR_NOSUID;
	bool ro = !(t->rights & BND_BIND_W);
	bool all = t->rights & BND_BIND_SUBMOUNTS;

	if (!t->device)
		set |= MOUNT_ATTR_NODEV;
	if (!(t->rights & BND_BIND_X))
		set |= MOUNT_ATTR_NOEXEC;
	if (all || ro)
		set |= MOUNT_ATTR_RDONLY;
	if (set_attr(t->fd, all ? AT_RECURSIVE : 0, set, 0, MS_PRIVATE, src,
		err) == -1)
		return -1;
	return all && !ro
	    ? set_attr(t->fd, 0, 0, MOUNT_ATTR_RDONLY, 0, src, err)
	    : 0;
}

static int
add_tree(struct opening *o, const struct bnd_path *at, const char *src,
    const struct bnd_box_tree *made, struct bnd_err *err)
{
	struct bnd_box_tree *t = &o->job->tree[o->job->trees];

	if (o->job->trees == BND_BOX_TREES)
		return bnd_fail(
		    err, BND_E_INPUT, "more than %d binds", BND_BOX_TREES);
	*t = *made;
	if (clone_of(at, src, t->rights & BND_BIND_SUBMOUNTS, &t->fd, err) ==
	    -1)
		return -1;
	o->job->trees++;
	return close_off(t, src, err);
}

/* ---- a bind -------------------------------------------------------------- */

/* Owned by u means: by the one user that the payload is. */
static int
take_owner(struct opening *o, const struct bnd_path *at, const char *src,
    struct bnd_err *err)
{
	const struct bnd_box_user *user = o->job->user;
	uid_t uid = at->st.st_uid;
	gid_t gid = at->st.st_gid;

	if (uid == 0 || gid == 0)
		return bnd_fail(err, BND_E_INPUT,
		    "%s belongs to %s 0: what is written would be root's", src,
		    uid == 0 ? "user" : "group");
	if (user != NULL && (uid != user->uid || !bnd_box_user_has(user, gid)))
		return bnd_fail(err, BND_E_INPUT,
		    "%s belongs to %u:%u, not to user %u and a group of his",
		    src, uid, gid, user->uid);
	if (o->owned && (uid != o->job->uid || gid != o->job->gid))
		return bnd_fail(err, BND_E_INPUT,
		    "%s belongs to %u:%u, another bind to %u:%u", src, uid, gid,
		    o->job->uid, o->job->gid);
	o->owned = true;
	o->job->uid = uid;
	o->job->gid = gid;
	return 0;
}

static bool
begins(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 &&
	    (path[n] == '/' || path[n] == '\0');
}

/* Places that the root makes itself. */
static int
check_destination(const char *dst, struct bnd_err *err)
{
	static const char *const ours[] = { "/proc", "/dev", "/sys" };

	if (*dst != '/' || dst[1] == '\0' || strlen(dst) >= BND_BOX_PATH)
		return bnd_fail(
		    err, BND_E_INPUT, "nothing can be bound at %s", dst);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (begins(dst, ours[i]))
			return bnd_fail(err, BND_E_INPUT,
			    "nothing can be bound at %s: %s is the sandbox's own",
			    dst, ours[i]);
	return 0;
}

static int
check_hidden(struct opening *o, const struct bnd_box_bind *b,
    const struct bnd_path *at, struct bnd_err *err)
{
	const char *why;
	bool below;
	int found = bnd_hide_find(&o->hide, at, &why, &below, err);

	if (found == 1)
		return bnd_fail(err, BND_E_DENIED,
		    "bind %s: it %s %s, which is hidden", b->src,
		    below ? "is or lies below" : "contains", why);
	if (found == -1)
		return -1;
	if ((b->rights & BND_BIND_SUBMOUNTS) &&
	    bnd_hide_submounts(&o->hide, at, b->src, err) == -1)
		return -1;
	if (b->rights & BND_BIND_W)
		return bnd_hide_protect(o->p, b, &o->protect, at, err);
	return 0;
}

static int
add_bind(struct opening *o, const struct bnd_box_bind *b, struct bnd_err *err)
{
	struct bnd_path SCOPED_PATH at = { .fd = -1, .above = -1 };
	struct bnd_box_tree t = {
		.fd = -1, .dst = b->dst, .rights = b->rights
	};
	int got;

	if (check_destination(b->dst, err) == -1)
		return -1;
	got = bnd_find(&o->find, b, &at, err);
	if (got != 0)
		return got == 1 ? 0 : -1;
	t.dir = S_ISDIR(at.st.st_mode);
	t.idmap = b->rights & (BND_BIND_W | BND_BIND_OWN);
	if (!t.dir && !S_ISREG(at.st.st_mode))
		return bnd_fail(err, BND_E_INPUT,
		    "%s is neither a directory nor a regular file", b->src);
	if (check_hidden(o, b, &at, err) == -1)
		return -1;
	if (t.idmap && take_owner(o, &at, b->src, err) == -1)
		return -1;
	return add_tree(o, &at, b->src, &t, err);
}

static int
add_node(struct opening *o, const char *name, struct bnd_err *err)
{
	struct bnd_path SCOPED_PATH at = { .fd = -1, .above = -1 };
	struct bnd_box_tree t = {
		.fd = -1, .rights = BND_BIND_R, .device = true
	};
	size_t i = 0;

	while (i < sizeof(nodes) / sizeof(nodes[0]) &&
	    strcmp(nodes[i].name, name) != 0)
		i++;
	if (i == sizeof(nodes) / sizeof(nodes[0]))
		return bnd_fail(err, BND_E_INPUT,
		    "dev %s: no sandbox is given that node", name);
	if (bnd_path_open(-1, nodes[i].path, &at, err) == -1)
		return -1;
	if (!S_ISCHR(at.st.st_mode) ||
	    at.st.st_rdev != makedev(MEM_MAJOR, nodes[i].minor))
		return bnd_fail(err, BND_E_UNSAFE,
		    "%s is not character device %d:%u", nodes[i].path,
		    MEM_MAJOR, nodes[i].minor);
	t.dst = nodes[i].path;
	return add_tree(o, &at, nodes[i].path, &t, err);
}

/* ---- all of them --------------------------------------------------------- */

/* What lies below another destination comes behind it. */
static void
sort(struct bnd_box_job *job)
{
	for (size_t i = 1; i < job->trees; i++)
		for (size_t j = i; j > 0 &&
		     strcmp(job->tree[j - 1].dst, job->tree[j].dst) > 0;
		     j--) {
			struct bnd_box_tree t = job->tree[j];

			job->tree[j] = job->tree[j - 1];
			job->tree[j - 1] = t;
		}
}

static int
check_once(const struct bnd_box_job *job, struct bnd_err *err)
{
	for (size_t i = 1; i < job->trees; i++)
		if (strcmp(job->tree[i - 1].dst, job->tree[i].dst) == 0)
			return bnd_fail(err, BND_E_INPUT, "two binds at %s",
			    job->tree[i].dst);
	return 0;
}

/* A sandbox with /usr has /bin where the host has it by a link. */
static unsigned
host_links(const struct bnd_box_job *job)
{
	unsigned links = 0;
	bool usr = false;

	for (size_t i = 0; i < job->trees; i++)
		usr = usr || strcmp(job->tree[i].dst, "/usr") == 0;
	for (unsigned i = 0; usr && i < BND_ROOT_LINKS_N; i++) {
		char at[16], want[16], is[16];
		bool taken = false;
		ssize_t n;

		snprintf(at, sizeof(at), "/%s", bnd_root_links[i]);
		snprintf(want, sizeof(want), "usr/%s", bnd_root_links[i]);
		n = readlink(at, is, sizeof(is));
		for (size_t k = 0; k < job->trees; k++)
			taken = taken || begins(job->tree[k].dst, at);
		if (!taken && n == (ssize_t)strlen(want) &&
		    memcmp(is, want, (size_t)n) == 0)
			links |= 1U << i;
	}
	return links;
}

static int
open_all(struct opening *o, struct bnd_err *err)
{
	const struct bnd_box_policy *p = o->p;
	bool writes = false;

	for (size_t i = 0; i < p->binds; i++)
		writes = writes || (p->bind[i].rights & BND_BIND_W);
	if (bnd_hide_load(&p->hide, &o->hide, err) == -1 ||
	    (writes && bnd_hide_load(&p->protect, &o->protect, err) == -1))
		return -1;
	for (size_t i = 0; i < p->binds; i++) {
		if (bnd_find_is_absent(&o->find, &p->bind[i]))
			continue;
		if (add_bind(o, &p->bind[i], err) == -1)
			return -1;
	}
	for (size_t i = 0; i < p->dev.n; i++)
		if (add_node(o, p->dev.at[i], err) == -1)
			return -1;
	sort(o->job);
	if (check_once(o->job, err) == -1)
		return -1;
	o->job->links = host_links(o->job);
	return 0;
}

/* ---- in tasks of their own ----------------------------------------------- */

static int
open_all_now(void *arg, struct bnd_err *err)
{
	return open_all(arg, err);
}

/* The user's part is to open them; all else wants root's rights. */
static int
open_apart(struct opening *o, uint64_t deadline_ms, struct bnd_err *err)
{
	static const char what[] = "a source of a bind";

	if (o->find.user != NULL &&
	    bnd_task_run(o->find.user, bnd_find_all, &o->find, what,
		deadline_ms, err) == -1)
		return -1;
	return bnd_task_run(NULL, open_all_now, o, what, deadline_ms, err);
}

int
bnd_src_open(const struct bnd_box_policy *p, int work_fd, int cwd_fd,
    struct bnd_box_job *job, char *missing, size_t size, uint64_t deadline_ms,
    struct bnd_err *err)
{
	struct opening o = { .p = p,
		.job = job,
		.find = { .p = p,
		    .work = work_fd,
		    .cwd = cwd_fd,
		    .user = job->user,
		    .missing = missing,
		    .size = size } };
	int rc;

	job->trees = 0;
	job->uid = DEFAULT_ID;
	job->gid = DEFAULT_ID;
	bnd_find_begin(&o.find);
	rc = open_apart(&o, deadline_ms, err);
	bnd_find_end(&o.find);
	if (rc == -1)
		bnd_src_close(job);
	return rc;
}

int
bnd_src_idmap(struct bnd_box_job *job, int userns, struct bnd_err *err)
{
	struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_IDMAP,
		.userns_fd = (uint64_t)userns,
	};

	for (size_t i = 0; i < job->trees; i++) {
		const struct bnd_box_tree *t = &job->tree[i];

		if (t->idmap &&
		    mount_setattr(
			t->fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) == -1)
			return bnd_fail_errno(err,
			    "cannot show %s as the payload's own: "
			    "mount_setattr (idmap)",
			    t->dst);
	}
	return 0;
}

void
bnd_src_close(struct bnd_box_job *job)
{
	for (size_t i = 0; i < job->trees; i++)
		bnd_close_fd(&job->tree[i].fd);
}
