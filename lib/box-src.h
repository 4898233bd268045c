/* box-src.h: what of the host is shown, as detached mounts */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_SRC_H
#define BND_BOX_SRC_H

#include "box-job.h"
#include "box-policy.h"
#include "err.h"

/*
 * Every bind of the policy and the device nodes of dev, opened by openat2
 * (O_PATH, no automount), cloned by open_tree() and closed off by
 * mount_setattr() as its rights say; the clone is what was opened (fstat).
 * hide and protect are judged here, by object and not by name: BND_E_DENIED.
 * A user of the job: what he could not open himself, and use so, is not there for
 * him either, with one answer for both; and what is shown as owned must be his.
 * uid, gid of the job come from the rw source, else 1000.  work_fd is $WORK.
 * The trees are the job's, sorted so that a destination comes before those
 * below it; absent optional ones are named in missing (NULL: don't care), a list
 * separated by blanks.  A source that hangs ends it at deadline_ms
 * (bnd_clock_ms()): BND_E_SYS with errnum ETIMEDOUT.
 */
int bnd_src_open(const struct bnd_box_policy *p, int work_fd, int cwd_fd,
    struct bnd_box_job *job, char *missing, size_t size, uint64_t deadline_ms,
    struct bnd_err *err) BND_CHECK;

/* After the maps: the trees with idmap get the ids of this user namespace. */
int bnd_src_idmap(
    struct bnd_box_job *job, int userns, struct bnd_err *err) BND_CHECK;

void bnd_src_close(struct bnd_box_job *job);

#endif
