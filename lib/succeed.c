/* succeed.c: a new log for a host whose own cannot go on */
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
#include "succeed.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ceremony-look.h"
#include "ceremony-use.h"
#include "ceremony.h"
#include "clock.h"
#include "file.h"
#include "floor.h"
#include "heir.h"
#include "json.h"
#include "lock.h"
#include "logdir.h"
#include "nascent.h"
#include "pin.h"
#include "scope.h"
#include "spool.h"
#include "state.h"
#include "transition.h"
#include "txn.h"
#include "verify.h"

#define VAR	 "var/lib/bnd/"
#define PATH_LEN 128

struct pin_file {
	char text[BND_PIN_MAX];
	size_t len;
	struct bnd_pin pin;
	bool good;
};

/* One succession, on the heap. */
struct job {
	const struct bnd_root *root;
	int lock;
	struct bnd_root nascent; /* fd -1: there is none */
	struct pin_file old, new;
	struct bnd_verdict v; /* of the host's log, or of the successor */
	struct bnd_heir heir;
};

static void
end_job(struct job **j)
{
	if (*j == NULL)
		return;
	bnd_close_fd(&(*j)->lock);
	bnd_root_close(&(*j)->nascent);
	free(*j);
}
#define SCOPED_JOB __attribute__((cleanup(end_job)))

/* ---- where we are -------------------------------------------------------- */

static bool
is_there(const struct bnd_root *root, const char *path)
{
	struct bnd_err why = { 0 };
	SCOPED_FD int fd = bnd_root_openat(root, path, O_PATH, 0, &why);

	/* What cannot be looked at may well be there. */
	return fd >= 0 || why.errnum != ENOENT;
}

/* Missing or malformed is no pin; trouble in reading it is trouble. */
static int
read_pin(const struct bnd_root *root, struct pin_file *p, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	if (bnd_file_read(root, BND_LOG_PIN, 0022, p->text, sizeof(p->text),
		&p->len, &why) == 0) {
		p->good = bnd_pin_parse((struct bnd_str){ p->text, p->len },
			      &p->pin, &why) == 0;
		return 0;
	}
	if (why.errnum == ENOENT || why.kind == BND_E_INPUT)
		return 0;
	return bnd_fail(err, why.kind, "%s", why.text);
}

/* A mode that readers act on although it is not committed is not enough. */
static int
check_locked_down(const struct bnd_root *root, struct bnd_err *err)
{
	struct bnd_state s;
	struct bnd_err why = { 0 };

	if (bnd_state_load(root, &s, &why) == 0 && s.phase == BND_STABLE &&
	    s.mode == BND_LOCKDOWN)
		return 0;
	return bnd_fail(err, BND_E_DENIED,
	    "LOCKDOWN is not in force: mode-set LOCKDOWN first");
}

static struct job *
take(const struct bnd_root *root, struct bnd_err *err)
{
	SCOPED_JOB struct job *j = calloc(1, sizeof(*j));
	struct job *taken = j;

	if (j == NULL) {
		(void)bnd_fail_errno(err, "cannot succeed a log");
		return NULL;
	}
	j->root = root;
	j->lock = j->nascent.fd = -1;
	if (bnd_txn_may(root, err) != 0 || bnd_sign_init(err) != 0)
		return NULL;
	if (!bnd_clock_is_initial()) {
		(void)bnd_fail(err, BND_E_FROZEN,
		    "no succession outside the initial time namespace");
		return NULL;
	}
	j->lock =
	    bnd_lock(root, BND_STATE_LOCK, true, true, BND_TXN_LOCK_MS, err);
	if (j->lock < 0 || check_locked_down(root, err) != 0 ||
	    read_pin(root, &j->old, err) != 0)
		return NULL;
	j = NULL;
	return taken;
}

/*
 * What proves itself, or lacks no more than a crash's repair or the right
 * owner and mode of a file, needs none.
 */
static bool
verifies(const struct bnd_verdict *v)
{
	return v->exit == 0 || v->exit == 6 || v->exit == 7 ||
	    (v->exit == 8 && v->head == BND_HEAD_LIVE && v->pinned);
}

static int
check_need(struct job *j, char *reason, size_t size, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	if (bnd_verify_live(j->root, &j->v, &why) == 0) {
		if (verifies(&j->v))
			return bnd_fail(err, BND_E_DENIED,
			    "the log verifies%s: nothing to succeed",
			    j->v.exit == 0 ? "" : " but for its files");
		(void)snprintf(reason, size, "%s: %.90s",
		    bnd_code_name(j->v.first.code), j->v.first.detail);
		return 0;
	}
	/* A disk that cannot be read may be read again. */
	if (j->old.good || j->old.len == 0)
		return bnd_fail(err, why.kind, "%s", why.text);
	(void)snprintf(reason, size, "the pin is malformed");
	return 0;
}

