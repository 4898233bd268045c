/* verify.c: what stands around the records: pin, files, head, anchors, state */
/* SPDX-License-Identifier: ISC */
/*
 * The order matters.  The pin comes first, from outside the log.  Then, under
 * a shared lock and for no longer than two reads take, the head and the size
 * of the log: one moment of it, while others go on appending.  Then every
 * record up to there (walk.c).  At last the tail: the head must hold the one
 * key that may sign the next record, which nobody has who cut the log back,
 * because that key was erased when the record behind it was written.
 *
 * Everything is looked at, and everything found is told; the gravest finding
 * is the verdict.  What could not be read is no verdict.
 */
#include "verify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "head.h"
#include "heir.h"
#include "lock.h"
#include "pin.h"
#include "record.h"
#include "scope.h"
#include "state.h"

#define FILE_1	    "000001.jsonl"
#define FILE_2	    "000002.jsonl"
#define HEAD	    "head"
#define LOCK	    "lock"
#define ANCHORS_MAX 64
#define LOCK_LEN    (BND_B64_LEN(BND_ID_LEN) + 1) /* the id and its LF */

/* One verification, on the heap: a pin and a head are too big for a stack. */
struct job {
	const struct bnd_verify *in;
	struct bnd_verdict *v;
	struct bnd_walk walk;
	bool has_pin, has_head;
	char lock_text[LOCK_LEN + 1]; /* what the lock file holds */
	ssize_t lock_len;
	char pin_text[BND_PIN_MAX];
	struct bnd_pin pin;
	struct bnd_root dir; /* of the log */
	int log;	     /* file 1 */
	uint64_t size;	     /* of it, at the moment of head */
	uint8_t head_bytes[BND_HEAD_LEN];
	struct bnd_head head;
	enum bnd_row row;
	struct bnd_anchor anchor[ANCHORS_MAX];
	size_t anchors;
};

static void
free_job(struct job **j)
{
	if (*j == NULL)
		return;
	bnd_close_fd(&(*j)->log);
	bnd_close_fd(&(*j)->dir.fd);
	bnd_secret_free(*j, sizeof(**j)); /* the head is a secret */
}

/* ---- findings ---- */

static void
take_finding(void *arg, const struct bnd_finding *f)
{
	struct job *j = arg;
	struct bnd_verdict *v = j->v;
	int status = bnd_code_exit(f->code, j->in->strict);
	bool note = bnd_code_is_note(f->code);

	v->notes += note;
	v->fails += !note;
	if (v->first.code == BND_F_NONE ||
	    (status != v->exit && bnd_exit_worst(status, v->exit) == status))
		v->first = *f;
	v->exit = bnd_exit_worst(status, v->exit);
	if (j->in->sink.take != NULL)
		j->in->sink.take(j->in->sink.arg, f);
}

__attribute__((format(printf, 3, 4))) static void
report(struct job *j, enum bnd_code code, const char *fmt, ...)
{
	struct bnd_finding f = { .code = code };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f.detail, sizeof(f.detail), fmt, ap);
	va_end(ap);
	take_finding(j, &f);
}

/* ---- files ---- */

/*
 * The checks that go with a name in the live log.  A file that is not a
 * regular one is not read.
 */
static bool
judge_file(struct job *j, int fd, const char *name, mode_t forbidden)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		report(j, BND_F_TYPE, "%s is not a regular file", name);
		return false;
	}
	if (j->in->copy)
		return true;
	if (st.st_uid != j->in->root->owner)
		report(j, BND_F_OWNER, "%s belongs to uid %u, not %u", name,
		    (unsigned)st.st_uid, (unsigned)j->in->root->owner);
	if ((st.st_mode & forbidden) != 0)
		report(j, BND_F_PERMS, "%s has mode %04o", name,
		    (unsigned)(st.st_mode & 07777));
	if (st.st_nlink != 1)
		report(j, BND_F_LINKS, "%s has %lu links", name,
		    (unsigned long)st.st_nlink);
	return true;
}

/*
 * Open a file of the log: -1 with *trouble false if it is missing or was
 * reported; *trouble true (and err) if it is there and cannot be opened.
 */
