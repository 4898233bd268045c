/* box-enforce.c: running sandboxes obey a mode */
/* SPDX-License-Identifier: ISC */
/*
 * No supervisor is relied on: it may be stopped or dead.  What runs is what
 * the kernel has below bnd-sbx; the lease of the same number says under which
 * policy.  Without a policy that can be read it is too loose.
 *
 * Whoever starts a sandbox publishes lease and leaf, and reads the mode again
 * before the payload's first instruction; whoever changes the mode publishes
 * it before he comes here.  So a leaf in which nothing lives yet need not be
 * waited for: it will see the mode.
 */
#include "box-enforce.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "box-cgfile.h"
#include "box-cglimit.h"
#include "box-cgroup.h"
#include "box-floor.h"
#include "box-lease.h"
#include "box-leaves.h"
#include "box-profile.h"
#include "clock.h"
#include "scope.h"
#include "state.h"

#define PASSES	   5
#define DEAD_MS	   1000 /* from the kill to nothing populated */
#define STILL_MS   500	/* from the freeze to nothing that runs */
#define LOOK_MS	   600	/* that a start which is refused may take */
#define LOOK_STEP  20
#define TORN_TRIES 5 /* a lease may be read while it is written */

/* A lease that is in use where no sandbox can be seen: who knows. */
static int
none_is_leased(const struct bnd_root *root, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	SCOPED_FD int fd =
	    bnd_root_openat(root, BND_BOX_DIR, O_RDONLY | O_DIRECTORY, 0, &why);
	SCOPED_DIR DIR *dir = NULL;
	const struct dirent *e;
	struct stat st;

	if (fd < 0 && why.errnum == ENOENT)
		return 0;
	dir = bnd_dir_of(&fd);
	if (dir == NULL)
		return bnd_fail_errno(err, "cannot read /" BND_BOX_DIR);
	while ((e = readdir(dir)) != NULL) {
		if (e->d_name[strspn(e->d_name, "0123456789")] == '\0' &&
		    fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) ==
			0 &&
		    st.st_size > 0)
			return bnd_fail(err, BND_E_ENFORCER,
			    "sandbox %.8s is leased, and no cgroup v2 "
			    "hierarchy is found",
			    e->d_name);
	}
	return 0;
}

/* ---- what runs ---- */

/* A leaf that was acted on, so that it is counted and waited for once. */
struct acted {
	char name[16];
	enum bnd_box_did did;
};

struct sweep {
	const struct bnd_root *root;
	struct bnd_box_acts *acts;
	const struct bnd_box_policy *floor; /* NULL: everything is too loose */
	struct bnd_box_pool pool;
	struct bnd_lease_text *lease; /* the one that is read */
	struct bnd_cg_host host;
	int leaves;
	bool look;	/* change nothing */
	unsigned loose; /* in this pass */
	size_t n;
	struct acted acted[BND_BOX_LEASES];
};

static bool
number_of(const char *name, unsigned *n, bool *relay)
{
	return bnd_leaf_lease(name, n, relay) && *n < BND_BOX_LEASES;
}

/* Under which policy leaf n runs: NULL if nothing that can be read says it. */
static struct bnd_box_policy *
policy_of(struct sweep *s, unsigned n)
{
	const struct timespec nap = { 0, 2 * 1000000L };
	struct bnd_box_policy *p = bnd_box_pool_policy(&s->pool, NULL);
	struct bnd_err err = { 0 };
	char path[sizeof(BND_BOX_DIR) + 16];
	int rc = -1;

	(void)snprintf(path, sizeof(path), BND_BOX_DIR "/%u", n);
	for (int i = 0; i < TORN_TRIES && rc == -1; i++) {
		SCOPED_FD int fd =
		    bnd_root_open_trusted(s->root, path, 0077, &err);

		if (fd < 0)
			break;
		rc = bnd_lease_read(fd, s->lease, &err);
		if (rc != 0)
			nanosleep(&nap, NULL);
	}
	if (rc != 0 || p == NULL ||
	    bnd_box_profile_parse("lease",
		(struct bnd_str){ s->lease->policy, strlen(s->lease->policy) },
		&s->pool, p, &err) == -1)
		return NULL;
	return p;
}

