/* spool.c: unsigned lines in /run, chained from the boot id, absorbed later */
/* SPDX-License-Identifier: ISC */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json-read.h"
#include "json.h"
#include "lock.h"
#include "log.h"
#include "scope.h"

#define PERSONAL   "bnd-spool-v1"
#define SUPPRESSED "log.suppressed"
#define DEPTH_LATE 3 /* "was" nests a body once more */
#define NAME	   "/" BND_LOG_SPOOL

/* "{" at first, "-" once the entry is on the chain; the hash spares it. */
#define FRESH	   "{\"h\":\""
#define ABSORBED   '-'

/* The chain begins with the 32 hex digits of the boot id. */
_Static_assert(BND_BOOT_ID_LEN == BND_HASH_LEN, "boot id as a hash");

/* ---- lines --------------------------------------------------------------- */

static void
hash_line(const uint8_t prev[static BND_HASH_LEN], struct bnd_str rest,
    uint8_t h[static BND_HASH_LEN])
{
	struct bnd_hasher hash;

	bnd_hash_start(&hash, PERSONAL);
	bnd_hash_add(&hash, prev, BND_HASH_LEN);
	bnd_hash_add(&hash, rest.p, rest.len);
	bnd_hash_end(&hash, h);
}

static void
put_rest(struct bnd_json *j, const struct bnd_spooled *e)
{
	char t[BND_TIME_LEN + 1];

	bnd_clock_format(e->time.real_us, t);
	bnd_json_str(j, "t", t);
	bnd_json_int(j, "bt", (int64_t)e->time.boot_us);
	bnd_by_put(j, "by", &e->by);
	bnd_json_str(j, "ev", e->ev);
	if (e->has_maybe)
		bnd_json_b64(j, "maybe", e->maybe, sizeof(e->maybe));
	else
		bnd_json_null(j, "maybe");
	bnd_json_raw(j, "d", e->body);
	bnd_json_close(j, '}');
}

/* line takes BND_SPOOL_LINE_MAX bytes; prev is the h of the line before. */
static int
write_line(struct bnd_spooled *e, const uint8_t prev[static BND_HASH_LEN],
    char *line, size_t *len, struct bnd_err *err)
{
	struct bnd_json j;
	size_t head = strlen(FRESH) + BND_B64_LEN(BND_HASH_LEN) + 1;

	/* First with a hash that is not known yet, of the same length. */
	bnd_json_begin(&j, line, BND_SPOOL_LINE_MAX);
	bnd_json_open(&j, NULL, '{');
	bnd_json_b64(&j, "h", prev, BND_HASH_LEN);
	put_rest(&j, e);
	if (!bnd_json_end(&j))
		return bnd_fail(
		    err, BND_E_INPUT, "%s is too long to spool", e->ev);
	*len = j.len;
	hash_line(prev, (struct bnd_str){ line + head, *len - head }, e->h);
	bnd_text_to_b64(e->h, BND_HASH_LEN, line + strlen(FRESH));
	line[head - 1] = '"';
	line[(*len)++] = '\n';
	return 0;
}

/* Times and "by" in their place, the rest looked up in what is valid JSON. */
static bool
parse_rest(struct bnd_str line, struct bnd_str rest, struct bnd_spooled *e)
{
	char t[BND_TIME_LEN + 1], ev[BND_WORD_MAX + 1];
	struct bnd_str val;

	if (!bnd_json_valid(line) || !bnd_json_get(line, "by", &val) ||
	    !bnd_by_take(&val, &e->by) || val.len != 0 ||
	    !bnd_json_get_str(line, "t", t, sizeof(t)) ||
	    !bnd_time_parse(
		(struct bnd_str){ t, strlen(t) }, &e->time.real_us) ||
	    !bnd_json_get_u64(line, "bt", &e->time.boot_us) ||
	    !bnd_json_get_str(line, "ev", ev, sizeof(ev)) ||
	    !bnd_ev_is_valid((struct bnd_str){ ev, strlen(ev) }) ||
	    !bnd_json_get(line, "maybe", &val))
		return false;
	memcpy(e->ev, ev, sizeof(ev));
	e->has_maybe = !bnd_json_is_null(val);
	if (e->has_maybe &&
	    !bnd_json_get_b64(line, "maybe", e->maybe, sizeof(e->maybe)))
		return false;
	return rest.len > 0 && bnd_json_get(line, "d", &e->body) &&
	    e->body.p[0] == '{';
}

/* line without its LF; its first byte may be changed to "{". */
static bool
parse_line(char *line, size_t len, const uint8_t prev[static BND_HASH_LEN],
    struct bnd_spooled *e)
{
	struct bnd_str rest = { line, len };
	struct bnd_str b64 = { line + strlen(FRESH),
		BND_B64_LEN(BND_HASH_LEN) };
	uint8_t h[BND_HASH_LEN];