/* The old directory, under the name that a succession gives it. */
static void
aside_name(const uint8_t id[static BND_ID_LEN], char path[static PATH_LEN])
{
	char b64[BND_B64_LEN(BND_ID_LEN) + 1];

	bnd_text_to_b64(id, BND_ID_LEN, b64);
	(void)snprintf(path, PATH_LEN, BND_LOG_DIR ".old-%s", b64);
}

/* Where the old log is, or was put when a crash came. */
static int
open_old(const struct job *j)
{
	char aside[PATH_LEN];
	struct bnd_err err = { 0 };
	int fd = bnd_root_openat(
	    j->root, BND_LOG_DIR, O_RDONLY | O_DIRECTORY, 0, &err);

	if (fd >= 0 || !j->new.good)
		return fd;
	aside_name(j->new.pin.begin.from.id, aside);
	return bnd_root_openat(j->root, aside, O_RDONLY | O_DIRECTORY, 0, &err);
}

static int
read_heir(struct job *j, struct bnd_err *err)
{
	SCOPED_FD int dir = open_old(j);

	return bnd_heir_read(
	    j->old.good ? &j->old.pin : NULL, dir, &j->heir, err);
}

/* ---- what an earlier attempt made ---------------------------------------- */

struct doubt {
	char text[BND_DETAIL_MAX];
};

static void
hear(void *arg, const struct bnd_finding *f)
{
	struct doubt *d = arg;

	memcpy(d->text, f->detail, sizeof(d->text));
}

/* The successor's own record 0 against what the old log proves now. */
static int
check_rightful(const struct job *j, struct bnd_err *err)
{
	struct doubt d = { "" };
	struct bnd_sink sink = { hear, &d };

	if (j->new.good &&
	    bnd_heir_is_rightful(&j->heir, &j->new.pin.begin, &sink) &&
	    j->new.pin.begin.from.mode >= bnd_heir_mode(&j->heir))
		return 0;
	return bnd_fail(err, BND_E_CORRUPT,
	    "the successor is not what the old log proves: %.120s", d.text);
}

/* Evidence of an attempt, for whoever asks; never gone on with. */
static int
put_aside(struct job *j, struct bnd_err *err)
{
	char path[PATH_LEN], hex[9];
	uint8_t nonce[4];

	bnd_random(nonce, sizeof(nonce));
	bnd_text_to_hex(nonce, sizeof(nonce), hex);
	(void)snprintf(path, sizeof(path), BND_NASCENT_DIR ".void-%s", hex);
	bnd_root_close(&j->nascent);
	return bnd_file_move(j->root, BND_NASCENT_DIR, path, err);
}

static int
look_for_one(struct job *j, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	if (bnd_nascent_open(j->root, &j->nascent, &why) == 0)
		return read_pin(&j->nascent, &j->new, err);
	return why.errnum == ENOENT ? 0
				    : bnd_fail(err, why.kind, "%s", why.text);
}

/* 1: to go on with, 0: there is none, or none any more. */
static int
find_successor(struct job *j, bool *moved, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	if (j->nascent.fd < 0)
		return 0;
	if (j->new.good && !is_there(j->root, BND_NASCENT_LOG)) {
		*moved = true;
		return 1;
	}
	if (check_rightful(j, &why) == 0 &&
	    bnd_nascent_verify(&j->nascent, &j->v, &why) == 0 &&
	    (j->v.exit == 0 || j->v.exit == 6))
		return 1;
	return put_aside(j, err);
}

/* ---- a new one ----------------------------------------------------------- */

static int
write_approvers(
    const struct bnd_heir *h, char *buf, size_t size, struct bnd_str *list)
{
	struct bnd_json j;

	bnd_json_begin(&j, buf, size);
	bnd_json_open(&j, NULL, '[');
	for (unsigned i = 0; i < h->approvers; i++)
		bnd_approver_to_json(&h->approver[i], &j, NULL);
	bnd_json_close(&j, ']');
	*list = (struct bnd_str){ buf, j.len };
	return bnd_json_end(&j) ? 0 : -1;
}

