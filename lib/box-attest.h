/* box-attest.h: what the kernel says both children are, against the plan */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_ATTEST_H
#define BND_BOX_ATTEST_H

#include "box-cgroup.h"
#include "box-job.h"
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
	bool complete; /* every item was compared and equal */
};

/*
 * /proc/P and /proc/I from the host's side: ids, groups, five sets, no_new_privs,
 * filters (ours + 1), signal masks, eight and seven namespaces that are not
 * ours, every line of mountinfo, limits, cgroups, descriptors, limit files.
 * -1 names key, wanted and seen.
 */
int bnd_box_attest(const struct bnd_box_job *job, const struct bnd_box_run *run,
    const struct bnd_cg *cg, struct bnd_box_seen *seen,
    struct bnd_err *err) BND_CHECK;
/* Pure: a whole mountinfo against the plan; *seen lines were looked at. */
int bnd_box_judge_mounts(const struct bnd_root_mount *plan, size_t n,
    struct bnd_str text, size_t *seen, struct bnd_err *err) BND_CHECK;
/* Members of an object that the caller opens and closes. */
void bnd_box_seen_json(const struct bnd_box_seen *seen, struct bnd_json *j);

#endif
