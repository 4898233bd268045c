/* log.c: a log begins, grows, and heals or refuses as its recovery table says */
/* SPDX-License-Identifier: ISC */
#include "log.h"

#include <sys/wait.h>

#include "head.h"
#include "logdir.h"
#include "logkit.h"
#include "rogue.h"
#include "scratch.h"
#include "spool.h"

#define SPOOL_FILE BND_LOG_SPOOL

/* Each has a stack of its own: together they would be too much for one. */
#define ALONE	   __attribute__((noinline))

/* Each has a stack of its own: together they would be too much for one. */
#define ALONE	   __attribute__((noinline))

static struct scratch s;

/* Log and head at one moment. */
struct snap {
	struct blob log, head;
};

static struct snap
snap_take(void)
{
	return (struct snap){ blob_read(&s.root, LOG_FILE),
		blob_read(&s.root, HEAD_FILE) };
}

static void
snap_put(const struct snap *p)
{
	blob_write(&s.root, LOG_FILE, p->log);
	blob_write(&s.root, HEAD_FILE, p->head);
}

static bool
snap_same(const struct snap *a)
{
	struct snap b = snap_take();
	bool same = blob_same(a->log, b.log) && blob_same(a->head, b.head);

	blob_free(&b.log);
	blob_free(&b.head);
	return same;
}

static void
snap_free(struct snap *p)
{
	blob_free(&p->log);
	blob_free(&p->head);
}

static void
set_mode(const char *path, mode_t mode)
{
	if (fchmodat(s.root.fd, path, mode, 0) != 0)
		bail("cannot change a mode");
}

/* A log of n records behind its genesis. */
static void
begin(unsigned n)
{
	struct bnd_err err = { 0 };

	scratch_make(&s);
	if (kit_init(&s.root, &err) != 0)
		bail(err.text);
	for (unsigned i = 1; i <= n; i++)
		if (kit_more(&s.root, i, &err) != 0)
			bail(err.text);
}

static void
end(void)
{
	scratch_remove(&s);
}

/*
 * As a crash between A4 and A6 leaves it: the head after a record, but with
 * the key that signed it not yet erased.  before and after are such heads.
 */
static struct snap
as_crashed(const struct snap *before, const struct snap *after)
{
	struct snap c = { { malloc((size_t)after->log.len), after->log.len },
		{ malloc(BND_HEAD_LEN), BND_HEAD_LEN } };
	struct bnd_head h;
	size_t at;

	memcpy(c.log.p, after->log.p, (size_t)after->log.len);
	memcpy(c.head.p, after->head.p, BND_HEAD_LEN);
	bnd_head_unpack((uint8_t *)before->head.p, &h);
	at = (size_t)h.s * BND_SLOT_GAP;
	memcpy(c.head.p + at, before->head.p + at, BND_SLOT_LEN);
	return c;
}

/* ---- beginning ----------------------------------------------------------- */

static void
begins_and_grows(void)
{
	struct bnd_err err = { 0 };
	struct bnd_mark mark;
	struct walk w;
	struct stat st;

	umask(0);
	scratch_make(&s);
	ok(!bnd_log_exists(&s.root), "no log yet");
	ok(kit_append(
	       &s.root, "usb.test", "{}", BND_LOG_DURABLE, &mark, &err) != 0,
	    "nothing is appended to no log");
	is_int(kit_init(&s.root, &err), 0, "a log begins: %s", err.text);
	ok(bnd_log_exists(&s.root), "and is there");
	for (unsigned i = 1; i <= 10; i++)
		is_int(kit_more(&s.root, i, &err), 0, "record %u: %s", i,
		    err.text);
	w = walk_root(&s.root);
	is_int(w.records, 11, "eleven records, linked and signed");
	ok(kit_append(
	       &s.root, "usb.test", "{}", BND_LOG_DURABLE, &mark, &err) == 0 &&
		mark.seq == 11 && !mark.spooled,
	    "the mark says which");
	w = walk_root(&s.root);
	is_mem(mark.link, w.link, sizeof(w.link), "and its link");
	ok(kit_init(&s.root, &err) != 0 && err.kind == BND_E_DENIED,
	    "it cannot begin again");
	ok(fstatat(s.root.fd, LOG_FILE, &st, 0) == 0 &&
		(st.st_mode & 07777) == 0600,
	    "the log is 0600 under umask 0");
	ok(fstatat(s.root.fd, HEAD_FILE, &st, 0) == 0 &&
		(st.st_mode & 07777) == 0600,
	    "and so is the head");
	ok(fstatat(s.root.fd, BND_LOG_DIR, &st, 0) == 0 &&
		(st.st_mode & 07777) == 0700,
	    "in a directory of its own");
	ok(fstatat(s.root.fd, BND_LOG_PIN, &st, 0) == 0 &&
		(st.st_mode & 07777) == 0644,
	    "the pin is everybody's to read");
	umask(077);
	end();
}

