/* seal-radio.h: the radios' part in a run of the seal */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SEAL_RADIO_H
#define BND_SEAL_RADIO_H

#include <stdbool.h>

#include "note.h"
#include "seal-job.h"

/* From AIRGAP on blocked, in a laxer mode as they were before. */
void bnd_job_settle_radios(struct bnd_job *j);
/* False if the mode wants them blocked and one is not, or cannot be asked. */
bool bnd_job_judge_radios(struct bnd_job *j, struct bnd_notes *notes);

#endif
