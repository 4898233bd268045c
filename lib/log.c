/* log.c: one event in, one durable record out; or spooled, or refused */
/* SPDX-License-Identifier: ISC */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "chain.h"
#include "clock.h"
#include "late.h"
#include "proc.h"
#include "scope.h"
#include "spool.h"

#define DEPTH 4

/* ---- who and what -------------------------------------------------------- */

static int
fill_by(const char *prog, struct bnd_by *by, struct bnd_err *err)
{
	struct bnd_who who;

	if (!bnd_str_copy((struct bnd_str){ prog, strlen(prog) }, by->prog,
		sizeof(by->prog)))
		return bnd_fail(err, BND_E_INPUT, "program name is too long");
	bnd_proc_who(&who);
	by->pid = (uint32_t)who.pid;
	by->uid = who.uid;
	by->has_auid = who.has_auid;
	by->auid = who.auid;
	by->has_ses = who.has_ses;
	by->ses = who.ses;
	return 0;
}

static int
fill_record(
    const struct bnd_event *event, struct bnd_record *r, struct bnd_err *err)
{
	struct bnd_str ev = { event->ev, strlen(event->ev) };

	memset(r, 0, sizeof(*r));
	if (!bnd_ev_is_valid(ev) || !bnd_str_copy(ev, r->ev, sizeof(r->ev)))
		return bnd_fail(err, BND_E_INPUT, "not an event name");
	return fill_by(event->prog, &r->by, err);
}

/* ---- appending ----------------------------------------------------------- */

/* A record that did not make it, as far as it went. */
struct failed {
	bool maybe; /* written, but not known to be on disk */
	uint8_t link[BND_HASH_LEN];
};

static int
append(const struct bnd_root *root, const struct bnd_event *event,
    const struct bnd_record *want, struct bnd_mark *mark, struct failed *failed,
    struct bnd_err *err)
{
	SCOPED_CHAIN struct bnd_chain c;
	struct bnd_record r = *want;

	if (bnd_chain_open(root, &want->by, event->deadline_ms, &c, err) != 0)
		return -1;
	if (bnd_late_absorb(&c, &want->by, err) != 0)
		return -1;
	c.until_us = event->until_us;
	if (bnd_chain_append(&c, &r, mark, err) == 0)
		return 0;
	failed->maybe = c.written;
	memcpy(failed->link, c.failed, sizeof(failed->link));
	return -1;
}

static int
spool(const struct bnd_root *root, const struct bnd_record *r,
    const struct failed *failed, struct bnd_err *err)
{
	struct bnd_spooled e = {
		.by = r->by,
		.has_maybe = failed->maybe,
		.body = r->body,
	};

	memcpy(e.ev, r->ev, sizeof(e.ev));
	memcpy(e.maybe, failed->link, sizeof(e.maybe));
	if (bnd_clock_now(&e.time, err) != 0)
		return -1;
	return bnd_spool_add(root, &e, err);
}

int
bnd_log_append(const struct bnd_root *root, const struct bnd_event *event,
    struct bnd_mark *mark, struct bnd_err *err)
{
	char body[BND_BODY_MAX + 1];
	struct bnd_record r;
	struct failed failed = { 0 };
	struct bnd_err why = { 0 }, also = { 0 };

	*mark = (struct bnd_mark){ 0 };
	/* A time from the future would bar all records until it has come. */
	if (!bnd_clock_is_initial())
		return bnd_fail(err, BND_E_FROZEN,
		    "nothing is logged outside the initial time namespace");
	if (bnd_sign_init(err) != 0 || fill_record(event, &r, err) != 0)
		return -1;
	r.body.p = body;
	if (bnd_body_fit(
		event->body, BND_BODY_MAX, DEPTH, body, &r.body.len, err) != 0)
		return -1;
	if (append(root, event, &r, mark, &failed, &why) == 0)
		return 0;
	if (err != NULL)
		*err = why;
	if (event->need != BND_LOG_SPOOL_OK)
		return -1;
	if (spool(root, &r, &failed, &also) != 0)
		return bnd_fail(err, why.kind,
		    "%.110s; nor in the spool: %.100s", why.text, also.text);
	mark->spooled = true;
	return 0;
}

int
bnd_log_settle(
    const struct bnd_root *root, const char *prog, struct bnd_err *err)
{
	SCOPED_CHAIN struct bnd_chain c;
	struct bnd_by by = { 0 };

	if (!bnd_clock_is_initial())
		return bnd_fail(err, BND_E_FROZEN,
		    "nothing is logged outside the initial time namespace");
	if (bnd_sign_init(err) != 0 || fill_by(prog, &by, err) != 0 ||
	    bnd_chain_open(root, &by, BND_LOG_DEADLINE_MS, &c, err) != 0)
		return -1;
	return bnd_late_absorb(&c, &by, err);
}

bool
bnd_log_exists(const struct bnd_root *root)
{
	struct bnd_err why = { 0 };
	SCOPED_FD int fd = bnd_root_openat(root, BND_LOG_PIN, O_PATH, 0, &why);

	/* What cannot be looked at may well be there. */
	return fd >= 0 || why.errnum != ENOENT;
}
