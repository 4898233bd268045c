/* seal-steps.h: the steps of a run, and the whole tightening */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SEAL_STEPS_H
#define BND_SEAL_STEPS_H

#include <stdbool.h>

#include "err.h"
#include "note.h"
#include "root.h"
#include "seal-job.h"

/* One run at a time; *fd holds it, 2 s at most are waited for it. */
int bnd_seal_lock(
    const struct bnd_root *root, int *fd, struct bnd_err *err) BND_CHECK;

/* index 0: all real links; else that one, of whatever kind. */
void bnd_job_take_down(struct bnd_job *j, unsigned index);
/* Down from AIRGAP on, else up again what we took down. */
void bnd_job_settle_links(struct bnd_job *j);
void bnd_job_judge_links(struct bnd_seal *s);

/* True if the kernel shows rules and links as the mode wants them. */
bool bnd_job_look(
    struct bnd_job *j, struct bnd_notes *notes, struct bnd_err *why) BND_CHECK;
/* For a hook: true if nothing is left to do but its own link's queue. */
bool bnd_job_stands(struct bnd_job *j);
/* Every step, whatever fails. */
void bnd_job_tighten(struct bnd_job *j);
/* What is left to judge and to list once the mode is in force. */
void bnd_job_finish(struct bnd_job *j);

#endif