static int
init_with(const char *approvers, const uint8_t id[static BND_ID_LEN],
    struct bnd_err *err)
{
	struct bnd_genesis g = { .approvers = {
				     approvers, strlen(approvers) } };
	struct bnd_mark mark;

	memcpy(g.id, id, BND_ID_LEN);
	return bnd_log_init(&s.root, &g, &mark, err);
}

static void
approvers_are_proven(void)
{
	struct bnd_err err = { 0 };
	uint8_t id[BND_ID_LEN] = { 1 }, other[BND_ID_LEN] = { 2 };
	uint8_t seed[BND_SEED_LEN];
	char one[1024], two[2048];
	size_t len;

	scratch_make(&s);
	ok(bnd_sign_init(&err) == 0, "started");
	len = kit_approvers(id, one, sizeof(one), seed);
	ok(init_with("[]", id, &err) != 0 && err.kind == BND_E_INPUT,
	    "no approver: such a host could never loosen");
	ok(init_with("{}", id, &err) != 0, "no array");
	ok(init_with("[1]", id, &err) != 0, "no entry");
	ok(init_with(one, other, &err) != 0, "a proof for another log");
	snprintf(two, sizeof(two), "%.*s,%s", (int)len - 1, one, one + 1);
	ok(init_with(two, id, &err) != 0, "one key twice: %s", err.text);
	ok(!bnd_log_exists(&s.root), "nothing was begun");
	ok(init_with(one, id, &err) == 0, "one with its proof");
	end();
}

/* What stopped before the pin is thrown away, what has records is not. */
static void
begun_again(void)
{
	struct bnd_err err = { 0 };
	struct snap first, second;

	begin(0);
	first = snap_take();
	unlinkat(s.root.fd, BND_LOG_PIN, 0);
	is_int(kit_init(&s.root, &err), 0, "without a pin it begins again: %s",
	    err.text);
	second = snap_take();
	ok(!blob_same(first.log, second.log), "anew");
	ok(kit_more(&s.root, 1, &err) == 0, "and grows");
	unlinkat(s.root.fd, BND_LOG_PIN, 0);
	ok(kit_init(&s.root, &err) != 0 && err.kind == BND_E_CORRUPT,
	    "but never over records: %s", err.text);
	is_int(walk_root(&s.root).records, 2, "they are still there");
	snap_free(&first);
	snap_free(&second);
	end();
}

static void
knows_its_host(void)
{
	struct bnd_err err = { 0 };
	struct blob log;
	uint8_t want[BND_HASH_LEN];
	char b64[BND_B64_LEN(BND_HASH_LEN) + 1];
	static const char id[] = "0123456789abcdef0123456789abcdef\n";
	struct blob machine = { (char *)(uintptr_t)id, 33 };

	scratch_make(&s);
	mkdirat(s.root.fd, "etc", 0755);
	blob_write(&s.root, "etc/machine-id", machine);
	is_int(kit_init(&s.root, &err), 0, "begins: %s", err.text);
	bnd_hash("bnd-log-host-v1", NULL, 0, id, 32, want);
	bnd_text_to_b64(want, sizeof(want), b64);
	log = blob_read(&s.root, LOG_FILE);
	ok(strstr(log.p, b64) != NULL, "the hash of the machine-id is in it");
	ok(strstr(log.p, "0123456789abcdef") == NULL ||
		strstr(log.p, "\"boot\"") < strstr(log.p, "0123456789abcdef"),
	    "not the machine-id");
	ok(strstr(log.p, "\"attr\":false") != NULL,
	    "below a root that is not the host's no attribute is set");
	blob_free(&log);
	end();
}

