/* log-power.c: every state a power cut may leave is recovered, none forked */
/* SPDX-License-Identifier: ISC */
/*
 * An append is recorded: its writes to head and log, and its syncs.  Then the
 * power is cut behind each of them.  What was synced is on the disk.  Of what
 * was not, each write is there or not, a slot may be torn at any byte, and a
 * line may be there up to any byte, or have its length and not its bytes.
 */
#include "head.h"
#include "logkit.h"
#include "scratch.h"
#include "shim.h"

#define OPS	 64
#define UNSYNCED 6

enum where { AT_HEAD, AT_LOG };

struct event {
	bool is_sync, acked; /* acked: an append returned here */
	enum where where;
	size_t len, at;
	char bytes[BND_RECORD_MAX + 1];
};

static struct scratch s;
static struct event event[OPS];
static unsigned events;
static ino_t head_ino, log_ino;

/* ---- recording ----------------------------------------------------------- */

static bool
which(int fd, enum where *where)
{
	struct stat st;

	if (__real_fstat(fd, &st) != 0 ||
	    (st.st_ino != head_ino && st.st_ino != log_ino))
		return false;
	*where = st.st_ino == head_ino ? AT_HEAD : AT_LOG;
	return true;
}

static void
record(const struct shim_op *op, ssize_t rc)
{
	struct event *e = &event[events];
	struct stat st;

	if ((op->call != SHIM_WRITE && op->call != SHIM_PWRITE &&
		op->call != SHIM_SYNC) ||
	    rc < 0 || !which(op->fd, &e->where))
		return;
	if (events + 2 > OPS || op->len > sizeof(e->bytes))
		bail("more writes than expected");
	e->is_sync = op->call == SHIM_SYNC;
	e->acked = false;
	e->len = (size_t)rc;
	e->at = op->at >= 0 ? (size_t)op->at : 0;
	if (op->call == SHIM_WRITE && __real_fstat(op->fd, &st) == 0)
		e->at = (size_t)(st.st_size - rc);
	if (!e->is_sync)
		memcpy(e->bytes, op->buf, e->len);
	events++;
}

static void
note_ack(void)
{
	event[events++] = (struct event){ .acked = true };
}

/* ---- the disk ------------------------------------------------------------ */

struct disk {
	char log[6144], slot[2][BND_SLOT_LEN];
	size_t size;
};

/* The first n bytes of a write; zeros if its bytes never came. */
static void
put(struct disk *d, const struct event *e, size_t n, bool zeros)
{
	char *p = e->where == AT_HEAD ? d->slot[e->at / BND_SLOT_GAP]
				      : d->log + e->at;

	if (zeros)
		memset(p, 0, n);
	else
		memcpy(p, e->bytes, n);
	if (e->where == AT_LOG && e->at + n > d->size)
		d->size = e->at + n;
}

static void
load(const struct disk *d)
{
	struct blob log = { (char *)(uintptr_t)d->log, (ssize_t)d->size };
	static char bytes[BND_HEAD_LEN];
	struct blob head = { bytes, BND_HEAD_LEN };

	memcpy(bytes, d->slot[0], BND_SLOT_LEN);
	memcpy(bytes + BND_SLOT_GAP, d->slot[1], BND_SLOT_LEN);
	blob_write(&s.root, LOG_FILE, log);
	blob_write(&s.root, HEAD_FILE, head);
}

/* ---- judging ------------------------------------------------------------- */

static struct {
	unsigned states, wrong, torn;
} tally;

static int
count(const struct walk *w, unsigned n)
{
	int found = 0;
	uint64_t got;

	for (int i = 0; i < w->records && i < WALK_KEPT; i++)
		found += bnd_json_get_u64(w->body[i], "n", &got) && got == n;
	return found;
}

/* It goes on from here, with all that was acknowledged. */
__attribute__((noinline)) static void
judge(const struct disk *d, unsigned acked, unsigned first)
{
	struct bnd_err err = { 0 };
	struct blob log;
	struct walk w;
	int missing = 0;

	load(d);
	tally.states++;
	if (kit_more(&s.root, 999, &err) != 0) {
		diag("refused: %s", err.text);
		tally.wrong++;
		return;
	}
	log = blob_read(&s.root, LOG_FILE);
	w = walk_log(log);
	for (unsigned n = first; n < first + acked; n++)
		missing += count(&w, n) != 1;
	if (w.records < 0 || missing > 0 || count(&w, 999) != 1) {
		diag("records %d, acknowledged but missing %d", w.records,
		    missing);
		tally.wrong++;
	}
	tally.torn += w.torn > 0;
	blob_free(&log);
}

/* All that may have become of the writes that were not synced. */
static void
spread(const struct disk *d, const struct event **open, unsigned n,
    unsigned acked, unsigned first, bool tear_slots)
{
	const struct event *e = *open;
	struct disk next;

	if (n == 0) {
		judge(d, acked, first);
		return;
	}
	spread(d, open + 1, n - 1, acked, first, tear_slots);
	next = *d;
	put(&next, e, e->len, false);
	spread(&next, open + 1, n - 1, acked, first, tear_slots);
	if (e->where == AT_HEAD && !tear_slots)
		return;
	for (size_t part = 1; part < e->len;
	     part += e->where == AT_HEAD ? 31 : 1) {
		next = *d;
		put(&next, e, part, false);
		spread(&next, open + 1, n - 1, acked, first, tear_slots);
	}
	if (e->where == AT_LOG) {
		next = *d;
		put(&next, e, e->len, true);
		spread(&next, open + 1, n - 1, acked, first, tear_slots);
		put(&next, e, e->len / 2, false);
		spread(&next, open + 1, n - 1, acked, first, tear_slots);
	}
}

