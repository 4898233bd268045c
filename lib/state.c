/* state.c: the published mode, and LOCKDOWN for whatever is not it */
/* SPDX-License-Identifier: ISC */
/*
 * The state is a cache of the chain that every tool can read without a lock
 * and nobody can leave half-written:
 *
 *  - It is replaced by rename, so a reader sees the old one or the new one.
 *  - Its text has one spelling.  What unpack() reads is packed again and must
 *    give the same bytes, so nothing can hide in a second spelling.
 *  - Its last line is a checksum of the lines above.  That is no signature:
 *    who can write the file can make the sum.  It catches damage; the chain
 *    catches lies (`mode-set --check`).
 *  - Every way to fail gives LOCKDOWN in both modes, and says why.
 *
 * A crash between any two renames leaves phase "entering" or "leaving" with
 * effective the stricter of the two modes, which is what readers act on until
 * the next mode-set finishes the work.
 *
 * A request is an empty file named like a mode.  It needs no lock, so that a
 * tightening can be announced while the lock's holder is stopped.  So is
 * FREEZE, which holds its reason.
 */
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "scope.h"
#include "sign.h"

#define HEAD	 "bnd-state/1"
#define PERSONAL "bnd-state-v1"
#define TIME_MAX ((uint64_t)1 << 53)
#define GEN_MAX	 (((uint64_t)1 << 53) - 1)
#define FREEZE	 BND_REQUEST_DIR "/FREEZE"
#define UNTOLD	 "no reason given"
#define SUM_LINE (4 + BND_B64_LEN(BND_HASH_LEN) + 1)

static const char *const phase_name[] = { [BND_STABLE] = "stable",
	[BND_ENTERING] = "entering",
	[BND_LEAVING] = "leaving" };

static bool
is_none(struct bnd_str v)
{
	return bnd_str_is(v, "-");
}

static bool
get_gen(struct bnd_str v, struct bnd_state *s)
{
	return bnd_text_u64(v, GEN_MAX, &s->gen) && s->gen != 0;
}

static bool
get_mode(struct bnd_str v, struct bnd_state *s)
{
	return bnd_mode_parse_exact(v, &s->mode);
}

static bool
get_effective(struct bnd_str v, struct bnd_state *s)
{
	return bnd_mode_parse_exact(v, &s->effective);
}

static bool
get_phase(struct bnd_str v, struct bnd_state *s)
{
	for (int i = BND_STABLE; i <= BND_LEAVING; i++) {
		if (bnd_str_is(v, phase_name[i]))
			s->phase = (enum bnd_phase)i;
	}
	return s->phase != BND_PHASE_NONE;
}

static bool
get_txn(struct bnd_str v, struct bnd_state *s)
{
	struct bnd_str id, pid, to;
	uint8_t bin[BND_TXN_LEN / 2];
	uint64_t n;

	if (is_none(v))
		return true;
	if (!bnd_text_word(&v, &id) || !bnd_text_word(&v, &pid) ||
	    !bnd_text_word(&v, &to) || v.len != 0)
		return false;
	if (!bnd_text_from_hex(id, bin, sizeof(bin)) ||
	    !bnd_text_u64(pid, INT32_MAX, &n))
		return false;
	s->txn_pid = (int)n;
	return bnd_str_copy(id, s->txn, sizeof(s->txn)) &&
	    bnd_mode_parse_exact(to, &s->txn_to);
}

static bool
get_until(struct bnd_str v, struct bnd_state *s)
{
	struct bnd_str us;

	if (is_none(v))
		return true;
	if (!bnd_text_word(&v, &us) ||
	    !bnd_text_u64(us, TIME_MAX, &s->until_us) || s->until_us == 0)
		return false;
	return v.len > 1 &&
	    bnd_mode_parse_exact(
		(struct bnd_str){ v.p + 1, v.len - 1 }, &s->until_mode);
}

/* The rest of the line, printable. */
static bool
get_text(struct bnd_str v, char *text, size_t size)
{
	if (is_none(v))
		return true;
	for (size_t i = 0; i < v.len; i++) {
		if (v.p[i] < 0x20 || v.p[i] > 0x7e)
			return false;
	}
	return v.len > 0 && bnd_str_copy(v, text, size);
}

