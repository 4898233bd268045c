/* box-child.h: init and payload: what they do between clone and exec */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_CHILD_H
#define BND_BOX_CHILD_H

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

/*
 * The init (sbx.md 3, 11 to 18): waits for its maps, walks bnd_box_init_steps,
 * then reaps until the payload is dead or the supervisor is.  A step that fails
 * is a note and _exit(125).  No heap, no stdio, no exit() in either.
 */
_Noreturn void bnd_box_init(struct bnd_box_job *job);
extern const struct bnd_box_step bnd_box_init_steps[];

/* The payload (17 to 22), in the init's child; the first state is the init's. */
_Noreturn void bnd_box_payload(struct bnd_box_child *c);
extern const struct bnd_box_step bnd_box_payload_steps[];

/* For both: all steps of a table, or a note and _exit(125). */
void bnd_box_walk(const struct bnd_box_step *table, struct bnd_box_child *c);
/* Sends kind with stage, errnum, arg and value of note as they are. */
int bnd_box_tell(
    int fd, enum bnd_box_note_kind kind, struct bnd_box_note *note);

/* Test builds replace this: fail, skip, stall or die at a step; else always 0. */
enum bnd_step_fault {
	BND_FAULT_NONE = 0,
	BND_FAULT_SKIP,
	BND_FAULT_FAIL,
};
enum bnd_step_fault bnd_box_fault(enum bnd_box_stage s, unsigned step);
/* All of flag, up to a 0; each is a step of its own, from first on. */
uint64_t bnd_box_flags(
    const uint64_t *flag, enum bnd_box_stage s, unsigned first);

#endif