/* ---- the recovery table -------------------------------------------------- */

static bool
refused(enum bnd_kind kind, const char *what)
{
	struct snap now = snap_take();
	struct bnd_err err = { 0 };
	bool good = kit_more(&s.root, 99, &err) != 0 && err.kind == kind &&
	    snap_same(&now);

	if (!good)
		diag("%s: kind %d: %s", what, err.kind, err.text);
	snap_free(&now);
	return good;
}

/* The key that signed what came after that moment is still on the disk. */
static bool
holds_secret_of(const struct snap *then)
{
	struct blob head = blob_read(&s.root, HEAD_FILE);
	struct bnd_head h;
	bool found;

	bnd_head_unpack((uint8_t *)then->head.p, &h);
	found = memmem(head.p, BND_HEAD_LEN, h.slot[h.s].secret,
		    BND_SEED_LEN) != NULL;
	blob_free(&head);
	return found;
}

/* Rows 1 to 4: one record was being written, the key not erased. */
ALONE static void
crash_rows(void)
{
	struct bnd_err err = { 0 };
	struct snap before, after, c;
	struct walk w;
	off_t was, is;
	unsigned wrong = 0;

	begin(4);
	before = snap_take();
	was = before.log.len;
	if (kit_more(&s.root, 5, &err) != 0)
		bail(err.text);
	after = snap_take();
	is = after.log.len;
	c = as_crashed(&before, &after);

	ok(!holds_secret_of(&before), "after a record its key is erased");
	snap_put(&c);
	ok(holds_secret_of(&before), "(the crash left it)");
	ok(kit_more(&s.root, 6, &err) == 0 && walk_root(&s.root).records == 7,
	    "row 1: it is whole, the wipe was pending");
	ok(!holds_secret_of(&before), "and was finished");
	snap_put(&c);
	cut_file(&s.root, LOG_FILE, was);
	ok(kit_more(&s.root, 6, &err) == 0, "row 2: no byte of it");
	w = walk_root(&s.root);
	ok(w.records == 6 && w.torn == 0, "the next one takes its place");

	snap_put(&c);
	cut_file(&s.root, LOG_FILE, is - 1);
	ok(kit_more(&s.root, 6, &err) == 0, "row 3: all but its LF");
	w = walk_root(&s.root);
	ok(w.records == 7 && w.torn == 0, "it is completed");

	for (off_t cut = was + 1; cut < is - 1; cut++) {
		snap_put(&c);
		cut_file(&s.root, LOG_FILE, cut);
		wrong += kit_more(&s.root, 6, &err) != 0;
		w = walk_root(&s.root);
		wrong += w.records != 7 || w.torn != 1 ||
		    strcmp(w.ev[5], "log.torn") != 0;
	}
	is_int(wrong, 0, "row 4: torn at each of %lld places, healed",
	    (long long)(is - was - 2));
	snap_put(&c);
	cut_file(&s.root, LOG_FILE, was);
	append_bytes(&s.root, LOG_FILE, "\n\0\n\xff{}\n\n", 9);
	ok(kit_more(&s.root, 6, &err) == 0 && walk_root(&s.root).torn == 1,
	    "row 4: whatever the disk made of it");
	snap_put(&c);
	put_byte(&s.root, LOG_FILE, is - 1, '!');
	ok(kit_more(&s.root, 6, &err) == 0 && walk_root(&s.root).torn == 1,
	    "row 4: as long as announced, but another");
	snap_free(&before);
	snap_free(&after);
	snap_free(&c);
	end();
}

/* Suite 2: S0-37, S0-43, L19, L20, L66.  Nothing is silently begun anew. */
static void
every_cut(void)
{
	struct snap whole;
	unsigned wrong = 0;

	begin(5);
	whole = snap_take();
	for (off_t cut = 0; cut < whole.log.len; cut++) {
		cut_file(&s.root, LOG_FILE, cut);
		wrong += !refused(BND_E_TRUNCATED, "cut");
		blob_write(&s.root, LOG_FILE, whole.log);
	}
	is_int(wrong, 0, "row 5: cut at each of %zd bytes, refused, untouched",
	    whole.log.len);
	ok(snap_same(&whole), "(as it was)");
	snap_free(&whole);
	end();
}

