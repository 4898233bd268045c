/* chain.c: the end of the log is found, mended, or refused */
/* SPDX-License-Identifier: ISC */
/*
 * What an attacker with the disk can and cannot do: he can cut the log, but
 * the key that would sign the record at the cut is gone (grow.c), so nothing
 * can follow and the head names a record that is not there.  A crash between
 * announcement and line looks the same but for one thing, the older slot still
 * holds its key; nobody can put that back.  He can restore an older head
 * together with the older log: local files cannot tell (bnd-log(5), SECURITY).
 */
#include "chain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "file.h"
#include "grow.h"
#include "json.h"
#include "logdir.h"
#include "pin.h"
#include "scope.h"

#define PERSONAL_TORN "bnd-log-torn-v1"

/* ---- reading ------------------------------------------------------------- */

static ssize_t
read_at(int fd, void *buf, size_t len, uint64_t at)
{
	ssize_t n;

	do
		n = pread(fd, buf, len, (off_t)at);
	while (n < 0 && errno == EINTR);
	return n;
}

/* How much of the line that slot s names is there, when it is its record. */
enum whole { UNREADABLE, NOT_WHOLE, LACKS_LF, WHOLE };

static enum whole
read_line(int fd, const struct bnd_slot *s, char *line, struct bnd_record *r)
{
	uint64_t len = s->end - s->start;
	uint8_t link[BND_HASH_LEN];
	ssize_t n;
	struct bnd_str text;

	if (len < 2 || len > BND_RECORD_MAX)
		return NOT_WHOLE;
	n = read_at(fd, line, len, s->start);
	if (n < 0)
		return UNREADABLE;
	text = (struct bnd_str){ line, len - 1 };
	if (n < (ssize_t)len - 1 || bnd_record_parse(text, r, NULL) != 0)
		return NOT_WHOLE;
	bnd_record_link(text, r, link);
	if (!bnd_same(link, s->link, sizeof(link)) ||
	    r->seq + 1 != s->next_seq ||
	    !bnd_same(r->nk, s->pk, sizeof(r->nk)) ||
	    !bnd_record_body_is_whole(r))
		return NOT_WHOLE;
	if (n == (ssize_t)len - 1)
		return LACKS_LF;
	return line[len - 1] == '\n' ? WHOLE : NOT_WHOLE;
}

static int
open_log(struct bnd_chain *c, uint32_t file, struct bnd_err *err)
{
	char name[BND_LOG_NAME_LEN];
	struct stat st;

	bnd_close_fd(&c->logfd);
	bnd_logdir_name(file, name);
	c->logfd = bnd_logdir_file(
	    c->root, c->dir, name, O_APPEND, BND_LOG_FORBIDDEN, err);
	if (c->logfd < 0)
		return -1;
	if (c->attr && !bnd_logdir_is_append_only(c->logfd))
		return bnd_fail(err, BND_E_UNSAFE,
		    "%s has lost its append-only attribute", name);
	if (fstat(c->logfd, &st) != 0)
		return bnd_fail_errno(err, "cannot stat %s", name);
	c->size = (uint64_t)st.st_size;
	return 0;
}

