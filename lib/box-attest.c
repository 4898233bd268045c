/* box-attest.c: what the kernel says both children are, against the plan */
/* SPDX-License-Identifier: ISC */
/*
 * Everything is read from the host's side, after who it is of has done all he
 * does before execve: nothing is believed because it was asked for.  Whatever
 * is missing, unreadable or different is an error, and the payload never runs.
 * Whoever is ready only waits, so he is looked at while the other one is still
 * at it; their mounts, which the init changes last, when both are.  The pidfds
 * are asked last: both still live, so the numbers were theirs.
 */
#include "box-attest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "box-cglimit.h"
#include "box-limit.h"
#include "box-listen.h"
#include "box-look.h"
#include "box-mounts.h"
#include "box-proc.h"
#include "box-root.h"
#include "scope.h"

#define LINK_LEN 96

/* ---- judging ---- */

static int
differs(struct bnd_err *err, const char *who, const char *key, uint64_t wanted,
    uint64_t seen)
{
	return bnd_fail(err, BND_E_ENFORCER,
	    "%s of the %s: wanted %" PRIu64 ", seen %" PRIu64, key, who, wanted,
	    seen);
}

int
bnd_attest_ids(const struct bnd_look *l, uint64_t id, struct bnd_err *err)
{
	const struct bnd_proc_status *s = &l->status;

	for (size_t i = 0; i < 4; i++) {
		if (s->uid[i] != id)
			return differs(err, l->who, "uid", id, s->uid[i]);
		if (s->gid[i] != id)
			return differs(err, l->who, "gid", id, s->gid[i]);
	}
	if (s->groups != 0)
		return differs(err, l->who, "groups", 0, s->groups);
	return 0;
}

/* Filters of ours that it began with: a container's. */
int
bnd_attest_rights(const struct bnd_look *l, uint64_t ours, struct bnd_err *err)
{
	static const char *const set[BND_PROC_CAPS] = { "CapInh", "CapPrm",
		"CapEff", "CapBnd", "CapAmb" };
	const struct bnd_proc_status *s = &l->status;

	for (size_t i = 0; i < BND_PROC_CAPS; i++)
		if (s->caps[i] != 0)
			return differs(err, l->who, set[i], 0, s->caps[i]);
	if (s->no_new_privs != 1)
		return differs(err, l->who, "no_new_privs", 1, s->no_new_privs);
	if (s->seccomp != 2)
		return differs(err, l->who, "seccomp", 2, s->seccomp);
	if (s->filters != ours + 1)
		return differs(
		    err, l->who, "seccomp filters", ours + 1, s->filters);
	if (s->threads != 1)
		return differs(err, l->who, "threads", 1, s->threads);
	if (s->tracer != 0)
		return differs(err, l->who, "tracer", 0, s->tracer);
	return 0;
}

/* A payload begins with nothing blocked, ignored or caught. */
static int
judge_signals(const struct bnd_look *l, struct bnd_err *err)
{
	const struct bnd_proc_status *s = &l->status;

	if (s->blocked != 0)
		return differs(err, l->who, "blocked signals", 0, s->blocked);
	if (s->ignored != 0)
		return differs(err, l->who, "ignored signals", 0, s->ignored);
	if (s->caught != 0)
		return differs(err, l->who, "caught signals", 0, s->caught);
	return 0;
}

/* Both in the same seven, none of them ours; time is the payload's alone. */
static int
judge_spaces(const struct bnd_look *p, const struct bnd_look *i,
    const uint64_t ours[static 8], struct bnd_err *err)
{
	for (size_t k = 0; k < 8; k++) {
		if (p->ns[k] == ours[k])
			return bnd_fail(err, BND_E_ENFORCER,
			    "%s of the payload is the host's", bnd_spaces[k]);
		if (i->ns[k] != (k == BND_SPACE_TIME ? ours[k] : p->ns[k]))
			return differs(err, i->who, bnd_spaces[k],
			    k == BND_SPACE_TIME ? ours[k] : p->ns[k], i->ns[k]);
	}
	return 0;
}

/* ---- descriptors ---- */

