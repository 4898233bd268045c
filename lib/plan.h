/* plan.h: the enforcers of a transition, as a table */
/* SPDX-License-Identifier: ISC */
#ifndef BND_PLAN_H
#define BND_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "mode.h"
#include "root.h"

/*
 * An enforcer makes one domain of the kernel obey a mode and reads it back.
 * External ones are programs, called as
 *	PROGRAM apply MODE --txn ID --json	(in a transaction)
 *	PROGRAM check --json			(read back only)
 * which print one JSON object with at least
 *	"mode":"AIRGAP","sealed":true
 * Exit 0: in force and read back.  1, 2, 8, 15 with "sealed":true: in force,
 * with a finding.  19, anything else, death, the deadline, or a result that
 * does not say the mode is in force: failed.
 */
enum bnd_step_when {
	BND_BEFORE_PUBLISH = 0,
	BND_AFTER_PUBLISH, /* must see the new mode in the state (usb-guard) */
};

struct bnd_result {
	bool in_force; /* the enforcer's own read-back says so */
	bool finding;  /* something to record */
	int status;    /* exit status of the enforcer */
	char json[1024]; /* what goes into the record's "enforced" */
	char why[200];	 /* first message, for people */
};

struct bnd_enforcer {
	const char *name;    /* key in "enforced": "net" */
	const char *program; /* absolute path, or NULL: the functions below */
	int (*apply)(const struct bnd_root *root, enum bnd_mode mode,
	    struct bnd_result *res, struct bnd_err *err);
	int (*check)(const struct bnd_root *root, enum bnd_mode mode,
	    struct bnd_result *res, struct bnd_err *err);
	unsigned deadline_ms;
	enum bnd_step_when loosen_when;
};

/* In the order of tightening; relaxed last first.  Ends with a NULL name. */
extern const struct bnd_enforcer bnd_enforcers[];

#endif
