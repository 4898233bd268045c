/* watch.c: a step of the wall clock is seen, recorded and acted upon */
/* SPDX-License-Identifier: ISC */
/*
 * No wait ends sooner because the wall clock was set, so this protects nothing
 * but the times in the evidence.  Order, for each finding:
 *
 *	a freeze	asked for without any lock, so that it counts at once
 *	LOCKDOWN	entered
 *	the record	clock.jump: offset before and after
 *	the offset	published in the state; from here on the step is past
 *	the freeze	on record
 *
 * Who dies on the way leaves the old offset, and the step is found again.
 */
#include "watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "freeze.h"
#include "json.h"
#include "lock.h"
#include "log.h"
#include "scope.h"
#include "transition.h"
#include "txn.h"

#define LOCK_MS	 250 /* what is not written now is found in a minute */
#define BODY_MAX 160

enum bnd_step
bnd_watch_judge(const struct bnd_state *s, const struct bnd_now *now)
{
	const struct bnd_step_seen seen = { .was_us = s->offset_us,
		.now_us = bnd_clock_offset(now),
		.was_synced = s->synced,
		.synced = bnd_clock_is_synced() };

	return bnd_step_judge(&seen);
}

int
bnd_watch_record(const struct bnd_root *root, int64_t was_us, int64_t now_us,
    enum bnd_step step, struct bnd_err *err)
{
	char body[BODY_MAX];
	struct bnd_json j;
	struct bnd_mark mark;
	struct bnd_event event = { .prog = BND_TXN_PROG,
		.ev = "clock.jump",
		.need = BND_LOG_SPOOL_OK,
		.deadline_ms = BND_TXN_LOG_MS };

	bnd_json_begin(&j, body, sizeof(body));
	bnd_json_open(&j, NULL, '{');
	bnd_json_int(&j, "was", was_us);
	bnd_json_int(&j, "now", now_us);
	bnd_json_bool(&j, "synced", bnd_clock_is_synced());
	bnd_json_str(&j, "act", bnd_step_name(step));
	bnd_json_close(&j, '}');
	event.body = (struct bnd_str){ body, j.len };
	if (!bnd_json_end(&j))
		return bnd_fail(err, BND_E_INPUT, "the record is too long");
	return bnd_log_append(root, &event, &mark, err);
}

/* The state as it is now, since others may have seen the same step. */
static int
account(const struct bnd_root *root, struct bnd_err *err)
{
	struct bnd_state s;
	struct bnd_now now;
	enum bnd_step step;
	SCOPED_FD int lock =
	    bnd_lock(root, BND_STATE_LOCK, true, true, LOCK_MS, err);

	if (lock < 0 || bnd_state_load(root, &s, err) != 0 ||
	    bnd_clock_now(&now, err) != 0)
		return -1;
	step = bnd_watch_judge(&s, &now);
	if (step != BND_STEP_NONE) {
		if (bnd_watch_record(root, s.offset_us, bnd_clock_offset(&now),
			step, err) != 0)
			return -1;
		s.offset_us = bnd_clock_offset(&now);
	}
	s.synced = s.synced || bnd_clock_is_synced();
	return bnd_state_amend(root, &s, err);
}

/* To the nearest second: the two clocks are not read in one instant. */
int64_t
bnd_watch_seconds(int64_t us)
{
	return (us + (us < 0 ? -500000 : 500000)) / 1000000;
}

static int
lock_down(const struct bnd_root *root, const char *why, struct bnd_err *err)
{
	SCOPED_FREE struct bnd_outcome *out = calloc(1, sizeof(*out));
	const struct bnd_change want = { .to = BND_LOCKDOWN, .why = why };

	if (out == NULL)
		return bnd_fail_errno(err, "cannot enter LOCKDOWN");
	return bnd_transition(root, &want, out, err);
}

/* Frozen already, there is nothing to ask for; the first reason stays. */
static int
act(const struct bnd_root *root, const struct bnd_watched *seen, bool frozen,
    struct bnd_err *err)
{
	char why[BND_FROZEN_MAX + 1];
	bool freeze = seen->step == BND_STEP_FREEZE && !frozen;
	int rc = 0;

	(void)snprintf(why, sizeof(why),
	    "the wall clock was stepped by %+" PRId64 " s",
	    bnd_watch_seconds(seen->by_us));
	if (freeze)
		rc = bnd_request_freeze_make(root, why, err);
	if (seen->step == BND_STEP_LOCKDOWN)
		rc = lock_down(root, why, err);
	if (account(root, rc == 0 ? err : NULL) != 0)
		return -1;
	if (freeze &&
	    bnd_freeze_settle(root, LOCK_MS, rc == 0 ? err : NULL) != 0)
		return -1;
	return rc;
}

int
bnd_watch(
    const struct bnd_root *root, struct bnd_watched *seen, struct bnd_err *err)
{
	char why[BND_FROZEN_MAX + 1];
	struct bnd_state s;
	struct bnd_now now;
	struct bnd_err none = { 0 };

	*seen = (struct bnd_watched){ 0 };
	/* The boot clock of another namespace says nothing about the wall's. */
	if (!bnd_clock_is_initial() || bnd_is_virgin(root))
		return 0;
	if (bnd_request_freeze(root, why) &&
	    bnd_freeze_settle(root, LOCK_MS, err) != 0)
		return -1;
	if (bnd_state_load(root, &s, &none) != 0 ||
	    bnd_clock_now(&now, &none) != 0)
		return 0;
	seen->step = bnd_watch_judge(&s, &now);
	seen->by_us = bnd_clock_offset(&now) - s.offset_us;
	if (seen->step != BND_STEP_NONE)
		return act(root, seen, s.frozen[0] != '\0', err);
	if (bnd_clock_is_synced() && !s.synced)
		return account(root, err);
	return 0;
}
