/* transition.h: the only way to change the mode */
/* SPDX-License-Identifier: ISC */
#ifndef BND_TRANSITION_H
#define BND_TRANSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "challenge.h"
#include "err.h"
#include "log.h"
#include "mode.h"
#include "plan.h"
#include "root.h"

#define BND_WHY_MAX   200
#define BND_NOTES_MAX 8

/* What is asked for. */
struct bnd_change {
	enum bnd_mode to;
	const char *why; /* printable, at most BND_WHY_MAX; NULL: none given */
	bool bare;	 /* read no configuration: --trip */
	bool distrust;	 /* the state is known to be false: LOCKDOWN */
	bool repair;	 /* of a check: files edited since are not taken in */
	/* The ceremony on the chain that allows a loosening; NULL for none. */
	const uint8_t *auth;
};

/* What became of it. */
struct bnd_outcome {
	enum bnd_mode from;
	enum bnd_mode mode; /* in force now, as read back */
	uint64_t gen;
	struct bnd_mark mark; /* of the last record */
	bool unlogged;	      /* something is not durably on the chain */
	bool no_audit;	      /* this kernel keeps no audit trail */
	unsigned notes;
	char note[BND_NOTES_MAX][BND_WHY_MAX]; /* worth telling */
	struct bnd_plan plan;		       /* what the enforcers said */
};

/*
 * Change the mode, root's and the real root's only.  A stricter or equal mode
 * at once; a laxer one only with want->auth, judged here against the chain.
 * 0: the mode asked for, or a stricter one that somebody else asked for, is in
 * force, read back and logged.  -1 says what else is the case:
 *	BND_E_UNLOGGED, BND_E_INPUT (unreadable bnd.conf): in force all the same
 *	BND_E_DENIED, _PENDING, _CEREMONY, _FROZEN, _BUSY: nothing has changed
 *	BND_E_CORRUPT: state or log unusable, LOCKDOWN is in force
 *	BND_E_RESTORED, _ESCALATED, _UNVERIFIED: as bnd(7) says
 */
int bnd_transition(const struct bnd_root *root, const struct bnd_change *want,
    struct bnd_outcome *out, struct bnd_err *err) BND_CHECK;

/*
 * The mode of a host that has just booted: the strictest of the chain's, the
 * floor file, bnd.conf's floor, bnd.mode= of the kernel command line and what
 * /run says already.
 */
int bnd_boot(const struct bnd_root *root, struct bnd_outcome *out,
    struct bnd_err *err) BND_CHECK;

/* No pin, no log, no state: bnd was never set up here. */
bool bnd_is_virgin(const struct bnd_root *root);

#endif
