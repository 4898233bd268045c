/* check.c: kernel, state and log compared, every difference listed */
/* SPDX-License-Identifier: ISC */
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "freeze.h"
#include "json.h"
#include "logdir.h"
#include "scope.h"
#include "sign.h"
#include "step.h"
#include "txn.h"
#include "verify.h"

#define WAIT_MS	  2000 /* for a transaction that is under way */
#define WAIT_STEP 20
#define TRIES	  3 /* to read one moment of a host that changes */
#define BODY_MAX  3072
#define NOTED_MAX 12 /* deviations in one record */
#define NOTED_LEN 120

/* One more difference, and the strictest of what they ask for. */
static void deviate(struct bnd_check *c, enum bnd_mode act, const char *fmt,
    ...) BND_PRINTF(3, 4);

static void
deviate(struct bnd_check *c, enum bnd_mode act, const char *fmt, ...)
{
	va_list ap;

	c->act = bnd_mode_max(c->act, act);
	if (c->n == BND_DEVIATIONS_MAX) {
		c->unlisted++;
		return;
	}
	va_start(ap, fmt);
	(void)vsnprintf(c->deviation[c->n++], BND_DEVIATION_LEN, fmt, ap);
	va_end(ap);
}

/* A transaction under way is no deviation; one nobody finishes is. */
static int
load_settled(
    const struct bnd_root *root, struct bnd_state *s, struct bnd_err *err)
{
	const struct timespec nap = { 0, WAIT_STEP * 1000000L };

	for (int waited = 0; bnd_state_load(root, s, err) == 0;) {
		if (s->phase == BND_STABLE && s->effective == s->mode)
			return 0;
		if (waited >= WAIT_MS)
			return 0;
		nanosleep(&nap, NULL);
		waited += WAIT_STEP;
	}
	return -1;
}

static void
check_state(const struct bnd_root *root, struct bnd_check *c)
{
	char asked[BND_FROZEN_MAX + 1];
	struct bnd_err err = { 0 };

	c->state_ok = load_settled(root, &c->state, &err) == 0;
	c->freeze_asked = bnd_request_freeze(root, asked);
	if (!c->state_ok)
		deviate(c, BND_LOCKDOWN, "%.150s", err.text);
	else if (c->state.phase != BND_STABLE)
		deviate(
		    c, c->state.effective, "a transaction was left unfinished");
	else if (c->state.effective != c->state.mode)
		deviate(c, c->state.effective,
		    "%s is due, and was left unfinished",
		    bnd_mode_name(c->state.effective));
}

/*
 * The seal was changed: again, or from AIRGAP on LOCKDOWN (bnd(7)).  Half a
 * transaction explains what it left: it is finished on the stricter side.
 */
static enum bnd_mode
on_drift(const struct bnd_state *s)
{
	enum bnd_mode m = s->effective;

	if (s->phase != BND_STABLE)
		return m;
	if (m >= BND_AIRGAP)
		return BND_LOCKDOWN;
	return m >= BND_RESTRICTED ? m : BND_MODE_NONE;
}

/* All that an enforcer has to say, not the first thing only. */
static void
check_result(
    struct bnd_check *c, const char *name, const struct bnd_result *res)
{
	enum bnd_mode act = res->in_force ? BND_MODE_NONE : on_drift(&c->state);
	const char *how = res->in_force ? "" : " is not in force";

	if (res->in_force && !res->finding)
		return;
	if (res->found == 0)
		deviate(c, act, "%s%s: %.120s", name, how, res->why);
	for (unsigned i = 0; i < res->found; i++)
		deviate(c, act, "%s%s: %s", name, how, res->found_text[i]);
	if (res->more > 0)
		deviate(c, act, "%s%s: and %u more", name, how, res->more);
}

static void
check_kernel(const struct bnd_root *root, struct bnd_check *c)
{
	struct bnd_plan *p = &c->plan;

	p->mode = c->state.effective;
	p->exact = true;
	(void)bnd_plan_check(root, p);
	for (size_t i = 0; bnd_enforcers[i].name != NULL; i++)
		check_result(c, bnd_enforcers[i].name, &p->res[i]);
}

