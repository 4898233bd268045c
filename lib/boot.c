/* boot.c: the mode of a host that has just booted */
/* SPDX-License-Identifier: ISC */
/*
 * /run is empty then and the log is the authority.  Every source can only make
 * the result stricter, and one that cannot be read is LOCKDOWN: a log that does
 * not verify, a damaged floor, an unusable bnd.conf, an unknown bnd.mode=.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "floor.h"
#include "lock.h"
#include "scope.h"
#include "transition.h"
#include "truth.h"
#include "txn.h"
#include "watch.h"

#define CMDLINE	      "proc/cmdline"
#define CMDLINE_MAX   8192
#define FROZEN_BEFORE "frozen before this boot"
#define CMDLINE_KEY   "bnd.mode="

/* Raise t->to to m and remember what asked for the strictest. */
static void
raise_to(struct bnd_txn *t, enum bnd_mode m, const char *why)
{
	if (m <= t->to)
		return;
	t->to = m;
	t->why = why;
}

static void
from_chain(struct bnd_txn *t, const struct bnd_truth *truth)
{
	bnd_txn_take(t, truth);
	t->from = truth->mode;
	if (!truth->ok) {
		raise_to(t, BND_LOCKDOWN, "the log does not verify");
		bnd_txn_note(t, "%.199s", truth->why);
		return;
	}
	raise_to(t, truth->mode, "last mode on the chain");
	raise_to(t, truth->back, "end of a bounded loosening");
	if (truth->pending)
		raise_to(t, bnd_mode_max(truth->from, truth->to),
		    "unfinished transaction");
}

/*
 * A freeze is restored: from the chain already, or from the floor file, where
 * one was kept that the log could not take.  That one is asked for again, so
 * that it comes on record.
 */
static void
from_freeze(struct bnd_txn *t)
{
	struct bnd_err err = { 0 };
	struct bnd_state *s = &t->state;

	if (s->frozen[0] == '\0' && bnd_floor_is_frozen(t->root)) {
		memcpy(s->frozen, FROZEN_BEFORE, sizeof(FROZEN_BEFORE));
		if (bnd_request_freeze_make(t->root, s->frozen, &err) != 0)
			bnd_txn_note(t, "%.199s", err.text);
	}
	if (s->frozen[0] != '\0')
		bnd_txn_note(t, "frozen: %s", s->frozen);
}

static void
from_floor(struct bnd_txn *t)
{
	struct bnd_err err = { 0 };
	enum bnd_mode m = bnd_floor_get(t->root, &err);

	if (err.kind != BND_E_NONE)
		bnd_txn_note(t, "%.199s", err.text);
	raise_to(t, m, "floor file");
	if (t->policy_bad)
		bnd_txn_note(t, "%.199s", t->policy_why);
	raise_to(t, t->policy.floor, "floor of bnd.conf");
}

/* Every bnd.mode= counts, the strictest wins. */
static void
from_cmdline(struct bnd_txn *t)
{
	char buf[CMDLINE_MAX];
	struct bnd_str text = { buf, 0 }, word;
	struct bnd_err err = { 0 };
	const size_t key = strlen(CMDLINE_KEY);
	SCOPED_FD int fd = bnd_root_openat(t->root, CMDLINE, O_RDONLY, 0, &err);

	if (fd < 0 ||
	    bnd_file_read_fd(fd, CMDLINE, buf, sizeof(buf), &text.len, &err)) {
		raise_to(t, BND_LOCKDOWN, "the kernel command line");
		bnd_txn_note(t, "%.199s", err.text);
		return;
	}
	if (text.len > 0 && buf[text.len - 1] == '\n')
		text.len--;
	while (bnd_text_word(&text, &word)) {
		enum bnd_mode m = BND_LOCKDOWN;

		if (word.len < key || memcmp(word.p, CMDLINE_KEY, key) != 0)
			continue;
		/* An unknown word was meant to tighten: how far, nobody knows. */
		if (!bnd_mode_parse(
			(struct bnd_str){ word.p + key, word.len - key }, &m))
			bnd_txn_note(t,
			    "unknown " CMDLINE_KEY
			    " on the kernel command line");
		raise_to(t, m, "kernel command line");
	}
}

/* Not the first --boot of this boot, or somebody was faster. */
static void
from_run(struct bnd_txn *t)
{
	struct bnd_state s;
	struct bnd_err err = { 0 };

	if (bnd_state_load(t->root, &s, &err) == 0) {
		raise_to(t, s.effective, "state in /run");
		if (s.gen > t->state.gen)
			t->state.gen = s.gen;
	} else if (err.errnum != ENOENT) {
		raise_to(t, BND_LOCKDOWN, "unusable state in /run");
		bnd_txn_note(t, "%.199s", err.text);
	}
	raise_to(t, bnd_request_strictest(t->root), "request in /run");
}

/*
 * A record that is nowhere, or a mode that is not shown to be in force, is left
 * to the next one, as of a process that died.
 * A state that names an older generation than the chain has would spoil the
 * next record; none at all is LOCKDOWN, and the chain is asked.
 */
