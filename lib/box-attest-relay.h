/* box-attest-relay.h: what the kernel says the relay is, against the plan */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_ATTEST_RELAY_H
#define BND_BOX_ATTEST_RELAY_H

#include "box-attest.h"
#include "box-cgroup.h"
#include "box-job.h"
#include "box-relay.h"
#include "box-start.h"
#include "err.h"

/*
 * After bnd_box_attest_both(), whose *a it uses and whose *seen it adds to: ids,
 * five sets, no_new_privs, filters (ours + 1), all eight namespaces ours, two
 * descriptors, its leaves, the Landlock probe; and that its listener is the only
 * socket inside, and inside.  -1 names what differs.
 */
int bnd_attest_relay(struct bnd_box_attest *a, const struct bnd_box_job *job,
    const struct bnd_box_run *run, const struct bnd_relay *r,
    const struct bnd_cg *cg, const struct bnd_cg *leaf,
    struct bnd_box_seen *seen, struct bnd_err *err) BND_CHECK;

#endif
