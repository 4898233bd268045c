/* heir.c: what a log that cannot go on still proves for the one after it */
/* SPDX-License-Identifier: ISC */
/*
 * Who succeeds a log decides who may loosen the host from then on, so this is
 * read from what root cannot have made: the pinned record 0 and the records
 * that follow it without a single finding.  He can cut the log to a point he
 * likes; what is left then says nothing about the mode (bnd_heir_mode()), and
 * whoever holds a longer copy sees it.
 */
#include "heir.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event.h"
#include "head.h"
#include "json-read.h"
#include "scope.h"
#include "walk.h"

#define FILE_1 "000001.jsonl"

/* ---- the old log ---- */

/* Where the first record stands that something is wrong with. */
static void
note_first(void *arg, const struct bnd_finding *f)
{
	uint64_t *first = arg;

	if (!bnd_code_is_note(f->code) && f->placed && f->offset < *first)
		*first = f->offset;
}

static void
deaf(void *arg, const struct bnd_finding *f)
{
	(void)arg;
	(void)f;
}

static int
walk(int fd, const struct bnd_pin *pin, uint64_t limit, uint64_t *first,
    struct bnd_walk *w, struct bnd_err *err)
{
	struct bnd_ledger *l = w->ledger;

	*w = (struct bnd_walk){
		.fd = fd,
		.file = 1,
		.limit = limit,
		.open_end = true,
		.pin = pin,
		.sink = { first != NULL ? note_first : deaf, first },
		.ledger = l,
	};
	return bnd_walk(w, err);
}

/* Twice: up to where it is proven, then exactly so far. */
static int
walk_proven(int fd, const struct bnd_pin *pin, struct bnd_walk *w,
    struct bnd_heir *h, struct bnd_err *err)
{
	uint64_t first = UINT64_MAX;
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return bnd_fail(
		    err, BND_E_UNSAFE, "the old log is not a regular file");
	if (walk(fd, pin, (uint64_t)st.st_size, &first, w, err) != 0)
		return -1;
	if (first > w->end)
		first = w->end;
	if (first < (uint64_t)st.st_size)
		h->end = BND_END_LOST;
	return walk(fd, pin, first, NULL, w, err);
}

/* Gone, or a trap in its place: the log is no more. */
static int
open_old(int dir, const char *name)
{
	if (dir < 0)
		return -1;
	return openat(
	    dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
}

/* ---- its end ---- */

struct secret {
	uint8_t bytes[BND_HEAD_LEN];
	struct bnd_head head;
};

static void
free_secret(struct secret **s)
{
	if (*s != NULL)
		bnd_secret_free(*s, sizeof(**s));
}

static bool
is_last(const struct bnd_head *h, const struct bnd_walk *w)
{
	const struct bnd_slot *s = h->s >= 0 ? &h->slot[h->s] : NULL;

	return s != NULL && s->next_seq == w->seq + 1 && s->end == w->end &&
	    bnd_same(s->link, w->link, BND_HASH_LEN) &&
	    bnd_slot_holds(s, w->nk);
}

static int
read_end(
    int dir, const struct bnd_walk *w, struct bnd_heir *h, struct bnd_err *err)
{
	__attribute__((cleanup(free_secret))) struct secret *s =
	    bnd_secret_new(sizeof(*s), err);
	SCOPED_FD int fd = open_old(dir, "head");

	if (s == NULL)
		return -1;
	if (fd < 0 || h->end == BND_END_LOST)
		return 0;
	h->end = BND_END_LOST;
	if (pread(fd, s->bytes, sizeof(s->bytes), 0) != BND_HEAD_LEN)
		return 0;
	bnd_head_unpack(s->bytes, &s->head);
	if (is_last(&s->head, w))
		h->end = BND_END_PROVEN;
	return 0;
}

/* ---- what it leaves ---- */

/* What LOCKDOWN was entered from, or would have been by what was under way. */
static enum bnd_mode
mode_before(const struct bnd_ledger *l)
{
	enum bnd_mode m = l->mode;

	if (m == BND_LOCKDOWN)
		return l->lockdown_from;
	/* What was loosened for a time is over with its boot. */
	if (l->bound.back < BND_LOCKDOWN)
		m = bnd_mode_max(m, l->bound.back);
	if (l->pending && l->intent.to < BND_LOCKDOWN)
		m = bnd_mode_max(m, l->intent.to);
	return m;
}

static bool
has_origin(const struct bnd_succeeds *s, const uint8_t *id)
{
	for (unsigned i = 0; i < s->origins; i++)
		if (bnd_same(s->origin[i], id, BND_ID_LEN))
			return true;
	return false;
}

/* The log that a's proof was made for: this one, or one before it. */
static int
add_origin(struct bnd_succeeds *s, const struct bnd_approver *a,
    const struct bnd_begin *b, struct bnd_err *err)
{
	const uint8_t *id = b->id;
	unsigned at;

	if (bnd_approver_check(a, b->id, err) != 0) {
		if (!b->succeeds ||
		    bnd_succeeds_check(&b->from, a, &at, err) != 0)
			return -1;
		id = b->from.origin[at];
	}
	if (!has_origin(s, id))
		memcpy(s->origin[s->origins++], id, BND_ID_LEN);
	return 0;
}

static int
take(struct bnd_heir *h, const struct bnd_ledger *l, const struct bnd_begin *b,
    struct bnd_err *err)
{
	memcpy(h->s.id, l->log_id, BND_ID_LEN);
	h->s.mark = l->last;
	h->s.mode = mode_before(l);
	h->s.frozen = l->frozen;
	h->approvers = l->approvers;
	memcpy(h->approver, l->approver, sizeof(h->approver));
	for (unsigned i = 0; i < h->approvers; i++)
		if (add_origin(&h->s, &h->approver[i], b, err) != 0)
			return -1;
	return 0;
}

static int
from_pin(const struct bnd_pin *pin, struct bnd_ledger *l, struct bnd_heir *h,
    struct bnd_err *err)
{
	struct bnd_sink sink = { deaf, NULL };

	if (pin == NULL)
		return bnd_fail(err, BND_E_CORRUPT,
		    "neither the pin nor record 0 is left: nothing proves who "
		    "the approvers were");
	h->from_pin = true;
	h->end = BND_END_LOST;
	bnd_ledger_start(l);
	bnd_ledger_feed(l, &pin->record, pin->genesis, &sink);
	return take(h, l, &pin->begin, err);
}

int
bnd_heir_read(
    const struct bnd_pin *pin, int dir, struct bnd_heir *h, struct bnd_err *err)
{
	struct bnd_ledger l;
	struct bnd_walk w = { .ledger = &l };
	SCOPED_FD int fd = open_old(dir, FILE_1);

	memset(h, 0, sizeof(*h));
	if (fd < 0 && dir >= 0 && errno != ENOENT && errno != ELOOP &&
	    errno != ENXIO)
		return bnd_fail_errno(err, "cannot open %s", FILE_1);
	if (fd >= 0 && walk_proven(fd, pin, &w, h, err) != 0)
		return -1;
	if (w.records == 0)
		return from_pin(pin, &l, h, err);
	if (read_end(dir, &w, h, err) != 0)
		return -1;
	return take(h, &l, &w.begin, err);
}

enum bnd_mode
bnd_heir_mode(const struct bnd_heir *h)
{
	return h->end == BND_END_PROVEN ? h->s.mode : BND_COLDROOM;
}

/* ---- against what a successor says ---- */

__attribute__((format(printf, 2, 3))) static bool
doubt(const struct bnd_sink *sink, const char *fmt, ...)
{
	struct bnd_finding f = { .code = BND_F_UNAPPROVED, .has_seq = true };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f.detail, sizeof(f.detail), fmt, ap);
	va_end(ap);
	if (sink->take != NULL)
		sink->take(sink->arg, &f);
	return false;
}

