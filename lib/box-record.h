/* box-record.h: sandboxes in the event log: refused, started, ended */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_RECORD_H
#define BND_BOX_RECORD_H

#include "box-lease.h"
#include "box-result.h"
#include "err.h"
#include "root.h"

/* Nothing runs that is not on record: durable, or -1. */
int bnd_box_record_start(const struct bnd_root *root,
    const struct bnd_box_result *r, unsigned lease,
    struct bnd_err *err) BND_CHECK;
/* What happened is recorded wherever there is room: -1 only if nowhere. */
int bnd_box_record_end(const struct bnd_root *root,
    const struct bnd_box_result *r, struct bnd_err *err) BND_CHECK;
int bnd_box_record_refuse(const struct bnd_root *root,
    const struct bnd_box_result *r, struct bnd_err *err) BND_CHECK;

/* For the janitor: the end of a run whose supervisor did not live to say it. */
int bnd_box_record_aborted(const struct bnd_root *root,
    const struct bnd_lease_text *was, unsigned lease,
    struct bnd_err *err) BND_CHECK;
/* And of one of which there is no more than the name of its cgroup. */
int bnd_box_record_orphan(const struct bnd_root *root, const char *leaf,
    struct bnd_err *err) BND_CHECK;

#endif
