/* plan.h: the enforcers of a transition, as a table */
/* SPDX-License-Identifier: ISC */
#ifndef BND_PLAN_H
#define BND_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "json.h"
#include "mode.h"
#include "root.h"

/*
 * An enforcer makes one domain of the kernel obey a mode and reads it back.
 * External ones are programs, called as
 *	PROGRAM apply MODE --txn ID --json	(in a transaction)
 *	PROGRAM check MODE --txn ID --json	(in it, a second opinion)
 *	... --repair			(both, if nothing new is to be taken in)
 *	PROGRAM check --json			(read back only, the state's mode)
 * or, where the verb is an option, PROGRAM --enforce|--check --json --mode MODE;
 * which print one JSON object with at least
 *	"mode":"AIRGAP","sealed":true
 * Exit 0: in force and read back.  1, 2, 8, 9, 15 with "sealed":true: in force,
 * with a finding.  19, anything else, death, the deadline, or a result that
 * does not say the mode is in force: failed.  Scalars of the object go into
 * the record; the rest is for people.
 */
enum bnd_step_when {
	BND_BEFORE_PUBLISH = 0,
	/*
	 * Must see the new mode in the state (usb-guard, sbx-run).  It asserts the mode
	 * that is left before that: edited files are taken in then, and the
	 * commit record has its answer.
	 */
	BND_AFTER_PUBLISH,
};

#define BND_FOUND_MAX 8
#define BND_FOUND_LEN 120

struct bnd_result {
	bool in_force;	 /* the enforcer's own read-back says so */
	bool finding;	 /* something to record */
	int status;	 /* exit status of the enforcer */
	char json[1024]; /* what goes into the record's "enforced" */
	char why[200];	 /* first message, for people */
	unsigned found;	 /* findings it listed, as far as there is room */
	unsigned more;	 /* beyond that */
	char found_text[BND_FOUND_MAX][BND_FOUND_LEN];
};

struct bnd_plan;
struct bnd_policy;

struct bnd_enforcer {
	const char *name;    /* key in "enforced": "net" */
	const char *program; /* absolute path, or NULL: the functions below */
	struct {
		const char *apply, *check;
		bool options; /* both are, and there is --mode: no operands */
	} verb;
	int (*apply)(const struct bnd_root *root, const struct bnd_plan *plan,
	    struct bnd_result *res, struct bnd_err *err);
	int (*check)(const struct bnd_root *root, const struct bnd_plan *plan,
	    struct bnd_result *res, struct bnd_err *err);
	unsigned deadline_ms;
	enum bnd_step_when loosen_when;
};

/* In the order of tightening; relaxed last first.  Ends with a NULL name. */
extern const struct bnd_enforcer bnd_enforcers[];
#define BND_ENFORCERS_MAX 8

/* A run of the table: what is wanted, and what each enforcer answered. */
struct bnd_plan {
	enum bnd_mode mode;
	enum bnd_mode from; /* of a loosening: what is left */
	const char *txn;    /* NULL outside a transaction */
	bool exact;	    /* stricter than asked will not do: a loosening */
	bool repair;	    /* assert again what was accepted, no edited file */
	const struct bnd_policy *policy; /* NULL: read none (--trip) */
	bool ran[BND_ENFORCERS_MAX];
	struct bnd_result res[BND_ENFORCERS_MAX];
};

/*
 * All enforcers, whatever fails, each applied and then read back by a second
 * call of its own.  True if every one says that plan->mode or a stricter one
 * is in force.
 */
bool bnd_plan_enforce(const struct bnd_root *root, struct bnd_plan *plan);

/*
 * Last first, those of one phase; stops at the first failure, and before each
 * step if somebody requests more than plan->mode (*turned says so then).
 */
bool bnd_plan_relax(const struct bnd_root *root, struct bnd_plan *plan,
    enum bnd_step_when when, bool *turned);

/* Read back only. */
bool bnd_plan_check(const struct bnd_root *root, struct bnd_plan *plan);

/* "enforced":{"net":{...},...}, and ["net",...]: who failed. */
void bnd_plan_to_json(const struct bnd_plan *plan, struct bnd_json *j);
void bnd_plan_failed_to_json(const struct bnd_plan *plan, struct bnd_json *j);

/* The first failure as "net: why", for people; empty if there is none. */
void bnd_plan_why(const struct bnd_plan *plan, char *text, size_t size);

#endif
