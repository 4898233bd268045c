/* step.c: every size of step, both ways, synchronised or not */
/* SPDX-License-Identifier: ISC */
#include "step.h"

#include <stdlib.h>

#include "tap.h"

#define S    INT64_C(1000000)
#define HOUR (3600 * S)

static enum bnd_step
judge(int64_t was, int64_t by, bool was_synced, bool synced)
{
	const struct bnd_step_seen seen = { was, was + by, was_synced, synced };

	return bnd_step_judge(&seen);
}

/* Nobody keeps the clock: size alone counts, in both directions. */
static void
by_size(void)
{
	static const struct {
		int64_t by;
		enum bnd_step want;
	} t[] = {
		{ 0, BND_STEP_NONE },
		{ 1, BND_STEP_NONE },
		{ 2 * S, BND_STEP_NONE },
		{ 2 * S + 1, BND_STEP_FREEZE },
		{ 59 * S, BND_STEP_FREEZE },
		{ HOUR - 1, BND_STEP_FREEZE },
		{ HOUR, BND_STEP_LOCKDOWN },
		{ 24 * HOUR, BND_STEP_LOCKDOWN },
		{ INT64_C(1) << 53, BND_STEP_LOCKDOWN },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		is_int(judge(1763839216 * S, t[i].by, false, false), t[i].want,
		    "forward by %lld us", (long long)t[i].by);
		is_int(judge(1763839216 * S, -t[i].by, false, false), t[i].want,
		    "back by %lld us", (long long)t[i].by);
	}
}

static void
by_service(void)
{
	is_int(judge(0, -24 * HOUR, false, true), BND_STEP_NOTED,
	    "the first that finds it kept, back by a day");
	is_int(judge(0, 24 * HOUR, false, true), BND_STEP_NOTED,
	    "or forward by a day");
	is_int(judge(0, 24 * HOUR, true, true), BND_STEP_NOTED,
	    "forward while it is kept");
	is_int(judge(0, -3 * S, true, true), BND_STEP_FREEZE,
	    "back while it is kept");
	is_int(judge(0, -HOUR, true, true), BND_STEP_LOCKDOWN,
	    "back by an hour while it is kept");
	is_int(judge(0, 3 * S, true, false), BND_STEP_FREEZE,
	    "forward, kept no longer: as date -s leaves it");
	is_int(judge(0, HOUR, true, false), BND_STEP_LOCKDOWN,
	    "forward by an hour, kept no longer");
}

/* XB-17: what is remembered stays, so small steps are found by their sum. */
static void
by_sum(void)
{
	int64_t was = 0, now = 0;
	unsigned found = 0;

	for (int i = 0; i < 60 && found == 0; i++) {
		now += 1900000;
		found += judge(was, now - was, false, false) != BND_STEP_NONE;
	}
	is_int(found, 1, "small steps add up");
	is_int(now, 3800000, "to the second of them");
}

/* More is never less: further away, or without a service, is as strict. */
static void
monotone(void)
{
	unsigned wrong = 0;

	for (int i = 0; i < 20000; i++) {
		int64_t far = ((int64_t)rand() << 22 | rand()) % (3 * HOUR);
		int64_t near = far == 0 ? 0 : rand() % far;
		int64_t was = ((int64_t)rand() << 20) - (INT64_C(1) << 50);
		int64_t way = rand() % 2 ? 1 : -1;
		bool w = rand() % 2, s = rand() % 2;

		wrong +=
		    judge(was, way * far, w, s) < judge(was, way * near, w, s);
		wrong += judge(was, far, w, s) > judge(was, -far, w, s);
		wrong += judge(was, way * far, w, false) <
		    judge(was, way * far, w, true);
		wrong += judge(was, way * far, true, s) <
		    judge(was, way * far, false, s);
		wrong +=
		    judge(was, far, w, false) != judge(was, -far, w, false);
	}
	is_int(wrong, 0, "20000 drawn at random");
	is_int(judge(INT64_MIN, -1 - INT64_MIN, false, false),
	    BND_STEP_LOCKDOWN, "the ends of the range");
}

int
main(void)
{
	by_size();
	by_service();
	by_sum();
	monotone();
	is_str(bnd_step_name(BND_STEP_FREEZE), "freeze", "a name");
	return tap_done();
}
