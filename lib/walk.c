/* walk.c: every byte belongs to a proven record, or to junk that one covers */
/* SPDX-License-Identifier: ISC */
/*
 * The bytes are the truth: hashes run over them as they stand, nothing is
 * written again to be compared.  A line costs at most BND_RECORD_MAX bytes of
 * attention and junk at most BND_JUNK_MAX, however long a hostile file makes
 * them, so neither time nor memory is the attacker's choice.
 *
 * The first line that is not the next record ends the chain: what follows may
 * be anybody's.  One thing is allowed there, the fragment of a crash, when the
 * record log.torn behind it commits to exactly these bytes.
 */
#include "walk.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "event.h"
#include "head.h"
#include "json-read.h"
#include "record.h"
#include "scope.h"

#define WINDOW	  262144 /* bytes of the file that are in memory */
#define JUNK_VIEW (BND_JUNK_MAX + BND_RECORD_MAX)

_Static_assert(WINDOW >= 2 * JUNK_VIEW, "junk and its record fit");

struct walker {
	struct bnd_walk *w;
	char *buf;
	uint64_t at; /* where buf stands in the file */
	size_t len;
	uint64_t pos;	 /* of the line being judged */
	bool after_junk; /* it is the log.torn of bytes before it */
	bool doubtful;	 /* the rules would judge what is not true */
	uint8_t genesis[BND_HASH_LEN]; /* link of record 0 */
	uint8_t key[BND_KEY_LEN];      /* that signed the last record */
	uint8_t prev[BND_HASH_LEN];    /* prev of the last record */
	bool authentic;		       /* the last record was signed by key */
	struct bnd_record r;	       /* of the line at pos */
	struct bnd_err why;	       /* it is none */
};

/* ---- findings ---- */

/* Findings of the ledger come without their place. */
static void
place(void *arg, const struct bnd_finding *found)
{
	const struct walker *k = arg;
	struct bnd_finding f = *found;

	f.placed = true;
	f.file = k->w->file;
	f.offset = k->pos;
	k->w->sink.take(k->w->sink.arg, &f);
}

__attribute__((format(printf, 4, 5))) static void
report(const struct walker *k, enum bnd_code code, uint64_t seq,
    const char *fmt, ...)
{
	struct bnd_finding f = { .code = code, .has_seq = true, .seq = seq };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f.detail, sizeof(f.detail), fmt, ap);
	va_end(ap);
	place((void *)(uintptr_t)k, &f);
}

static uint64_t
next_seq(const struct walker *k)
{
	return k->w->records == 0 ? 0 : k->w->seq + 1;
}

static void
stop(struct walker *k, enum bnd_code code, const char *why)
{
	report(k, code, next_seq(k), "%s", why);
	k->w->broken = true;
}

/* Links are public; nothing is told by how long a comparison takes. */
static bool
same(const void *a, const void *b, size_t n)
{
	return memcmp(a, b, n) == 0;
}

/* ---- the window ---- */

/* Have the bytes from pos on, as many as there are but not past the limit. */
static int
fill(struct walker *k, uint64_t pos, struct bnd_err *err)
{
	size_t keep = (size_t)(k->at + k->len - pos);

	memmove(k->buf, k->buf + (pos - k->at), keep);
	k->at = pos;
	k->len = keep;
	while (k->len < WINDOW && k->at + k->len < k->w->limit) {
		uint64_t left = k->w->limit - k->at - k->len;
		size_t room = WINDOW - k->len;
		ssize_t n = pread(k->w->fd, k->buf + k->len,
		    left < room ? (size_t)left : room, (off_t)(k->at + k->len));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return bnd_fail_errno(
			    err, "cannot read %06u.jsonl", k->w->file);
		if (n == 0)
			return bnd_fail(err, BND_E_TAMPERED,
			    "%06u.jsonl became shorter while it was read",
			    k->w->file);
		k->len += (size_t)n;
	}
	return 0;
}

