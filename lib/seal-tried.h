/* seal-tried.h: what a run makes of a list that is being tried */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SEAL_TRIED_H
#define BND_SEAL_TRIED_H

#include <stdbool.h>

#include "seal-job.h"

/* True: j->list is what is being tried. */
bool bnd_job_load_try(struct bnd_job *j);
/* In each round of a commit: what has ended meanwhile is not rendered. */
void bnd_job_refresh_try(struct bnd_job *j);
/* At the end of a run that used another list: nothing is tried any more. */
void bnd_job_end_try(struct bnd_job *j);

#endif