/* A socket that execve closes: the way to the supervisor. */
static int
judge_socket(const struct bnd_look *l, int fd, struct bnd_err *err)
{
	char name[32], buf[512], link[LINK_LEN];
	struct bnd_str text = { buf, 0 }, line, word;
	bool whole;
	ssize_t n;
	SCOPED_FD int info = -1;

	(void)snprintf(name, sizeof(name), "fd/%d", fd);
	n = readlinkat(l->dir, name, link, sizeof(link));
	if (n < 8 || memcmp(link, "socket:[", 8) != 0)
		return bnd_fail(err, BND_E_ENFORCER,
		    "descriptor %d of the %s is not in the plan", fd, l->who);
	(void)snprintf(name, sizeof(name), "fdinfo/%d", fd);
	info = openat(l->dir, name, O_RDONLY | O_CLOEXEC);
	n = info >= 0 ? read(info, buf, sizeof(buf)) : -1;
	text.len = n > 0 ? (size_t)n : 0;
	while (bnd_text_line(&text, &line, &whole))
		if (bnd_text_take(&line, "flags:") &&
		    bnd_text_word(&line, &word) && word.len < sizeof(link)) {
			(void)bnd_str_copy(word, link, sizeof(link));
			if (strtoul(link, NULL, 8) & O_CLOEXEC)
				return 0;
		}
	return bnd_fail(err, BND_E_ENFORCER,
	    "descriptor %d of the %s outlives execve", fd, l->who);
}

static bool
is_planned(const struct bnd_box_policy *p, int fd)
{
	for (size_t i = 0; i < p->fds_n; i++)
		if (p->fds[i] == fd)
			return true;
	return fd <= 2;
}

/* 0, 1, 2, those of fds, and two sockets; the init has the one. */
static int
judge_fds(const struct bnd_box_policy *p, const struct bnd_look *l,
    size_t sockets, struct bnd_err *err)
{
	size_t planned = 0, others = 0, want = sockets == 1 ? 0 : p->fds_n + 3;

	for (size_t i = 0; i < l->fds; i++) {
		if (sockets != 1 && is_planned(p, l->fd[i])) {
			planned++;
			continue;
		}
		if (judge_socket(l, l->fd[i], err) == -1)
			return -1;
		others++;
	}
	if (planned != want)
		return differs(err, l->who, "planned fds", want, planned);
	if (others != sockets)
		return differs(err, l->who, "own fds", sockets, others);
	return 0;
}

/* ---- mounts, limits, cgroups ---- */

/* Below at, as /usr/lib is below /usr. */
static bool
is_below(const char *path, const char *at)
{
	size_t n = strlen(at);

	return strncmp(path, at, n) == 0 &&
	    (path[n] == '/' || (n == 1 && path[1] != '\0'));
}

static bool
is_tight(const struct bnd_mount_line *m, const struct bnd_root_mount *plan)
{
	return !m->shared && (!plan->ro || bnd_mount_has(m->options, "ro")) &&
	    (!plan->nosuid || bnd_mount_has(m->options, "nosuid")) &&
	    (!plan->nodev || bnd_mount_has(m->options, "nodev")) &&
	    (!plan->noexec || bnd_mount_has(m->options, "noexec"));
}

/* The row a line of mountinfo answers to: its own, or of a recursive bind. */
static const struct bnd_root_mount *
row_of(
    const struct bnd_root_mount *plan, size_t n, bool *used, const char *point)
{
	const struct bnd_root_mount *above = NULL;

	for (size_t i = 0; i < n; i++) {
		if (!used[i] && strcmp(plan[i].at, point) == 0) {
			used[i] = true;
			return &plan[i];
		}
		if (plan[i].recursive && is_below(point, plan[i].at) &&
		    (above == NULL || is_below(plan[i].at, above->at)))
			above = &plan[i];
	}
	return above;
}

static int
judge_mount(const struct bnd_root_mount *plan, size_t n, bool *used,
    struct bnd_str line, struct bnd_err *err)
{
	const struct bnd_root_mount *row;
	struct bnd_mount_line m;

	if (!bnd_mount_parse(line, &m))
		return bnd_fail(
		    err, BND_E_CORRUPT, "mountinfo is not as proc(5) has it");
	row = row_of(plan, n, used, m.point);
	if (row == NULL)
		return bnd_fail(err, BND_E_ENFORCER,
		    "mount %.100s is not in the plan", m.point);
	if (!is_tight(&m, row) ||
	    (row->fstype != NULL && strcmp(row->at, m.point) == 0 &&
		!bnd_str_is(m.fstype, row->fstype)))
		return bnd_fail(err, BND_E_ENFORCER,
		    "mount %.100s is looser than planned", m.point);
	return 0;
}