static bool
same_approver(const struct bnd_approver *a, const struct bnd_approver *b)
{
	return strcmp(a->name, b->name) == 0 &&
	    strcmp(a->person, b->person) == 0 && a->pub.kind == b->pub.kind &&
	    bnd_same(a->pub.key, b->pub.key, BND_KEY_LEN) &&
	    strcmp(a->pub.app, b->pub.app) == 0;
}

static bool
was_live(const struct bnd_heir *h, const struct bnd_approver *a)
{
	for (unsigned i = 0; i < h->approvers; i++)
		if (same_approver(&h->approver[i], a))
			return true;
	return false;
}

/*
 * None more: he would approve.  None less: of two persons left alone, the one
 * who stays would be quorum enough.
 */
static bool
has_its_approvers(
    const struct bnd_heir *h, struct bnd_str list, const struct bnd_sink *sink)
{
	struct bnd_str key, entry;
	struct bnd_approver a;
	unsigned n = 0;

	for (; bnd_json_at(list, n, &key, &entry); n++) {
		if (bnd_approver_from_json(entry, &a, NULL) != 0)
			return doubt(sink, "entry %u is no approver", n);
		if (!was_live(h, &a))
			return doubt(sink,
			    "%s was no live approver of the old log", a.name);
	}
	if (n != h->approvers)
		return doubt(sink,
		    "the old log had %u live approvers, its successor %u",
		    h->approvers, n);
	return true;
}

static bool
is_of_its_end(const struct bnd_heir *h, const struct bnd_succeeds *s,
    const struct bnd_sink *sink)
{
	if (!bnd_same(s->id, h->s.id, BND_ID_LEN))
		return doubt(sink, "it succeeds another log than this one");
	if (s->mark.seq != h->s.mark.seq ||
	    !bnd_same(s->mark.link, h->s.mark.link, BND_HASH_LEN))
		return doubt(sink,
		    "it succeeds record %" PRIu64
		    "; the old log is proven up to %" PRIu64,
		    s->mark.seq, h->s.mark.seq);
	return true;
}

static bool
is_as_strict(const struct bnd_heir *h, const struct bnd_succeeds *s,
    const struct bnd_sink *sink)
{
	enum bnd_mode least = h->end == BND_END_LOST ? BND_COLDROOM : h->s.mode;

	if (s->mode < least)
		return doubt(sink,
		    "LOCKDOWN from %s, where the old log leaves %s",
		    bnd_mode_name(s->mode), bnd_mode_name(least));
	if (h->s.frozen && !s->frozen)
		return doubt(sink, "the old log was frozen");
	return true;
}

bool
bnd_heir_is_rightful(const struct bnd_heir *h, const struct bnd_begin *b,
    const struct bnd_sink *sink)
{
	if (!b->succeeds)
		return doubt(sink, "it succeeds no log");
	return is_of_its_end(h, &b->from, sink) &&
	    is_as_strict(h, &b->from, sink) &&
	    has_its_approvers(h, b->approvers, sink);
}
