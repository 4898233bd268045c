/* box-gc.c: after a crash: kill, remove, record, free */
/* SPDX-License-Identifier: ISC */
/*
 * Whoever holds the lock of a lease may end the run that it names: its
 * supervisor is dead.  In this order, so that a janitor that dies as well leaves
 * enough for the next one: the tree is killed and seen to be empty, the cgroups
 * are removed, the end is on record, the lease says nothing any more.
 */
#include "box-gc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "box-cgkill.h"
#include "box-cgroup.h"
#include "box-leaves.h"
#include "box-record.h"
#include "scope.h"

#define KILL_MS 2000

/* ---- one lease ---- */

static int
end_leaves(
    const struct bnd_cg_host *host, struct bnd_cg *cg, struct bnd_err *err)
{
	if (cg->leaf >= 0 &&
	    (bnd_cg_kill(cg, err) != 0 ||
		bnd_cg_wait_empty(cg, KILL_MS, err) != 0))
		return -1;
	return bnd_cg_remove(host, cg, err);
}

/* Its number says where it would be; nearly always there is none. */
static int
end_relay(const struct bnd_cg_host *host, unsigned lease, struct bnd_err *err)
{
	struct bnd_cg cg;
	int got = bnd_cg_open_relay(host, lease, &cg, err);

	if (got != 1)
		return got;
	got = end_leaves(host, &cg, err);
	bnd_cg_close(&cg);
	return got;
}

static int
end_run(const struct bnd_cg_host *host, const struct bnd_lease *lease,
    const struct bnd_lease_text *was, struct bnd_err *err)
{
	char path[BND_LEASE_PATHS][BND_BOX_PATH];
	struct bnd_cg cg;
	size_t n;
	int rc;

	if (was != NULL) {
		n = was->cgroups;
		memcpy(path, was->cgroup, sizeof(path));
	} else {
		n = bnd_lease_leaves(lease->fd, path);
	}
	/* What it names that is not its own is left alone, the rest is not. */
	if (bnd_cg_open(host, lease->n, path, n, &cg, err) != 0 &&
	    (err->kind != BND_E_CORRUPT ||
		bnd_cg_open(host, lease->n, path, 1, &cg, err) != 0))
		return -1;
	/* First the relay, which is in a leaf of v1 with it. */
	rc = end_relay(host, lease->n, err);
	if (rc == 0)
		rc = end_leaves(host, &cg, err);
	bnd_cg_close(&cg);
	return rc;
}

/* Of garbage nobody knows whether its start was recorded: then it was. */
static int
record_end(const struct bnd_root *root, const struct bnd_lease *lease,
    const struct bnd_lease_text *was, struct bnd_err *err)
{
	char leaf[32];

	if (was != NULL)
		return was->logged
		    ? bnd_box_record_aborted(root, was, lease->n, err)
		    : 0;
	(void)snprintf(leaf, sizeof(leaf), BND_CG_TREE "/%u", lease->n);
	return bnd_box_record_orphan(root, leaf, err);
}

static int
clean(const struct bnd_root *root, const struct bnd_cg_host *host,
    const struct bnd_lease *lease, const struct bnd_lease_text *was,
    struct bnd_err *err)
{
	if (end_run(host, lease, was, err) != 0 ||
	    record_end(root, lease, was, err) != 0)
		return -1;
	if (ftruncate(lease->fd, 0) != 0)
		return bnd_fail_errno(err, "cannot empty the lease");
	return 0;
}

int
bnd_gc_clean(const struct bnd_root *root, const struct bnd_lease *lease,
    const struct bnd_lease_text *was, struct bnd_err *err)
{
	struct bnd_cg_host host;
	int rc;

	if (bnd_cg_find(&host, err) != 0)
		return -1;
	rc = clean(root, &host, lease, was, err);
	bnd_cg_forget(&host);
	return rc;
}

/* ---- all of them ---- */

struct sweep {
	const struct bnd_root *root;
	struct bnd_cg_host host;
	struct bnd_gc *gc;
	struct bnd_lease_text *was;
};

static void
failed(struct bnd_gc *gc, const struct bnd_err *err)
{
	if (gc->failed++ == 0)
		(void)snprintf(gc->why, sizeof(gc->why), "%s", err->text);
}