/* What an unprovable log means: nothing can be loosened, and worse. */
static enum bnd_mode
on_log(const struct bnd_verdict *v)
{
	/* Cut back beside a head that cannot say so, or no pin: 8 as well. */
	if (v->exit == 8 && (v->head != BND_HEAD_LIVE || !v->pinned))
		return BND_LOCKDOWN;
	switch (v->exit) {
	case 2: /* nothing established */
	case 6: /* the next record heals it */
	case 7: /* only old */
	case 8: /* owner, mode, or a slot the next record repairs */
		return BND_MODE_NONE;
	default:
		return BND_LOCKDOWN;
	}
}

static void
compare(struct bnd_check *c, const struct bnd_ledger *l)
{
	const struct bnd_state *s = &c->state;

	if (s->log.spooled && l->gen < s->gen && l->mode <= s->mode) {
		deviate(c, BND_MODE_NONE,
		    "the last change is not on the chain yet");
		return;
	}
	c->state_false = true;
	if (l->mode != s->mode || l->gen != s->gen)
		deviate(c, BND_LOCKDOWN, "the state says %s, the chain says %s",
		    bnd_mode_name(s->mode), bnd_mode_name(l->mode));
	else if (!s->log.spooled &&
	    (l->at.seq != s->log.seq ||
		!bnd_same(l->at.link, s->log.link, BND_HASH_LEN)))
		deviate(c, BND_LOCKDOWN,
		    "the state names another record than the chain's last");
	else
		c->state_false = false;
	if (c->state_false ||
	    (s->until_us == l->bound.until_us &&
		s->until_mode == l->bound.back))
		return;
	c->state_false = true;
	deviate(c, BND_LOCKDOWN,
	    "the state says another end of the loosening than the chain");
}

/*
 * A freeze on the chain that the state does not know was taken out by hand:
 * whoever freezes asks for it first, so that it is never seen too late.  was is
 * from before the log was read, now from after.
 */
static void
compare_freeze(struct bnd_check *c, const struct bnd_truth *truth,
    const struct bnd_state *now)
{
	const struct bnd_state *was = &c->state;

	if (truth->frozen && was->frozen[0] == '\0' && now->frozen[0] == '\0') {
		c->state_false = true;
		deviate(c, BND_LOCKDOWN,
		    "the chain is frozen, the state is not: %.100s",
		    truth->freeze_why);
	} else if (!truth->frozen && was->frozen[0] != '\0' &&
	    strcmp(was->frozen, now->frozen) == 0 && !c->freeze_asked) {
		c->unrecorded = true;
		deviate(c, BND_MODE_NONE,
		    "the state is frozen, the chain is not: %.100s",
		    was->frozen);
	}
}

/* The same for a step of the clock that somebody hides. */
static void
compare_clock(struct bnd_check *c, const struct bnd_truth *truth,
    const struct bnd_state *now)
{
	const struct bnd_step_seen seen = { .was_us = truth->clock_us,
		.now_us = now->offset_us };

	if (strcmp(truth->boot, now->boot) != 0 ||
	    c->state.offset_us != now->offset_us ||
	    bnd_step_judge(&seen) == BND_STEP_NONE)
		return;
	c->state_false = true;
	deviate(c, BND_LOCKDOWN,
	    "the state's clock offset is not what the chain says");
}

static void
compare_rest(const struct bnd_root *root, struct bnd_check *c,
    const struct bnd_verdict *v, const struct bnd_state *now)
{
	struct bnd_truth truth;

	bnd_truth_of(root, v, &truth);
	compare_freeze(c, &truth, now);
	compare_clock(c, &truth, now);
}

/*
 * After a failed sync nothing was appended.  What the disk has was read again:
 * when that is proven, or ends in a fragment that the next append seals, the
 * log may go on.
 */
static void
end_degraded(const struct bnd_root *root, struct bnd_check *c)
{
	struct bnd_err err = { 0 };

	if ((c->log_exit == 0 || c->log_exit == bnd_kind_exit(BND_E_TORN)) &&
	    bnd_logdir_restore(root, &err) == 0)
		deviate(c, BND_MODE_NONE,
		    "the log had an I/O error; it verifies, appends go on");
	else
		deviate(c, BND_MODE_NONE,
		    "the log had an I/O error: nothing is appended");
}