static int
make_successor(struct job *j, const char *reason, struct bnd_err *err)
{
	char list[BND_BODY_MAX];
	struct bnd_succeeds s = j->heir.s;
	struct bnd_genesis g = { .succeeds = &s, .host = j->root };
	struct bnd_mark mark;

	s.mode = bnd_heir_mode(&j->heir);
	(void)snprintf(s.reason, sizeof(s.reason), "%s", reason);
	bnd_random(g.id, sizeof(g.id));
	if (write_approvers(&j->heir, list, sizeof(list), &g.approvers) != 0)
		return bnd_fail(err, BND_E_INPUT, "too many approvers");
	if (bnd_root_mkdir(j->root, "var/lib/bnd", 0755, err) != 0 ||
	    bnd_root_mkdir(j->root, BND_NASCENT_DIR, 0700, err) != 0 ||
	    bnd_nascent_open(j->root, &j->nascent, err) != 0 ||
	    bnd_log_init(&j->nascent, &g, &mark, err) != 0)
		return -1;
	return read_pin(&j->nascent, &j->new, err);
}

/* ---- begin --------------------------------------------------------------- */

static int
prepare(
    const struct bnd_root *root, struct bnd_succession *s, struct bnd_err *err)
{
	char reason[BND_SUCCEEDS_REASON + 1];
	SCOPED_JOB struct job *j = take(root, err);
	bool moved = false;
	int found;

	if (j == NULL || check_need(j, reason, sizeof(reason), err) != 0 ||
	    look_for_one(j, err) != 0 || read_heir(j, err) != 0)
		return -1;
	found = find_successor(j, &moved, err);
	if (found < 0 || (found == 0 && make_successor(j, reason, err) != 0))
		return -1;
	s->approved = moved || (found > 0 && !j->v.ledger.nascent);
	s->from = j->new.pin.begin.from;
	s->approvers = j->heir.approvers;
	memcpy(s->log_id, j->new.pin.id, sizeof(s->log_id));
	return 0;
}

/* The one that stands open, if it is in time; else a new one. */
static int
open_ceremony(const struct bnd_root *root, const char *reason,
    struct bnd_succession *s, struct bnd_err *err)
{
	char subject[BND_CHALLENGE_SUBJECT + 1];
	struct bnd_ask ask = {
		.action = BND_ACTION_SUCCEED,
		.subject = subject,
		.reason = reason,
	};
	SCOPED_FREE struct bnd_view *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return bnd_fail_errno(err, "cannot open a ceremony");
	if (bnd_ceremony_look(root, v, err) != 0)
		return -1;
	if (v->is_open && !v->expired) {
		memcpy(s->text, v->text, sizeof(s->text));
		s->len = v->len;
		memcpy(s->id, v->id, sizeof(s->id));
		return 0;
	}
	bnd_succeeds_subject(&s->from, subject);
	if (bnd_ceremony_open(root, &ask, s->text, &s->len, err) != 0)
		return -1;
	bnd_challenge_id((struct bnd_str){ s->text, s->len }, s->id);
	return 0;
}

int
bnd_succeed_begin(const struct bnd_root *root, const char *reason,
    struct bnd_succession *s, struct bnd_err *err)
{
	memset(s, 0, sizeof(*s));
	if (prepare(root, s, err) != 0)
		return -1;
	return s->approved ? 0 : open_ceremony(root, reason, s, err);
}

/* ---- finish -------------------------------------------------------------- */