/* Locked by us now. */
static void
sweep_held(struct sweep *s, const struct bnd_lease *lease)
{
	struct bnd_err err = { 0 };
	int said = bnd_lease_read(lease->fd, s->was, &err);

	if (said == 1)
		return;
	err.text[0] = '\0';
	if (clean(s->root, &s->host, lease, said == 0 ? s->was : NULL, &err) ==
	    0)
		s->gc->cleaned++;
	else
		failed(s->gc, &err);
}

static void
sweep_lease(struct sweep *s, unsigned n)
{
	struct bnd_lease lease = { .fd = -1 };
	struct bnd_err err = { 0 };
	int got = bnd_lease_try(s->root, n, &lease, &err);

	if (got == -1)
		failed(s->gc, &err);
	if (got == 0)
		s->gc->live++;
	if (got != 1)
		return;
	sweep_held(s, &lease);
	(void)close(lease.fd);
}

/* 1: somebody else did. */
static int
end_orphan(struct sweep *s, const char *name, struct bnd_err *err)
{
	struct bnd_cg cg;
	int got = bnd_cg_open_name(&s->host, name, &cg, err);

	if (got != 1)
		return got == 0 ? 1 : -1;
	got = end_leaves(&s->host, &cg, err);
	bnd_cg_close(&cg);
	return got == 0 ? bnd_box_record_orphan(s->root, name, err) : -1;
}

/*
 * A number is its lease's: only who has that lock, and reads nothing in it, may
 * say that nobody made this one.  Any other name is nobody's.
 */
static void
sweep_leaf(struct sweep *s, const char *name)
{
	struct bnd_lease lease = { .fd = -1 };
	struct bnd_err err = { 0 };
	unsigned n;
	bool relay;
	int got = 1;

	if (bnd_leaf_lease(name, &n, &relay) && n < BND_BOX_LEASES)
		got = bnd_lease_try(s->root, n, &lease, &err);
	if (got == 1 &&
	    (lease.fd < 0 || bnd_lease_read(lease.fd, s->was, &err) == 1)) {
		got = end_orphan(s, name, &err);
		if (got == 0)
			s->gc->orphans++;
	}
	if (got == -1)
		failed(s->gc, &err);
	if (lease.fd >= 0)
		(void)close(lease.fd);
}

/* Named first, as they go while we look. */
static int
sweep_leaves(struct sweep *s, struct bnd_err *err)
{
	struct dirent **names = NULL;
	int n = scandirat(s->host.tree, ".", &names, NULL, alphasort);

	if (n < 0)
		return bnd_fail_errno(err, "cannot read cgroup " BND_CG_TREE);
	for (int i = 0; i < n; i++) {
		if (names[i]->d_type == DT_DIR && names[i]->d_name[0] != '.')
			sweep_leaf(s, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	return 0;
}

static int
sweep_all(struct sweep *s, struct bnd_err *err)
{
	bool has[BND_BOX_LEASES];

	if (bnd_lease_numbers(s->root, has, err) != 0)
		return -1;
	for (unsigned n = 0; n < BND_BOX_LEASES; n++)
		if (has[n])
			sweep_lease(s, n);
	return sweep_leaves(s, err);
}

int
bnd_gc_sweep(
    const struct bnd_root *root, struct bnd_gc *gc, struct bnd_err *err)
{
	SCOPED_FREE struct bnd_lease_text *was = malloc(sizeof(*was));
	struct sweep s = { .root = root, .gc = gc, .was = was };
	int rc;

	*gc = (struct bnd_gc){ 0 };
	/* With the leases of another root every sandbox would be nobody's. */
	if (!root->real)
		return bnd_fail(err, BND_E_INPUT,
		    "sandboxes run on the real root only (without -R)");
	if (was == NULL)
		return bnd_fail_errno(err, "cannot sweep");
	/* Where a leaf's lock is, if it never had a lease. */
	if (bnd_root_mkdir(root, "run/bnd", 0755, err) != 0 ||
	    bnd_root_mkdir(root, BND_BOX_DIR, 0700, err) != 0 ||
	    bnd_cg_find(&s.host, err) != 0)
		return -1;
	rc = sweep_all(&s, err);
	bnd_cg_forget(&s.host);
	return rc;
}