/* The slots go straight into the page, what lies around them to the stack. */
static int
open_head(struct bnd_chain *c, struct bnd_err *err)
{
	struct bnd_chain_page *page = c->page;
	uint8_t gap[2][BND_SLOT_GAP - BND_SLOT_LEN], more;
	struct iovec iov[] = {
		{ page->slot[0], BND_SLOT_LEN },
		{ gap[0], sizeof(gap[0]) },
		{ page->slot[1], BND_SLOT_LEN },
		{ gap[1], sizeof(gap[1]) },
		{ &more, 1 },
	};
	ssize_t n;

	c->headfd = bnd_logdir_file(
	    c->root, c->dir, BND_LOG_HEAD, 0, BND_HEAD_FORBIDDEN, err);
	if (c->headfd < 0)
		return -1;
	do
		n = preadv(c->headfd, iov, 5, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return bnd_fail_errno(err, "cannot read the log's head");
	if (n != BND_HEAD_LEN)
		return bnd_fail(err, BND_E_UNSAFE,
		    "the log's head is not %d bytes long", BND_HEAD_LEN);
	for (int i = 0; i < 2; i++)
		page->head.good[i] =
		    bnd_slot_unpack(page->slot[i], gap[i], &page->head.slot[i]);
	bnd_head_order(&page->head);
	if (page->head.s < 0)
		return bnd_fail(
		    err, BND_E_UNSAFE, "the log's head has no usable slot");
	return 0;
}

/* ---- growing ------------------------------------------------------------- */

int
bnd_chain_extend(struct bnd_chain *c, struct bnd_record *r, struct bnd_err *err)
{
	return bnd_grow(c, r, 0, err);
}

int
bnd_chain_draft(
    const struct bnd_chain *c, struct bnd_record *r, struct bnd_err *err)
{
	const struct bnd_slot *from = &c->page->head.slot[c->from];

	if (strcmp(c->last.ev, "log.close") == 0)
		return bnd_fail(err, BND_E_DENIED, "the log was closed");
	if (bnd_clock_now(&r->time, err) != 0)
		return -1;
	if (c->until_us != 0 && r->time.boot_us > c->until_us)
		return bnd_fail(err, BND_E_CEREMONY, "too late by now");
	/* A record from a shifted time namespace would spoil the log. */
	if (strcmp(r->time.boot, c->last.time.boot) == 0 &&
	    r->time.boot_us < c->last.time.boot_us)
		return bnd_fail(err, BND_E_FROZEN,
		    "the boot clock is behind the last record's");
	r->seq = from->next_seq;
	memcpy(r->prev, from->link, sizeof(r->prev));
	bnd_random(r->salt, sizeof(r->salt));
	return 0;
}

const uint8_t *
bnd_chain_link(const struct bnd_chain *c)
{
	return c->page->head.slot[c->from].link;
}

int
bnd_chain_append(struct bnd_chain *c, struct bnd_record *r,
    struct bnd_mark *mark, struct bnd_err *err)
{
	if (bnd_chain_draft(c, r, err) != 0 || bnd_grow(c, r, 0, err) != 0)
		return -1;
	*mark = (struct bnd_mark){ .seq = r->seq };
	memcpy(
	    mark->link, c->page->head.slot[c->from].link, sizeof(mark->link));
	return 0;
}

/* ---- recovery ------------------------------------------------------------ */

/* Length and hash of the bytes from begin to the end, and the LF to come. */
static int
hash_junk(struct bnd_chain *c, uint64_t begin, char body[static 128],
    struct bnd_err *err)
{
	struct bnd_hasher h;
	struct bnd_json j;
	char buf[4096];
	uint8_t sum[BND_HASH_LEN];

	bnd_hash_start(&h, PERSONAL_TORN);
	for (uint64_t at = begin; at < c->size;) {
		ssize_t n = read_at(c->logfd, buf, sizeof(buf), at);

		if (n <= 0)
			return bnd_fail_errno(err, "cannot read the log");
		bnd_hash_add(&h, buf, (size_t)n);
		at += (uint64_t)n;
	}
	bnd_hash_add(&h, "\n", 1);
	bnd_hash_end(&h, sum);
	bnd_json_begin(&j, body, 128);
	bnd_json_open(&j, NULL, '{');
	bnd_json_int(&j, "len", (int64_t)(c->size + 1 - begin));
	bnd_json_b64(&j, "h", sum, sizeof(sum));
	bnd_json_close(&j, '}');
	return bnd_json_end(&j)
	    ? 0
	    : bnd_fail(err, BND_E_SYS, "log.torn is too long");
}

/*
 * Row 4.  The announcement comes first: were the LF written before it, the
 * log could grow past what the slot announces.
 */
static int
mend_torn(struct bnd_chain *c, uint64_t begin, const struct bnd_by *by,
    struct bnd_err *err)
{
	char body[128];
	struct bnd_record r = { .ev = "log.torn", .by = *by };

	if (hash_junk(c, begin, body, err) != 0 ||
	    bnd_chain_draft(c, &r, err) != 0)
		return -1;
	r.body = (struct bnd_str){ body, strlen(body) };
	return bnd_grow(c, &r, 1, err);
}

/* Row 3: the announced line lacks its LF only. */
static int
mend_lf(struct bnd_chain *c, struct bnd_err *err)
{
	ssize_t n;

	do
		n = write(c->logfd, "\n", 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		return bnd_fail_errno(err, "cannot end the last record");
	c->size++;
	if (bnd_grow_sync(c, c->logfd, "record", err) != 0)
		return -1;
	return bnd_grow_wipe(c, 1 - c->from, err);
}

/* Row 7: the bad slot, its surroundings too, becomes a clean place. */
static int
mend_slot(struct bnd_chain *c, int i, struct bnd_err *err)
{
	static const char zeros[BND_SLOT_GAP];

	if (pwrite(c->headfd, zeros, sizeof(zeros), (off_t)i * BND_SLOT_GAP) !=
	    BND_SLOT_GAP)
		return bnd_fail_errno(err, "cannot repair the log's head");
	return 0;
}

static int
refuse(enum bnd_row row, struct bnd_err *err)
{
	if (row == BND_ROW_CUT)
		return bnd_fail(err, BND_E_TRUNCATED,
		    "the log ends before the record its head names");
	if (row == BND_ROW_FOREIGN)
		return bnd_fail(err, BND_E_TAMPERED,
		    "the log does not end with the record its head names");
	return bnd_fail(err, BND_E_UNSAFE, "the log's head has no usable slot");
}

/* What cannot be read is trouble, and accuses nobody. */
static int
fail_read(struct bnd_err *err)
{
	return bnd_fail_errno(err, "cannot read the end of the log");
}

/*
 * Which row of the recovery table.  O is looked at only when S alone does not
 * settle it, and only in the file that S names.
 */
static int
look(struct bnd_chain *c, enum bnd_row *row, struct bnd_err *err)
{
	const struct bnd_head *h = &c->page->head;
	const struct bnd_slot *s = &h->slot[h->s];
	struct bnd_tail t = { 0 };
	struct bnd_record other;
	enum whole w, before = NOT_WHOLE;

	if (open_log(c, s->file, err) != 0)
		return -1;
	t.size = c->size;
	w = read_line(c->logfd, s, c->line, &c->last);
	if (w == UNREADABLE)
		return fail_read(err);
	t.s_whole = w == WHOLE;
	t.s_lacks_lf = w == LACKS_LF;
	if (h->o >= 0 && !(t.s_whole && t.size == s->end) &&
	    h->slot[h->o].file == s->file)
		before = read_line(c->logfd, &h->slot[h->o], c->wire, &other);
	if (before == UNREADABLE)
		return fail_read(err);
	t.o_whole = before == WHOLE;
	*row = bnd_head_row(h, &t);
	return 0;
}

/* Slot i is believed: its line is the last one, its key must fit. */
static int
go_on_from(struct bnd_chain *c, int i, struct bnd_err *err)
{
	const struct bnd_slot *slot = &c->page->head.slot[i];
	enum whole w = WHOLE;

	c->from = i;
	if (i != c->page->head.s)
		w = read_line(c->logfd, slot, c->line, &c->last);
	if (w == UNREADABLE)
		return fail_read(err);
	if (w != WHOLE)
		return refuse(BND_ROW_FOREIGN, err);
	if (!bnd_slot_holds(slot, c->last.nk))
		return bnd_fail(err, BND_E_TAMPERED,
		    "the log's head does not hold the key of the next record");
	return 0;
}

static int
mend(struct bnd_chain *c, enum bnd_row row, const struct bnd_by *by,
    struct bnd_err *err)
{
	const struct bnd_head *h = &c->page->head;
	bool back = row == BND_ROW_AGAIN || row == BND_ROW_TORN;

	if (row != BND_ROW_CLEAN && row != BND_ROW_SLOT &&
	    row != BND_ROW_ADD_LF && !back)
		return refuse(row, err);
	if (go_on_from(c, back ? h->o : h->s, err) != 0)
		return -1;
	if (row == BND_ROW_CLEAN && bnd_slot_is_live(&h->slot[h->o]))
		return bnd_grow_wipe(c, h->o, err);
	if (row == BND_ROW_SLOT)
		return mend_slot(c, 1 - h->s, err);
	if (row == BND_ROW_ADD_LF)
		return mend_lf(c, err);
	if (row == BND_ROW_TORN)
		return mend_torn(c, h->slot[h->o].end, by, err);
	return 0;
}

/* ---- opening and closing ------------------------------------------------- */

static int
read_pin(
    struct bnd_chain *c, uint8_t id[static BND_ID_LEN], struct bnd_err *err)
{
	char text[BND_PIN_MAX];
	size_t len;
	struct bnd_pin pin;
	struct bnd_err why = { 0 };

	if (bnd_file_read(c->root, BND_LOG_PIN, 0022, text, sizeof(text), &len,
		&why) != 0) {
		if (why.errnum == ENOENT)
			return bnd_fail(err, BND_E_CORRUPT,
			    "no log was begun here: /%s is missing",
			    BND_LOG_PIN);
		return bnd_fail(err, why.kind, "%s", why.text);
	}
	if (bnd_pin_parse((struct bnd_str){ text, len }, &pin, err) != 0)
		return -1;
	memcpy(id, pin.id, BND_ID_LEN);
	c->attr = pin.begin.attr;
	return 0;
}

static int
open_all(struct bnd_chain *c, const struct bnd_by *by, unsigned deadline_ms,
    struct bnd_err *err)
{
	uint8_t id[BND_ID_LEN];
	enum bnd_row row;

	if (bnd_sign_init(err) != 0 || read_pin(c, id, err) != 0)
		return -1;
	c->dir = bnd_logdir_open(c->root, err);
	if (c->dir < 0)
		return -1;
	c->lock = bnd_logdir_lock(c->root, id, true, deadline_ms, err);
	if (c->lock < 0)
		return -1;
	/* Under the lock: whoever held it may have left the mark. */
	if (bnd_logdir_is_degraded(c->root))
		return bnd_fail(err, BND_E_CORRUPT,
		    "the log had an I/O error (mode-set --check ends that)");
	c->page = bnd_secret_new(sizeof(*c->page), err);
	if (c->page == NULL || open_head(c, err) != 0 ||
	    look(c, &row, err) != 0)
		return -1;
	return mend(c, row, by, err);
}

int
bnd_chain_open(const struct bnd_root *root, const struct bnd_by *by,
    unsigned deadline_ms, struct bnd_chain *c, struct bnd_err *err)
{
	memset(c, 0, sizeof(*c));
	c->root = root;
	c->dir = c->lock = c->headfd = c->logfd = -1;
	if (open_all(c, by, deadline_ms, err) == 0)
		return 0;
	bnd_chain_close(c);
	return -1;
}

void
bnd_chain_close(struct bnd_chain *c)
{
	bnd_secret_free(c->page, sizeof(*c->page));
	c->page = NULL;
	bnd_close_fd(&c->logfd);
	bnd_close_fd(&c->headfd);
	bnd_close_fd(&c->lock);
	bnd_close_fd(&c->dir);
}