static int
open_successor(struct job *j, struct bnd_err *err)
{
	if (look_for_one(j, err) != 0)
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
is_adopted(const struct job *j)
{
	return j->old.good &&
	    bnd_same(j->old.pin.genesis, j->new.pin.genesis, BND_HASH_LEN);
}

/* The successor has not been moved yet: it must still be the rightful one. */
static int
judge_successor(struct job *j, bool *approved, struct bnd_err *err)
{
	char reason[BND_SUCCEEDS_REASON + 1];

	if (check_need(j, reason, sizeof(reason), err) != 0 ||
	    read_heir(j, err) != 0 || check_rightful(j, err) != 0 ||
	    bnd_nascent_verify(&j->nascent, &j->v, err) != 0)
		return -1;
	if (j->v.exit != 0 && j->v.exit != 6)
		return bnd_fail(err, BND_E_CORRUPT,
		    "the successor does not verify (%.120s); begin again",
		    j->v.first.detail);
	*approved = !j->v.ledger.nascent;
	return 0;
}

/* Moved, but not pinned yet. */
static int
judge_moved(struct job *j, struct bnd_err *err)
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

static int
keep_pin(const struct job *j, struct bnd_err *err)
{
	char b64[BND_B64_LEN(BND_ID_LEN) + 1], path[PATH_LEN];

	if (j->old.len == 0)
		return 0;
	bnd_text_to_b64(j->new.pin.begin.from.id, BND_ID_LEN, b64);
	(void)snprintf(path, sizeof(path), BND_LOG_PIN ".old-%s", b64);
	if (is_there(j->root, path))
		return 0;
	return bnd_file_replace(
	    j->root, path, j->old.text, j->old.len, 0644, err);
}

/* A log is succeeded once: what has the name already was this one before. */
static int
move_old(const struct job *j, struct bnd_err *err)
{
	char aside[PATH_LEN];
	struct bnd_err why = { 0 };

	aside_name(j->new.pin.begin.from.id, aside);
	if (bnd_file_move(j->root, BND_LOG_DIR, aside, &why) == 0 ||
	    why.errnum == ENOENT)
		return 0;
	if (why.errnum == EEXIST)
		return bnd_fail(err, BND_E_DENIED,
		    "this log was succeeded before: /%s is there", aside);
	return bnd_fail(err, why.kind, "%s", why.text);
}

/* What nobody could put on the old log; it lasts as long as this boot. */
static int
keep_spool(const struct job *j, struct bnd_err *err)
{
	char path[PATH_LEN], hex[9];
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
	(void)snprintf(path, sizeof(path), VAR "spool.old-%s", hex);
	if (bnd_file_replace(j->root, path, text, len, 0600, err) != 0)
		return -1;
	if (ftruncate(fd, 0) != 0)
		return bnd_fail_errno(err, "cannot empty /%s", BND_LOG_SPOOL);
	return 0;
}

/* LOCKDOWN as it was, by the first record of the new log. */
static int
publish(const struct job *j, struct bnd_err *err)
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
restore_floor(const struct job *j, struct bnd_err *err)
{
	return is_there(j->root, BND_FLOOR_PATH) ? 0
						 : bnd_floor_make(j->root, err);
}

static int
switch_pin(const struct job *j, struct bnd_err *err)
{
	if (bnd_root_mkdir(j->root, "etc/bnd", 0755, err) != 0)
		return -1;
	return bnd_file_replace(
	    j->root, BND_LOG_PIN, j->new.text, j->new.len, 0644, err);
}

/* The empty root is of no use; what keeps it from going is no harm. */
static void
clean_up(const struct job *j)
{
	static const char *const paths[] = { "etc/bnd", "etc", "var/lib/bnd",
		"var/lib", "var" };
	SCOPED_FD int top = bnd_root_openat(
	    j->root, BND_NASCENT_DIR, O_RDONLY | O_DIRECTORY, 0, NULL);

	if (top < 0)
		return;
	(void)unlinkat(top, BND_LOG_PIN, 0);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		(void)unlinkat(top, paths[i], AT_REMOVEDIR);
	bnd_close_fd(&top);
	top = bnd_root_openat(j->root, VAR, O_RDONLY | O_DIRECTORY, 0, NULL);
	if (top >= 0)
		(void)unlinkat(top, "succession", AT_REMOVEDIR);
}

static int
switch_names(struct job *j, struct bnd_err *err)
{
	bool approved = true;

	if (is_there(j->root, BND_NASCENT_LOG)) {
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
	SCOPED_JOB struct job *j = take(root, err);
	bool approved;

	if (j == NULL || open_successor(j, err) != 0)
		return -1;
	if (is_adopted(j) || !is_there(root, BND_NASCENT_LOG))
		return 0;
	if (judge_successor(j, &approved, err) != 0)
		return -1;
	return approved ? 0 : 1;
}

static int
adopt(const struct bnd_root *root, struct bnd_mark *mark, struct bnd_err *err)
{
	SCOPED_JOB struct job *j = take(root, err);

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
bnd_succeed_finish(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], struct bnd_mark *mark,
    struct bnd_err *err)
{
	SCOPED_FREE struct bnd_outcome *out = calloc(1, sizeof(*out));
	struct bnd_change again = { .to = BND_LOCKDOWN, .why = "succession" };
	int rc = needs_ceremony(root, err);

	if (out == NULL)
		return bnd_fail_errno(err, "cannot succeed a log");
	if (rc < 0 || (rc > 0 && bnd_ceremony_succeed(root, id, err) != 0) ||
	    adopt(root, mark, err) != 0)
		return -1;
	/* Read back again, and on the new chain. */
	return bnd_transition(root, &again, out, err);
}
