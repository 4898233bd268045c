/* seal-netns.h: the other network namespaces' part in a run of the seal */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SEAL_NETNS_H
#define BND_SEAL_NETNS_H

#include <stdbool.h>

#include "note.h"
#include "seal-job.h"

/*
 * Bring them to what the mode wants, and read them back; false: one is not so.
 * Where the mode wants nothing there, only those are looked for that we sealed.
 */
bool bnd_job_settle_namespaces(struct bnd_job *j, struct bnd_notes *notes);
bool bnd_job_judge_namespaces(struct bnd_job *j, struct bnd_notes *notes);

#endif