/* Row 6: S0-43, L03, L41, L50. */
ALONE static void
written_without_the_key(void)
{
	struct snap whole, older;
	struct walk w;
	unsigned wrong = 0;
	size_t last;
	struct bnd_err err = { 0 };

	begin(5);
	older = snap_take();
	ok(kit_more(&s.root, 6, &err) == 0, "one more");
	whole = snap_take();
	w = walk_log(whole.log);
	is_int(w.records, 7, "seven");
	last = (size_t)older.log.len;
	for (size_t at = last; at < (size_t)whole.log.len; at++)
		for (unsigned bit = 0; bit < 8; bit += 3) {
			put_byte(&s.root, LOG_FILE, (off_t)at,
			    whole.log.p[at] ^ 1 << bit);
			wrong += !refused(BND_E_TAMPERED, "flip");
			put_byte(&s.root, LOG_FILE, (off_t)at, whole.log.p[at]);
		}
	is_int(wrong, 0, "row 6: any byte of the last record changed, refused");
	append_bytes(&s.root, LOG_FILE, "\n", 1);
	ok(refused(BND_E_TAMPERED, "blank"), "row 6: a blank line added");
	snap_put(&whole);
	append_bytes(&s.root, LOG_FILE, whole.log.p + last,
	    (size_t)whole.log.len - last);
	ok(refused(BND_E_TAMPERED, "replay"),
	    "row 6: the last record replayed");
	snap_put(&whole);
	blob_write(&s.root, HEAD_FILE, older.head);
	ok(refused(BND_E_TAMPERED, "older head"), "row 6: an older head");
	snap_put(&whole);
	ok(kit_more(&s.root, 7, &err) == 0, "unchanged, it goes on");
	snap_free(&whole);
	snap_free(&older);
	end();
}

/* Rows 7 and 8. */
static void
bad_slots(void)
{
	struct snap whole;
	struct bnd_head h;
	struct bnd_err err = { 0 };
	unsigned wrong = 0;

	begin(3);
	whole = snap_take();
	bnd_head_unpack((uint8_t *)whole.head.p, &h);
	for (off_t at = 0; at < BND_SLOT_GAP; at += 61) {
		off_t o = h.o * BND_SLOT_GAP + at, n = h.s * BND_SLOT_GAP + at;
		struct blob head;
		struct bnd_head now;

		put_byte(&s.root, HEAD_FILE, o, whole.head.p[o] ^ 1);
		wrong += kit_more(&s.root, 4, &err) != 0 ||
		    walk_root(&s.root).records != 5;
		head = blob_read(&s.root, HEAD_FILE);
		bnd_head_unpack((uint8_t *)head.p, &now);
		wrong += !now.good[0] || !now.good[1];
		blob_free(&head);
		snap_put(&whole);
		put_byte(&s.root, HEAD_FILE, n, whole.head.p[n] ^ 1);
		wrong += !refused(BND_E_UNSAFE, "newer slot");
		snap_put(&whole);
	}
	is_int(wrong, 0,
	    "row 7: the older slot bad, repaired; the newer bad, refused");
	put_byte(&s.root, HEAD_FILE, 0, 'X');
	put_byte(&s.root, HEAD_FILE, BND_SLOT_GAP, 'X');
	ok(refused(BND_E_UNSAFE, "both"), "row 8: both bad");
	cut_file(&s.root, HEAD_FILE, 0);
	ok(refused(BND_E_UNSAFE, "empty"), "row 8: emptied");
	snap_put(&whole);
	append_bytes(&s.root, HEAD_FILE, "x", 1);
	ok(refused(BND_E_UNSAFE, "longer"), "row 8: longer than it is");
	snap_free(&whole);
	end();
}