/* Each line is planned for, each of the plan is there, and once. */
int
bnd_box_judge_mounts(const struct bnd_root_mount *plan, size_t n,
    struct bnd_str text, size_t *seen, struct bnd_err *err)
{
	bool used[BND_ROOT_MOUNTS] = { false }, whole;
	struct bnd_str line;

	for (*seen = 0; bnd_text_line(&text, &line, &whole); ++*seen)
		if (judge_mount(plan, n, used, line, err) == -1)
			return -1;
	for (size_t i = 0; i < n; i++)
		if (!used[i])
			return bnd_fail(err, BND_E_ENFORCER,
			    "mount %.100s is missing", plan[i].at);
	return 0;
}

static int
attest_mounts(const struct bnd_box_job *job, const struct bnd_look *p,
    char *buf, size_t *seen, struct bnd_err *err)
{
	SCOPED_FREE struct bnd_root_mount *plan =
	    calloc(BND_ROOT_MOUNTS, sizeof(*plan));
	struct bnd_str text;

	if (plan == NULL)
		return bnd_fail_errno(err, "cannot plan the mounts");
	if (bnd_look_file(p->dir, "mountinfo", buf, BND_LOOK_MAX, &text, err) ==
	    -1)
		return -1;
	return bnd_box_judge_mounts(
	    plan, bnd_root_plan(job, plan), text, seen, err);
}

static int
attest_limits(const struct bnd_box_policy *policy, const struct bnd_look *p,
    char *buf, struct bnd_box_seen *seen, struct bnd_err *err)
{
	struct bnd_box_limit plan[BND_LIMITS];
	struct bnd_str text;
	uint64_t soft, hard;

	if (bnd_limit_plan(policy, plan) == -1)
		return bnd_fail_errno(err, "cannot plan the limits");
	if (bnd_look_file(p->dir, "limits", buf, BND_LOOK_MAX, &text, err) ==
	    -1)
		return -1;
	for (size_t i = 0; i < BND_LIMITS; i++) {
		if (bnd_proc_limit(text, plan[i].name, &soft, &hard, err) == -1)
			return -1;
		if (soft != plan[i].value || hard != plan[i].value)
			return differs(err, p->who, plan[i].name, plan[i].value,
			    soft != plan[i].value ? soft : hard);
		switch (plan[i].resource) {
		case RLIMIT_NOFILE:
			seen->nofile = soft;
			break;
		case RLIMIT_NPROC:
			seen->nproc = soft;
			break;
		case RLIMIT_FSIZE:
			seen->fsize = soft;
			break;
		case RLIMIT_CORE:
			seen->core = soft;
			break;
		default:
			break;
		}
	}
	return 0;
}

/* What is behind the last n slashes: "/bnd-sbx/7", "/bnd-sbx-7". */
static struct bnd_str
tail(struct bnd_str path, int n)
{
	size_t at = path.len;

	while (at > 0 && (path.p[--at] != '/' || --n > 0))
		;
	return bnd_str_from(path, at);
}

/* v2's is the last: bnd-sbx/N, where v1 has bnd-sbx-N. */
static int
parts_of(const struct bnd_cg *cg, size_t i)
{
	return i == cg->n ? 2 : 1;
}

/* What the leaves that we hold are called. */
static int
name_leaves(
    struct bnd_box_attest *a, const struct bnd_cg *cg, struct bnd_err *err)
{
	for (size_t i = 0; i <= cg->n; i++) {
		char self[32];
		ssize_t n;

		(void)snprintf(self, sizeof(self), "/proc/self/fd/%d",
		    i == cg->n ? cg->leaf : cg->v1[i].dir);
		n = readlink(self, a->leaf[i], sizeof(a->leaf[i]) - 1);
		if (n <= 0 || n == sizeof(a->leaf[i]) - 1)
			return bnd_fail_errno(
			    err, "cannot name our own cgroup");
		a->leaf[i][n] = '\0';
	}
	return 0;
}

/* The leaf they are in is the one we hold: their names end alike. */
static int
judge_leaf(struct bnd_str cgroup, const char *controllers, struct bnd_str want,
    int parts, const char *who, struct bnd_err *err)
{
	struct bnd_str path;

	if (bnd_proc_cgroup(cgroup, controllers, &path, err) == -1)
		return -1;
	path = tail(path, parts);
	if (path.len == want.len && memcmp(path.p, want.p, path.len) == 0)
		return 0;
	return bnd_fail(err, BND_E_ENFORCER,
	    "cgroup %s of the %s: wanted %.*s, seen %.*s",
	    controllers[0] != '\0' ? controllers : "v2", who, (int)want.len,
	    want.p, (int)(path.len < 80 ? path.len : 80), path.p);
}