/* ---- acts ---- */

/* A relay is no sandbox of its own. */
static bool
is_relay(const char *name)
{
	unsigned n;
	bool relay;

	return number_of(name, &n, &relay) && relay;
}

static void
count_act(struct sweep *s, const char *name, enum bnd_box_did did)
{
	size_t i = 0;

	while (i < s->n &&
	    (s->acted[i].did != did || strcmp(s->acted[i].name, name) != 0))
		i++;
	if (i < s->n)
		return;
	s->acts->did[did] += !is_relay(name);
	if (s->n == BND_BOX_LEASES)
		return;
	(void)snprintf(
	    s->acted[i].name, sizeof(s->acted[i].name), "%.15s", name);
	s->acted[s->n++].did = did;
}

static void
complain(struct sweep *s, const char *name, const char *why)
{
	if (s->acts->why[0] == '\0')
		(void)snprintf(s->acts->why, sizeof(s->acts->why),
		    "sandbox %.16s %s", name, why);
}

/* Whether a limit of it is above those four of p; -1: nobody can tell. */
static int
exceeds(struct sweep *s, unsigned n, const struct bnd_box_policy *p)
{
	struct bnd_cg cg;
	struct bnd_err err = { 0 };
	int rc;

	if (bnd_cg_open(&s->host, n, s->lease->cgroup, s->lease->cgroups, &cg,
		&err) == -1)
		return -1;
	rc = bnd_cg_exceeds(&cg, p, &err);
	bnd_cg_close(&cg);
	return rc;
}

static int
lower(struct sweep *s, unsigned n, const struct bnd_box_policy *p)
{
	struct bnd_cg cg;
	struct bnd_err err = { 0 };
	int rc;

	if (bnd_cg_open(&s->host, n, s->lease->cgroup, s->lease->cgroups, &cg,
		&err) == -1)
		return -1;
	rc = bnd_cg_lower(&cg, p, &err);
	bnd_cg_close(&cg);
	return rc;
}

/* Lowered is what is found lowered: a policy in a lease does not change. */
static enum bnd_box_did
heed_limits(struct sweep *s, unsigned n, const struct bnd_box_policy *p)
{
	switch (exceeds(s, n, p)) {
	case 0:
		return BND_DID_KEPT;
	case 1:
		return BND_DID_LOWERED;
	default:
		return BND_DID_KILLED;
	}
}

/* One leaf in which something lives: what is still to be done, and did it. */
static enum bnd_box_did
ask_of(struct sweep *s, const char *name, bool frozen, unsigned *n,
    struct bnd_box_policy **p)
{
	enum bnd_box_did did;
	bool relay;

	*p = number_of(name, n, &relay) ? policy_of(s, *n) : NULL;
	did = bnd_box_judge(*p, s->floor);
	/* Its leaf has no limits. */
	if (did == BND_DID_LOWERED && relay)
		did = BND_DID_KEPT;
	if (did == BND_DID_LOWERED) {
		bnd_box_lowered(*p, s->floor);
		did = heed_limits(s, *n, *p);
	}
	if (did == BND_DID_FROZEN && frozen)
		return BND_DID_NONE;
	/* The floor that froze it is gone; not to look at, but to enforce. */
	if (did == BND_DID_KEPT)
		return frozen && !s->look ? BND_DID_THAWED : BND_DID_NONE;
	return did;
}

static int
act(struct sweep *s, int leaf, enum bnd_box_did did, unsigned n,
    const struct bnd_box_policy *p)
{
	struct bnd_err err = { 0 };

	switch (did) {
	case BND_DID_LOWERED:
		return lower(s, n, p);
	case BND_DID_FROZEN:
		return bnd_cg_file_write(leaf, "cgroup.freeze", "1", &err) ==
			    0 &&
			bnd_leaf_is(leaf, "frozen", 1, STILL_MS)
		    ? 0
		    : -1;
	case BND_DID_THAWED:
		return bnd_cg_file_write(leaf, "cgroup.freeze", "0", &err);
	case BND_DID_KILLED:
		return bnd_cg_file_write(leaf, "cgroup.kill", "1", &err);
	case BND_DID_NONE:
	case BND_DID_KEPT:
	default:
		return 0;
	}
}

