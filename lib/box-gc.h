/* box-gc.h: after a crash: kill, remove, record, free */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_GC_H
#define BND_BOX_GC_H

#include "box-lease.h"
#include "err.h"
#include "root.h"

/*
 * A bnd_lease_clean: the run it names is over; the end is recorded as aborted
 * if its start was.  was is NULL for a lease that is garbage.
 */
int bnd_gc_clean(const struct bnd_root *root, const struct bnd_lease *lease,
    const struct bnd_lease_text *was, struct bnd_err *err) BND_CHECK;

struct bnd_gc {
	unsigned live, cleaned, orphans, failed;
	char why[240]; /* of the first failure */
};
/*
 * Every lease whose lock is free, and every leaf of bnd-sbx without a lease.
 * -1: some could not even be looked at; what failed is counted in gc.
 */
int bnd_gc_sweep(const struct bnd_root *root, struct bnd_gc *gc,
    struct bnd_err *err) BND_CHECK;

#endif
