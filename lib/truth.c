/* truth.c: what the log and its spool together say about the mode */
/* SPDX-License-Identifier: ISC */
#include "truth.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json-read.h"
#include "scope.h"
#include "spool.h"

/*
 * What the chain says is proven, though something about its files is not as it
 * should be: a power cut's tear or half-written slot, an attribute that a
 * restored backup lost.  No loosening before that is put right, but no reason
 * to boot into LOCKDOWN either.  The end must be proven by the head and the
 * beginning by the pin all the same: a log cut back to a laxer mode beside a
 * head made unusable says 8 as well, and so does a log of root's own whose pin
 * he removed, if he spoilt an owner or a mode too.
 */
static bool
is_proven(const struct bnd_verdict *v)
{
	return v->head == BND_HEAD_LIVE && v->pinned &&
	    (v->exit == 0 || v->exit == 6 || v->exit == 8);
}

static bool
mode_in(struct bnd_str body, const char *key, enum bnd_mode *m)
{
	char word[16];

	return bnd_json_get_str(body, key, word, sizeof(word)) &&
	    bnd_mode_parse_exact((struct bnd_str){ word, strlen(word) }, m);
}

static void
replay_intent(struct bnd_truth *t, struct bnd_str body)
{
	t->pending = bnd_json_get_str(body, "txn", t->txn, sizeof(t->txn)) &&
	    mode_in(body, "from", &t->from) && mode_in(body, "to", &t->to);
}

/* A generation made by a record whose mode stands under key. */
static void
replay_answer(struct bnd_truth *t, const struct bnd_truth *chain,
    struct bnd_str body, const char *key)
{
	enum bnd_mode m;
	uint64_t gen;

	if (!mode_in(body, key, &m) || !bnd_json_get_u64(body, "gen", &gen))
		return;
	/* Absorbed before, though not marked so: the chain knows better. */
	if (gen <= chain->gen) {
		*t = *chain;
		return;
	}
	t->mode = m;
	t->gen = gen;
	t->pending = false;
	if (m >= t->back) {
		t->until_us = 0;
		t->back = BND_MODE_NONE;
	}
}

static void
replay_freeze(struct bnd_truth *t, struct bnd_str body)
{
	char why[BND_FROZEN_MAX + 1] = "";

	if (t->frozen)
		return;
	t->frozen = true;
	(void)bnd_json_get_str(body, "reason", why, sizeof(why));
	bnd_frozen_text((struct bnd_str){ why, strlen(why) }, t->freeze_why);
}

static const struct {
	const char *ev, *key; /* key NULL: an intent */
} events[] = {
	{ "mode.intent", NULL },
	{ "mode.commit", "to" },
	{ "mode.fail", "land" },
	{ "mode.recover", "land" },
	{ "mode.boot", "mode" },
};

static void
replay_jump(struct bnd_truth *t, struct bnd_str body)
{
	int64_t now;

	if (bnd_json_get_i64(body, "now", &now))
		t->clock_us = now;
}

static void
replay(struct bnd_truth *t, const struct bnd_truth *chain,
    const struct bnd_spooled *e)
{
	if (strcmp(e->ev, "mode.freeze") == 0)
		replay_freeze(t, e->body);
	if (strcmp(e->ev, "clock.jump") == 0)
		replay_jump(t, e->body);
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (strcmp(e->ev, events[i].ev) != 0)
			continue;
		if (events[i].key == NULL)
			replay_intent(t, e->body);
		else
			replay_answer(t, chain, e->body, events[i].key);
	}
}

/* Records that the next append will put on the chain, in their order. */
static void
read_spool(const struct bnd_root *root, struct bnd_truth *t)
{
	const struct bnd_truth chain = *t;
	SCOPED_SPOOL struct bnd_spool sp = { .fd = -1 };
	struct bnd_spooled e = { 0 };
	struct bnd_err err = { 0 };
	bool more = true;

	if (bnd_spool_open(root, NULL, &sp, &err) != 0)
		return;
	while (bnd_spool_next(&sp, &e, &more, &err) == 0 && more)
		replay(t, &chain, &e);
}

void
bnd_truth_of(const struct bnd_root *root, const struct bnd_verdict *v,
    struct bnd_truth *t)
{
	const struct bnd_ledger *l = &v->ledger;

	*t = (struct bnd_truth){ .mode = BND_LOCKDOWN, .ok = is_proven(v) };
	if (!t->ok)
		(void)snprintf(t->why, sizeof(t->why),
		    "the log does not verify: %.150s", v->first.detail);
	t->begun = l->begun;
	if (!l->begun)
		return;
	memcpy(t->log_id, l->log_id, sizeof(t->log_id));
	t->mode = l->mode;
	t->gen = l->gen;
	t->until_us = l->bound.until_us;
	t->back = l->bound.back;
	t->pending = l->pending;
	memcpy(t->txn, l->intent.txn, sizeof(t->txn));
	t->from = l->intent.from;
	t->to = l->intent.to;
	t->frozen = l->frozen;
	memcpy(t->freeze_why, l->freeze_why, sizeof(t->freeze_why));
	memcpy(t->boot, l->boot, sizeof(t->boot));
	t->last_real_us = (int64_t)l->boot_us + l->offset_us;
	t->clock_us = l->clock_us;
	read_spool(root, t);
}

void
bnd_truth_read(const struct bnd_root *root, struct bnd_truth *t)
{
	SCOPED_FREE struct bnd_verdict *v = calloc(1, sizeof(*v));
	struct bnd_err err = { 0 };

	if (v != NULL && bnd_verify_live(root, v, &err) == 0) {
		bnd_truth_of(root, v, t);
		return;
	}
	*t = (struct bnd_truth){ .mode = BND_LOCKDOWN };
	(void)snprintf(
	    t->why, sizeof(t->why), "the log cannot be read: %.150s", err.text);
}