static void
check_log(const struct bnd_root *root, struct bnd_check *c)
{
	SCOPED_FREE struct bnd_verdict *v = calloc(1, sizeof(*v));
	struct bnd_state now;
	struct bnd_err err = { 0 };
	bool degraded = bnd_logdir_is_degraded(root);

	if (degraded)
		bnd_logdir_uncache(root);
	if (v == NULL || bnd_verify_live(root, v, &err) != 0) {
		/* A disk may be read again; a malformed pin stays one. */
		deviate(c,
		    err.kind == BND_E_INPUT ? BND_LOCKDOWN : BND_MODE_NONE,
		    "the log cannot be read: %.120s", err.text);
		return;
	}
	c->log_read = true;
	c->log_exit = v->exit;
	c->log_records = v->ledger.begun ? v->ledger.last.seq + 1 : 0;
	c->log_last_us = (int64_t)v->ledger.boot_us + v->ledger.offset_us;
	if (degraded)
		end_degraded(root, c);
	if (v->exit != 0)
		deviate(c, on_log(v), "the log does not verify: %.130s",
		    v->first.detail);
	/*
	 * A change in between is no difference: look again.  Nor is one that
	 * was left unfinished; whoever finishes it asks the chain how far it
	 * got.
	 */
	if (bnd_state_load(root, &now, &err) == 0 && now.gen == c->state.gen &&
	    now.phase == BND_STABLE && v->head == BND_HEAD_LIVE &&
	    (v->exit == 0 || v->exit == 6 || v->exit == 8)) {
		compare(c, &v->ledger);
		compare_rest(root, c, v, &now);
	}
}

/* What was read of the kernel may belong to a change that came in between. */
static bool
has_moved(const struct bnd_root *root, const struct bnd_check *c)
{
	const struct bnd_state *was = &c->state;
	struct bnd_state now;
	struct bnd_err err = { 0 };

	return c->state_ok && bnd_state_load(root, &now, &err) == 0 &&
	    (now.gen != was->gen || now.phase != was->phase ||
		now.effective != was->effective);
}

void
bnd_check(const struct bnd_root *root, unsigned what, struct bnd_check *c)
{
	for (int i = 0; i < TRIES; i++) {
		*c = (struct bnd_check){ 0 };
		check_state(root, c);
		if (what & BND_CHECK_KERNEL)
			check_kernel(root, c);
		if (c->n == 0 || !has_moved(root, c))
			break;
	}
	if (what & BND_CHECK_LOG)
		check_log(root, c);
}

static void
record(const struct bnd_root *root, const struct bnd_check *c,
    struct bnd_outcome *out)
{
	char body[BODY_MAX], text[NOTED_LEN + 1];
	struct bnd_err err = { 0 };
	struct bnd_json j;
	struct bnd_event event = { .prog = BND_TXN_PROG,
		.ev = "mode.check",
		.need = BND_LOG_SPOOL_OK,
		.deadline_ms = BND_TXN_LOG_MS };

	bnd_json_begin(&j, body, sizeof(body));
	bnd_json_open(&j, NULL, '{');
	bnd_json_str(&j, "mode", bnd_mode_name(c->state.effective));
	bnd_json_int(&j, "count", c->n + c->unlisted);
	bnd_json_open(&j, "deviations", '[');
	for (unsigned i = 0; i < c->n && i < NOTED_MAX; i++) {
		(void)snprintf(
		    text, sizeof(text), "%.*s", NOTED_LEN, c->deviation[i]);
		bnd_json_str(&j, NULL, text);
	}
	bnd_json_close(&j, ']');
	bnd_json_str(&j, "act", bnd_mode_name(c->act));
	bnd_json_close(&j, '}');
	event.body = (struct bnd_str){ body, j.len };
	if (!bnd_json_end(&j) ||
	    bnd_log_append(root, &event, &out->mark, &err) != 0 ||
	    out->mark.spooled)
		out->unlogged = true;
}

static int
freeze_again(const struct bnd_root *root, const struct bnd_check *c)
{
	if (bnd_request_freeze_make(root, c->state.frozen, NULL) != 0)
		return -1;
	return bnd_freeze_settle(root, BND_TXN_LOCK_MS, NULL);
}

int
bnd_check_act(const struct bnd_root *root, const struct bnd_check *c,
    struct bnd_outcome *out, struct bnd_err *err)
{
	struct bnd_change want = { .to = c->act,
		.why = "check",
		.distrust = c->state_false,
		.repair = true };

	*out = (struct bnd_outcome){ .mode = c->state.effective };
	record(root, c, out);
	if (c->unrecorded && freeze_again(root, c) != 0)
		out->unlogged = true;
	if (c->act == BND_MODE_NONE)
		return 0;
	return bnd_transition(root, &want, out, err);
}
