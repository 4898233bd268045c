/* box-cgroup.c: the leaves of one run: made, limited, joined, removed */
/* SPDX-License-Identifier: ISC */
/*
 * The whole run is in one v2 leaf from its first instruction on: that is what
 * is killed, frozen, and found empty.  A v1 leaf only limits, and only what v2
 * does not; it is made below our own path, under the caller's own limits.
 */
#include "box-cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "box-cgfile.h"
#include "box-cglimit.h"
#include "clock.h"
#include "scope.h"

#define DIR_ONLY  (O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
#define REMOVE_MS 500

/* DIR/NAME; what does not fit has no name, and so is not there. */
static void
join_names(char path[static BND_BOX_PATH], const char *dir, const char *name)
{
	const size_t len = strlen(dir), more = strlen(name);

	path[0] = '\0';
	if (len + 1 + more >= BND_BOX_PATH)
		return;
	memcpy(path, dir, len);
	path[len] = '/';
	memcpy(path + len + 1, name, more + 1);
}

static void
name_v1(char path[static BND_BOX_PATH], const char *dir, unsigned lease)
{
	char name[32];

	(void)snprintf(name, sizeof(name), BND_CG_TREE "-%u", lease);
	join_names(path, dir, name);
}

static void
name_v2(char path[static BND_BOX_PATH], const struct bnd_cg_host *host,
    const char *name)
{
	char tree[BND_BOX_PATH];

	join_names(tree, host->v2_path, BND_CG_TREE);
	join_names(path, tree, name);
}

/* A v1 hierarchy has a leaf if a limit of p is neither max nor v2's. */
static bool
is_needed(const struct bnd_cg_host *host, size_t i, unsigned needs)
{
	return (host->v1[i].rows & needs & ~host->has2) != 0;
}

void
bnd_cg_plan(const struct bnd_cg_host *host, unsigned lease,
    const struct bnd_box_policy *p, char path[static 8][BND_BOX_PATH],
    size_t *n)
{
	char number[16];

	(void)snprintf(number, sizeof(number), "%u", lease);
	name_v2(path[0], host, number);
	*n = 1;
	for (size_t i = 0; i < host->n && *n < 8; i++)
		if (is_needed(host, i, bnd_cg_needs(p)))
			name_v1(path[(*n)++], host->v1[i].path, lease);
}

/* ---- making ---- */

static int
make_dir(int at, const char *path, struct bnd_err *err)
{
	int fd;

	if (path[0] == '\0')
		return bnd_fail(
		    err, BND_E_INPUT, "a cgroup's path is too long");
	if (mkdirat(at, path, 0755) != 0 &&
	    (errno != EEXIST || unlinkat(at, path, AT_REMOVEDIR) != 0 ||
		mkdirat(at, path, 0755) != 0))
		return bnd_fail_errno(err, "cannot make cgroup %s", path);
	fd = openat(at, path, DIR_ONLY);
	if (fd < 0) {
		(void)bnd_fail_errno(err, "cannot open cgroup %s", path);
		(void)unlinkat(at, path, AT_REMOVEDIR);
	}
	return fd;
}

static int
make_v1(const struct bnd_cg_host *host, size_t i, unsigned lease,
    struct bnd_cg *cg, struct bnd_err *err)
{
	const size_t k = cg->n;

	name_v1(cg->v1[k].path, host->v1[i].path, lease);
	cg->v1[k].tasks = -1;
	cg->v1[k].dir = make_dir(AT_FDCWD, cg->v1[k].path, err);
	if (cg->v1[k].dir < 0)
		return -1;
	cg->n++;
	cg->v1[k].rows = host->v1[i].rows;
	(void)snprintf(
	    cg->v1[k].name, sizeof(cg->v1[k].name), "%s", host->v1[i].name);
	cg->v1[k].tasks = openat(cg->v1[k].dir, "tasks", O_WRONLY | O_CLOEXEC);
	if (cg->v1[k].tasks < 0)
		return bnd_fail_errno(
		    err, "cannot open %s/tasks", cg->v1[k].path);
	return 0;
}