/* L42: a slot with another key in it is not believed, and no key is made. */
static void
foreign_key(void)
{
	struct snap whole;
	struct bnd_head h;

	begin(3);
	whole = snap_take();
	bnd_head_unpack((uint8_t *)whole.head.p, &h);
	bnd_random(h.slot[h.s].secret, BND_SEED_LEN);
	bnd_slot_pack(
	    &h.slot[h.s], (uint8_t *)whole.head.p + h.s * BND_SLOT_GAP);
	blob_write(&s.root, HEAD_FILE, whole.head);
	ok(refused(BND_E_TAMPERED, "secret"), "a secret that is not its pk's");
	bnd_sign_public(h.slot[h.s].secret, h.slot[h.s].pk);
	bnd_slot_pack(
	    &h.slot[h.s], (uint8_t *)whole.head.p + h.s * BND_SLOT_GAP);
	blob_write(&s.root, HEAD_FILE, whole.head);
	ok(refused(BND_E_TAMPERED, "pk"), "a pk that is not the record's nk");
	snap_free(&whole);
	end();
}

static void
removed(void)
{
	static const struct {
		const char *path;
		enum bnd_kind kind;
	} files[] = {
		{ LOG_FILE, BND_E_TRUNCATED },
		{ HEAD_FILE, BND_E_TRUNCATED },
		{ LOCK_FILE, BND_E_UNSAFE },
		{ BND_LOG_PIN, BND_E_CORRUPT },
		{ BND_LOG_DIR, BND_E_TRUNCATED },
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		begin(2);
		if (renameat(s.root.fd, files[i].path, s.root.fd, "aside") != 0)
			bail(files[i].path);
		ok(refused(files[i].kind, files[i].path), "row 9: %s is gone",
		    files[i].path);
		ok(faccessat(s.root.fd, files[i].path, F_OK, 0) != 0,
		    "and nothing is made in its place");
		end();
	}
}

/* ---- traps in place of each file ----------------------------------------- */

enum trap {
	TRAP_LINK,
	TRAP_FIFO,
	TRAP_DIR,
	TRAP_HARD,
	TRAP_MODE,
	TRAP_LAST,
};

static const char *const trap_name[] = { "symlink", "FIFO", "directory",
	"hard link", "mode 0666" };

static void
set_trap(const char *path, enum trap trap)
{
	int rc = 0;

	if (trap != TRAP_MODE && trap != TRAP_HARD)
		rc = renameat(s.root.fd, path, s.root.fd, "aside");
	if (trap == TRAP_LINK)
		rc |= symlinkat("/proc/self/cwd/aside", s.root.fd, path);
	else if (trap == TRAP_FIFO)
		rc |= mkfifoat(s.root.fd, path, 0600);
	else if (trap == TRAP_DIR)
		rc |= mkdirat(s.root.fd, path, 0700);
	else if (trap == TRAP_HARD)
		rc |= linkat(s.root.fd, path, s.root.fd, "aside", 0);
	else
		rc |= fchmodat(s.root.fd, path, 0666, 0);
	if (rc != 0)
		bail("cannot set a trap");
}

/* L70, L71, S0-44. */
static void
traps(void)
{
	static const char *const paths[] = { LOG_FILE, HEAD_FILE, LOCK_FILE };

	for (size_t i = 0; i < 3; i++)
		for (enum trap t = TRAP_LINK; t < TRAP_LAST; t++) {
			struct bnd_err err = { 0 };

			begin(2);
			set_trap(paths[i], t);
			ok(kit_more(&s.root, 9, &err) != 0 &&
				err.kind == BND_E_UNSAFE,
			    "%s in place of %s: %s", trap_name[t], paths[i],
			    err.text);
			end();
		}
	for (mode_t m = 0001; m <= 0020; m <<= 1) {
		begin(1);
		set_mode(BND_LOG_DIR, 0700 | m);
		ok(m == 0010 || m == 0040 || refused(BND_E_UNSAFE, "directory"),
		    "a directory of mode %04o", 0700 | m);
		end();
	}
	begin(1);
	set_mode(LOG_FILE, 0640);
	set_mode(BND_LOG_DIR, 0750);
	{
		struct bnd_err err = { 0 };

		ok(kit_more(&s.root, 9, &err) == 0,
		    "a group of readers is allowed: %s", err.text);
	}
	put_byte(&s.root, LOCK_FILE, 0, '!');
	ok(refused(BND_E_UNSAFE, "lock"), "the lock of another log");
	end();
}

/* ---- the spool ----------------------------------------------------------- */