static int
attest_leaves(struct bnd_box_attest *a, const struct bnd_cg *cg,
    const struct bnd_look *l, struct bnd_err *err)
{
	struct bnd_str text;

	if (bnd_look_file(
		l->dir, "cgroup", a->buf, sizeof(a->buf), &text, err) == -1)
		return -1;
	for (size_t i = 0; i <= cg->n; i++) {
		const int parts = parts_of(cg, i);
		struct bnd_str held = { a->leaf[i], strlen(a->leaf[i]) };

		if (judge_leaf(text, i == cg->n ? "" : cg->v1[i].name,
			tail(held, parts), parts, l->who, err) == -1)
			return -1;
	}
	return 0;
}

/* ---- all of it ---- */

/* How many filters everything we start begins with. */
static int
own_filters(struct bnd_box_attest *a, struct bnd_err *err)
{
	struct bnd_proc_status s;
	struct bnd_str text;

	a->filters = 0;
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 0)
		return 0;
	if (bnd_look_file(AT_FDCWD, "/proc/self/status", a->buf, sizeof(a->buf),
		&text, err) == -1 ||
	    bnd_proc_status(text, &s, err) == -1)
		return -1;
	a->filters = s.filters;
	return 0;
}

int
bnd_box_attest_self(
    struct bnd_box_attest *a, const struct bnd_cg *cg, struct bnd_err *err)
{
	a->payload = (struct bnd_look){ .who = "payload", .dir = -1 };
	a->init = (struct bnd_look){ .who = "init", .dir = -1 };
	for (size_t k = 0; k < BND_SPACES; k++) {
		char name[32];

		(void)snprintf(
		    name, sizeof(name), "/proc/self/%s", bnd_spaces[k]);
		if (bnd_look_space(AT_FDCWD, name, &a->ours[k], err) == -1)
			return -1;
	}
	return own_filters(a, err) == -1 ? -1 : name_leaves(a, cg, err);
}

static void
keep(const struct bnd_box_job *job, const struct bnd_box_run *run,
    const struct bnd_look *p, struct bnd_box_seen *seen)
{
	seen->uid = (uid_t)p->status.uid[0];
	seen->gid = (gid_t)p->status.gid[0];
	memcpy(seen->caps, p->status.caps, sizeof(seen->caps));
	seen->no_new_privs = (int)p->status.no_new_privs;
	seen->seccomp = (int)p->status.seccomp;
	seen->filters = (int)p->status.filters;
	memcpy(seen->ns, p->ns, sizeof(seen->ns));
	seen->fds = p->fds;
	seen->landlock_abi = job->landlock_abi;
	seen->landlock_errno = run->landlock_errno;
}

static int
attest_payload(struct bnd_box_attest *a, const struct bnd_box_job *job,
    const struct bnd_box_run *run, const struct bnd_cg *cg,
    struct bnd_box_seen *seen, struct bnd_err *err)
{
	struct bnd_look *p = &a->payload;

	if (bnd_look_open(p, run->payload, err) == -1 ||
	    bnd_look(p, a->buf, err) == -1)
		return -1;
	keep(job, run, p, seen);
	if (bnd_attest_ids(p, job->payload_id, err) == -1 ||
	    bnd_attest_rights(p, a->filters, err) == -1 ||
	    judge_signals(p, err) == -1 ||
	    judge_fds(job->policy, p, 2, err) == -1 ||
	    attest_limits(job->policy, p, a->buf, seen, err) == -1 ||
	    attest_leaves(a, cg, p, err) == -1)
		return -1;
	if (run->landlock_errno != EPERM)
		return differs(err, p->who, "errno of the Landlock probe",
		    EPERM, (uint64_t)run->landlock_errno);
	return 0;
}

static int
attest_init(struct bnd_box_attest *a, const struct bnd_box_job *job,
    const struct bnd_box_run *run, const struct bnd_cg *cg, struct bnd_err *err)
{
	struct bnd_look *i = &a->init;

	if (bnd_look_open(i, run->init, err) == -1 ||
	    bnd_look(i, a->buf, err) == -1 ||
	    bnd_attest_ids(i, job->init_id, err) == -1 ||
	    bnd_attest_rights(i, a->filters, err) == -1 ||
	    judge_fds(job->policy, i, 1, err) == -1 ||
	    attest_leaves(a, cg, i, err) == -1)
		return -1;
	return bnd_cg_attest(cg, job->policy, err);
}

