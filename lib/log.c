/* log.c: one event in, one durable record out; or spooled, or refused */
/* SPDX-License-Identifier: ISC */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "chain.h"
#include "json.h"
#include "proc.h"
#include "scope.h"
#include "spool.h"

#define DEPTH	   4
#define DEPTH_LATE 3 /* "was" nests a body once more */
#define SUPPRESSED "log.suppressed"

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

/* ---- the spool is absorbed ----------------------------------------------- */

static int
late_body(const struct bnd_spooled *e, char body[static BND_BODY_MAX + 1],
    size_t *len, struct bnd_err *err)
{
	struct bnd_json j;
	char t[BND_TIME_LEN + 1];

	bnd_clock_format(e->time.real_us, t);
	bnd_json_begin(&j, body, BND_BODY_MAX + 1);
	bnd_json_open(&j, NULL, '{');
	bnd_json_open(&j, "late", '{');
	bnd_json_str(&j, "t", t);
	bnd_json_int(&j, "bt", (int64_t)e->time.boot_us);
	bnd_json_b64(&j, "h", e->h, sizeof(e->h));
	bnd_by_put(&j, "by", &e->by);
	bnd_json_close(&j, '}');
	bnd_json_raw(&j, "was", e->body);
	bnd_json_close(&j, '}');
	*len = j.len;
	if (!bnd_json_end(&j))
		return bnd_fail(err, BND_E_INPUT, "%s in /%s is too long",
		    e->ev, BND_LOG_SPOOL);
	return 0;
}

/* Its sync failed, and it is on the chain all the same. */
static bool
is_there(const struct bnd_chain *c, const struct bnd_spooled *e)
{
	return e->has_maybe &&
	    bnd_same(e->maybe, bnd_chain_link(c), sizeof(e->maybe));
}

static int
absorb_one(struct bnd_chain *c, const struct bnd_by *by,
    const struct bnd_spooled *e, struct bnd_err *err)
{
	char body[BND_BODY_MAX + 1];
	struct bnd_record r = { .by = *by };
	struct bnd_mark mark;

	if (is_there(c, e))
		return 0;
	memcpy(r.ev, e->ev, sizeof(r.ev));
	r.body.p = body;
	if (late_body(e, body, &r.body.len, err) != 0)
		return -1;
	return bnd_chain_append(c, &r, &mark, err);
}

/* Lines that cannot be read are counted, not passed over in silence. */
static int
absorb_lost(struct bnd_chain *c, const struct bnd_by *by, uint64_t lost,
    struct bnd_err *err)
{
	char body[64];
	struct bnd_record r = { .ev = SUPPRESSED, .by = *by };
	struct bnd_mark mark;
	int n;

	if (lost == 0)
		return 0;
	n = snprintf(body, sizeof(body), "{\"of\":\"spool\",\"n\":%llu}",
	    (unsigned long long)lost);
	r.body = (struct bnd_str){ body, (size_t)n };
	return bnd_chain_append(c, &r, &mark, err);
}

/* The h of the spooled entry that the last record was; false if it was none. */
static bool
last_late(const struct bnd_chain *c, uint8_t h[static BND_HASH_LEN])
{
	struct bnd_str late;

	return bnd_json_get(c->last.body, "late", &late) &&
	    bnd_json_get_b64(late, "h", h, BND_HASH_LEN);
}

/*
 * In order, one record an entry, before any other record.  A crash in between
 * loses and doubles nothing: entries on the chain are marked, and for the one
 * whose mark is missing the last record says that it is there.
 */
static int
absorb(struct bnd_chain *c, const struct bnd_by *by, struct bnd_err *err)
{
	SCOPED_SPOOL struct bnd_spool sp = { .fd = -1 };
	struct bnd_spooled e;
	uint8_t done[BND_HASH_LEN];

	if (bnd_spool_open(
		c->root, last_late(c, done) ? done : NULL, &sp, err) != 0)
		return -1;
	while (bnd_spool_next(&sp, &e))
		if (absorb_one(c, by, &e, err) != 0 ||
		    bnd_spool_mark(&sp, err) != 0)
			return -1;
	if (sp.fd < 0 || sp.size == 0)
		return 0;
	if (absorb_lost(c, by, sp.lost, err) != 0)
		return -1;
	return bnd_spool_empty(&sp, err);
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
	if (absorb(&c, &want->by, err) != 0)
		return -1;
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
	char body[BND_BODY_LATE_MAX + 1];
	struct bnd_spooled e = { .by = r->by, .has_maybe = failed->maybe };

	memcpy(e.ev, r->ev, sizeof(e.ev));
	memcpy(e.maybe, failed->link, sizeof(e.maybe));
	e.body.p = body;
	if (bnd_clock_now(&e.time, err) != 0 ||
	    bnd_body_fit(r->body, BND_BODY_LATE_MAX, DEPTH_LATE, body,
		&e.body.len, err) != 0)
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

bool
bnd_log_exists(const struct bnd_root *root)
{
	struct bnd_err why = { 0 };
	SCOPED_FD int fd = bnd_root_openat(root, BND_LOG_PIN, O_PATH, 0, &why);

	/* What cannot be looked at may well be there. */
	return fd >= 0 || why.errnum != ENOENT;
}