static bool
spooled(const char *ev, unsigned n)
{
	struct bnd_err err = { 0 };
	struct bnd_mark mark;
	char body[64];

	snprintf(body, sizeof(body), "{\"n\":%u}", n);
	if (kit_append(&s.root, ev, body, BND_LOG_SPOOL_OK, &mark, &err) != 0) {
		diag("not spooled: %s", err.text);
		return false;
	}
	return mark.spooled && err.kind != BND_E_NONE;
}

static void
break_log(void)
{
	set_mode(HEAD_FILE, 0666);
}

static void
mend_log(void)
{
	set_mode(HEAD_FILE, 0600);
}

static uint64_t
was_n(struct bnd_str body)
{
	struct bnd_str was = { "", 0 };
	uint64_t n = 0;

	return bnd_json_get(body, "was", &was) && bnd_json_get_u64(was, "n", &n)
	    ? n
	    : 0;
}

ALONE static void
spool_and_absorb(void)
{
	struct bnd_err err = { 0 };
	struct blob log;
	struct walk w;
	struct stat st;
	bool order = true;

	begin(2);
	break_log();
	for (unsigned n = 1; n <= 5; n++)
		ok(spooled("mode.intent", n), "tightening %u is kept", n);
	ok(fstatat(s.root.fd, SPOOL_FILE, &st, 0) == 0 &&
		(st.st_mode & 07777) == 0600,
	    "in a file of 0600");
	ok(kit_more(&s.root, 9, &err) != 0, "what must be durable is refused");
	mend_log();
	ok(kit_more(&s.root, 9, &err) == 0, "the log works again: %s",
	    err.text);
	log = blob_read(&s.root, LOG_FILE);
	w = walk_log(log);
	is_int(w.records, 3 + 5 + 1, "all of it is on the chain");
	for (unsigned n = 1; n <= 5; n++)
		order = order && was_n(w.body[2 + n]) == n &&
		    strcmp(w.ev[2 + n], "mode.intent") == 0;
	ok(order, "in order, before anything else");
	ok(fstatat(s.root.fd, SPOOL_FILE, &st, 0) == 0 && st.st_size == 0,
	    "the spool is empty");
	blob_free(&log);
	end();
}

/*
 * A log that is there and not there by turns, a hundred times: what was said
 * meanwhile comes with the next that can be written, once and in order, and
 * nothing piles up that would try again by itself.
 */
static void
sink_flaps(void)
{
	struct bnd_err err = { 0 };
	struct blob log;
	struct stat st;
	unsigned good = 0, left = 0, next = 1;
	const char *at;

	begin(0);
	for (unsigned n = 1; n <= 100; n++) {
		break_log();
		good += spooled("usb.deny", n);
		mend_log();
		good += kit_more(&s.root, 1, &err) == 0;
		left += fstatat(s.root.fd, SPOOL_FILE, &st, 0) != 0 ||
		    st.st_size != 0;
	}
	is_int(good, 200, "kept and written by turns, a hundred times");
	is_int(left, 0, "each time all that was kept is absorbed at once");
	log = blob_read(&s.root, LOG_FILE);
	for (at = log.p; (at = strstr(at, "\"was\":{")) != NULL; at++) {
		char want[40];

		snprintf(want, sizeof(want), "\"was\":{\"n\":%u}", next);
		next += strncmp(at, want, strlen(want)) == 0 ? 1 : 1000;
	}
	is_int(next, 101, "each is on the chain once, in its order");
	blob_free(&log);
	end();
}

/* While an entry is being absorbed others go on adding: none waits or is lost. */
static void
spool_grows_meanwhile(void)
{
	struct bnd_err err = { 0 };
	struct bnd_spooled e = { 0 };
	struct bnd_spool sp = { .fd = -1 };
	struct blob log;
	bool more = false;

	begin(0);
	break_log();
	ok(spooled("usb.deny", 1) && spooled("usb.deny", 2), "two entries");
	ok(bnd_spool_open(&s.root, NULL, &sp, &err) == 0 &&
		bnd_spool_next(&sp, &e, &more, &err) == 0 && more,
	    "the first is read");
	bnd_spool_pause(&sp);
	ok(spooled("usb.deny", 3), "a third comes while it is made a record");
	ok(bnd_spool_mark(&sp, &err) == 0, "the first is marked");
	for (unsigned n = 2; n <= 3; n++)
		ok(bnd_spool_next(&sp, &e, &more, &err) == 0 && more &&
			bnd_str_is(e.body, n == 2 ? "{\"n\":2}" : "{\"n\":3}"),
		    "%u follows", n);
	ok(bnd_spool_next(&sp, &e, &more, &err) == 0 && !more, "no more");
	bnd_spool_close(&sp);
	mend_log();
	ok(kit_more(&s.root, 9, &err) == 0, "absorbed: %s", err.text);
	log = blob_read(&s.root, LOG_FILE);
	is_int(
	    walk_log(log).records, 1 + 2 + 1, "what was marked is not again");
	blob_free(&log);
	end();
}