static int
open_file(struct job *j, const char *name, enum bnd_code missing,
    mode_t forbidden, bool *trouble, struct bnd_err *err)
{
	SCOPED_FD int fd = bnd_root_openat(&j->dir, name, O_RDONLY, 0, err);

	*trouble = false;
	if (fd >= 0)
		return judge_file(j, fd, name, forbidden) ? take_fd(&fd) : -1;
	if (errno == ENOENT)
		report(j, missing, "%s is missing", name);
	else if (errno == ELOOP || errno == ENXIO || errno == EXDEV)
		report(j, BND_F_TYPE, "%s is not a regular file", name);
	else
		*trouble = true;
	return -1;
}

static void
judge_dir(struct job *j, int fd, const char *name, mode_t forbidden)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISDIR(st.st_mode)) {
		report(j, BND_F_TYPE, "%s is not a directory", name);
		return;
	}
	if (st.st_uid != j->in->root->owner && st.st_uid != 0)
		report(j, BND_F_OWNER, "%s belongs to uid %u", name,
		    (unsigned)st.st_uid);
	if ((st.st_mode & forbidden) != 0 && (st.st_mode & S_ISVTX) == 0)
		report(j, BND_F_PERMS, "%s has mode %04o", name,
		    (unsigned)(st.st_mode & 07777));
}

/* Whoever can write a directory can replace what is below it. */
static void
judge_parents(struct job *j)
{
	static const char *const parents[] = { "var", "var/lib", "var/lib/bnd",
		"etc", "etc/bnd" };

	for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++) {
		SCOPED_FD int fd = bnd_root_openat(
		    j->in->root, parents[i], O_PATH | O_DIRECTORY, 0, NULL);

		if (fd >= 0)
			judge_dir(j, fd, parents[i], 0022);
	}
}

static int
open_dir(struct job *j, struct bnd_err *err)
{
	const char *own = j->in->log_dir;
	int flags = O_RDONLY | O_DIRECTORY;

	if (own != NULL)
		j->dir.fd = open(own, flags | O_CLOEXEC);
	else
		j->dir.fd =
		    bnd_root_openat(j->in->root, BND_LOG_DIR, flags, 0, err);
	j->dir.owner = j->in->root->owner;
	if (j->dir.fd < 0 && own != NULL)
		return bnd_fail_errno(err, "cannot open %s", own);
	if (j->dir.fd < 0 && errno == ENOENT && j->has_pin) {
		report(j, BND_F_NO_LOG, "%s is missing", BND_LOG_DIR);
		return 0;
	}
	if (j->dir.fd < 0 && (errno == ENOTDIR || errno == ELOOP)) {
		report(j, BND_F_TYPE, "%s is not a directory", BND_LOG_DIR);
		return 0;
	}
	if (j->dir.fd < 0)
		return -1;
	if (!j->in->copy)
		judge_dir(j, j->dir.fd, BND_LOG_DIR, 0027);
	if (!j->in->copy && own == NULL)
		judge_parents(j);
	return 0;
}

/* ---- pin ---- */

