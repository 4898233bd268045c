/* box-attest-relay.c: what the kernel says the relay is, against the plan */
/* SPDX-License-Identifier: ISC */
#include "box-attest-relay.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "box-listen.h"
#include "box-look.h"
#include "scope.h"

#define SPACE_NET 3 /* of bnd_spaces */

static int
judge_place(const struct bnd_look *l, const uint64_t ours[static BND_SPACES],
    struct bnd_err *err)
{
	for (size_t k = 0; k < BND_SPACES; k++)
		if (l->ns[k] != ours[k])
			return bnd_fail(err, BND_E_ENFORCER,
			    "%s of the relay is not the host's", bnd_spaces[k]);
	return 0;
}

/* The descriptor of that number is the socket of that inode. */
static bool
is_socket(const struct bnd_look *l, int fd, uint64_t inode)
{
	char name[32], want[40], is[40];
	ssize_t n;

	(void)snprintf(name, sizeof(name), "fd/%d", fd);
	(void)snprintf(want, sizeof(want), "socket:[%" PRIu64 "]", inode);
	n = readlinkat(l->dir, name, is, sizeof(is));
	return n == (ssize_t)strlen(want) && memcmp(is, want, (size_t)n) == 0;
}

static int
judge_fds(const struct bnd_look *l, const struct bnd_relay *r, uint64_t inode,
    struct bnd_err *err)
{
	for (size_t i = 0; i < l->fds; i++)
		if (l->fd[i] != r->listener && l->fd[i] != r->its_life)
			return bnd_fail(err, BND_E_ENFORCER,
			    "descriptor %d of the relay is not in the plan",
			    l->fd[i]);
	if (l->fds != 2 || !is_socket(l, r->listener, inode))
		return bnd_fail(err, BND_E_ENFORCER,
		    "the relay has another listener than the init gave");
	return 0;
}

static int
judge_leaf(struct bnd_str text, const char *controllers, const char *want,
    struct bnd_err *err)
{
	const size_t n = strlen(want);
	struct bnd_str path;

	if (bnd_proc_cgroup(text, controllers, &path, err) == -1)
		return -1;
	if (path.len < n || memcmp(path.p + path.len - n, want, n) != 0)
		return bnd_fail(
		    err, BND_E_ENFORCER, "the relay is not in cgroup %s", want);
	return 0;
}

/* "/...bnd-sbx/7r" of v2; of v1 the payload's own for the CPU, "/...bnd-sbx-7". */
static int
judge_leaves(const struct bnd_look *l, const struct bnd_cg *cg,
    const struct bnd_cg *leaf, char *buf, struct bnd_err *err)
{
	char want[BND_BOX_PATH + 16];
	struct bnd_str text;

	(void)snprintf(want, sizeof(want), "/" BND_CG_TREE "/%s", leaf->name);
	if (bnd_look_file(l->dir, "cgroup", buf, BND_LOOK_MAX, &text, err) ==
		-1 ||
	    judge_leaf(text, "", want, err) == -1)
		return -1;
	(void)snprintf(want, sizeof(want), "/" BND_CG_TREE "-%s", cg->name);
	for (size_t i = 0; i < cg->n; i++)
		if ((cg->v1[i].rows & BND_CG_BIT(BND_CG_CPU)) != 0 &&
		    judge_leaf(text, cg->v1[i].name, want, err) == -1)
			return -1;
	return 0;
}

/* Of every kind of socket with an address, as the init's /proc/N/net has it. */
static int
judge_inside(pid_t init, uint64_t inode, char *buf, struct bnd_err *err)
{
	static const char *const kinds[] = { "tcp", "tcp6", "udp", "udp6",
		"udplite", "udplite6", "raw", "raw6", "packet" };
	struct bnd_str text;
	char path[48];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		(void)snprintf(
		    path, sizeof(path), "/proc/%d/net/%s", (int)init, kinds[i]);
		if (i > 0 && access(path, F_OK) != 0 && errno == ENOENT)
			continue; /* this kernel has no such kind */
		if (bnd_look_file(-1, path, buf, BND_LOOK_MAX, &text, err) ==
		    -1)
			return -1;
		if (!bnd_listen_alone(text, i == 0 ? inode : 0))
			return bnd_fail(err, BND_E_ENFORCER,
			    "net/%s inside is not as planned", kinds[i]);
	}
	return 0;
}

static int
judge(struct bnd_box_attest *a, const struct bnd_box_job *job,
    const struct bnd_relay *r, const struct bnd_cg *cg,
    const struct bnd_cg *leaf, const struct bnd_look *l, struct bnd_err *err)
{
	if (bnd_attest_ids(l, job->init_id, err) == -1 ||
	    bnd_attest_rights(l, a->filters, err) == -1 ||
	    judge_place(l, a->ours, err) == -1 ||
	    judge_fds(l, r, r->inode, err) == -1 ||
	    judge_leaves(l, cg, leaf, a->buf, err) == -1)
		return -1;
	if (r->landlock_errno != EACCES)
		return bnd_fail(err, BND_E_ENFORCER,
		    "errno of the relay's Landlock probe: wanted %d, seen %d",
		    EACCES, r->landlock_errno);
	return 0;
}

int
bnd_attest_relay(struct bnd_box_attest *a, const struct bnd_box_job *job,
    const struct bnd_box_run *run, const struct bnd_relay *r,
    const struct bnd_cg *cg, const struct bnd_cg *leaf,
    struct bnd_box_seen *seen, struct bnd_err *err)
{
	struct bnd_look l = { .who = "relay", .dir = -1 };
	struct pollfd live = { .fd = r->fd, .events = POLLIN };
	int rc = -1;

	if (r->space != seen->ns[SPACE_NET])
		return bnd_fail(
		    err, BND_E_ENFORCER, "the listener is not inside");
	if (bnd_look_open(&l, r->pid, err) == 0 &&
	    bnd_look(&l, a->buf, err) == 0)
		rc = judge(a, job, r, cg, leaf, &l, err);
	bnd_close_fd(&l.dir);
	if (rc == -1 || judge_inside(run->init, r->inode, a->buf, err) == -1)
		return -1;
	if (poll(&live, 1, 0) != 0)
		return bnd_fail(err, BND_E_ENFORCER, "the relay has ended");
	seen->relay = true;
	seen->relay_uid = (uid_t)l.status.uid[0];
	seen->relay_filters = (int)l.status.filters;
	return 0;
}