/* The power fails behind the first t events. */
static void
cut(const struct disk *start, unsigned t, unsigned first, bool tear_slots)
{
	const struct event *open[UNSYNCED];
	struct disk d = *start;
	unsigned n = 0, acked = 0;

	for (unsigned i = 0; i < t; i++) {
		unsigned last = 0;

		for (unsigned k = i + 1; k < t; k++)
			if (event[k].is_sync &&
			    event[k].where == event[i].where)
				last = k;
		acked += event[i].acked;
		if (event[i].is_sync || event[i].acked)
			continue;
		if (last > 0)
			put(&d, &event[i], event[i].len, false);
		else if (n < UNSYNCED)
			open[n++] = &event[i];
		else
			bail("more unsynced writes than expected");
	}
	spread(&d, open, n, acked, first, tear_slots);
}

/* ---- scenes -------------------------------------------------------------- */

static void
take_disk(struct disk *d)
{
	struct blob log = blob_read(&s.root, LOG_FILE);
	struct blob head = blob_read(&s.root, HEAD_FILE);

	memset(d, 0, sizeof(*d));
	d->size = (size_t)log.len;
	if (d->size > sizeof(d->log) - 2048)
		bail("the log of the test is too long");
	memcpy(d->log, log.p, d->size);
	memcpy(d->slot[0], head.p, BND_SLOT_LEN);
	memcpy(d->slot[1], head.p + BND_SLOT_GAP, BND_SLOT_LEN);
	blob_free(&log);
	blob_free(&head);
}

static void
remember_inodes(void)
{
	struct stat st;

	if (fstatat(s.root.fd, HEAD_FILE, &st, 0) != 0)
		bail("no head");
	head_ino = st.st_ino;
	if (fstatat(s.root.fd, LOG_FILE, &st, 0) != 0)
		bail("no log");
	log_ino = st.st_ino;
}

/* Appends of the numbers first and up, recorded. */
static void
play(unsigned first, unsigned n)
{
	struct bnd_err err = { 0 };

	remember_inodes();
	events = 0;
	for (unsigned i = 0; i < n; i++) {
		shim.after = record;
		shim.armed = true;
		if (kit_more(&s.root, first + i, &err) != 0)
			bail(err.text);
		shim.armed = false;
		note_ack();
	}
}

static void
scene(
    const char *what, const struct disk *start, unsigned first, bool tear_slots)
{
	memset(&tally, 0, sizeof(tally));
	for (unsigned t = 0; t <= events; t++)
		cut(start, t, first, tear_slots);
	ok(tally.wrong == 0 && tally.states > 100,
	    "%s: %u states after a cut, %u with a tear, all healed", what,
	    tally.states, tally.torn);
}

static void
begin(void)
{
	struct bnd_err err = { 0 };

	scratch_make_fast(&s);
	if (kit_init(&s.root, &err) != 0 || kit_more(&s.root, 1, &err) != 0)
		bail(err.text);
}

/* Two appends: the erasing of the first one's key is not synced by it. */
static void
appending(void)
{
	struct disk start;

	begin();
	take_disk(&start);
	play(10, 2);
	scene("two appends", &start, 10, true);
	scratch_remove(&s);
}

/* The head after an append whose key was not erased yet. */
static void
crashed(struct disk *d, size_t line_bytes)
{
	static struct disk before, after;
	struct bnd_err err = { 0 };
	struct bnd_slot slot[2];
	static const uint8_t gap[BND_SLOT_GAP];
	int old;

	take_disk(&before);
	if (kit_more(&s.root, 5, &err) != 0)
		bail(err.text);
	take_disk(&after);
	for (int i = 0; i < 2; i++)
		if (!bnd_slot_unpack((uint8_t *)before.slot[i], gap, &slot[i]))
			bail("a bad slot");
	old = slot[1].gen > slot[0].gen;
	memcpy(after.slot[old], before.slot[old], BND_SLOT_LEN);
	*d = after;
	d->size =
	    line_bytes == SIZE_MAX ? after.size - 1 : before.size + line_bytes;
	load(d);
}

static void
healing(const char *what, size_t line_bytes, bool tear_slots)
{
	struct disk start;

	begin();
	crashed(&start, line_bytes);
	play(10, 1);
	scene(what, &start, 10, tear_slots);
	scratch_remove(&s);
}

int
main(void)
{
	appending();
	healing("starting again", 0, true);
	/*
	 * While a tear is mended, a slot that is torn in its turn is a second
	 * fault within the first: the log is refused, which the recovery table
	 * says of one bad slot and a log that is not in step.
	 */
	healing("mending a tear", 200, false);
	healing("adding an LF", SIZE_MAX, true);
	return tap_done();
}