static int
open_pin(struct job *j, struct bnd_err *err)
{
	const char *own = j->in->pin;
	int fd;

	if (own != NULL)
		fd = open(own, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	else
		fd =
		    bnd_root_openat(j->in->root, BND_LOG_PIN, O_RDONLY, 0, err);
	if (fd < 0 && own != NULL)
		return bnd_fail_errno(err, "cannot open %s", own);
	return fd;
}

static int
load_pin(struct job *j, struct bnd_err *err)
{
	const char *name = j->in->pin != NULL ? j->in->pin : BND_LOG_PIN;
	SCOPED_FD int fd = open_pin(j, err);
	struct bnd_str text = { j->pin_text, 0 };

	if (fd < 0 && errno == ENOENT && j->in->pin == NULL) {
		report(j, BND_F_NO_PIN,
		    "%s is missing: nothing says which log "
		    "this host has",
		    BND_LOG_PIN);
		return 0;
	}
	if (fd < 0)
		return -1;
	/* The operator's own pin is judged by nobody but him. */
	if (j->in->pin == NULL && !judge_file(j, fd, name, 0022))
		return bnd_fail(
		    err, BND_E_UNSAFE, "%s is not a regular file", name);
	if (bnd_file_read_fd(fd, name, j->pin_text, sizeof(j->pin_text),
		&text.len, err) != 0 ||
	    bnd_pin_parse(text, &j->pin, err) != 0)
		return -1;
	j->has_pin = true;
	return 0;
}

/* What the pin says of later records, and what the caller says. */
static int
collect_anchors(struct job *j, struct bnd_err *err)
{
	size_t pinned = j->has_pin ? j->pin.anchors : 0;

	if (pinned + j->in->anchors > ANCHORS_MAX)
		return bnd_fail(
		    err, BND_E_INPUT, "more than %d anchors", ANCHORS_MAX);
	for (size_t i = 0; i < pinned; i++) {
		struct bnd_pin_anchor a;

		if (!bnd_pin_anchor(&j->pin, i, &a))
			return bnd_fail(err, BND_E_INPUT, "bad anchor in pin");
		j->anchor[j->anchors].seq = a.seq;
		memcpy(j->anchor[j->anchors++].link, a.link, BND_HASH_LEN);
	}
	for (size_t i = 0; i < j->in->anchors; i++)
		j->anchor[j->anchors++] = j->in->anchor[i];
	return 0;
}

/* ---- the moment: head and size under one lock ---- */

static int
read_head(struct job *j, struct bnd_err *err)
{
	bool trouble;
	SCOPED_FD int fd =
	    open_file(j, HEAD, BND_F_NO_HEAD, 0177, &trouble, err);
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return trouble ? -1 : 0;
	n = pread(fd, j->head_bytes, sizeof(j->head_bytes), 0);
	if (n < 0 || fstat(fd, &st) != 0)
		return bnd_fail_errno(err, "cannot read %s", HEAD);
	if (n == BND_HEAD_LEN && st.st_size == BND_HEAD_LEN) {
		bnd_head_unpack(j->head_bytes, &j->head);
		j->has_head = true;
	} else
		report(
		    j, BND_F_SLOT, "%s is not of %d bytes", HEAD, BND_HEAD_LEN);
	return 0;
}

static int
read_size(struct job *j, struct bnd_err *err)
{
	struct stat st;

	if (fstat(j->log, &st) != 0)
		return bnd_fail_errno(err, "cannot stat %s", FILE_1);
	j->size = (uint64_t)st.st_size;
	return 0;
}

/* Lock for as long as two reads take; a log that has lost its lock file is
 * read without, and said to be unsafe. */
static int
read_moment(struct job *j, struct bnd_err *err)
{
	bool trouble;
	SCOPED_FD int there =
	    open_file(j, LOCK, BND_F_ABSENT, 0177, &trouble, err);
	SCOPED_FD int lock = -1;

	if (trouble)
		return -1;
	if (there >= 0) {
		j->lock_len = pread(there, j->lock_text, LOCK_LEN + 1, 0);
		lock = bnd_lock(
		    &j->dir, LOCK, false, false, BND_LOG_DEADLINE_MS, err);
		if (lock < 0 && err->kind != BND_E_UNSAFE)
			return -1;
	}
	if (read_size(j, err) != 0)
		return -1;
	return read_head(j, err);
}

/* Whether the line that slot names is there; *lacks_lf: all but its LF is. */
static int
line_is_there(struct job *j, const struct bnd_slot *s, bool *whole,
    bool *lacks_lf, struct bnd_err *err)
{
	char line[BND_RECORD_MAX];
	uint8_t link[BND_HASH_LEN];
	struct bnd_record r;
	size_t len = (size_t)(s->end - s->start);
	ssize_t n;

	*whole = *lacks_lf = false;
	if (s->file != 1 || s->end - s->start > BND_RECORD_MAX || len == 0)
		return 0;
	n = pread(j->log, line, len, (off_t)s->start);
	if (n < 0)
		return bnd_fail_errno(err, "cannot read %s", FILE_1);
	if ((size_t)n < len - 1 || ((size_t)n == len && line[len - 1] != '\n'))
		return 0;
	if (bnd_record_parse((struct bnd_str){ line, len - 1 }, &r, NULL) !=
		0 ||
	    r.seq + 1 != s->next_seq)
		return 0;
	bnd_record_link((struct bnd_str){ line, len - 1 }, &r, link);
	*whole = (size_t)n == len && bnd_same(link, s->link, sizeof(link));
	*lacks_lf = (size_t)n < len && bnd_same(link, s->link, sizeof(link));
	return 0;
}

static int
find_row(struct job *j, struct bnd_err *err)
{
	struct bnd_tail t = { .size = j->size };
	const struct bnd_head *h = &j->head;
	bool unused;

	if (h->s >= 0 &&
	    line_is_there(j, &h->slot[h->s], &t.s_whole, &t.s_lacks_lf, err) !=
		0)
		return -1;
	if (h->o >= 0 &&
	    line_is_there(j, &h->slot[h->o], &t.o_whole, &unused, err) != 0)
		return -1;
	j->row = bnd_head_row(h, &t);
	return 0;
}

/* ---- the tail ---- */

/* The slot that must hold the key of the next record, in each row. */
static const struct bnd_slot *
slot_of(const struct job *j)
{
	const struct bnd_head *h = &j->head;

	switch (j->row) {
	case BND_ROW_CLEAN:
	case BND_ROW_SLOT:
		return &h->slot[h->s];
	case BND_ROW_AGAIN:
	case BND_ROW_ADD_LF:
	case BND_ROW_TORN:
		return &h->slot[h->o];
	case BND_ROW_NONE:
	case BND_ROW_CUT:
	case BND_ROW_FOREIGN:
	case BND_ROW_NO_HEAD:
	case BND_ROW_REMOVED:
		break;
	}
	return NULL;
}

/* Bytes behind it are a crash's, or are told as what they are. */
static uint64_t
limit_of(const struct job *j)
{
	const struct bnd_slot *s = slot_of(j);

	return s != NULL && s->end < j->size ? s->end : j->size;
}

static void
judge_row(struct job *j)
{
	uint64_t announced =
	    j->head.s >= 0 ? j->head.slot[j->head.s].next_seq : 0;
	uint64_t end = j->head.s >= 0 ? j->head.slot[j->head.s].end : 0;

	if (j->row == BND_ROW_AGAIN)
		report(j, BND_F_RESUMED,
		    "a crash before record %" PRIu64 " was written",
		    announced - 1);
	else if (j->row == BND_ROW_ADD_LF || j->row == BND_ROW_TORN)
		report(j, BND_F_FRAGMENT,
		    "%" PRIu64 " bytes that a crash "
		    "left; the next append seals them",
		    j->size - limit_of(j));
	else if (j->row == BND_ROW_CUT)
		report(j, BND_F_HEAD_AHEAD,
		    "the head announces record %" PRIu64 ", up to byte %" PRIu64
		    "; the log ends at byte %" PRIu64,
		    announced - 1, end, j->size);
	else if (j->row == BND_ROW_FOREIGN)
		report(j, BND_F_FILE,
		    "the log does not end with the record "
		    "that the head names");
	else if (j->row == BND_ROW_SLOT)
		report(j, BND_F_SLOT, "one slot of the head is bad");
	else if (j->row == BND_ROW_NO_HEAD)
		report(j, BND_F_SLOT, "no slot of the head can be used");
}

/*
 * Possession.  A head that agrees with a log cut back to record j must hold
 * the key for j + 1, and that was erased when j + 1 was signed.
 */
static void
judge_possession(struct job *j)
{
	const struct bnd_slot *s = slot_of(j);
	const struct bnd_walk *w = &j->walk;

	if (s == NULL || w->broken || w->records == 0)
		return;
	if (s->next_seq != w->seq + 1 || s->end != w->end ||
	    !bnd_same(s->link, w->link, BND_HASH_LEN))
		report(j, BND_F_SEQ,
		    "the head is not the head of record %" PRIu64, w->seq);
	else if (!bnd_slot_holds(s, w->nk))
		report(j, BND_F_SIGNATURE,
		    "the head does not hold the key "
		    "that must sign record %" PRIu64,
		    w->seq + 1);
	else
		j->v->head = BND_HEAD_LIVE;
}

static void
judge_copy_tail(struct job *j)
{
	const struct bnd_walk *w = &j->walk;

	if (w->broken)
		return;
	if (w->records == 0)
		report(j, BND_F_NO_LOG, "%s holds no record", FILE_1);
	else if (w->loose > 0)
		report(j, BND_F_NO_TAIL,
		    "an unfinished line of %zu bytes "
		    "follows record %" PRIu64,
		    w->loose, w->seq);
	else if (!w->has_anchored || w->anchored != w->seq)
		report(j, BND_F_NO_TAIL,
		    "no anchor proves that record %" PRIu64 " is the last one",
		    w->seq);
}

static void
judge_anchors(struct job *j)
{
	const struct bnd_walk *w = &j->walk;

	for (size_t i = 0; i < j->anchors && !w->broken; i++)
		if (w->records == 0 || j->anchor[i].seq > w->seq)
			report(j, BND_F_ANCHOR_AHEAD,
			    "record %" PRIu64
			    " is proven by an anchor and not there",
			    j->anchor[i].seq);
}

/* A later file has nobody to begin it before there is rotation. */
static void
judge_next_file(struct job *j)
{
	SCOPED_FD int fd = bnd_root_openat(&j->dir, FILE_2, O_RDONLY, 0, NULL);
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return;
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > 0)
		report(j, BND_F_FILE, "%s was begun by no record", FILE_2);
}

