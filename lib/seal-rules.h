/* seal-rules.h: the rules of a run: committed, and read back */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SEAL_RULES_H
#define BND_SEAL_RULES_H

#include <stdbool.h>

#include "err.h"
#include "note.h"
#include "seal-job.h"
#include "seal-result.h"

/* Again as long as others change rules meanwhile. */
int bnd_job_commit(struct bnd_job *j, struct bnd_err *err) BND_CHECK;
/* *hold: the kernel has the rules of the links as they are now. */
int bnd_job_rules_hold(struct bnd_job *j, struct bnd_notes *notes, bool *hold,
    struct bnd_err *err) BND_CHECK;
/* No layer the mode cannot do without is absent or failed. */
bool bnd_seal_layers_hold(const struct bnd_seal *s);
/* Those that are absent, each a note. */
void bnd_seal_name_lacks(const struct bnd_seal *s, struct bnd_notes *notes);

#endif
