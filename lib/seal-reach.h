/* seal-reach.h: what can pass the seal by, and what waits for its link */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SEAL_REACH_H
#define BND_SEAL_REACH_H

#include <stdbool.h>

#include "seal-job.h"
#include "seal-result.h"

/* False if something can send past the rules, or may. */
bool bnd_job_judge_bypasses(struct bnd_job *j);
/* Channels of other kinds that this host has, as apply and check tell. */
void bnd_job_list_uncovered(struct bnd_job *j);
void bnd_job_list_waiting(struct bnd_job *j);

#endif
