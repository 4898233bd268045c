/* proof.c: what must be shown before a ceremony may be used */
/* SPDX-License-Identifier: ISC */
#include "proof.h"

#include <string.h>

#include "clock.h"
#include "step.h"
#include "truth.h"

/*
 * Root can write an offset into the state that hides a step; the chain knows
 * the last one that was accounted for.
 */
static int
check_clock(const struct bnd_root *root, const struct bnd_state *s,
    const struct bnd_verdict *v, struct bnd_err *err)
{
	struct bnd_truth truth;
	struct bnd_step_seen seen = { .now_us = s->offset_us };

	bnd_truth_of(root, v, &truth);
	seen.was_us = truth.clock_us;
	if (strcmp(truth.boot, s->boot) != 0 ||
	    bnd_step_judge(&seen) == BND_STEP_NONE)
		return 0;
	return bnd_fail(err, BND_E_CORRUPT,
	    "the clock offset of the state is not what the log says");
}

int
bnd_proof_chain(const struct bnd_root *root, const struct bnd_state *s,
    const struct bnd_verdict *v, struct bnd_err *err)
{
	const struct bnd_ledger *l = &v->ledger;

	if (v->exit != 0)
		return bnd_fail(err, BND_E_CORRUPT,
		    "the log does not verify (%s)",
		    v->first.detail[0] != '\0' ? v->first.detail : "no log");
	if (l->mode != s->mode || l->gen != s->gen)
		return bnd_fail(err, BND_E_CORRUPT,
		    "the state says %s, the log says %s",
		    bnd_mode_name(s->mode), bnd_mode_name(l->mode));
	/* What was spooled has been given a place by the log since. */
	if (!s->log.spooled &&
	    (l->at.seq != s->log.seq ||
		!bnd_same(l->at.link, s->log.link, BND_HASH_LEN)))
		return bnd_fail(
		    err, BND_E_CORRUPT, "the state is not what the log says");
	return check_clock(root, s, v, err);
}

int
bnd_proof_thawed(const struct bnd_state *s, struct bnd_err *err)
{
	struct bnd_now now;
	struct bnd_step_seen seen = { .was_us = s->offset_us,
		.was_synced = s->synced,
		.synced = bnd_clock_is_synced() };

	if (!bnd_clock_is_initial())
		return bnd_fail(err, BND_E_FROZEN,
		    "no loosening outside the initial time namespace");
	if (s->frozen[0] != '\0')
		return bnd_fail(err, BND_E_FROZEN, "frozen: %s", s->frozen);
	if (bnd_clock_now(&now, err) != 0)
		return -1;
	seen.now_us = bnd_clock_offset(&now);
	/* Whoever comes through mode-set has recorded it before (watch.c). */
	if (bnd_step_judge(&seen) > BND_STEP_NOTED)
		return bnd_fail(
		    err, BND_E_FROZEN, "frozen: the wall clock was stepped");
	return 0;
}