/* At least n bytes from pos on, unless the file ends before. */
static int
view(struct walker *k, uint64_t pos, size_t n, struct bnd_str *bytes,
    struct bnd_err *err)
{
	uint64_t end = k->at + k->len;

	if (pos + n > end && end < k->w->limit && fill(k, pos, err) != 0)
		return -1;
	*bytes = (struct bnd_str){ k->buf + (pos - k->at),
		(size_t)(k->at + k->len - pos) };
	return 0;
}

/* The line at the start of bytes, LF not included; false if it has no end. */
static bool
line_of(struct bnd_str bytes, struct bnd_str *line)
{
	size_t n = bytes.len < BND_RECORD_MAX ? bytes.len : BND_RECORD_MAX;
	const char *lf = memchr(bytes.p, '\n', n);

	*line = (struct bnd_str){ bytes.p,
		lf != NULL ? (size_t)(lf - bytes.p) : n };
	return lf != NULL;
}

/* ---- one record ---- */

static bool
succeeds(const struct bnd_begin *b, const struct bnd_pin *pin)
{
	return b->succeeds && same(b->from.id, pin->id, BND_ID_LEN);
}

/* A log of its own, begun where the pinned one was. */
static bool
is_another(const struct bnd_begin *b, const struct bnd_pin *pin)
{
	return !same(pin->id, b->id, BND_ID_LEN) &&
	    (succeeds(b, pin) ||
		(pin->begin.has_host && b->has_host &&
		    same(pin->begin.host, b->host, BND_HASH_LEN)));
}

/* Record 0 against itself and the pin (bnd-log(5), PIN). */
static bool
judge_genesis(struct walker *k, struct bnd_str line, const struct bnd_record *r,
    const uint8_t link[static BND_HASH_LEN])
{
	struct bnd_walk *w = k->w;
	const struct bnd_pin *pin = w->pin;
	struct bnd_err err;

	if (r->seq != 0 || bnd_begin_read(line, r, &w->begin, &err) != 0) {
		stop(k, BND_F_GENESIS,
		    r->seq != 0 ? "the log does not begin with record 0"
				: err.text);
		return false;
	}
	memcpy(k->genesis, link, BND_HASH_LEN);
	memcpy(w->nk, w->begin.k0, BND_KEY_LEN);
	if (pin == NULL || same(pin->genesis, link, BND_HASH_LEN))
		return true;
	if (w->after_pinned && succeeds(&w->begin, pin))
		return true;
	if (is_another(&w->begin, pin))
		report(k, BND_F_REINIT, 0,
		    "another log was begun on this "
		    "host than the pinned one");
	else
		report(k, BND_F_GENESIS, 0, "record 0 is not the pinned one");
	return true;
}

/*
 * Two different statements about one place, both authentic: a second record
 * of the last seq under the same key, or a second genesis.
 */
static bool
is_fork(const struct walker *k, struct bnd_str line, const struct bnd_record *r,
    const uint8_t link[static BND_HASH_LEN])
{
	const struct bnd_walk *w = k->w;
	struct bnd_begin begin;

	if (r->seq == 0 && !same(link, k->genesis, BND_HASH_LEN))
		return bnd_begin_read(line, r, &begin, NULL) == 0;
	return k->authentic && r->seq == w->seq &&
	    !same(link, w->link, BND_HASH_LEN) &&
	    same(r->prev, k->prev, BND_HASH_LEN) &&
	    bnd_record_signed_by(line, r, k->key);
}

