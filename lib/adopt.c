/* adopt.c: the approved successor takes the place of the old log */
/* SPDX-License-Identifier: ISC */
/*
 * MUSTs, whatever fails and wherever the process dies:
 *
 * 1. The old log is never changed and never removed: it gets another name.
 * 2. Nobody loosens anything by this.  The host is in LOCKDOWN before, during
 *    and after; what readers see in between is a log that does not verify, or
 *    a state that is none.
 * 3. The successor says what the old log proves (heir.c), nothing that the
 *    caller says.  That is judged before its ceremony is opened, again before
 *    it is used, and again before the names change.
 * 4. Every step may be repeated, and the first that was not done is found by
 *    looking.  log.succeed on the successor is the point of no return.
 *
 * The order of the names.  The old directory goes first, so that the new one
 * never stands over it.  The spool is of the old log: it is emptied before the
 * new pin stands, because from then on it would be absorbed.  The state comes
 * before the pin too: a state of the old log would lend its generation to the
 * next record.  The pin is last, and until then no append can reach the new
 * log (its lock is not that of the pinned log).
 */
#include "adopt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ceremony-use.h"
#include "clock.h"
#include "file.h"
#include "floor.h"
#include "nascent.h"
#include "scope.h"
#include "spool.h"
#include "state.h"
#include "successor.h"
#include "transition.h"

/* ---- what is to be adopted ---- */

static int
open_successor(struct bnd_successor *j, struct bnd_err *err)
{
	if (bnd_successor_look(j, err) != 0)
		return -1;
	if (j->nascent.fd < 0)
		return bnd_fail(err, BND_E_DENIED,
		    "no succession was begun (chain-keep succeed)");
	if (!j->new.good || !j->new.pin.begin.succeeds)
		return bnd_fail(err, BND_E_CORRUPT,
		    "what was begun is no successor; begin again");
	return 0;
}

static bool
is_adopted(const struct bnd_successor *j)
{
	return j->old.good &&
	    bnd_same(j->old.pin.genesis, j->new.pin.genesis, BND_HASH_LEN);
}

/* The successor has not been moved yet: it must still be the rightful one. */
static int
judge_successor(struct bnd_successor *j, bool *approved, struct bnd_err *err)
{
	if (bnd_successor_check_need(j, err) != 0 ||
	    bnd_successor_read_heir(j, err) != 0 ||
	    bnd_successor_check(j, err) != 0 ||
	    bnd_successor_verify(j, err) != 0)
		return -1;
	*approved = !j->v.ledger.nascent;
	return 0;
}

/* Moved, but not pinned yet. */
static int
judge_moved(struct bnd_successor *j, struct bnd_err *err)
{
	struct bnd_verify in = { .root = j->root, .pin = "/" BND_NASCENT_PIN };

	if (bnd_verify(&in, &j->v, err) != 0)
		return -1;
	if (j->v.exit != 0 && j->v.exit != 6)
		return bnd_fail(err, BND_E_CORRUPT,
		    "the successor does not verify (%.120s)",
		    j->v.first.detail);
	return 0;
}

/* ---- names ---- */

static int
keep_pin(const struct bnd_successor *j, struct bnd_err *err)
{
	char b64[BND_B64_LEN(BND_ID_LEN) + 1], path[BND_ASIDE_LEN];

	if (j->old.len == 0)
		return 0;
	bnd_text_to_b64(j->new.pin.begin.from.id, BND_ID_LEN, b64);
	(void)snprintf(path, sizeof(path), BND_LOG_PIN ".old-%s", b64);
	if (bnd_successor_is_there(j->root, path))
		return 0;
	return bnd_file_replace(
	    j->root, path, j->old.text, j->old.len, 0644, err);
}

/* Never over one that has the name already. */
static int
move_old(const struct bnd_successor *j, struct bnd_err *err)
{
	char aside[BND_ASIDE_LEN];
	struct bnd_err why = { 0 };

	bnd_successor_aside(j->new.pin.begin.from.id, aside);
	if (bnd_file_move(j->root, BND_LOG_DIR, aside, &why) == 0 ||
	    why.errnum == ENOENT)
		return 0;
	return bnd_fail(err, why.kind, "%s", why.text);
}

/* What nobody could put on the old log; it lasts as long as this boot. */
static int
keep_spool(const struct bnd_successor *j, struct bnd_err *err)
{
	char path[BND_ASIDE_LEN], hex[9];
	uint8_t nonce[4];
	SCOPED_FREE char *text = malloc(BND_SPOOL_MAX + 1);
	struct bnd_err why = { 0 };
	SCOPED_FD int fd = bnd_spool_lock(j->root, false, &why);
	size_t len;

	if (fd < 0)
		return why.errnum == ENOENT
		    ? 0
		    : bnd_fail(err, why.kind, "%s", why.text);
	if (text == NULL)
		return bnd_fail_errno(err, "cannot keep the spool");
	if (bnd_file_read_fd(
		fd, BND_LOG_SPOOL, text, BND_SPOOL_MAX + 1, &len, err) != 0)
		return -1;
	if (len == 0)
		return 0;
	bnd_random(nonce, sizeof(nonce));
	bnd_text_to_hex(nonce, sizeof(nonce), hex);
	(void)snprintf(path, sizeof(path), "var/lib/bnd/spool.old-%s", hex);
	if (bnd_file_replace(j->root, path, text, len, 0600, err) != 0)
		return -1;
	if (ftruncate(fd, 0) != 0)
		return bnd_fail_errno(err, "cannot empty /%s", BND_LOG_SPOOL);
	return 0;
}