int
bnd_box_attest_ready(struct bnd_box_attest *a, const struct bnd_box_job *job,
    const struct bnd_box_run *run, const struct bnd_cg *cg,
    struct bnd_box_seen *seen, struct bnd_err *err)
{
	if (run->sealed && a->init.dir == -1 &&
	    attest_init(a, job, run, cg, err) == -1)
		return -1;
	return run->payload_fd == -1 || a->payload.dir != -1
	    ? 0
	    : attest_payload(a, job, run, cg, seen, err);
}

int
bnd_box_attest_both(struct bnd_box_attest *a, const struct bnd_box_job *job,
    const struct bnd_box_run *run, const struct bnd_cg *cg,
    struct bnd_box_seen *seen, struct bnd_err *err)
{
	struct pollfd live[] = { { .fd = run->init_fd, .events = POLLIN },
		{ .fd = run->payload_fd, .events = POLLIN } };

	if (bnd_box_attest_ready(a, job, run, cg, seen, err) == -1 ||
	    judge_spaces(&a->payload, &a->init, a->ours, err) == -1 ||
	    attest_mounts(job, &a->payload, a->buf, &seen->mounts, err) == -1)
		return -1;
	if (poll(live, 2, 0) != 0)
		return bnd_fail(err, BND_E_ENFORCER, "one of them has ended");
	seen->complete = true;
	return 0;
}

void
bnd_box_attest_end(struct bnd_box_attest *a)
{
	bnd_close_fd(&a->payload.dir);
	bnd_close_fd(&a->init.dir);
}

/* ---- the result's "enforced" ---- */

static void
put_limit(struct bnd_json *j, const char *key, uint64_t n)
{
	if (n > BND_JSON_NUMBER_MAX)
		bnd_json_str(j, key, "max");
	else
		bnd_json_int(j, key, (int64_t)n);
}

static void
put_caps(struct bnd_json *j, const struct bnd_box_seen *seen)
{
	static const char *const set[BND_PROC_CAPS] = { "inh", "prm", "eff",
		"bnd", "amb" };
	char hex[20];

	bnd_json_open(j, "caps", '{');
	for (size_t i = 0; i < BND_PROC_CAPS; i++) {
		(void)snprintf(hex, sizeof(hex), "%" PRIx64, seen->caps[i]);
		bnd_json_str(j, set[i], hex);
	}
	bnd_json_close(j, '}');
}

void
bnd_box_seen_json(const struct bnd_box_seen *seen, struct bnd_json *j)
{
	bnd_json_bool(j, "complete", seen->complete);
	bnd_json_int(j, "uid", seen->uid);
	bnd_json_int(j, "gid", seen->gid);
	put_caps(j, seen);
	bnd_json_int(j, "no_new_privs", seen->no_new_privs);
	bnd_json_int(j, "seccomp", seen->seccomp);
	bnd_json_int(j, "filters", seen->filters);
	bnd_json_open(j, "ns", '{');
	for (size_t i = 0; i < 8; i++)
		bnd_json_int(j, bnd_spaces[i] + 3, (int64_t)seen->ns[i]);
	bnd_json_close(j, '}');
	bnd_json_int(j, "mounts", (int64_t)seen->mounts);
	bnd_json_int(j, "landlock", seen->landlock_abi);
	bnd_json_str(j, "landlock_probe",
	    seen->landlock_errno == EPERM ? "EPERM" : "none");
	bnd_json_int(j, "fds", (int64_t)seen->fds);
	put_limit(j, "nofile", seen->nofile);
	put_limit(j, "nproc", seen->nproc);
	put_limit(j, "fsize", seen->fsize);
	put_limit(j, "core", seen->core);
	if (!seen->relay) {
		bnd_json_null(j, "relay");
		return;
	}
	bnd_json_open(j, "relay", '{');
	bnd_json_int(j, "uid", seen->relay_uid);
	bnd_json_int(j, "filters", seen->relay_filters);
	bnd_json_str(j, "landlock_probe", "EACCES");
	bnd_json_str(j, "listener", BND_LISTEN_PLACE);
	bnd_json_close(j, '}');
}