static bool
judge_place(struct walker *k, struct bnd_str line, const struct bnd_record *r,
    const uint8_t link[static BND_HASH_LEN])
{
	char why[BND_DETAIL_MAX];

	if (k->w->records == 0)
		return judge_genesis(k, line, r, link);
	if (r->seq != next_seq(k)) {
		bool fork = is_fork(k, line, r, link);

		snprintf(why, sizeof(why),
		    fork ? "a second record %" PRIu64 ", authentic too"
			 : "record %" PRIu64 " stands here",
		    r->seq);
		stop(k, fork ? BND_F_FORK : BND_F_SEQ, why);
		return false;
	}
	if (!same(r->prev, k->w->link, BND_HASH_LEN)) {
		stop(k, BND_F_LINK, "does not follow the record before it");
		return false;
	}
	return true;
}

/* What it says about itself: by whom, and that its body is its own. */
static bool
judge_proof(struct walker *k, struct bnd_str line, const struct bnd_record *r)
{
	bool good = true;

	if (!k->w->structure_only && !bnd_record_signed_by(line, r, k->w->nk)) {
		report(k, BND_F_SIGNATURE, r->seq,
		    "not signed by the key that the record before names");
		good = false;
	}
	if (!r->redacted && !bnd_record_body_is_whole(r)) {
		report(k, BND_F_BODY, r->seq, "not the body it was signed for");
		good = false;
	}
	return good;
}

static void
judge_anchors(struct walker *k, const struct bnd_record *r,
    const uint8_t link[static BND_HASH_LEN])
{
	struct bnd_walk *w = k->w;

	for (size_t i = 0; i < w->anchors; i++) {
		if (w->anchor[i].seq != r->seq)
			continue;
		if (!same(w->anchor[i].link, link, BND_HASH_LEN)) {
			report(k, BND_F_ANCHOR_FORK, r->seq,
			    "an anchor names another record here");
			continue;
		}
		w->anchored = r->seq;
		w->has_anchored = true;
	}
}

static void
judge_rules(struct walker *k, const struct bnd_record *r,
    const uint8_t link[static BND_HASH_LEN])
{
	struct bnd_sink sink = { place, k };

	if (strcmp(r->ev, "log.torn") == 0 && !k->after_junk)
		report(k, BND_F_RULE, r->seq,
		    "log.torn: covers no bytes before it");
	bnd_ledger_feed(k->w->ledger, r, link, &sink);
}

static void
go_on(struct walker *k, struct bnd_str line, const struct bnd_record *r,
    const uint8_t link[static BND_HASH_LEN])
{
	struct bnd_walk *w = k->w;

	memcpy(k->key, w->nk, BND_KEY_LEN);
	memcpy(k->prev, r->prev, BND_HASH_LEN);
	memcpy(w->link, link, BND_HASH_LEN);
	memcpy(w->nk, r->nk, BND_KEY_LEN);
	w->seq = r->seq;
	w->records++;
	k->pos += line.len + 1;
	w->end = k->pos;
	k->after_junk = false;
}

static void
judge_record(struct walker *k, struct bnd_str line)
{
	const struct bnd_record *r = &k->r;
	uint8_t link[BND_HASH_LEN];
	bool good;

	bnd_record_link(line, r, link);
	if (!judge_place(k, line, r, link))
		return;
	good = judge_proof(k, line, r);
	k->authentic = good && !k->w->structure_only;
	k->doubtful |= !good;
	if (!k->doubtful)
		judge_rules(k, r, link);
	judge_anchors(k, r, link);
	if (good && k->w->reader.take != NULL)
		k->w->reader.take(k->w->reader.arg, r->seq, line, k->w->ledger);
	go_on(k, line, r, link);
}

/* ---- junk ---- */

/* Whether line is the log.torn that covers the n bytes at junk. */
static bool
covers(const struct walker *k, struct bnd_str line, const char *junk, size_t n)
{
	static const char start[] = "{\"v\":1,\"seq\":";
	uint8_t said[BND_HASH_LEN], is[BND_HASH_LEN];
	struct bnd_record r;
	uint64_t len;

	if (line.len < sizeof(start) ||
	    memcmp(line.p, start, sizeof(start) - 1) != 0 ||
	    bnd_record_parse(line, &r, NULL) != 0 || r.redacted ||
	    strcmp(r.ev, "log.torn") != 0 || r.seq != next_seq(k) ||
	    !same(r.prev, k->w->link, BND_HASH_LEN) ||
	    !bnd_json_get_u64(r.body, "len", &len) || len != n ||
	    !bnd_json_get_b64(r.body, "h", said, sizeof(said)))
		return false;
	bnd_hash("bnd-log-torn-v1", NULL, 0, junk, n, is);
	return same(said, is, sizeof(is));
}

