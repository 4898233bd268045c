/* check.h: kernel, state and log compared, every difference listed */
/* SPDX-License-Identifier: ISC */
#ifndef BND_CHECK_H
#define BND_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "plan.h"
#include "root.h"
#include "state.h"
#include "transition.h"

#define BND_DEVIATIONS_MAX 16
#define BND_DEVIATION_LEN  160

struct bnd_check {
	struct bnd_state state;
	bool state_ok;
	bool state_false;     /* sound, and not what the log says */
	bool unrecorded;      /* frozen, and the log does not say so */
	bool freeze_asked;    /* it is a request still */
	struct bnd_plan plan; /* what the enforcers read back */
	bool log_read;	      /* the log was verified, to log_exit */
	int log_exit;
	uint64_t log_records;
	int64_t log_last_us; /* wall clock of the last record */
	unsigned n;
	unsigned unlisted; /* beyond the table */
	char deviation[BND_DEVIATIONS_MAX][BND_DEVIATION_LEN];
	/*
	 * What the tripwires of bnd(7) ask for: NONE nothing, the mode itself to
	 * assert it again, or LOCKDOWN.
	 */
	enum bnd_mode act;
};

/* The state always; the kernel takes root; the log is verified whole. */
#define BND_CHECK_KERNEL 1U
#define BND_CHECK_LOG	 2U

/* Read back what `what` names; changes nothing. */
void bnd_check(const struct bnd_root *root, unsigned what, struct bnd_check *c);

/* Write mode.check and do what c->act says. */
int bnd_check_act(const struct bnd_root *root, const struct bnd_check *c,
    struct bnd_outcome *out, struct bnd_err *err) BND_CHECK;

#endif
