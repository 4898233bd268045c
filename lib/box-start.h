/* box-start.h: from a job to two processes that wait for the go */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_START_H
#define BND_BOX_START_H

#include <signal.h>
#include <stdbool.h>

#include "box-job.h"
#include "box-stage.h"
#include "err.h"

/* The supervisor's ends; -1 where there is none. */
struct bnd_box_run {
	pid_t init, payload; /* host pids; the payload's from SCM_CREDENTIALS */
	int init_fd;	     /* pidfd */
	int payload_fd;	     /* pidfd, to warn it with SIGTERM */
	int status, go;
	int hand;    /* what the init hands out, with a relay (box-listen.h) */
	bool sealed; /* the init said so */
	int landlock_errno;   /* of the probe: EPERM is the proof */
	uint64_t deadline_ms; /* bnd_clock_ms() */
};

/*
 * One clone3 (NEWUSER NEWNS NEWPID NEWIPC NEWUTS, PIDFD, CLEAR_SIGHAND,
 * INTO_CGROUP), the maps, idmapped trees; started is told the init's pid before
 * it is released (the lease is written there).  The init is at work then.  -1:
 * *stage and err say what failed, and nothing of it lives.
 */
typedef int bnd_box_born(void *arg, pid_t init, struct bnd_err *err);
int bnd_box_start(struct bnd_box_job *job, uint64_t deadline_ms,
    bnd_box_born *born, void *arg, struct bnd_box_run *run,
    enum bnd_box_stage *stage, struct bnd_err *err) BND_CHECK;

/*
 * Until one of both is ready: the payload, which fills in the rest of run, or
 * the init, which is sealed then; and until both are.  -1: *stage and err say
 * what failed, or where they stood when the deadline came (errnum ETIMEDOUT);
 * what lives is the caller's to drop.
 */
int bnd_box_await_one(const struct bnd_box_job *job, struct bnd_box_run *run,
    enum bnd_box_stage *stage, struct bnd_err *err) BND_CHECK;
int bnd_box_await_both(const struct bnd_box_job *job, struct bnd_box_run *run,
    enum bnd_box_stage *stage, struct bnd_err *err) BND_CHECK;

/*
 * Release the payload.  0: it was exec'ed; 1: execve said errno in *errnum, of
 * the program's interpreter where *interpreter.
 */
int bnd_box_go(struct bnd_box_run *run, int *errnum, bool *interpreter,
    struct bnd_err *err) BND_CHECK;

/*
 * The next note of the status socket and who sent it, as the kernel says it: 1;
 * 0 end of file: both are dead; -1 BND_E_CORRUPT: no note.  Waits if none is there.
 */
int bnd_box_note_take(const struct bnd_box_run *run, struct bnd_box_note *n,
    pid_t *from, struct bnd_err *err) BND_CHECK;

/* Kill the init (and so its pid namespace) by pidfd and close everything. */
void bnd_box_drop(struct bnd_box_run *run);

#endif