static void
spool_is_bounded(void)
{
	struct bnd_err err = { 0 };
	struct stat st = { 0 };
	struct blob log;
	struct walk w;
	static char body[3000];
	struct bnd_mark mark;
	uint64_t n = 0;
	unsigned wrong = 0;

	begin(0);
	break_log();
	memset(body, 'x', sizeof(body) - 1);
	memcpy(body, "{\"a\":\"", 6);
	memcpy(body + sizeof(body) - 3, "\"}", 2);
	for (unsigned i = 0; i < 340; i++) {
		wrong += kit_append(&s.root, "usb.deny", body, BND_LOG_SPOOL_OK,
			     &mark, &err) != 0;
		fstatat(s.root.fd, SPOOL_FILE, &st, 0);
	}
	is_int(wrong, 0, "a flood is taken without an error");
	ok(st.st_size <= 1024 * 1024 + 4096, "and bounded: %lld bytes",
	    (long long)st.st_size);
	mend_log();
	ok(kit_more(&s.root, 1, &err) == 0, "absorbed: %s", err.text);
	log = blob_read(&s.root, LOG_FILE);
	w = walk_log(log);
	{
		const char *at = strstr(log.p, "\"of\":\"spool\",\"n\":");

		if (at != NULL)
			sscanf(at, "\"of\":\"spool\",\"n\":%lu", &n);
	}
	is_int((int)n + w.records - 3, 340, "what is not there was counted");
	ok(n > 0 && n < 100, "%d of them", (int)n);
	blob_free(&log);
	end();
}

ALONE static void
spool_is_damaged(void)
{
	struct bnd_err err = { 0 };
	struct blob sp, log;
	struct walk w;

	begin(0);
	break_log();
	ok(spooled("usb.deny", 1) && spooled("usb.deny", 2), "two entries");
	sp = blob_read(&s.root, SPOOL_FILE);
	append_bytes(&s.root, SPOOL_FILE, "{\"h\":\"half", 10);
	ok(spooled("usb.deny", 3), "a fragment is cut off by the next one");
	append_bytes(&s.root, SPOOL_FILE, sp.p, (size_t)sp.len);
	mend_log();
	ok(kit_more(&s.root, 9, &err) == 0, "absorbed: %s", err.text);
	log = blob_read(&s.root, LOG_FILE);
	w = walk_log(log);
	is_int(w.records, 1 + 3 + 1 + 1, "three, a count, and our own");
	ok(strcmp(w.ev[4], "log.suppressed") == 0 &&
		bnd_str_is(w.body[4], "{\"of\":\"spool\",\"n\":2}"),
	    "what breaks the chain is counted");
	blob_free(&sp);
	blob_free(&log);
	end();
}

/* The sync failed, the line stayed: not once more as a late record. */
static void
degraded(void)
{
	struct bnd_err err = { 0 };

	begin(1);
	bnd_logdir_degrade(&s.root);
	ok(bnd_logdir_is_degraded(&s.root), "the mark is there");
	ok(refused(BND_E_CORRUPT, "degraded"), "no append while it is");
	ok(spooled("mode.intent", 1), "a tightening is spooled");
	is_int(
	    bnd_logdir_restore(&s.root, &err), 0, "taken away: %s", err.text);
	ok(kit_more(&s.root, 2, &err) == 0 && walk_root(&s.root).records == 4,
	    "the log goes on, the tightening first");
	end();
}

/* ---- the rest ------------------------------------------------------------ */

static void
jump_ahead(struct bnd_record *r, void *arg)
{
	(void)arg;
	r->time.boot_us += 3600U * 1000000U;
}

