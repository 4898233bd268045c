/* sbx-go.c: run one command in a sandbox */
/* SPDX-License-Identifier: ISC */
/*
 * The steps stand in a table, in the order in which they are safe: nothing is
 * made before it is known that it may be, what may have to be waited for is
 * behind us when ids are taken, everything is bounded before anybody is in it,
 * the lease is on disk before what it accounts for, and what the kernel made of
 * it is read back before the payload's first instruction.  The mode is read
 * twice: we publish our lease and then look at the mode, whoever tightens
 * publishes the mode and then looks at the leases, so one of both sees the other.
 */
#include "sbx-go.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "box-cgkill.h"
#include "box-creds.h"
#include "box-effective.h"
#include "box-fault.h"
#include "box-floor.h"
#include "box-gc.h"
#include "box-land.h"
#include "box-lattice.h"
#include "box-profile.h"
#include "box-record.h"
#include "box-src.h"
#include "box-task.h"
#include "clock.h"
#include "cmd.h"
#include "log.h"
#include "sbx-ask.h"
#include "sbx-run.h"
#include "scope.h"
#include "state.h"

#define EMPTY_MS  2000 /* from the kill of a leaf to giving up */
#define HEAP_KEPT (4 << 20)

static uint64_t
now_us(void)
{
	struct timespec ts = { 0 };

	(void)clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* ---- whether it may run ---- */

static int
check_privilege(struct sbx *s, struct bnd_err *err)
{
	/* Without him it would be with our own rights. */
	if (geteuid() != 0 ||
	    (s->args->seen[SBX_ID_FOR] && s->job.user == NULL))
		return bnd_fail(err, BND_E_DENIED, "needs root");
	if (!s->root->real)
		return bnd_fail(err, BND_E_DENIED,
		    "nothing runs below another root directory");
	return 0;
}

static int
read_mode(struct sbx *s, struct bnd_err *err)
{
	struct bnd_state st;
	int rc = bnd_state_load(s->root, &st, err);

	s->r.mode = rc == 0 ? st.effective : BND_LOCKDOWN;
	s->was.mode = s->r.mode;
	if (rc == -1) {
		err->kind = BND_E_DENIED;
		return -1;
	}
	if (s->r.mode == BND_LOCKDOWN)
		return bnd_fail(err, BND_E_DENIED, "nothing runs in LOCKDOWN");
	return 0;
}

static int
load_profile(struct sbx *s, struct bnd_err *err)
{
	struct bnd_box_ask ask = { .work_fd = s->work,
		.work = s->args->value[SBX_ID_WORK],
		.user = s->job.user,
		.cwd_fd = s->cwd };
	uint64_t now_ms = bnd_clock_ms(), setup_ms;

	if (bnd_box_pool_make(&s->pool, err) == -1 ||
	    sbx_ask(s->args, &s->pool, &ask, err) == -1 ||
	    bnd_box_effective(s->root, &ask, s->r.mode, &s->pool, &s->policy,
		s->r.narrowed, err) == -1)
		return -1;
	setup_ms = s->policy.num[BND_BOX_SETUP];
	s->deadline_ms =
	    setup_ms < UINT64_MAX - now_ms ? now_ms + setup_ms : UINT64_MAX;
	return sbx_take_env(s, err);
}

/* From here on it does not change: it has a name. */
static int
freeze_policy(struct sbx *s, struct bnd_err *err)
{
	size_t len;

	s->job.landlock_abi = bnd_land_abi();
	if (bnd_box_in_force(&s->policy, (unsigned)s->job.landlock_abi, err) ==
		-1 ||
	    bnd_box_profile_print(&s->policy, s->was.policy, &len, err) == -1)
		return -1;
	bnd_box_policy_id((struct bnd_str){ s->was.policy, len }, s->r.policy);
	s->job.policy = &s->policy;
	return 0;
}

/* ---- what it needs ---- */

static bool
is_logged(const struct sbx *s)
{
	return s->policy.num[BND_BOX_LOG] == BND_BOX_LOG_ALL;
}

static int
find_log(struct sbx *s, struct bnd_err *err)
{
	if (is_logged(s) && !bnd_log_exists(s->root))
		return bnd_fail(
		    err, BND_E_SYS, "there is no event log (mode-set --init)");
	return 0;
}

static int
take_lease(struct sbx *s, struct bnd_err *err)
{
	struct bnd_now now;

	if (bnd_clock_now(&now, err) == -1 ||
	    bnd_lease_take(s->root, bnd_gc_clean, &s->lease, err) == -1)
		return -1;
	s->has_lease = true;
	memcpy(s->was.boot, now.boot, sizeof(s->was.boot));
	memcpy(s->was.id, s->r.id, sizeof(s->was.id));
	memcpy(s->was.argv0, s->r.argv0, sizeof(s->was.argv0));
	s->was.sup = getpid();
	s->was.sup_start = bnd_lease_started(s->was.sup);
	s->job.init_id = s->lease.base;
	s->job.payload_id = s->lease.base + 1;
	return 0;
}

/* Without it what is said last is where the most careful would begin. */
static const char *
choose_cwd(const struct sbx *s)
{
	if (s->policy.cwd != NULL)
		return s->policy.cwd;
	for (size_t i = 0; i < s->job.trees; i++)
		if (strcmp(s->job.tree[i].dst, "/job") == 0)
			return "/job";
	return "/tmp";
}

static int
open_sources(struct sbx *s, struct bnd_err *err)
{
	if (sbx_take_fds(s, err) == -1 ||
	    bnd_src_open(&s->policy, s->work, s->cwd, &s->job, s->r.missing,
		sizeof(s->r.missing), s->deadline_ms, err) == -1)
		return -1;
	s->job.argv = (const char *const *)s->args->command;
	s->job.cwd = choose_cwd(s);
	return 0;
}

static int
make_cgroup(struct sbx *s, struct bnd_err *err)
{
	if (bnd_cg_find(&s->host, err) == -1)
		return -1;
	bnd_cg_plan(
	    &s->host, s->lease.n, &s->policy, s->was.cgroup, &s->was.cgroups);
	if (bnd_lease_write(&s->lease, &s->was, err) == -1 ||
	    bnd_cg_make(&s->host, s->lease.n, &s->policy, &s->cg, err) == -1)
		return -1;
	s->has_cg = true;
	bnd_cg_join(&s->cg, &s->job);
	return 0;
}

static int
make_filter(struct sbx *s, struct bnd_err *err)
{
	s->job.seal = bnd_filter_seal;
	return bnd_filter_make(&s->policy, &s->filter, &s->job.filter, err);
}

/* ---- start ---- */

static int
born(void *arg, pid_t init, struct bnd_err *err)
{
	struct sbx *s = arg;

	s->was.init = init;
	s->was.init_start = bnd_lease_started(init);
	s->was.logged = is_logged(s);
	return bnd_lease_write(&s->lease, &s->was, err);
}

static int
start(struct sbx *s, struct bnd_err *err)
{
	int rc = bnd_box_start(
	    &s->job, s->deadline_ms, born, s, &s->run, &s->stage, err);

	sbx_close_stdio(s);
	s->has_run = rc == 0;
	return rc;
}

/* From here on nothing happens unseen.  Meanwhile the init builds the root. */
static int
watch(struct sbx *s, struct bnd_err *err)
{
	s->loop = bnd_box_loop_new(s->root, &s->policy, &s->cg, &s->watch, err);
	/* Its now. */
	s->watch.out[0] = s->watch.out[1] = -1;
	return s->loop != NULL ? bnd_box_attest_self(&s->attest, &s->cg, err)
			       : -1;
}

static int
await_one(struct sbx *s, struct bnd_err *err)
{
	return bnd_box_await_one(&s->job, &s->run, &s->stage, err);
}

/* Who fails meanwhile takes the other one along: what he said comes first. */
static int
attest_one(struct sbx *s, struct bnd_err *err)
{
	enum bnd_box_stage stage;
	struct bnd_err why = { 0 };
	int rc = bnd_box_attest_ready(
	    &s->attest, &s->job, &s->run, &s->cg, &s->r.seen, err);

	if (bnd_box_await_both(&s->job, &s->run, &stage, &why) == 0)
		return rc;
	s->stage = stage;
	*err = why;
	return -1;
}

static int
attest_both(struct sbx *s, struct bnd_err *err)
{
	/* They are mounted. */
	bnd_src_close(&s->job);
	return bnd_box_attest_both(
	    &s->attest, &s->job, &s->run, &s->cg, &s->r.seen, err);
}

static int
read_mode_again(struct sbx *s, struct bnd_err *err)
{
	bool narrowed[BND_BOX_KEYS] = { false };
	struct bnd_box_policy *p = bnd_box_pool_policy(&s->pool, err);
	struct bnd_box_policy *floor = bnd_box_pool_policy(&s->pool, err);
	enum bnd_mode before = s->r.mode;

	if (p == NULL || floor == NULL || read_mode(s, err) == -1)
		return -1;
	if (s->r.mode <= before)
		return 0;
	*p = s->policy;
	if (bnd_box_floor(s->root, s->r.mode, &s->pool, floor, err) == -1 ||
	    bnd_box_meet(p, floor, narrowed, err) == -1)
		return -1;
	for (int k = 0; k < BND_BOX_KEYS; k++)
		if (narrowed[k])
			return bnd_fail(err, BND_E_DENIED,
			    "%s became %s meanwhile", bnd_mode_name(before),
			    bnd_mode_name(s->r.mode));
	return 0;
}

static int
record_start(struct sbx *s, struct bnd_err *err)
{
	if (!is_logged(s))
		return 0;
	if (bnd_box_record_start(s->root, &s->r, s->lease.n, err) == -1)
		return -1;
	s->recorded = true;
	return 0;
}

/*
 * What follows needs no other: the cgroups are root's.  What the payload could
 * make of a fault of ours is then a user's whose id is 0.
 */
static int
drop_capabilities(struct bnd_err *err)
{
	if (bnd_creds_only_kill() != 0)
		return bnd_fail_errno(err, "cannot drop capabilities");
	return 0;
}

static int
go(struct sbx *s, struct bnd_err *err)
{
	struct bnd_box_result *r = &s->r;
	uint64_t go_us = now_us();
	int rc;

	r->setup_ms = (go_us - s->begun_us) / 1000;
	if (drop_capabilities(err) == -1)
		return -1;
	rc = bnd_box_go(&s->run, &r->errnum, &r->interpreter, err);
	if (rc == -1)
		return -1;
	if (rc == 1) {
		r->reason = BND_WHY_EXEC;
		(void)snprintf(r->detail, sizeof(r->detail), "%s%s",
		    r->interpreter ? "its interpreter: " : "",
		    strerror(r->errnum));
		return 0;
	}
	r->started = true;
	bnd_box_loop_run(s->loop, &s->run, go_us, r);
	return 0;
}

/* step: what a fault calls it (box-child.h); start and children count their own. */
struct step {
	enum bnd_box_stage stage;
	unsigned step;
	int (*run)(struct sbx *s, struct bnd_err *err);
};

static const struct step steps[] = {
	{ BND_STAGE_ARGS, 0, sbx_take_args },
	{ BND_STAGE_PRIVILEGE, 0, check_privilege },
	{ BND_STAGE_MODE, 0, read_mode },
	{ BND_STAGE_PROFILE, 0, load_profile },
	{ BND_STAGE_PROFILE, 1, freeze_policy },
	{ BND_STAGE_RELAY, 0, sbx_pin },
	{ BND_STAGE_LOG, 0, find_log },
	{ BND_STAGE_SOURCE, 0, open_sources },
	{ BND_STAGE_LEASE, 0, take_lease },
	{ BND_STAGE_SOURCE, 1, sbx_make_stdio },
	{ BND_STAGE_CGROUP, 0, make_cgroup },
	{ BND_STAGE_FILTER, 0, make_filter },
	{ BND_STAGE_CLONE, 9, start },
	{ BND_STAGE_ATTEST, 0, watch },
	{ BND_STAGE_PAYLOAD, 9, await_one },
	{ BND_STAGE_RELAY, 2, sbx_start_relay },
	{ BND_STAGE_MODE, 1, read_mode_again },
	{ BND_STAGE_ATTEST, 1, attest_one },
	{ BND_STAGE_ATTEST, 2, attest_both },
	{ BND_STAGE_ATTEST, 3, sbx_attest_relay },
	{ BND_STAGE_LOG, 1, record_start },
	{ BND_STAGE_EXEC, 0, go },
};

static int
take(const struct step *step, struct sbx *s, struct bnd_err *err)
{
	enum bnd_step_fault fault = bnd_box_fault(step->stage, step->step);

	s->stage = step->stage;
	errno = EIO;
	if (fault == BND_FAULT_FAIL)
		return bnd_fail_errno(err, "cannot do this step");
	return fault == BND_FAULT_SKIP ? 0 : step->run(s, err);
}

/* ---- the end ---- */

/* The first thing that is left; the lease stays dirty, so somebody will come. */
static void
left(struct sbx *s, const struct bnd_err *err)
{
	if (s->r.cleanup[0] == '\0')
		(void)snprintf(
		    s->r.cleanup, sizeof(s->r.cleanup), "%.119s", err->text);
}

static int
remove_leaves(struct sbx *s, struct bnd_err *err)
{
	int rc = 0;

	if (s->r.reason == BND_WHY_STUCK)
		rc = bnd_fail(err, BND_E_BUSY, "cgroup %u is left", s->lease.n);
	/* The end of one that ran is that it was seen empty. */
	else if (!s->r.started && bnd_cg_populated(&s->cg, err) != 0 &&
	    (bnd_cg_kill(&s->cg, err) == -1 ||
		bnd_cg_wait_empty(&s->cg, EMPTY_MS, err) == -1))
		rc = -1;
	if (rc == 0)
		rc = bnd_cg_remove(&s->host, &s->cg, err);
	bnd_cg_close(&s->cg);
	return rc;
}

static void
clean_up(struct sbx *s)
{
	struct bnd_err err = { 0 };

	/* Who did not die in time is not waited for again. */
	if (s->has_run && s->r.reason == BND_WHY_STUCK)
		bnd_close_fd(&s->run.init_fd);
	if (s->has_run)
		bnd_box_drop(&s->run);
	bnd_box_attest_end(&s->attest);
	bnd_box_loop_free(s->loop);
	bnd_close_fd(&s->watch.out[0]);
	bnd_close_fd(&s->watch.out[1]);
	if (sbx_end_relay(s, &err) == -1)
		left(s, &err);
	sbx_close_stdio(s);
	bnd_src_close(&s->job);
	if (s->has_cg && remove_leaves(s, &err) == -1)
		left(s, &err);
	if (s->recorded && bnd_box_record_end(s->root, &s->r, &err) == -1)
		left(s, &err);
	if (s->has_lease && s->r.cleanup[0] != '\0')
		bnd_close_fd(&s->lease.fd);
	else if (s->has_lease && bnd_lease_free(&s->lease, &err) == -1)
		left(s, &err);
	if (bnd_task_hangs()) {
		(void)bnd_fail(&err, BND_E_BUSY,
		    "a task waits until a file system answers it");
		left(s, &err);
	}
}

static void
failed(struct sbx *s, const struct bnd_err *err)
{
	struct bnd_box_result *r = &s->r;

	r->reason = err->kind == BND_E_DENIED ? BND_WHY_REFUSED
	    : err->errnum == ETIMEDOUT	      ? BND_WHY_SETUP_TIME
					      : BND_WHY_SETUP;
	r->stage = s->stage;
	r->errnum = err->errnum;
	(void)snprintf(r->detail, sizeof(r->detail), "%s", err->text);
	if (r->setup_ms == 0)
		r->setup_ms = (now_us() - s->begun_us) / 1000;
}

/* A no of the policy, and what the kernel did not show as it was planned. */
static void
record_refusal(const struct sbx *s)
{
	struct bnd_err err = { 0 };

	if (s->r.reason != BND_WHY_REFUSED && s->stage != BND_STAGE_ATTEST)
		return;
	if (geteuid() != 0 || !s->root->real || !bnd_log_exists(s->root))
		return;
	if (bnd_box_record_refuse(s->root, &s->r, &err) == -1)
		cmd_warn_err(&err);
}

/* In .bss: of what is big only the pages that are used are ever made or cloned. */
static struct sbx *
make(const struct bnd_root *root, const struct opt_args *args)
{
	static struct sbx the_run, *const s = &the_run;
	uint8_t id[BND_ID_LEN];

	/* What is freed is wanted again a moment later. */
	(void)mallopt(M_TRIM_THRESHOLD, HEAP_KEPT);
	s->root = root;
	s->args = args;
	s->begun_us = now_us();
	s->cwd = s->work = s->result.fd = s->meta.fd = s->lease.fd = -1;
	s->watch = (struct bnd_box_watch){ { -1, -1 }, { 1, 2 }, -1, -1 };
	s->job.stdio[0] = s->job.stdio[1] = s->job.stdio[2] = -1;
	s->job.cgroup = s->job.status = s->job.go = s->job.hand = -1;
	s->relay.fd = s->relay.life = s->relay.listener = -1;
	s->attest.payload.dir = s->attest.init.dir = -1;
	bnd_random(id, sizeof(id));
	bnd_text_to_hex(id, sizeof(id), s->r.id);
	return s;
}

/* Everything of *s that the process does not need any more goes with it. */
int
sbx_go(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	struct sbx *s = make(root, args);
	int status;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (take(&steps[i], s, err) == 0)
			continue;
		failed(s, err);
		record_refusal(s);
		break;
	}
	clean_up(s);
	status = sbx_say(s);
	/* Whoever reads our output reads to its end. */
	if (bnd_task_hangs())
		(void)close_range(0, UINT_MAX, 0);
	return status;
}
