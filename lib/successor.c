/* successor.c: what a succession starts from, found by looking */
/* SPDX-License-Identifier: ISC */
#include "successor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "file.h"
#include "lock.h"
#include "logdir.h"
#include "nascent.h"
#include "scope.h"
#include "state.h"
#include "txn.h"

void
bnd_successor_release(struct bnd_successor **j)
{
	if (*j == NULL)
		return;
	bnd_close_fd(&(*j)->lock);
	bnd_root_close(&(*j)->nascent);
	free(*j);
}

bool
bnd_successor_is_there(const struct bnd_root *root, const char *path)
{
	struct bnd_err why = { 0 };
	SCOPED_FD int fd = bnd_root_openat(root, path, O_PATH, 0, &why);

	/* What cannot be looked at may well be there. */
	return fd >= 0 || why.errnum != ENOENT;
}

/* Missing or malformed is no pin; trouble in reading it is trouble. */
static int
read_pin(
    const struct bnd_root *root, struct bnd_pin_file *p, struct bnd_err *err)
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

struct bnd_successor *
bnd_successor_take(const struct bnd_root *root, struct bnd_err *err)
{
	SCOPED_SUCCESSOR struct bnd_successor *j = calloc(1, sizeof(*j));
	struct bnd_successor *taken = j;

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
	if (bnd_root_mkdir(root, "run/bnd", 0755, err) != 0)
		return NULL;
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

int
bnd_successor_check_need(struct bnd_successor *j, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	if (bnd_verify_live(j->root, &j->v, &why) == 0) {
		if (verifies(&j->v))
			return bnd_fail(err, BND_E_DENIED,
			    "the log verifies%s: nothing to succeed",
			    j->v.exit == 0 ? "" : " but for its files");
		memcpy(j->why, j->v.first.detail, sizeof(j->why));
		return 0;
	}
	/* A disk that cannot be read may be read again. */
	if (j->old.good || j->old.len == 0)
		return bnd_fail(err, why.kind, "%s", why.text);
	j->v.first.code = BND_F_NO_PIN;
	(void)snprintf(j->why, sizeof(j->why), "the pin is malformed");
	return 0;
}

/* The old directory, under the name that a succession gives it. */
void
bnd_successor_aside(
    const uint8_t id[static BND_ID_LEN], char path[static BND_ASIDE_LEN])
{
	char b64[BND_B64_LEN(BND_ID_LEN) + 1];

	bnd_text_to_b64(id, BND_ID_LEN, b64);
	(void)snprintf(path, BND_ASIDE_LEN, BND_LOG_DIR ".old-%s", b64);
}

/* Where the old log is, or was put when a crash came. */
static int
open_old(const struct bnd_successor *j)
{
	char aside[BND_ASIDE_LEN];
	struct bnd_err err = { 0 };
	int fd = bnd_root_openat(
	    j->root, BND_LOG_DIR, O_RDONLY | O_DIRECTORY, 0, &err);

	if (fd >= 0 || !j->new.good)
		return fd;
	bnd_successor_aside(j->new.pin.begin.from.id, aside);
	return bnd_root_openat(j->root, aside, O_RDONLY | O_DIRECTORY, 0, &err);
}

/* What stands under that name has been succeeded, and that is for once. */
static int
check_first(const struct bnd_successor *j, struct bnd_err *err)
{
	char aside[BND_ASIDE_LEN];

	bnd_successor_aside(j->heir.s.id, aside);
	if (!bnd_successor_is_there(j->root, BND_LOG_DIR) ||
	    !bnd_successor_is_there(j->root, aside))
		return 0;
	return bnd_fail(err, BND_E_DENIED,
	    "this log was succeeded before: /%s is there", aside);
}

int
bnd_successor_read_heir(struct bnd_successor *j, struct bnd_err *err)
{
	SCOPED_FD int dir = open_old(j);

	if (bnd_heir_read(
		j->old.good ? &j->old.pin : NULL, dir, &j->heir, err) != 0)
		return -1;
	return check_first(j, err);
}

int
bnd_successor_look(struct bnd_successor *j, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	if (bnd_nascent_open(j->root, &j->nascent, &why) == 0)
		return read_pin(&j->nascent, &j->new, err);
	return why.errnum == ENOENT ? 0
				    : bnd_fail(err, why.kind, "%s", why.text);
}

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
int
bnd_successor_check(const struct bnd_successor *j, struct bnd_err *err)
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

int
bnd_successor_verify(struct bnd_successor *j, struct bnd_err *err)
{
	if (bnd_logdir_is_degraded(&j->nascent))
		bnd_logdir_uncache(&j->nascent);
	if (bnd_nascent_verify(&j->nascent, &j->v, err) != 0)
		return -1;
	if (j->v.exit != 0 && j->v.exit != 6)
		return bnd_fail(err, BND_E_CORRUPT,
		    "the successor does not verify (%.120s); begin again",
		    j->v.first.detail);
	return bnd_logdir_restore(&j->nascent, err);
}
