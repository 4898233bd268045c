/* txn.c: the parts that every transaction is made of */
/* SPDX-License-Identifier: ISC */
#include "txn.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"
#include "floor.h"
#include "json.h"
#include "lock.h"
#include "sign.h"

#define BODY_MAX 3072

static const char *const event_name[] = {
	[BND_TXN_INTENT] = "mode.intent",
	[BND_TXN_COMMIT] = "mode.commit",
	[BND_TXN_FAIL] = "mode.fail",
	[BND_TXN_RECOVER] = "mode.recover",
	[BND_TXN_BOOT] = "mode.boot",
};

void
bnd_txn_note(struct bnd_txn *t, const char *fmt, ...)
{
	struct bnd_outcome *out = t->out;
	va_list ap;

	if (out->notes == BND_NOTES_MAX)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(out->note[out->notes++], BND_WHY_MAX, fmt, ap);
	va_end(ap);
}

void
bnd_txn_remark(struct bnd_txn *t, const struct bnd_err *why, int rc)
{
	if (rc != 0)
		bnd_txn_note(t, "%.199s", why->text);
}

int
bnd_txn_may(const struct bnd_root *root, struct bnd_err *err)
{
	if (geteuid() != 0)
		return bnd_fail(
		    err, BND_E_ROOT, "only root can change the mode");
	if (!root->real)
		return bnd_fail(err, BND_E_INPUT,
		    "the mode of another root cannot be changed");
	return 0;
}

void
bnd_txn_block(sigset_t *old)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT,
		SIGSYS, SIGTRAP };
	sigset_t all;

	sigfillset(&all);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigdelset(&all, faults[i]);
	sigprocmask(SIG_BLOCK, &all, old);
}

void
bnd_txn_unblock(const sigset_t *old)
{
	sigprocmask(SIG_SETMASK, old, NULL);
}

int
bnd_txn_begin(struct bnd_txn *t, struct bnd_err *err)
{
	uint8_t id[BND_TXN_LEN / 2];
	struct bnd_err why = { 0 };

	if (bnd_sign_init(err) != 0)
		return -1;
	bnd_random(id, sizeof(id));
	bnd_text_to_hex(id, sizeof(id), t->id);
	memcpy(t->failed, "[]", 3);
	if (t->bare || bnd_policy_load(t->root, &t->policy, &why) == 0)
		return 0;
	t->policy_bad = true;
	(void)snprintf(
	    t->policy_why, sizeof(t->policy_why), "%.199s", why.text);
	return 0;
}

static void
put_auth(const struct bnd_txn *t, struct bnd_json *j)
{
	char hex[2 * BND_CHALLENGE_ID_LEN + 1];

	if (t->auth == NULL) {
		bnd_json_null(j, "auth");
		return;
	}
	bnd_text_to_hex(t->auth, BND_CHALLENGE_ID_LEN, hex);
	bnd_json_str(j, "auth", hex);
}

/* The digest of bnd.conf, null where none was read or could be. */
static void
put_policy(const struct bnd_txn *t, struct bnd_json *j)
{
	if (t->bare || t->policy_bad)
		bnd_json_null(j, "policy");
	else
		bnd_json_b64(j, "policy", t->policy.digest, BND_HASH_LEN);
}

static void
put_change(const struct bnd_txn *t, struct bnd_json *j)
{
	bnd_json_str(j, "txn", t->id);
	bnd_json_str(j, "from", bnd_mode_name(t->from));
	bnd_json_str(j, "to", bnd_mode_name(t->to));
}

/* The bodies as bnd-log(5) lists them. */
static void
put_body(const struct bnd_txn *t, enum bnd_txn_event ev, enum bnd_mode land,
    struct bnd_json *j)
{
	bnd_json_open(j, NULL, '{');
	switch (ev) {
	case BND_TXN_INTENT:
		put_change(t, j);
		bnd_json_str(j, "why", t->why);
		put_policy(t, j);
		put_auth(t, j);
		if (t->until_us != 0)
			bnd_json_int(j, "until", (int64_t)t->until_us);
		break;
	case BND_TXN_COMMIT:
		put_change(t, j);
		bnd_json_int(j, "gen", (int64_t)t->state.gen + 1);
		put_policy(t, j);
		bnd_plan_to_json(&t->out->plan, j);
		break;
	case BND_TXN_FAIL:
	case BND_TXN_RECOVER:
		put_change(t, j);
		bnd_json_str(j, "land", bnd_mode_name(land));
		bnd_json_int(j, "gen", (int64_t)t->state.gen + 1);
		bnd_json_raw(j, "failed",
		    (struct bnd_str){ t->failed, strlen(t->failed) });
		break;
	case BND_TXN_BOOT:
		bnd_json_str(j, "mode", bnd_mode_name(land));
		bnd_json_int(j, "gen", (int64_t)t->state.gen + 1);
		bnd_json_str(j, "why", t->why);
		break;
	}
	bnd_json_close(j, '}');
}

