/* box-attest.h: what the kernel says both children are, against the plan */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_ATTEST_H
#define BND_BOX_ATTEST_H

#include "box-cgroup.h"
#include "box-job.h"
#include "box-look.h"
#include "box-root.h"
#include "box-start.h"
#include "err.h"
#include "json.h"

/* Read back, not asked for: the "enforced" of the result. */
struct bnd_box_seen {
	uid_t uid, gid;	  /* on the host */
	uint64_t caps[5]; /* Inh Prm Eff Bnd Amb, of the payload */
	int no_new_privs, seccomp, filters;
	uint64_t
	    ns[8]; /* inode numbers: user mnt pid net ipc uts cgroup time */
	size_t mounts;
	int landlock_abi, landlock_errno;
	size_t fds;
	uint64_t nofile, nproc, fsize, core;
	bool relay; /* was compared, too; of its status: */
	uid_t relay_uid;
	int relay_filters;
	bool complete; /* every item was compared and equal */
};

/* What was read of whom; big: not for a stack.  Both looks have dir -1 at first. */
struct bnd_box_attest {
	struct bnd_look payload, init;
	uint64_t ours[BND_SPACES]; /* the supervisor's namespaces */
	uint64_t filters;	   /* of seccomp that it began with */
	char leaf[BND_CG_HIERARCHIES + 1][1024]; /* that it holds; v2's last */
	char buf[BND_LOOK_MAX];
};

/*
 * /proc/P and /proc/I from the host's side, in parts, so that none of them waits
 * for what another one needs.  self: what both are held against, any time.
 * ready: whichever of both is (run says so) and was not looked at yet: ids,
 * groups, five sets, no_new_privs, filters (ours + 1), descriptors, cgroups; the
 * payload's signal masks, limits and Landlock probe; the limit files once the
 * init is in their leaves.  both, when both are: the same, and eight and seven
 * namespaces that are not ours, every line of mountinfo, and that both live.
 * -1 names key, wanted and seen; only after both is seen complete.
 */
int bnd_box_attest_self(struct bnd_box_attest *a, const struct bnd_cg *cg,
    struct bnd_err *err) BND_CHECK;
int bnd_box_attest_ready(struct bnd_box_attest *a,
    const struct bnd_box_job *job, const struct bnd_box_run *run,
    const struct bnd_cg *cg, struct bnd_box_seen *seen,
    struct bnd_err *err) BND_CHECK;
int bnd_box_attest_both(struct bnd_box_attest *a, const struct bnd_box_job *job,
    const struct bnd_box_run *run, const struct bnd_cg *cg,
    struct bnd_box_seen *seen, struct bnd_err *err) BND_CHECK;
void bnd_box_attest_end(struct bnd_box_attest *a);
/* Of a third one, the relay: ids; caps, no_new_privs, a filter more than ours. */
int bnd_attest_ids(
    const struct bnd_look *l, uint64_t id, struct bnd_err *err) BND_CHECK;
int bnd_attest_rights(
    const struct bnd_look *l, uint64_t ours, struct bnd_err *err) BND_CHECK;
/* Pure: a whole mountinfo against the plan; *seen lines were looked at. */
int bnd_box_judge_mounts(const struct bnd_root_mount *plan, size_t n,
    struct bnd_str text, size_t *seen, struct bnd_err *err) BND_CHECK;
/* Members of an object that the caller opens and closes. */
void bnd_box_seen_json(const struct bnd_box_seen *seen, struct bnd_json *j);

#endif
