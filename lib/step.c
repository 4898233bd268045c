/* step.c: whether the wall clock was stepped, and what that means */
/* SPDX-License-Identifier: ISC */
#include "step.h"

/* Without overflow, whatever a state says. */
static uint64_t
distance(int64_t a, int64_t b)
{
	return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

static bool
is_time_service(const struct bnd_step_seen *s)
{
	if (!s->synced)
		return false;
	return !s->was_synced || s->now_us > s->was_us;
}

enum bnd_step
bnd_step_judge(const struct bnd_step_seen *s)
{
	uint64_t by = distance(s->was_us, s->now_us);

	if (by <= BND_STEP_US)
		return BND_STEP_NONE;
	if (is_time_service(s))
		return BND_STEP_NOTED;
	return by < BND_STEP_HOUR_US ? BND_STEP_FREEZE : BND_STEP_LOCKDOWN;
}

const char *
bnd_step_name(enum bnd_step step)
{
	static const char *const name[] = {
		[BND_STEP_NONE] = "none",
		[BND_STEP_NOTED] = "noted",
		[BND_STEP_FREEZE] = "freeze",
		[BND_STEP_LOCKDOWN] = "lockdown",
	};

	return step >= BND_STEP_NONE && step <= BND_STEP_LOCKDOWN ? name[step]
								  : "none";
}