void
bnd_txn_keep(struct bnd_txn *t, enum bnd_mode m, const char *why)
{
	struct bnd_err err = { 0 };

	t->out->unlogged = true;
	(void)snprintf(t->log_why, sizeof(t->log_why), "%.199s", why);
	if (bnd_floor_set(t->root, m, &err) != 0)
		bnd_txn_note(t, "%s will not survive a reboot: %.120s",
		    bnd_mode_name(m), err.text);
}

int
bnd_txn_record(struct bnd_txn *t, enum bnd_txn_event ev, enum bnd_mode land,
    bool durable, struct bnd_err *err)
{
	char body[BODY_MAX];
	struct bnd_err why = { 0 };
	struct bnd_json j;
	struct bnd_event event = { .prog = BND_TXN_PROG,
		.ev = event_name[ev],
		.need = durable ? BND_LOG_DURABLE : BND_LOG_SPOOL_OK,
		.deadline_ms = durable ? BND_TXN_LOG_LONG_MS : BND_TXN_LOG_MS };
	int rc;

	bnd_json_begin(&j, body, sizeof(body));
	put_body(t, ev, land, &j);
	if (!bnd_json_end(&j))
		return bnd_fail(err, BND_E_INPUT, "the record is too long");
	event.body = (struct bnd_str){ body, strlen(body) };
	if (ev == BND_TXN_INTENT && t->auth != NULL)
		event.until_us = t->asked_until_us;
	rc = bnd_log_append(t->root, &event, &t->out->mark, &why);
	t->lost = rc != 0;
	if (rc == 0 && !t->out->mark.spooled) {
		/*
		 * The spool was absorbed on the way, so the chain is whole, but
		 * for what somebody has done without the lock: his request.
		 */
		if (ev != BND_TXN_INTENT &&
		    bnd_request_strictest(t->root) <= land &&
		    bnd_floor_set(t->root, BND_MODE_NONE, &why) != 0)
			bnd_txn_note(t, "%.199s", why.text);
		return 0;
	}
	if (durable)
		return bnd_fail(err, why.kind, "%s", why.text);
	t->out->mark = (struct bnd_mark){ .spooled = true };
	bnd_txn_keep(t, land, why.text);
	return 0;
}

/* A record on the chain has made a generation, whoever gets to see it. */
static void
next_generation(struct bnd_txn *t, enum bnd_mode mode)
{
	t->state.gen++;
	t->state.log = t->out->mark;
	t->out->mode = mode;
	t->out->gen = t->state.gen;
}

static void
name_transaction(struct bnd_txn *t, enum bnd_phase phase)
{
	struct bnd_state *s = &t->state;
	bool named = phase != BND_STABLE;

	memcpy(s->txn, named ? t->id : "", named ? sizeof(s->txn) : 1);
	s->txn_pid = named ? getpid() : 0;
	s->txn_to = named ? t->to : BND_MODE_NONE;
}

/* As it is, or spelled if a terminal might obey it. */
static void
keep_why(struct bnd_txn *t)
{
	struct bnd_str why = { t->why, strlen(t->why) };

	bnd_text_keep(why, t->state.why, sizeof(t->state.why));
}

int
bnd_txn_publish(struct bnd_txn *t, enum bnd_phase phase, enum bnd_mode mode,
    enum bnd_mode effective, struct bnd_err *err)
{
	struct bnd_state *s = &t->state;
	struct bnd_now now;

	s->mode = mode;
	s->effective = effective;
	s->phase = phase;
	keep_why(t);
	/* The end of a bounded loosening holds until its mode is back. */
	if (phase == BND_STABLE && mode >= s->until_mode) {
		s->until_us = 0;
		s->until_mode = BND_MODE_NONE;
	}
	name_transaction(t, phase);
	if (phase == BND_STABLE)
		next_generation(t, mode);
	if (bnd_clock_now(&now, err) != 0)
		return -1;
	/* Else a step since then would be forgotten (watch.c). */
	if (strcmp(s->boot, now.boot) != 0) {
		memcpy(s->boot, now.boot, sizeof(s->boot));
		s->offset_us = bnd_clock_offset(&now);
		s->synced = bnd_clock_is_synced();
	}
	s->at_us = now.boot_us;
	return bnd_state_store(t->root, s, err);
}

int
bnd_txn_withdraw(struct bnd_txn *t, struct bnd_err *err)
{
	struct bnd_state *s = &t->state;

	s->phase = BND_STABLE;
	s->effective = s->mode;
	name_transaction(t, BND_STABLE);
	return bnd_state_store(t->root, s, err);
}

