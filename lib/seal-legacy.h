/* seal-legacy.h: the second engine of a run: the legacy tables */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SEAL_LEGACY_H
#define BND_SEAL_LEGACY_H

#include <stdbool.h>

#include "err.h"
#include "note.h"
#include "seal-job.h"
#include "xt-child.h"

/*
 * Put the rules of the mode there; j->s->mode is the mode afterwards, which may
 * have become stricter meanwhile.  A tightening whose wait for the lock of the
 * tables runs out goes on without.  -1: not as they should be, and *err says
 * why.  0 also without such tables.
 */
int bnd_job_legacy_put(struct bnd_job *j, struct bnd_err *err) BND_CHECK;
/* Compare only: false if anything differs.  j->s->legacy says what came of it. */
bool bnd_job_legacy_look(
    struct bnd_job *j, struct bnd_notes *notes, struct bnd_err *err) BND_CHECK;

/* used: both families read back as in force; unused: OPEN, and nothing is there. */
enum bnd_layer bnd_legacy_layer(
    enum bnd_mode mode, const struct bnd_xt_result *res);

#endif