static bool
get_frozen(struct bnd_str v, struct bnd_state *s)
{
	return get_text(v, s->frozen, sizeof(s->frozen));
}

static bool
get_why(struct bnd_str v, struct bnd_state *s)
{
	return get_text(v, s->why, sizeof(s->why));
}

static bool
get_boot(struct bnd_str v, struct bnd_state *s)
{
	uint8_t bin[BND_BOOT_ID_LEN / 2];

	return bnd_text_from_hex(v, bin, sizeof(bin)) &&
	    bnd_str_copy(v, s->boot, sizeof(s->boot));
}

static bool
get_at(struct bnd_str v, struct bnd_state *s)
{
	return bnd_text_u64(v, TIME_MAX, &s->at_us);
}

static bool
get_offset(struct bnd_str v, struct bnd_state *s)
{
	uint64_t us;
	struct bnd_str n;
	bool negative = v.len > 0 && v.p[0] == '-';

	if (negative)
		v = (struct bnd_str){ v.p + 1, v.len - 1 };
	if (!bnd_text_word(&v, &n) || !bnd_text_u64(n, TIME_MAX, &us) ||
	    (negative && us == 0))
		return false;
	s->offset_us = negative ? -(int64_t)us : (int64_t)us;
	s->synced = bnd_str_is(v, " synced");
	return s->synced || bnd_str_is(v, " free");
}

static bool
get_log(struct bnd_str v, struct bnd_state *s)
{
	struct bnd_str id, seq, link;

	if (!bnd_text_word(&v, &id) || !bnd_text_word(&v, &seq) ||
	    !bnd_text_word(&v, &link) || v.len != 0)
		return false;
	if (!is_none(id) && !bnd_text_from_b64(id, s->log_id, BND_ID_LEN))
		return false;
	s->log.spooled = is_none(seq) && is_none(link);
	if (s->log.spooled)
		return true;
	return bnd_text_u64(seq, GEN_MAX, &s->log.seq) &&
	    bnd_text_from_b64(link, s->log.link, BND_HASH_LEN);
}