/* LOCKDOWN as it was, by the first record of the new log. */
static int
publish(const struct bnd_successor *j, struct bnd_err *err)
{
	struct bnd_now now;
	struct bnd_state s = { .gen = 1,
		.mode = BND_LOCKDOWN,
		.effective = BND_LOCKDOWN,
		.phase = BND_STABLE };

	if (bnd_clock_now(&now, err) != 0)
		return -1;
	memcpy(s.log_id, j->new.pin.id, sizeof(s.log_id));
	memcpy(s.log.link, j->new.pin.genesis, sizeof(s.log.link));
	memcpy(s.boot, now.boot, sizeof(s.boot));
	s.at_us = now.boot_us;
	s.offset_us = now.real_us - (int64_t)now.boot_us;
	if (j->new.pin.begin.from.frozen)
		memcpy(s.frozen, "succession", sizeof("succession"));
	return bnd_state_store(j->root, &s, err);
}

/* It went with /var; LOCKDOWN stands on the new chain. */
static int
restore_floor(const struct bnd_successor *j, struct bnd_err *err)
{
	return bnd_successor_is_there(j->root, BND_FLOOR_PATH)
	    ? 0
	    : bnd_floor_make(j->root, err);
}

static int
switch_pin(const struct bnd_successor *j, struct bnd_err *err)
{
	if (bnd_root_mkdir(j->root, "etc/bnd", 0755, err) != 0)
		return -1;
	return bnd_file_replace(
	    j->root, BND_LOG_PIN, j->new.text, j->new.len, 0644, err);
}

/* The empty root is of no use; what keeps it from going is no harm. */
static void
clean_up(const struct bnd_successor *j)
{
	static const char *const paths[] = { "etc/bnd", "etc", "run/bnd", "run",
		"var/lib/bnd", "var/lib", "var" };
	SCOPED_FD int top = bnd_root_openat(
	    j->root, BND_NASCENT_DIR, O_RDONLY | O_DIRECTORY, 0, NULL);

	if (top < 0)
		return;
	(void)unlinkat(top, BND_LOG_PIN, 0);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		(void)unlinkat(top, paths[i], AT_REMOVEDIR);
	bnd_close_fd(&top);
	top = bnd_root_openat(
	    j->root, "var/lib/bnd", O_RDONLY | O_DIRECTORY, 0, NULL);
	if (top >= 0)
		(void)unlinkat(top, "succession", AT_REMOVEDIR);
}

static int
switch_names(struct bnd_successor *j, struct bnd_err *err)
{
	bool approved = false;

	if (bnd_successor_is_there(j->root, BND_NASCENT_LOG)) {
		if (judge_successor(j, &approved, err) != 0)
			return -1;
		if (!approved)
			return bnd_fail(err, BND_E_DENIED,
			    "nobody has approved the succession");
		if (keep_pin(j, err) != 0 || move_old(j, err) != 0 ||
		    bnd_file_move(j->root, BND_NASCENT_LOG, BND_LOG_DIR, err) !=
			0)
			return -1;
	} else if (judge_moved(j, err) != 0)
		return -1;
	if (keep_spool(j, err) != 0 || publish(j, err) != 0 ||
	    restore_floor(j, err) != 0)
		return -1;
	return switch_pin(j, err);
}

/* 1: its ceremony is to be used first. */
static int
needs_ceremony(const struct bnd_root *root, struct bnd_err *err)
{
	SCOPED_SUCCESSOR struct bnd_successor *j =
	    bnd_successor_take(root, err);
	bool approved = false;

	if (j == NULL || open_successor(j, err) != 0)
		return -1;
	if (is_adopted(j) || !bnd_successor_is_there(root, BND_NASCENT_LOG))
		return 0;
	if (judge_successor(j, &approved, err) != 0)
		return -1;
	return approved ? 0 : 1;
}

static int
take_its_place(
    const struct bnd_root *root, struct bnd_mark *mark, struct bnd_err *err)
{
	SCOPED_SUCCESSOR struct bnd_successor *j =
	    bnd_successor_take(root, err);

	if (j == NULL || open_successor(j, err) != 0)
		return -1;
	if (!is_adopted(j) && switch_names(j, err) != 0)
		return -1;
	clean_up(j);
	*mark = (struct bnd_mark){ .seq = 0 };
	memcpy(mark->link, j->new.pin.genesis, sizeof(mark->link));
	return 0;
}

int
bnd_adopt(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], struct bnd_mark *mark,
    struct bnd_err *err)
{
	SCOPED_FREE struct bnd_outcome *out = calloc(1, sizeof(*out));
	struct bnd_change again = { .to = BND_LOCKDOWN, .why = "succession" };
	int rc = needs_ceremony(root, err);

	if (out == NULL)
		return bnd_fail_errno(err, "cannot succeed a log");
	if (rc < 0 || (rc > 0 && bnd_ceremony_succeed(root, id, err) != 0) ||
	    take_its_place(root, mark, err) != 0)
		return -1;
	/* Read back again, and on the new chain. */
	return bnd_transition(root, &again, out, err);
}