static int
publish(struct bnd_txn *t, bool settled, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	if (bnd_txn_publish(
		t, settled ? BND_STABLE : BND_ENTERING, t->to, t->to, err) == 0)
		return 0;
	if (bnd_file_unlink(t->root, BND_STATE_PATH, &why) != 0)
		bnd_txn_note(t, "%.199s", why.text);
	return -1;
}

/*
 * The state first, as on every way up: enforcers act on what is published, and
 * where nothing is they shut everything.
 */
static bool
enforce(struct bnd_txn *t, enum bnd_mode m)
{
	struct bnd_err why = { 0 };

	if (bnd_txn_publish(t, BND_ENTERING, m, m, &why) != 0)
		bnd_txn_note(t, "%.199s", why.text);
	return bnd_txn_enforce(t, m);
}

static int
land(struct bnd_txn *t, struct bnd_err *err)
{
	const char *name;
	struct bnd_err why = { 0 };
	bool good = enforce(t, t->to), locked = good;

	if (!good) {
		bnd_plan_why(&t->out->plan, why.text, sizeof(why.text));
		locked = enforce(t, BND_LOCKDOWN);
		t->why = "not enforced";
	}
	name = bnd_mode_name(t->to);
	t->to = good ? t->to : BND_LOCKDOWN;
	if (bnd_txn_record(t, BND_TXN_BOOT, t->to, false, err) != 0 ||
	    publish(t, locked && !t->lost, err) != 0 ||
	    bnd_request_drop(t->root, t->to, err) != 0)
		return -1;
	bnd_txn_audit(t);
	if (!locked)
		return bnd_fail(err, BND_E_UNVERIFIED,
		    "neither %s nor LOCKDOWN is shown to be in force (%.120s)",
		    name, why.text);
	if (!good)
		return bnd_fail(err, BND_E_ESCALATED,
		    "%s is not in force (%.120s); LOCKDOWN is", name, why.text);
	return bnd_txn_verdict(t, err);
}

/* Nothing may be published, but nothing need be open either. */
static int
without_lock(struct bnd_txn *t, const struct bnd_err *busy, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	if (bnd_request_make(t->root, BND_LOCKDOWN, &why) != 0)
		bnd_txn_note(t, "%.199s", why.text);
	t->out->mode = BND_LOCKDOWN;
	if (!bnd_txn_enforce(t, BND_LOCKDOWN))
		return bnd_fail(err, BND_E_UNVERIFIED,
		    "%.120s, and LOCKDOWN is not shown to be in force",
		    busy->text);
	return bnd_fail(
	    err, busy->kind, "%.180s: LOCKDOWN is in force", busy->text);
}

/*
 * The wall clock says less than the last record did: a dead battery must not
 * lock its owner out, but he shall know.
 */
static void
look_at_clock(struct bnd_txn *t, const struct bnd_truth *truth)
{
	struct bnd_now now;
	struct bnd_err err = { 0 };

	if (!truth->begun || bnd_clock_now(&now, &err) != 0 ||
	    strcmp(truth->boot, now.boot) == 0 ||
	    now.real_us >= truth->last_real_us)
		return;
	bnd_txn_note(t, "the wall clock is behind the last record");
	if (bnd_watch_record(t->root,
		truth->last_real_us - (int64_t)now.boot_us,
		bnd_clock_offset(&now), BND_STEP_NOTED, &err) != 0)
		bnd_txn_note(t, "%.199s", err.text);
}

static int
boot(struct bnd_txn *t, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	struct bnd_truth truth;
	int rc;

	if (bnd_txn_lock(t, &why) != 0)
		return without_lock(t, &why, err);
	bnd_truth_read(t->root, &truth);
	from_chain(t, &truth);
	from_floor(t);
	from_cmdline(t);
	from_run(t);
	from_freeze(t);
	t->out->from = t->from;
	rc = land(t, err);
	look_at_clock(t, &truth);
	return rc;
}

int
bnd_boot(
    const struct bnd_root *root, struct bnd_outcome *out, struct bnd_err *err)
{
	SCOPED_FREE struct bnd_txn *t = calloc(1, sizeof(*t));
	sigset_t old;
	int rc;

	*out = (struct bnd_outcome){ 0 };
	if (bnd_txn_may(root, err) != 0)
		return -1;
	if (bnd_is_virgin(root))
		return bnd_fail(err, BND_E_CORRUPT,
		    "bnd was never set up on this host (mode-set --init)");
	if (t == NULL)
		return bnd_fail_errno(err, "cannot set the mode of this boot");
	*t = (struct bnd_txn){ .root = root,
		.out = out,
		.lock = -1,
		.why = "boot",
		.from = BND_LOCKDOWN,
		.to = BND_OPEN };
	bnd_txn_block(&old);
	rc = bnd_txn_begin(t, err);
	if (rc == 0)
		rc = boot(t, err);
	bnd_close_fd(&t->lock);
	bnd_txn_unblock(&old);
	return rc;
}
