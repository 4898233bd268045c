/* box-walk.h: how init and payload take their steps, and tell of them */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_WALK_H
#define BND_BOX_WALK_H

#include <stdint.h>
#include <sys/types.h>

#include "box-job.h"
#include "box-stage.h"

/* A step's scene: the job, and what earlier steps made. */
struct bnd_box_child {
	struct bnd_box_job *job;
	int slot;      /* of job->at: 0, 1 in the payload */
	int procfs;    /* detached */
	int land;      /* errno of Landlock's probe */
	pid_t payload; /* as the init knows it */
};

/* All steps of a table, or a note and _exit(125).  No heap, no stdio. */
void bnd_box_walk(const struct bnd_box_step *table, struct bnd_box_child *c);
/* Sends kind with stage, errnum, arg and value of note as they are. */
int bnd_box_tell(
    int fd, enum bnd_box_note_kind kind, struct bnd_box_note *note);
/* Of a system call that gave r: 0, or -1 and what errno says in the note. */
int bnd_box_said(int r, struct bnd_box_note *note);
/* All of flag, up to a 0; each is a step of its own, from first on. */
uint64_t bnd_box_flags(
    const uint64_t *flag, enum bnd_box_stage s, unsigned first);

#endif