/* Bytes from pos on that a log.torn covers; 0 if none does. */
static int
junk_at(struct walker *k, size_t *junk, struct bnd_err *err)
{
	struct bnd_str bytes, line;
	size_t n = 0;

	*junk = 0;
	if (k->w->records == 0)
		return 0; /* before record 0 there is no key to seal junk */
	if (view(k, k->pos, JUNK_VIEW, &bytes, err) != 0)
		return -1;
	while (n < bytes.len && n <= BND_JUNK_MAX) {
		struct bnd_str rest = { bytes.p + n, bytes.len - n };
		const char *lf;

		if (n > 0 && line_of(rest, &line) &&
		    covers(k, line, bytes.p, n)) {
			*junk = n;
			return 0;
		}
		lf = memchr(rest.p, '\n', rest.len);
		if (lf == NULL)
			return 0;
		n += (size_t)(lf - rest.p) + 1;
	}
	return 0;
}

/* ---- the walk ---- */

/* The line at pos into k->r; false, with the reason, if it is no record. */
static int
next_line(struct walker *k, struct bnd_str *line, bool *whole, const char **bad,
    struct bnd_err *err)
{
	struct bnd_str bytes;

	if (view(k, k->pos, BND_RECORD_MAX, &bytes, err) != 0)
		return -1;
	*whole = line_of(bytes, line);
	*bad = NULL;
	if (!*whole)
		*bad = "a line without an end";
	else if (bnd_record_parse(*line, &k->r, &k->why) != 0)
		*bad = k->why.text;
	return 0;
}

/* What stands at pos is not the next record: is it what a crash left? */
static int
skip_junk(struct walker *k, struct bnd_err *err)
{
	size_t junk;

	if (junk_at(k, &junk, err) != 0)
		return -1;
	if (junk == 0)
		return 0;
	report(k, BND_F_RESUMED, next_seq(k),
	    "%zu bytes that a crash left are sealed by log.torn", junk);
	k->pos += junk;
	k->after_junk = true;
	return 1;
}

static bool
is_next(const struct walker *k)
{
	return k->r.seq == next_seq(k) &&
	    same(k->r.prev, k->w->link, BND_HASH_LEN);
}

/* One record on; -1 if the file cannot be read. */
static int
step(struct walker *k, struct bnd_err *err)
{
	struct bnd_str line;
	const char *bad;
	bool whole;

	if (next_line(k, &line, &whole, &bad, err) != 0)
		return -1;
	if (bad != NULL || !is_next(k)) {
		int rc = skip_junk(k, err);

		if (rc < 0 ||
		    (rc > 0 && next_line(k, &line, &whole, &bad, err) != 0))
			return -1;
	}
	if (!whole && k->w->open_end && k->pos + line.len == k->w->limit)
		k->w->loose = line.len;
	else if (bad != NULL)
		stop(k, BND_F_GRAMMAR, bad);
	else
		judge_record(k, line);
	return 0;
}

int
bnd_walk(struct bnd_walk *w, struct bnd_err *err)
{
	SCOPED_FREE char *buf = malloc(WINDOW);
	struct walker k = { .w = w, .buf = buf };

	if (buf == NULL)
		return bnd_fail_errno(err, "cannot read the log");
	bnd_ledger_start(w->ledger);
	while (k.pos < w->limit && !w->broken && w->loose == 0)
		if (step(&k, err) != 0)
			return -1;
	return 0;
}