/* A lock that is another log's keeps nobody away from this one. */
static void
judge_lock(struct job *j)
{
	char id[LOCK_LEN + 1];

	if (j->lock_len < 0 || j->walk.records == 0)
		return;
	bnd_text_to_b64(j->walk.begin.id, BND_ID_LEN, id);
	memcpy(id + LOCK_LEN - 1, "\n", 2);
	if (j->lock_len != LOCK_LEN || memcmp(id, j->lock_text, LOCK_LEN) != 0)
		report(j, BND_F_ABSENT, "%s does not hold this log's id", LOCK);
}

static void
judge_attr(struct job *j)
{
	int flags = 0;

	if (!j->walk.begin.attr || j->in->copy || j->walk.records == 0)
		return;
	if (ioctl(j->log, FS_IOC_GETFLAGS, &flags) != 0 ||
	    (flags & FS_APPEND_FL) == 0)
		report(j, BND_F_ATTR, "%s has lost its append-only attribute",
		    FILE_1);
}

/* ---- state ---- */

static int
judge_state(struct job *j, struct bnd_err *err)
{
	const struct bnd_ledger *l = &j->v->ledger;
	SCOPED_FD int fd = -1;
	char text[BND_STATE_MAX];
	struct bnd_state s;
	size_t len;

	if (j->in->state == NULL || j->walk.broken)
		return 0;
	fd = open(j->in->state, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return bnd_fail_errno(err, "cannot open %s", j->in->state);
	if (bnd_file_read_fd(fd, j->in->state, text, sizeof(text), &len, err) !=
	    0)
		return -1;
	if (bnd_state_unpack((struct bnd_str){ text, len }, &s, err) != 0)
		report(j, BND_F_MODE, "state: %.160s", err->text);
	else if (!bnd_same(s.log_id, l->log_id, BND_ID_LEN))
		report(j, BND_F_MODE, "the state is of another log");
	else if (s.mode != l->mode || s.gen != l->gen)
		report(j, BND_F_MODE,
		    "the state says %s, gen %" PRIu64
		    "; the log says %s, gen %" PRIu64,
		    bnd_mode_name(s.mode), s.gen, bnd_mode_name(l->mode),
		    l->gen);
	else if (l->frozen && s.frozen[0] == '\0')
		report(j, BND_F_FROZEN,
		    "the log is frozen, the state does not say so");
	else if (s.log.spooled || s.log.seq != l->at.seq ||
	    !bnd_same(s.log.link, l->at.link, BND_HASH_LEN))
		report(j, BND_F_MODE,
		    "the state names another record than %" PRIu64, l->at.seq);
	return 0;
}

/* ---- the log before ---- */

static int
read_genesis(struct job *j, char *buf, struct bnd_begin *b, struct bnd_err *err)
{
	ssize_t n = pread(j->log, buf, BND_RECORD_MAX, 0);
	const char *lf = n > 0 ? memchr(buf, '\n', (size_t)n) : NULL;
	struct bnd_str line = { buf, lf != NULL ? (size_t)(lf - buf) : 0 };
	struct bnd_record r;

	if (n < 0)
		return bnd_fail_errno(err, "cannot read %s", FILE_1);
	if (bnd_record_parse(line, &r, err) != 0)
		return -1;
	return bnd_begin_read(line, &r, b, err);
}

/*
 * Who trusts the old pin learns whether what he sees now is its rightful
 * successor; who has adopted the new one, whether he should have.
 */
static int
judge_succession(struct job *j, struct bnd_err *err)
{
	char buf[BND_RECORD_MAX];
	const char *name = j->in->previous;
	struct bnd_sink sink = { take_finding, j };
	struct bnd_heir heir;
	struct bnd_begin b;
	bool old_pin, good;
	SCOPED_FD int dir =
	    name != NULL ? open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (name == NULL || j->walk.records == 0)
		return 0;
	if (dir < 0)
		return bnd_fail_errno(err, "cannot open %s", name);
	if (read_genesis(j, buf, &b, err) != 0)
		return -1;
	old_pin = j->has_pin && !bnd_same(j->pin.id, b.id, BND_ID_LEN);
	if (bnd_heir_read(old_pin ? &j->pin : NULL, dir, &heir, err) != 0)
		return -1;
	good = bnd_heir_is_rightful(&heir, &b, &sink);
	if (old_pin && b.succeeds && bnd_same(j->pin.id, b.from.id, BND_ID_LEN))
		report(j, good ? BND_F_SUCCESSION : BND_F_REINIT,
		    good ? "the pinned log has ended; this one succeeds it, "
			   "approved by its approvers"
			 : "a log that does not rightfully succeed the pinned "
			   "one");
	return 0;
}

/* ---- all of it ---- */

static int
walk(struct job *j, struct bnd_err *err)
{
	struct bnd_walk *w = &j->walk;

	w->fd = j->log;
	w->file = 1;
	w->limit = j->has_head ? limit_of(j) : j->size;
	w->open_end = j->in->copy || j->row == BND_ROW_CUT;
	w->structure_only = j->in->structure_only;
	w->pin = j->has_pin ? &j->pin : NULL;
	w->after_pinned = j->in->previous != NULL;
	w->anchor = j->anchor;
	w->anchors = j->anchors;
	w->sink = (struct bnd_sink){ take_finding, j };
	w->reader = j->in->reader;
	w->ledger = &j->v->ledger;
	if (bnd_walk(w, err) != 0)
		return -1;
	j->v->records = w->records;
	j->v->pinned = j->has_pin;
	memcpy(j->v->log_id, w->begin.id, BND_ID_LEN);
	j->v->last.seq = w->seq;
	memcpy(j->v->last.link, w->link, BND_HASH_LEN);
	memcpy(j->v->nk, w->nk, BND_KEY_LEN);
	return 0;
}

static int
judge_live(struct job *j, struct bnd_err *err)
{
	if (read_moment(j, err) != 0)
		return -1;
	if (j->has_head && find_row(j, err) != 0)
		return -1;
	if (walk(j, err) != 0)
		return -1;
	if (j->has_head)
		judge_row(j);
	judge_possession(j);
	judge_lock(j);
	judge_attr(j);
	return 0;
}

static int
judge_copy(struct job *j, struct bnd_err *err)
{
	if (read_size(j, err) != 0 || walk(j, err) != 0)
		return -1;
	judge_copy_tail(j);
	return 0;
}

static int
judge_log(struct job *j, struct bnd_err *err)
{
	bool trouble;

	j->log = open_file(j, FILE_1, BND_F_NO_LOG, 0137, &trouble, err);
	if (j->log < 0)
		return trouble ? -1 : 0;
	if ((j->in->copy ? judge_copy(j, err) : judge_live(j, err)) != 0)
		return -1;
	judge_next_file(j);
	judge_anchors(j);
	if (j->v->ledger.nascent && !j->walk.broken && !j->in->nascent)
		report(j, BND_F_UNAPPROVED,
		    "a succession that nobody has approved");
	if (judge_succession(j, err) != 0)
		return -1;
	if (j->in->structure_only)
		report(j, BND_F_UNCOVERED, "signatures were not looked at");
	return judge_state(j, err);
}

int
bnd_verify(
    const struct bnd_verify *in, struct bnd_verdict *v, struct bnd_err *err)
{
	__attribute__((cleanup(free_job))) struct job *j =
	    bnd_secret_new(sizeof(*j), err);
	struct bnd_err own = { 0 };

	memset(v, 0, sizeof(*v));
	if (j == NULL)
		return -1;
	/* What failed decides in places, also where nobody wants to know. */
	if (err == NULL)
		err = &own;
	j->in = in;
	j->v = v;
	j->log = j->dir.fd = -1;
	j->lock_len = -1;
	if (bnd_sign_init(err) != 0 || load_pin(j, err) != 0 ||
	    collect_anchors(j, err) != 0 || open_dir(j, err) != 0)
		return -1;
	return j->dir.fd >= 0 ? judge_log(j, err) : 0;
}

int
bnd_verify_live(
    const struct bnd_root *root, struct bnd_verdict *v, struct bnd_err *err)
{
	struct bnd_verify in = { .root = root };

	return bnd_verify(&in, v, err);
}
