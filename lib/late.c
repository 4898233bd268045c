/* late.c: what was spooled becomes records, once each and in order */
/* SPDX-License-Identifier: ISC */
#include "late.h"

#include <stdio.h>
#include <string.h>

#include "json-read.h"
#include "json.h"
#include "log.h"
#include "scope.h"
#include "spool.h"

#define SUPPRESSED "log.suppressed"

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

int
bnd_late_absorb(
    struct bnd_chain *c, const struct bnd_by *by, struct bnd_err *err)
{
	SCOPED_SPOOL struct bnd_spool sp = { .fd = -1 };
	struct bnd_spooled e;
	uint8_t done[BND_HASH_LEN];
	bool more;

	if (bnd_spool_open(
		c->root, last_late(c, done) ? done : NULL, &sp, err) != 0)
		return -1;
	for (;;) {
		if (bnd_spool_next(&sp, &e, &more, err) != 0)
			return -1;
		if (!more)
			break;
		bnd_spool_pause(&sp);
		if (absorb_one(c, by, &e, err) != 0 ||
		    bnd_spool_mark(&sp, err) != 0)
			return -1;
	}
	if (sp.fd < 0 || sp.size == 0)
		return 0;
	if (absorb_lost(c, by, sp.lost, err) != 0)
		return -1;
	return bnd_spool_empty(&sp, err);
}