/* One line each, all of them, in this order. */
static const struct field {
	const char *word;
	bool (*get)(struct bnd_str v, struct bnd_state *s);
} fields[] = {
	{ "gen", get_gen },
	{ "mode", get_mode },
	{ "effective", get_effective },
	{ "phase", get_phase },
	{ "txn", get_txn },
	{ "until", get_until },
	{ "frozen", get_frozen },
	{ "why", get_why },
	{ "boot", get_boot },
	{ "at", get_at },
	{ "offset", get_offset },
	{ "log", get_log },
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static void
sum_of(const char *buf, size_t len, char b64[BND_B64_LEN(BND_HASH_LEN) + 1])
{
	uint8_t sum[BND_HASH_LEN];

	bnd_hash(PERSONAL, NULL, 0, buf, len, sum);
	bnd_text_to_b64(sum, sizeof(sum), b64);
}

static void
pack_log(const struct bnd_state *s, char text[static 96])
{
	char id[BND_B64_LEN(BND_ID_LEN) + 1] = "-";
	char link[BND_B64_LEN(BND_HASH_LEN) + 1];

	if (!bnd_is_zero(s->log_id, BND_ID_LEN))
		bnd_text_to_b64(s->log_id, BND_ID_LEN, id);
	bnd_text_to_b64(s->log.link, BND_HASH_LEN, link);
	if (s->log.spooled)
		(void)snprintf(text, 96, "%s - -", id);
	else
		(void)snprintf(
		    text, 96, "%s %" PRIu64 " %s", id, s->log.seq, link);
}

static const char *
or_none(const char *text)
{
	return text[0] == '\0' ? "-" : text;
}

/* The optional values as text, "-" for none. */
static void
pack_words(
    const struct bnd_state *s, char txn[static 64], char until[static 48])
{
	memcpy(txn, "-", 2);
	memcpy(until, "-", 2);
	if (s->txn[0] != '\0')
		(void)snprintf(txn, 64, "%s %d %s", s->txn, s->txn_pid,
		    bnd_mode_name(s->txn_to));
	if (s->until_us != 0)
		(void)snprintf(until, 48, "%" PRIu64 " %s", s->until_us,
		    bnd_mode_name(s->until_mode));
}

int
bnd_state_pack(
    const struct bnd_state *s, char *buf, size_t *len, struct bnd_err *err)
{
	char txn[64], until[48], log[96], sum[BND_B64_LEN(BND_HASH_LEN) + 1];
	int n;

	if (s->phase < BND_STABLE || s->phase > BND_LEAVING)
		return bnd_fail(err, BND_E_CORRUPT, "state without a phase");
	pack_words(s, txn, until);
	pack_log(s, log);
	n = snprintf(buf, BND_STATE_MAX - SUM_LINE,
	    HEAD "\ngen %" PRIu64 "\nmode %s\neffective %s\nphase %s\n"
		 "txn %s\nuntil %s\nfrozen %s\nwhy %s\nboot %s\nat %" PRIu64
		 "\noffset %" PRId64 " %s\nlog %s\n",
	    s->gen, bnd_mode_name(s->mode), bnd_mode_name(s->effective),
	    phase_name[s->phase], txn, until, or_none(s->frozen),
	    or_none(s->why), s->boot, s->at_us, s->offset_us,
	    s->synced ? "synced" : "free", log);
	if (n < 0 || (size_t)n >= BND_STATE_MAX - SUM_LINE)
		return bnd_fail(err, BND_E_CORRUPT, "state too long");
	sum_of(buf, (size_t)n, sum);
	memcpy(buf + n, "sum ", 4);
	memcpy(buf + n + 4, sum, sizeof(sum) - 1);
	*len = (size_t)n + SUM_LINE;
	buf[*len - 1] = '\n';
	return 0;
}

/* The text must end in the sum of what stands before it. */
static int
check_sum(struct bnd_str text, struct bnd_str *body, struct bnd_err *err)
{
	char want[BND_B64_LEN(BND_HASH_LEN) + 1];
	const char *last;

	if (text.len == 0)
		return bnd_fail(err, BND_E_CORRUPT, "the state is empty");
	if (text.len > BND_STATE_MAX)
		return bnd_fail(err, BND_E_CORRUPT, "the state is too long");
	if (memchr(text.p, '\0', text.len) != NULL)
		return bnd_fail(
		    err, BND_E_CORRUPT, "the state holds a NUL byte");
	last = text.len < SUM_LINE ? NULL : text.p + text.len - SUM_LINE;
	if (last == NULL || memcmp(last, "sum ", 4) != 0 ||
	    text.p[text.len - 1] != '\n' || (last > text.p && last[-1] != '\n'))
		return bnd_fail(err, BND_E_CORRUPT,
		    "the state does not end in its sum: cut or damaged");
	*body = (struct bnd_str){ text.p, text.len - SUM_LINE };
	sum_of(body->p, body->len, want);
	if (memcmp(last + 4, want, sizeof(want) - 1) != 0)
		return bnd_fail(
		    err, BND_E_CORRUPT, "the sum of the state does not match");
	return 0;
}

static int
read_fields(struct bnd_str body, struct bnd_state *s, struct bnd_err *err)
{
	struct bnd_str line, word;
	char shown[64];
	bool whole;

	if (!bnd_text_line(&body, &line, &whole) || !bnd_str_is(line, HEAD))
		return bnd_fail(
		    err, BND_E_CORRUPT, "the state is not of the format " HEAD);
	for (size_t i = 0; i < FIELDS; i++) {
		if (!bnd_text_line(&body, &line, &whole))
			return bnd_fail(err, BND_E_CORRUPT,
			    "the state lacks the line \"%s\"", fields[i].word);
		bnd_text_show(line, shown, sizeof(shown));
		if (!bnd_text_word(&line, &word) ||
		    !bnd_str_is(word, fields[i].word))
			return bnd_fail(err, BND_E_CORRUPT,
			    "the state says \"%s\" where \"%s\" belongs", shown,
			    fields[i].word);
		if (line.len < 2 ||
		    !fields[i].get(
			(struct bnd_str){ line.p + 1, line.len - 1 }, s))
			return bnd_fail(err, BND_E_CORRUPT,
			    "bad value in the state: \"%s\"", shown);
	}
	if (body.len != 0)
		return bnd_fail(
		    err, BND_E_CORRUPT, "the state has a line too many");
	return 0;
}

/* What no writer of ours ever publishes. */
static int
check_sense(const struct bnd_state *s, struct bnd_err *err)
{
	if (s->effective < s->mode)
		return bnd_fail(err, BND_E_CORRUPT,
		    "the state acts on %s, laxer than its mode %s",
		    bnd_mode_name(s->effective), bnd_mode_name(s->mode));
	if (s->phase != BND_ENTERING && s->effective != s->mode)
		return bnd_fail(err, BND_E_CORRUPT,
		    "the state is %s with two modes", phase_name[s->phase]);
	if ((s->phase == BND_STABLE) != (s->txn[0] == '\0'))
		return bnd_fail(err, BND_E_CORRUPT,
		    "the state is %s and %s a transaction",
		    phase_name[s->phase],
		    s->txn[0] == '\0' ? "lacks" : "names");
	return 0;
}

int
bnd_state_unpack(struct bnd_str text, struct bnd_state *s, struct bnd_err *err)
{
	char again[BND_STATE_MAX];
	struct bnd_str body;
	size_t len;

	*s = (struct bnd_state){ 0 };
	if (check_sum(text, &body, err) != 0 ||
	    read_fields(body, s, err) != 0 || check_sense(s, err) != 0)
		return -1;
	if (bnd_state_pack(s, again, &len, err) != 0)
		return -1;
	if (len != text.len || memcmp(again, text.p, len) != 0)
		return bnd_fail(err, BND_E_CORRUPT,
		    "the state is spelled in a way bnd does not write");
	return 0;
}

static int
lockdown(struct bnd_state *s)
{
	*s = (struct bnd_state){ .mode = BND_LOCKDOWN,
		.effective = BND_LOCKDOWN,
		.phase = BND_STABLE };
	return -1;
}

/* Unsafe, missing, unreadable: for a reader of the state it is all one. */
static void
as_corrupt(struct bnd_err *err)
{
	if (err != NULL)
		err->kind = BND_E_CORRUPT;
}

int
bnd_state_load(
    const struct bnd_root *root, struct bnd_state *s, struct bnd_err *err)
{
	char buf[BND_STATE_MAX + 1], why[BND_FROZEN_MAX + 1];
	struct bnd_now now;
	size_t len;
	/* First: it is dropped after the state says so itself. */
	bool freeze = bnd_request_freeze(root, why);

	if (bnd_file_read(
		root, BND_STATE_PATH, 0022, buf, sizeof(buf), &len, err) != 0 ||
	    bnd_state_unpack((struct bnd_str){ buf, len }, s, err) != 0 ||
	    bnd_clock_now(&now, err) != 0) {
		as_corrupt(err);
		return lockdown(s);
	}
	if (strcmp(now.boot, s->boot) != 0) {
		(void)bnd_fail(
		    err, BND_E_CORRUPT, "the state is of another boot");
		return lockdown(s);
	}
	if (s->until_us != 0 && now.boot_us >= s->until_us)
		s->effective = bnd_mode_max(s->effective, s->until_mode);
	s->effective = bnd_mode_max(s->effective, bnd_request_strictest(root));
	if (freeze && s->frozen[0] == '\0')
		memcpy(s->frozen, why, sizeof(s->frozen));
	return 0;
}

int
bnd_state_store(
    const struct bnd_root *root, const struct bnd_state *s, struct bnd_err *err)
{
	char buf[BND_STATE_MAX];
	struct bnd_state again;
	size_t len;

	/* What would read back as LOCKDOWN is refused here, with its reason. */
	if (bnd_state_pack(s, buf, &len, err) != 0 ||
	    bnd_state_unpack((struct bnd_str){ buf, len }, &again, err) != 0)
		return -1;
	return bnd_file_replace(root, BND_STATE_PATH, buf, len, 0644, err);
}

int
bnd_state_amend(
    const struct bnd_root *root, const struct bnd_state *s, struct bnd_err *err)
{
	struct bnd_state own = *s;

	/* A request is not the state's: it was added by whoever loaded it. */
	if (own.phase != BND_ENTERING)
		own.effective = own.mode;
	return bnd_state_store(root, &own, err);
}

/* 1 there, 0 not, -1 cannot say. */
static int
request_there(int dir, enum bnd_mode m)
{
	struct stat st;

	if (fstatat(dir, bnd_mode_name(m), &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return errno == ENOENT ? 0 : -1;
}

enum bnd_mode
bnd_request_strictest(const struct bnd_root *root)
{
	struct bnd_err err = { 0 };
	SCOPED_FD int dir = bnd_root_openat(
	    root, BND_REQUEST_DIR, O_RDONLY | O_DIRECTORY, 0, &err);

	if (dir < 0)
		return err.errnum == ENOENT ? BND_MODE_NONE : BND_LOCKDOWN;
	for (int m = BND_MODE_LAST; m >= BND_MODE_FIRST; m--) {
		switch (request_there(dir, (enum bnd_mode)m)) {
		case 1:
			return (enum bnd_mode)m;
		case 0:
			break;
		default:
			return BND_LOCKDOWN;
		}
	}
	return BND_MODE_NONE;
}

static void
request_path(enum bnd_mode m, char path[static 64])
{
	(void)snprintf(path, 64, BND_REQUEST_DIR "/%s", bnd_mode_name(m));
}

int
bnd_request_make(
    const struct bnd_root *root, enum bnd_mode m, struct bnd_err *err)
{
	char path[64];
	SCOPED_FD int fd = -1;

	if (bnd_root_mkdir(root, BND_REQUEST_DIR, 0755, err) != 0)
		return -1;
	request_path(m, path);
	fd = bnd_root_openat(root, path, O_WRONLY | O_CREAT, 0600, err);
	return fd < 0 ? -1 : 0;
}

int
bnd_request_drop(
    const struct bnd_root *root, enum bnd_mode m, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	SCOPED_FD int dir = bnd_root_openat(
	    root, BND_REQUEST_DIR, O_RDONLY | O_DIRECTORY, 0, &why);

	if (dir < 0 && why.errnum == ENOENT)
		return 0;
	if (dir < 0)
		return bnd_fail(err, why.kind, "%s", why.text);
	for (int i = BND_MODE_FIRST; i <= (int)m; i++) {
		const char *name = bnd_mode_name((enum bnd_mode)i);

		if (unlinkat(dir, name, 0) != 0 && errno != ENOENT)
			return bnd_fail_errno(
			    err, "cannot remove " BND_REQUEST_DIR "/%s", name);
	}
	return 0;
}

void
bnd_frozen_text(struct bnd_str why, char text[static BND_FROZEN_MAX + 1])
{
	bnd_text_keep(why, text, BND_FROZEN_MAX + 1);
	/* In the state that would say that nothing is frozen. */
	if (text[0] == '\0' || strcmp(text, "-") == 0)
		memcpy(text, UNTOLD, sizeof(UNTOLD));
}

bool
bnd_request_freeze(
    const struct bnd_root *root, char why[static BND_FROZEN_MAX + 1])
{
	char buf[BND_FROZEN_MAX + 1];
	struct bnd_err err = { 0 };
	size_t len = 0;
	int rc =
	    bnd_file_read(root, FREEZE, 0022, buf, sizeof(buf), &len, &err);

	bnd_frozen_text((struct bnd_str){ buf, rc == 0 ? len : 0 }, why);
	return rc == 0 || err.errnum != ENOENT;
}

/* Whole or not there, and never instead of an earlier one. */
int
bnd_request_freeze_make(
    const struct bnd_root *root, const char *why, struct bnd_err *err)
{
	char text[BND_FROZEN_MAX + 1];
	SCOPED_FD int fd = -1;
	struct bnd_err there = { 0 };

	if (bnd_root_mkdir(root, BND_REQUEST_DIR, 0755, err) != 0)
		return -1;
	bnd_frozen_text((struct bnd_str){ why, strlen(why) }, text);
	fd = bnd_root_openat(
	    root, FREEZE, O_WRONLY | O_CREAT | O_EXCL, 0644, &there);
	if (fd < 0 && there.errnum == EEXIST)
		return 0;
	if (fd < 0)
		return bnd_fail(err, there.kind, "%s", there.text);
	/* It counts without its reason, too: see bnd_request_freeze(). */
	return bnd_file_write_all(fd, FREEZE, text, strlen(text), err);
}

int
bnd_request_freeze_drop(const struct bnd_root *root, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	if (bnd_file_unlink(root, FREEZE, &why) != 0 && why.errnum != ENOENT)
		return bnd_fail(err, why.kind, "%s", why.text);
	return 0;
}