static void
start_plan(struct bnd_txn *t, enum bnd_mode m, bool exact)
{
	t->out->plan = (struct bnd_plan){ .mode = m,
		.from = t->from,
		.txn = t->id,
		.exact = exact,
		/* Whoever was tripped takes in nothing that was edited. */
		.repair = t->repair || t->bare,
		.policy = t->bare || t->policy_bad ? NULL : &t->policy };
}

/* Keep what the enforcers said for people and for the record. */
static void
end_plan(struct bnd_txn *t, bool good)
{
	struct bnd_plan *plan = &t->out->plan;
	struct bnd_json j;

	for (size_t i = 0; bnd_enforcers[i].name != NULL; i++) {
		if (plan->ran[i] &&
		    (!plan->res[i].in_force || plan->res[i].finding))
			bnd_txn_note(t, "%s: %.150s", bnd_enforcers[i].name,
			    plan->res[i].why);
	}
	plan->txn = NULL;
	plan->policy = NULL;
	if (good)
		return;
	bnd_json_begin(&j, t->failed, sizeof(t->failed));
	bnd_plan_failed_to_json(plan, &j);
	if (!bnd_json_end(&j))
		memcpy(t->failed, "[]", 3);
}

bool
bnd_txn_enforce(struct bnd_txn *t, enum bnd_mode m)
{
	bool good;

	start_plan(t, m, false);
	good = bnd_plan_enforce(t->root, &t->out->plan);
	end_plan(t, good);
	return good;
}

bool
bnd_txn_relax(struct bnd_txn *t, enum bnd_mode m, enum bnd_step_when when)
{
	bool good, turned;

	start_plan(t, m, true);
	good = bnd_plan_relax(t->root, &t->out->plan, when, &turned);
	end_plan(t, good);
	if (turned)
		bnd_txn_note(
		    t, "a stricter mode or a freeze was asked for meanwhile");
	return good;
}

void
bnd_txn_audit(struct bnd_txn *t)
{
	struct bnd_err err = { 0 };
	struct bnd_audit a = { t->from, t->out->mode, t->why, t->out->mark,
		t->out->mode == t->to };
	int rc = bnd_audit_mode(&a, &err);

	t->out->no_audit = rc > 0;
	if (rc < 0)
		bnd_txn_note(t, "%.199s", err.text);
	if (rc == 0 || t->bare || t->policy_bad || !t->policy.require_audit)
		return;
	t->out->unlogged = true;
	(void)snprintf(t->log_why, sizeof(t->log_why),
	    "require_audit, and the kernel's audit trail did not take it");
}

int
bnd_txn_verdict(struct bnd_txn *t, struct bnd_err *err)
{
	const char *name = bnd_mode_name(t->out->mode);

	if (t->out->unlogged)
		return bnd_fail(err, BND_E_UNLOGGED,
		    "%s is in force, but not durably logged: %.150s", name,
		    t->log_why);
	if (t->policy_bad)
		return bnd_fail(err, BND_E_INPUT, "%s is in force, but %.180s",
		    name, t->policy_why);
	return 0;
}

int
bnd_txn_lock(struct bnd_txn *t, struct bnd_err *err)
{
	if (bnd_root_mkdir(t->root, "run/bnd", 0755, err) != 0)
		return -1;
	t->lock =
	    bnd_lock(t->root, BND_STATE_LOCK, true, true, BND_TXN_LOCK_MS, err);
	return t->lock < 0 ? -1 : 0;
}

void
bnd_txn_take(struct bnd_txn *t, const struct bnd_truth *truth)
{
	struct bnd_state *s = &t->state;
	struct bnd_now now;
	struct bnd_err err = { 0 };

	s->gen = truth->gen;
	s->until_us = truth->until_us;
	s->until_mode = truth->back;
	memcpy(s->log_id, truth->log_id, sizeof(s->log_id));
	if (truth->frozen && s->frozen[0] == '\0')
		memcpy(s->frozen, truth->freeze_why, sizeof(s->frozen));
	if (s->boot[0] != '\0' || bnd_clock_now(&now, &err) != 0 ||
	    strcmp(truth->boot, now.boot) != 0)
		return;
	memcpy(s->boot, now.boot, sizeof(s->boot));
	s->offset_us = truth->clock_us;
}

bool
bnd_txn_adopt(struct bnd_txn *t)
{
	struct bnd_truth truth;

	bnd_truth_read(t->root, &truth);
	if (!truth.ok)
		bnd_txn_note(t, "%.199s", truth.why);
	/* A log that is only unsafe must not be spoilt by a wrong gen. */
	if (!truth.begun)
		return false;
	bnd_txn_take(t, &truth);
	t->from = t->to = truth.mode;
	if (truth.pending) {
		memcpy(t->id, truth.txn, sizeof(t->id));
		t->from = truth.from;
		t->to = truth.to;
	}
	return truth.ok;
}
