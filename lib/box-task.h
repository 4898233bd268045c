/* box-task.h: what may hang, or is another's to do, by a task of its own */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_TASK_H
#define BND_BOX_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "box-user.h"
#include "err.h"

/*
 * Whoever looks up a name on a dead NFS server waits in the kernel, and only
 * death wakes him.  So it is done by a task that shares memory and descriptors
 * and can be killed alone; this one meanwhile touches neither.  as is with whose
 * rights (NULL: ours): its file system ids and groups are his, and it has no
 * capability.  -1: do_it said so, or the clock (bnd_clock_ms()) came first:
 * BND_E_SYS with errnum ETIMEDOUT, its text with what.
 */
#define BND_TASK_MS 5000 /* where no policy is known yet */
typedef int bnd_task_do(void *arg, struct bnd_err *err);
int bnd_task_run(const struct bnd_box_user *as, bnd_task_do *do_it, void *arg,
    const char *what, uint64_t deadline_ms, struct bnd_err *err) BND_CHECK;

/*
 * One did not die of its deadline: what we have open stays so until the file
 * system answers it, but for what we close.  No other begins after it.
 */
bool bnd_task_hangs(void);

#endif