	memset(e, 0, sizeof(*e));
	if (len > 0 && line[0] == ABSORBED)
		line[0] = '{';
	if (!bnd_text_take(&rest, FRESH) || rest.len < b64.len ||
	    !bnd_text_from_b64(b64, e->h, sizeof(e->h)))
		return false;
	rest.p += b64.len;
	rest.len -= b64.len;
	if (!bnd_text_take(&rest, "\""))
		return false;
	hash_line(prev, rest, h);
	return bnd_same(h, e->h, sizeof(h)) &&
	    parse_rest((struct bnd_str){ line, len }, rest, e);
}

/* ---- the file ------------------------------------------------------------ */

/* Others that write the spool wait here for as long as one line takes. */
int
bnd_spool_lock(const struct bnd_root *root, bool make, struct bnd_err *err)
{
	return bnd_lock(
	    root, BND_LOG_SPOOL, make, true, BND_SPOOL_LOCK_MS, err);
}

static int
size_of(int fd, uint64_t *size, struct bnd_err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return bnd_fail_errno(err, "cannot stat " NAME);
	*size = (uint64_t)st.st_size;
	return 0;
}

/*
 * Length of the line that begins at at, into buf; 0 if there is no whole one.
 * An error is kept, so that it never passes for the end.
 */
static size_t
line_at(struct bnd_spool *sp, uint64_t at)
{
	ssize_t n;
	const char *lf;

	do
		n = pread(sp->fd, sp->line, sizeof(sp->line), (off_t)at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		sp->error = errno;
	lf = n > 0 ? memchr(sp->line, '\n', (size_t)n) : NULL;
	return lf != NULL ? (size_t)(lf - sp->line) + 1 : 0;
}

/* ---- reading ------------------------------------------------------------- */

static int
start(struct bnd_spool *sp, struct bnd_err *err)
{
	struct bnd_now now;

	if (bnd_clock_now(&now, err) != 0)
		return -1;
	memcpy(sp->h, now.boot, sizeof(sp->h));
	sp->at = sp->entry = sp->lost = 0;
	return 0;
}

/* The next line that is what it must be, absorbed or not. */
static bool
next_entry(struct bnd_spool *sp, struct bnd_spooled *e, bool *absorbed)
{
	size_t len = line_at(sp, sp->at);

	if (len == 0)
		return false;
	*absorbed = sp->line[0] == ABSORBED;
	if (!parse_line(sp->line, len - 1, sp->h, e))
		return false;
	memcpy(sp->before, sp->h, sizeof(sp->h));
	memcpy(sp->h, e->h, sizeof(sp->h));
	sp->entry = sp->at;
	sp->at += len;
	return true;
}

/*
 * Lines behind the last good entry.  A last one without LF is what a killed
 * writer left: nobody was told that it was kept.
 */
static void
count_lost(struct bnd_spool *sp)
{
	while (sp->at < sp->size && sp->error == 0) {
		size_t len = line_at(sp, sp->at);

		sp->lost += len > 0;
		sp->at += len > 0 ? len : BND_SPOOL_LINE_MAX;
	}
}

static int
fail_read(const struct bnd_spool *sp, struct bnd_err *err)
{
	if (sp->error == 0)
		return 0;
	errno = sp->error;
	return bnd_fail_errno(err, "cannot read " NAME);
}

int
bnd_spool_open(const struct bnd_root *root, const uint8_t *done,
    struct bnd_spool *sp, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	struct bnd_spooled e;
	bool absorbed;

	sp->root = root;
	sp->error = 0;
	sp->fd = bnd_spool_lock(root, false, &why);
	if (sp->fd < 0 && why.errnum == ENOENT)
		return 0;
	if (sp->fd < 0)
		return bnd_fail(err, why.kind, "%s", why.text);
	if (size_of(sp->fd, &sp->size, err) != 0 || start(sp, err) != 0)
		return -1;
	while (done != NULL && next_entry(sp, &e, &absorbed))
		if (memcmp(e.h, done, sizeof(e.h)) == 0)
			return 0;
	if (fail_read(sp, err) != 0)
		return -1;
	return done != NULL ? start(sp, err) : 0;
}

int
bnd_spool_next(struct bnd_spool *sp, struct bnd_spooled *e, bool *more,
    struct bnd_err *err)
{
	bool absorbed = true;

	*more = sp->fd >= 0;
	while (*more && absorbed)
		*more = next_entry(sp, e, &absorbed);
	if (!*more && sp->fd >= 0)
		count_lost(sp);
	return fail_read(sp, err);
}

void
bnd_spool_pause(struct bnd_spool *sp)
{
	bnd_close_fd(&sp->fd);
}

/* A count may have been replaced by a higher one: then that is the next. */
static bool
is_still_there(struct bnd_spool *sp)
{
	struct bnd_spooled e;
	size_t len = line_at(sp, sp->entry);

	return len > 0 && parse_line(sp->line, len - 1, sp->before, &e) &&
	    bnd_same(e.h, sp->h, sizeof(e.h));
}

int
bnd_spool_mark(struct bnd_spool *sp, struct bnd_err *err)
{
	char mark = ABSORBED;

	sp->fd = bnd_spool_lock(sp->root, false, err);
	if (sp->fd < 0 || size_of(sp->fd, &sp->size, err) != 0)
		return -1;
	if (!is_still_there(sp)) {
		sp->at = sp->entry;
		memcpy(sp->h, sp->before, sizeof(sp->h));
		return fail_read(sp, err);
	}
	if (pwrite(sp->fd, &mark, 1, (off_t)sp->entry) != 1)
		return bnd_fail_errno(err, "cannot mark " NAME);
	return 0;
}

int
bnd_spool_empty(struct bnd_spool *sp, struct bnd_err *err)
{
	if (sp->fd < 0 || sp->size == 0)
		return 0;
	if (ftruncate(sp->fd, 0) != 0)
		return bnd_fail_errno(err, "cannot empty " NAME);
	sp->size = sp->at = 0;
	return 0;
}

void
bnd_spool_close(struct bnd_spool *sp)
{
	bnd_close_fd(&sp->fd);
}

/* ---- adding -------------------------------------------------------------- */

/* Where the chain of whole lines ends. */
struct end {
	uint64_t at;		      /* behind the last good line */
	uint8_t h[BND_HASH_LEN];      /* its hash */
	uint64_t last;		      /* where it begins */
	uint8_t before[BND_HASH_LEN]; /* the hash before it */
	bool counts; /* it is a count, and not on the chain yet */
	uint64_t n;
	uint64_t lost; /* lines behind it that break the chain */
};

static int
find_end(int fd, struct end *end, struct bnd_err *err)
{
	struct bnd_spool sp = { .fd = fd };
	struct bnd_spooled e;
	bool absorbed;

	memset(end, 0, sizeof(*end));
	if (size_of(fd, &sp.size, err) != 0 || start(&sp, err) != 0)
		return -1;
	memcpy(end->h, sp.h, sizeof(end->h));
	while (next_entry(&sp, &e, &absorbed)) {
		memcpy(end->before, end->h, sizeof(end->h));
		memcpy(end->h, e.h, sizeof(end->h));
		end->last = sp.entry;
		end->at = sp.at;
		end->counts = !absorbed && strcmp(e.ev, SUPPRESSED) == 0 &&
		    bnd_json_get_u64(e.body, "n", &end->n);
	}
	count_lost(&sp);
	end->lost = sp.lost;
	return fail_read(&sp, err);
}

/* One line at the end; nothing behind it. */
static int
put_entry(int fd, struct end *end, struct bnd_spooled *e, struct bnd_err *err)
{
	char line[BND_SPOOL_LINE_MAX];
	size_t len;

	if (write_line(e, end->h, line, &len, err) != 0)
		return -1;
	/* A part of a line is no entry; the next writer cuts it off. */
	errno = ENOSPC;
	if (ftruncate(fd, (off_t)end->at) != 0 ||
	    pwrite(fd, line, len, (off_t)end->at) != (ssize_t)len)
		return bnd_fail_errno(err, "cannot write " NAME);
	end->last = end->at;
	end->at += len;
	memcpy(end->before, end->h, sizeof(end->h));
	memcpy(end->h, e->h, sizeof(end->h));
	return 0;
}

/* Instead of n entries: how many they were. */
static int
put_count(int fd, struct end *end, const struct bnd_spooled *like, uint64_t n,
    struct bnd_err *err)
{
	struct bnd_spooled e = *like;
	struct bnd_json j;
	char body[64];

	memcpy(e.ev, SUPPRESSED, sizeof(SUPPRESSED));
	e.has_maybe = false;
	bnd_json_begin(&j, body, sizeof(body));
	bnd_json_open(&j, NULL, '{');
	bnd_json_str(&j, "of", "spool");
	bnd_json_int(&j, "n", (int64_t)n);
	bnd_json_close(&j, '}');
	if (!bnd_json_end(&j))
		return bnd_fail(err, BND_E_SYS, "a count is too long");
	e.body = (struct bnd_str){ body, j.len };
	return put_entry(fd, end, &e, err);
}

int
bnd_spool_add(const struct bnd_root *root, const struct bnd_spooled *entry,
    struct bnd_err *err)
{
	char body[BND_BODY_LATE_MAX + 1];
	struct bnd_spooled own = *entry, *e = &own;
	struct end end;
	SCOPED_FD int fd = -1;

	if (bnd_sign_init(err) != 0 ||
	    bnd_body_fit(entry->body, BND_BODY_LATE_MAX, DEPTH_LATE, body,
		&own.body.len, err) != 0 ||
	    bnd_root_mkdir(root, "run/bnd", 0755, err) != 0)
		return -1;
	own.body.p = body;
	fd = bnd_spool_lock(root, true, err);
	if (fd < 0 || find_end(fd, &end, err) != 0)
		return -1;
	if (end.lost > 0 && put_count(fd, &end, e, end.lost, err) != 0)
		return -1;
	if (end.at + BND_SPOOL_LINE_MAX <= BND_SPOOL_MAX)
		return put_entry(fd, &end, e, err);
	if (end.counts) {
		end.at = end.last;
		memcpy(end.h, end.before, sizeof(end.h));
	}
	return put_count(fd, &end, e, end.counts ? end.n + 1 : 1, err);
}