static int
make_leaves(const struct bnd_cg_host *host, unsigned lease, unsigned needs,
    struct bnd_cg *cg, struct bnd_err *err)
{
	(void)snprintf(cg->name, sizeof(cg->name), "%u", lease);
	cg->leaf = make_dir(host->tree, cg->name, err);
	if (cg->leaf < 0)
		return -1;
	cg->v2_rows = host->has2;
	for (size_t i = 0; i < host->n; i++)
		if (is_needed(host, i, needs) &&
		    make_v1(host, i, lease, cg, err) != 0)
			return -1;
	return 0;
}

int
bnd_cg_make(const struct bnd_cg_host *host, unsigned lease,
    const struct bnd_box_policy *p, struct bnd_cg *cg, struct bnd_err *err)
{
	memset(cg, 0, sizeof(*cg));
	cg->leaf = -1;
	if (make_leaves(host, lease, bnd_cg_needs(p), cg, err) != 0 ||
	    bnd_cg_limit(cg, p, err) != 0) {
		/* The first error is the one to be told. */
		(void)!bnd_cg_remove(host, cg, &(struct bnd_err){ 0 });
		bnd_cg_close(cg);
		return -1;
	}
	return 0;
}

static void
name_relay(char name[static BND_BOX_PATH], unsigned lease)
{
	(void)snprintf(name, BND_BOX_PATH, "%ur", lease);
}

int
bnd_cg_make_relay(const struct bnd_cg_host *host, unsigned lease,
    struct bnd_cg *cg, struct bnd_err *err)
{
	memset(cg, 0, sizeof(*cg));
	name_relay(cg->name, lease);
	cg->leaf = make_dir(host->tree, cg->name, err);
	return cg->leaf < 0 ? -1 : 0;
}

void
bnd_cg_join(const struct bnd_cg *cg, struct bnd_box_job *job)
{
	job->cgroup = cg->leaf;
	job->joins = 0;
	for (size_t i = 0; i < cg->n && job->joins < BND_BOX_JOINS; i++)
		job->join[job->joins++] = cg->v1[i].tasks;
}

/* ---- somebody else's ---- */

/*
 * The last name, and what it lies in, say that it is the leaf of this lease:
 * a text that was forged or torn must not have us kill or remove another.
 */
static bool
is_leaf(const char *path, const char *name, unsigned lease)
{
	char want[32];
	size_t len = strlen(path), tail;

	(void)snprintf(want, sizeof(want), "%s%u", name, lease);
	tail = strlen(want);
	return len > tail && strcmp(path + len - tail, want) == 0 &&
	    strstr(path, "/../") == NULL;
}

/* 1 it is open, 0 it is gone. */
static int
open_leaf(int at, const char *path, long magic, int *fd, struct bnd_err *err)
{
	struct statfs fs;

	*fd = openat(at, path, DIR_ONLY);
	if (*fd < 0 && errno == ENOENT)
		return 0;
	if (*fd < 0)
		return bnd_fail_errno(err, "cannot open cgroup %s", path);
	if (fstatfs(*fd, &fs) == 0 && (long)fs.f_type == magic)
		return 1;
	(void)close(*fd);
	*fd = -1;
	return bnd_fail(err, BND_E_CORRUPT, "%s is no cgroup", path);
}

static unsigned
rows_of_v1(int dir)
{
	unsigned rows = 0;

	if (bnd_cg_file_has(dir, "memory.limit_in_bytes"))
		rows |= BND_CG_BIT(BND_CG_MEMORY) | BND_CG_BIT(BND_CG_SWAP);
	if (bnd_cg_file_has(dir, "pids.max"))
		rows |= BND_CG_BIT(BND_CG_PIDS);
	if (bnd_cg_file_has(dir, "cpu.cfs_quota_us"))
		rows |= BND_CG_BIT(BND_CG_CPU);
	return rows;
}

