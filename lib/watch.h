/* watch.h: a step of the wall clock is seen, recorded and acted upon */
/* SPDX-License-Identifier: ISC */
#ifndef BND_WATCH_H
#define BND_WATCH_H

#include <stdint.h>

#include "err.h"
#include "root.h"
#include "state.h"
#include "step.h"

/* What the clocks say beside what the state remembers of them. */
enum bnd_step bnd_watch_judge(
    const struct bnd_state *s, const struct bnd_now *now);

/*
 * Once in every run of root's: puts a freeze on record that was asked for
 * without the lock, and looks for a step.  One that is found is recorded, the
 * new offset published, so that it is found once; it freezes the host or is
 * LOCKDOWN as step.h says.  0 also when there is nothing to go by, such as no
 * sound state: others deal with that.  -1 says what was found or could not be
 * done; nothing hangs on it.
 */
struct bnd_watched {
	enum bnd_step step;
	int64_t by_us;
};
int bnd_watch(const struct bnd_root *root, struct bnd_watched *seen,
    struct bnd_err *err) BND_CHECK;

int64_t bnd_watch_seconds(int64_t us);

/* clock.jump, on the chain or in the spool. */
int bnd_watch_record(const struct bnd_root *root, int64_t was_us,
    int64_t now_us, enum bnd_step step, struct bnd_err *err) BND_CHECK;

#endif