static void
boot_clock_back(void)
{
	struct rogue later = {
		.ev = "usb.test", .body = "{}", .edit = jump_ahead
	};
	struct bnd_err err = { 0 };

	begin(1);
	ok(rogue_append(&s.root, &later, &err) == 0, "a record of later: %s",
	    err.text);
	ok(refused(BND_E_FROZEN, "clock"), "none is written before it");
	end();
}

/* S0-35: closing goes the way of every record, and is final. */
static void
closed(void)
{
	struct bnd_err err = { 0 };
	struct bnd_mark mark;

	begin(1);
	ok(kit_append(
	       &s.root, "log.close", "{}", BND_LOG_DURABLE, &mark, &err) == 0 &&
		walk_root(&s.root).records == 3,
	    "a log is closed by a record like any other");
	ok(refused(BND_E_DENIED, "closed"), "nothing follows");
	ok(kit_append(
	       &s.root, "log.close", "{}", BND_LOG_DURABLE, &mark, &err) != 0 &&
		walk_root(&s.root).records == 3,
	    "nor is it closed twice");
	end();
}

static void
bad_events(void)
{
	static const char *const evs[] = { "", "Mode.commit", "mode..x",
		"mode.", "a.bcdefghijklmnopqrstuvwxyzabcdef" };
	static const char *const bodies[] = { "", "[]", "{", "{\"A\":1}",
		"{\"a\":1.5}", "null" };
	struct bnd_err err = { 0 };
	struct bnd_mark mark;

	begin(0);
	for (size_t i = 0; i < sizeof(evs) / sizeof(evs[0]); i++)
		ok(kit_append(&s.root, evs[i], "{}", BND_LOG_SPOOL_OK, &mark,
		       &err) != 0 &&
			err.kind == BND_E_INPUT,
		    "'%s' is no event", evs[i]);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		ok(kit_append(&s.root, "usb.x", bodies[i], BND_LOG_SPOOL_OK,
		       &mark, &err) != 0 &&
			err.kind == BND_E_INPUT,
		    "'%s' is no body", bodies[i]);
	is_int(walk_root(&s.root).records, 1, "nothing was logged");
	ok(faccessat(s.root.fd, SPOOL_FILE, F_OK, 0) != 0, "nor spooled");
	end();
}

/* L69: a holder of the lock is stopped, then killed. */
static void
lock_holder(void)
{
	struct bnd_err err = { 0 };
	struct bnd_mark mark;
	int p[2], status;
	char c;
	pid_t pid;

	begin(1);
	if (pipe(p) != 0)
		bail("no pipe");
	pid = fork();
	if (pid == 0) {
		struct bnd_by by = { .prog = "test", .pid = 1 };
		struct bnd_chain chain;

		if (bnd_chain_open(&s.root, &by, 1000, &chain, &err) != 0 ||
		    write(p[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	if (read(p[0], &c, 1) != 1)
		bail("no holder");
	kill(pid, SIGSTOP);
	{
		struct bnd_event e = { .prog = "test",
			.ev = "usb.x",
			.body = { "{}", 2 },
			.deadline_ms = 100 };

		ok(bnd_log_append(&s.root, &e, &mark, &err) != 0 &&
			err.kind == BND_E_BUSY,
		    "busy while another holds the lock: %s", err.text);
		e.need = BND_LOG_SPOOL_OK;
		ok(bnd_log_append(&s.root, &e, &mark, &err) == 0 &&
			mark.spooled,
		    "a tightening does not wait for it");
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	ok(kit_more(&s.root, 1, &err) == 0 && walk_root(&s.root).records == 4,
	    "once it is dead the log goes on: %s", err.text);
	close(p[0]);
	close(p[1]);
	end();
}

int
main(void)
{
	begins_and_grows();
	approvers_are_proven();
	begun_again();
	knows_its_host();
	crash_rows();
	every_cut();
	written_without_the_key();
	bad_slots();
	foreign_key();
	removed();
	traps();
	spool_and_absorb();
	sink_flaps();
	spool_grows_meanwhile();
	spool_is_bounded();
	spool_is_damaged();
	degraded();
	boot_clock_back();
	closed();
	bad_events();
	lock_holder();
	return tap_done();
}