static int
open_v1(const char *path, struct bnd_cg *cg, struct bnd_err *err)
{
	const size_t k = cg->n;
	int got =
	    open_leaf(AT_FDCWD, path, CGROUP_SUPER_MAGIC, &cg->v1[k].dir, err);

	if (got != 1)
		return got;
	(void)snprintf(cg->v1[k].path, BND_BOX_PATH, "%s", path);
	cg->v1[k].tasks = -1;
	cg->v1[k].rows = rows_of_v1(cg->v1[k].dir);
	cg->n++;
	return 0;
}

int
bnd_cg_open_name(const struct bnd_cg_host *host, const char *name,
    struct bnd_cg *cg, struct bnd_err *err)
{
	memset(cg, 0, sizeof(*cg));
	cg->leaf = -1;
	cg->v2_rows = host->has2;
	if (!bnd_str_copy((struct bnd_str){ name, strlen(name) }, cg->name,
		sizeof(cg->name)))
		return bnd_fail(
		    err, BND_E_INPUT, "a cgroup's name is too long");
	return open_leaf(
	    host->tree, cg->name, CGROUP2_SUPER_MAGIC, &cg->leaf, err);
}

int
bnd_cg_open_relay(const struct bnd_cg_host *host, unsigned lease,
    struct bnd_cg *cg, struct bnd_err *err)
{
	char name[BND_BOX_PATH];

	name_relay(name, lease);
	return bnd_cg_open_name(host, name, cg, err);
}

int
bnd_cg_open(const struct bnd_cg_host *host, unsigned lease,
    char path[static 8][BND_BOX_PATH], size_t n, struct bnd_cg *cg,
    struct bnd_err *err)
{
	char number[16];

	/* The v2 leaf follows from the number, whatever is written. */
	(void)snprintf(number, sizeof(number), "%u", lease);
	if (bnd_cg_open_name(host, number, cg, err) == -1)
		return -1;
	for (size_t i = 1; i < n; i++) {
		int bad = !is_leaf(path[i], "/" BND_CG_TREE "-", lease);

		if (bad)
			(void)bnd_fail(err, BND_E_CORRUPT,
			    "%s is no leaf of lease %u", path[i], lease);
		if (bad || open_v1(path[i], cg, err) != 0) {
			bnd_cg_close(cg);
			return -1;
		}
	}
	return 0;
}

/* ---- removing ---- */

/*
 * A task is counted out of its cgroup a moment after it is dead, and v1 has no
 * event for that.
 */
static int
remove_leaf(int at, const char *path, uint64_t end, struct bnd_err *err)
{
	const struct timespec nap = { 0, 500000 };

	while (unlinkat(at, path, AT_REMOVEDIR) != 0) {
		if (errno == ENOENT)
			return 0;
		if (errno != EBUSY || bnd_clock_ms() >= end)
			return bnd_fail_errno(
			    err, "cannot remove cgroup %s", path);
		nanosleep(&nap, NULL);
	}
	return 0;
}

int
bnd_cg_remove(
    const struct bnd_cg_host *host, struct bnd_cg *cg, struct bnd_err *err)
{
	const uint64_t end = bnd_clock_ms() + REMOVE_MS;
	int rc = 0;

	/* v2 last: while it is there, the run can be found. */
	for (size_t i = 0; i < cg->n; i++)
		if (remove_leaf(AT_FDCWD, cg->v1[i].path, end, err) != 0)
			rc = -1;
	if (rc == 0 && cg->leaf >= 0)
		rc = remove_leaf(host->tree, cg->name, end, err);
	return rc;
}

static void
shut(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

void
bnd_cg_close(struct bnd_cg *cg)
{
	shut(&cg->leaf);
	for (size_t i = 0; i < cg->n; i++) {
		shut(&cg->v1[i].dir);
		shut(&cg->v1[i].tasks);
	}
	cg->n = 0;
}