static void
visit(struct sweep *s, int leaf, const char *name)
{
	bool frozen = bnd_leaf_is(leaf, "frozen", 1, 0);
	struct bnd_box_policy *p;
	unsigned n = 0;
	enum bnd_box_did did = ask_of(s, name, frozen, &n, &p);

	s->acts->running += !is_relay(name);
	s->acts->stopped += frozen && !is_relay(name);
	if (did == BND_DID_NONE)
		return;
	s->loose += did != BND_DID_THAWED;
	if (s->look) {
		complain(s, name, "is looser than the mode");
		return;
	}
	if (act(s, leaf, did, n, p) == -1) {
		did = BND_DID_KILLED;
		if (act(s, leaf, did, n, p) == -1)
			complain(s, name, "cannot be killed");
	}
	count_act(s, name, did);
}

/* All leaves once.  A directory that comes or goes meanwhile is for the next. */
static int
pass(struct sweep *s, struct bnd_err *err)
{
	SCOPED_FD int again = openat(
	    s->leaves, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	SCOPED_DIR DIR *dir = bnd_dir_of(&again);
	const struct dirent *e;

	if (dir == NULL)
		return bnd_fail_errno(err, "cannot list " BND_CG_TREE);
	s->loose = s->acts->running = s->acts->stopped = 0;
	while ((e = readdir(dir)) != NULL) {
		SCOPED_FD int leaf = bnd_leaf_open(dirfd(dir), e->d_name);

		if (leaf >= 0 && bnd_leaf_is(leaf, "populated", 1, 0))
			visit(s, leaf, e->d_name);
	}
	return 0;
}

/* What was killed in a pass is dead before the next, or that one says so. */
static void
await_dead(const struct sweep *s)
{
	uint64_t end = bnd_clock_ms() + DEAD_MS, now;

	for (size_t i = 0; i < s->n; i++) {
		SCOPED_FD int leaf = s->acted[i].did == BND_DID_KILLED
		    ? bnd_leaf_open(s->leaves, s->acted[i].name)
		    : -1;

		now = bnd_clock_ms();
		if (leaf >= 0)
			(void)bnd_leaf_is(leaf, "populated", 0,
			    now < end ? (unsigned)(end - now) : 0);
	}
}

static int
settle(struct sweep *s, struct bnd_err *err)
{
	while (s->acts->passes < PASSES) {
		s->acts->passes++;
		if (pass(s, err) == -1)
			return -1;
		if (s->loose == 0) {
			s->acts->obeyed = true;
			return 0;
		}
		await_dead(s);
	}
	return bnd_fail(err, BND_E_ENFORCER, "%s",
	    s->acts->why[0] != '\0'
		? s->acts->why
		: "sandboxes live on after they were killed");
}

/*
 * A start that is about to be refused is no difference: its payload has not run
 * and will not.  Who is still there a moment later is one.
 */
static int
look(struct sweep *s, struct bnd_err *err)
{
	const struct timespec nap = { 0, LOOK_STEP * 1000000L };

	for (unsigned waited = 0;; waited += LOOK_STEP) {
		s->acts->passes++;
		s->acts->why[0] = '\0';
		if (pass(s, err) == -1)
			return -1;
		s->acts->obeyed = s->loose == 0;
		if (s->acts->obeyed)
			return 0;
		if (waited >= LOOK_MS)
			return bnd_fail(
			    err, BND_E_ENFORCER, "%s", s->acts->why);
		nanosleep(&nap, NULL);
	}
}

/* ---- LOCKDOWN, and a floor that cannot be read ---- */

/* One write reaches every sandbox, the relays too; nothing is asked before. */
static int
kill_all(int leaves, bool look, struct bnd_box_acts *acts, struct bnd_err *err)
{
	bool first = true;
	unsigned n = 0;

	for (acts->passes = 1; !look && acts->passes <= PASSES;
	     acts->passes++) {
		if (bnd_cg_file_write(leaves, "cgroup.kill", "1", err) == -1)
			return -1;
		/* Something lived, though it may be dead before it is counted. */
		if (first)
			n = bnd_leaves_count(leaves);
		first = false;
		acts->did[BND_DID_KILLED] = n > 0 ? n : 1;
		if (bnd_leaf_is(leaves, "populated", 0, DEAD_MS)) {
			acts->obeyed = true;
			return 0;
		}
	}
	/* A start that is refused is gone in a moment. */
	acts->obeyed = bnd_leaf_is(leaves, "populated", 0, LOOK_MS);
	if (acts->obeyed)
		return 0;
	acts->running = bnd_leaves_count(leaves);
	return bnd_fail(
	    err, BND_E_ENFORCER, "%u sandboxes are running", acts->running);
}

/* ---- all of it ---- */

static int
judge_all(struct sweep *s, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	struct bnd_box_policy *floor;

	if (s->acts->mode == BND_LOCKDOWN)
		return kill_all(s->leaves, s->look, s->acts, err);
	if (bnd_box_pool_make(&s->pool, err) == -1)
		return -1;
	floor = bnd_box_pool_policy(&s->pool, err);
	s->lease = calloc(1, sizeof(*s->lease));
	if (floor == NULL || s->lease == NULL)
		return bnd_fail_errno(err, "cannot judge sandboxes");
	if (bnd_box_floor(s->root, s->acts->mode, &s->pool, floor, &why) ==
		-1 ||
	    bnd_cg_find(&s->host, &why) == -1) {
		(void)snprintf(
		    s->acts->why, sizeof(s->acts->why), "%.200s", why.text);
		return kill_all(s->leaves, s->look, s->acts, err);
	}
	s->floor = floor;
	return s->look ? look(s, err) : settle(s, err);
}

static int
sweep(const struct bnd_root *root, bool look_only, struct bnd_box_acts *acts,
    struct bnd_err *err)
{
	SCOPED_FREE struct sweep *s = calloc(1, sizeof(*s));
	SCOPED_FD int leaves = bnd_leaves_open();
	int rc;

	if (s == NULL || (leaves < 0 && errno != ENOENT))
		return bnd_fail_errno(err, "cannot open " BND_CG_TREE);
	acts->possible = leaves >= 0;
	acts->obeyed = leaves < 0 ? none_is_leased(root, err) == 0
				  : bnd_leaf_is(leaves, "populated", 0, 0);
	if (acts->obeyed)
		return 0;
	if (leaves < 0)
		return -1;
	s->root = root;
	s->acts = acts;
	s->leaves = leaves;
	s->look = look_only;
	rc = judge_all(s, err);
	bnd_cg_forget(&s->host);
	bnd_box_pool_free(&s->pool);
	free(s->lease);
	return rc;
}

static void
ask_state(
    const struct bnd_root *root, enum bnd_mode m, struct bnd_box_acts *acts)
{
	struct bnd_state s;
	struct bnd_err err = { 0 };

	*acts = (struct bnd_box_acts){ 0 };
	acts->no_state = bnd_state_load(root, &s, &err) == -1;
	acts->mode = bnd_mode_max(m, s.effective);
}

int
bnd_box_enforce(const struct bnd_root *root, enum bnd_mode m,
    struct bnd_box_acts *acts, struct bnd_err *err)
{
	ask_state(root, m, acts);
	return sweep(root, false, acts, err);
}

int
bnd_box_obeys(const struct bnd_root *root, enum bnd_mode m,
    struct bnd_box_acts *acts, struct bnd_err *err)
{
	ask_state(root, m, acts);
	return sweep(root, true, acts, err);
}
