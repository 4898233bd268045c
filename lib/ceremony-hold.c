/* ceremony-hold.c: the state lock and the chain, while a ceremony goes on */
/* SPDX-License-Identifier: ISC */
#include "ceremony-hold.h"

#include <stdlib.h>

#include "lock.h"
#include "log.h"
#include "nascent.h"
#include "scope.h"
#include "state.h"
#include "tier.h"

#define PROG   "ceremony"
#define LOG_MS 2000
#define HEX_ID (2 * BND_CHALLENGE_ID_LEN + 1)

void
bnd_hold_release(struct bnd_hold **h)
{
	if (*h != NULL) {
		bnd_close_fd(&(*h)->lock);
		bnd_root_close(&(*h)->nascent);
	}
	free(*h);
	*h = NULL;
}

/*
 * The spool is absorbed first: a mode record in it would come between what is
 * read here and what is appended, and make that untrue where it stands.
 */
static int
read_chain(struct bnd_hold *h, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	int rc = bnd_log_settle(h->host, PROG, &why);

	if (bnd_nascent_or_live(h->host, &h->nascent, &h->root, &h->v, err) !=
		0 ||
	    bnd_clock_now(&h->now, err) != 0)
		return -1;
	if (h->root == &h->nascent) {
		rc = bnd_log_settle(h->root, PROG, &why);
		if (bnd_nascent_verify(h->root, &h->v, err) != 0)
			return -1;
	}
	if (h->v.exit != 0)
		return bnd_fail(err, BND_E_CORRUPT,
		    "the log does not verify (%.150s), see chain-keep(8)",
		    h->v.first.detail);
	if (rc != 0)
		return bnd_fail(err, why.kind, "%.200s", why.text);
	return 0;
}

struct bnd_hold *
bnd_hold_take(const struct bnd_root *root, struct bnd_err *err)
{
	SCOPED_HOLD struct bnd_hold *h = calloc(1, sizeof(*h));
	struct bnd_hold *taken = h;

	if (h == NULL) {
		(void)bnd_fail_errno(err, "cannot hold a ceremony");
		return NULL;
	}
	h->host = h->root = root;
	h->nascent.fd = -1;
	h->lock = -1;
	if (!bnd_clock_is_initial()) {
		(void)bnd_fail(err, BND_E_FROZEN,
		    "no ceremony outside the initial time namespace");
		return NULL;
	}
	h->lock = bnd_lock(
	    root, BND_STATE_LOCK, true, true, BND_CEREMONY_LOCK_MS, err);
	if (h->lock < 0 || read_chain(h, err) != 0)
		return NULL;
	h = NULL;
	return taken;
}

int
bnd_hold_check_open(const struct bnd_hold *h,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], struct bnd_err *err)
{
	const struct bnd_open_ceremony *o = &h->v.ledger.ceremony;

	if (!o->is_open || !bnd_same(o->id, id, sizeof(o->id)))
		return bnd_fail(
		    err, BND_E_CEREMONY, "that ceremony is not open");
	return 0;
}

void
bnd_hold_begin(
    struct bnd_json *j, char buf[static BND_CEREMONY_BODY], const uint8_t *open)
{
	char hex[HEX_ID];

	bnd_json_begin(j, buf, BND_CEREMONY_BODY);
	bnd_json_open(j, NULL, '{');
	if (open == NULL)
		return;
	bnd_text_to_hex(open, BND_CHALLENGE_ID_LEN, hex);
	bnd_json_str(j, "open", hex);
}

int
bnd_hold_append(const struct bnd_hold *h, const char *ev, struct bnd_json *j,
    uint64_t until_us, struct bnd_err *err)
{
	struct bnd_event event = { .prog = PROG,
		.ev = ev,
		.body = { j->buf, 0 },
		.need = BND_LOG_DURABLE,
		.deadline_ms = LOG_MS,
		.until_us = until_us };
	struct bnd_mark mark;

	bnd_json_close(j, '}');
	event.body.len = j->len;
	if (!bnd_json_end(j))
		return bnd_fail(err, BND_E_INPUT, "the record is too long");
	return bnd_log_append(h->root, &event, &mark, err);
}

uint64_t
bnd_ceremony_ends_us(const struct bnd_open_ceremony *o)
{
	if (o->quorum_us == 0)
		return o->c.opened_us + BND_APPROVE_WITHIN_US;
	return o->quorum_us + o->c.cooldown_s * UINT64_C(1000000) +
	    bnd_challenge_window_us(&o->c);
}
