/* verify-tail.c: the end of the log, its head, and the files around it */
/* SPDX-License-Identifier: ISC */
#include "verify.h"

#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "forge.h"
#include "state.h"
#include "tap.h"

static struct scratch at;
static struct forge f; /* ten records and an eleventh that is announced */
static size_t len10;   /* bytes of the ten */

/* ---- judging ---- */

static struct {
	unsigned count[BND_F_LAST];
	struct bnd_verdict v;
	struct bnd_err err;
	char detail[BND_DETAIL_MAX], refusal[BND_DETAIL_MAX];
} said;

static void
hear(void *arg, const struct bnd_finding *found)
{
	(void)arg;
	said.count[found->code]++;
	snprintf(said.detail, sizeof(said.detail), "%s", found->detail);
}

static int
verify_as(const struct bnd_verify *how)
{
	struct bnd_verify in = *how;

	memset(&said.count, 0, sizeof(said.count));
	in.root = &at.root;
	in.sink = (struct bnd_sink){ hear, NULL };
	if (bnd_verify(&in, &said.v, &said.err) != 0) {
		snprintf(
		    said.detail, sizeof(said.detail), "%.190s", said.err.text);
		return 2;
	}
	return said.v.exit;
}

static int
verify(void)
{
	struct bnd_verify plain = { .copy = false };

	return verify_as(&plain);
}

/* 0 if the writer takes one more record, else its refusal's exit status. */
static int
append(void)
{
	struct bnd_event e = { .prog = "tester",
		.ev = "usb.event",
		.body = { "{}", 2 },
		.need = BND_LOG_DURABLE,
		.deadline_ms = 20000 };
	struct bnd_mark mark;
	struct bnd_err err;

	if (bnd_log_append(&at.root, &e, &mark, &err) == 0)
		return 0;
	snprintf(said.refusal, sizeof(said.refusal), "%.190s", err.text);
	return bnd_kind_exit(err.kind);
}

/* ---- files ---- */

static void
path(char name[static 256], const char *p)
{
	snprintf(name, 256, "%s/%s", at.dir, p);
}

static void
gone(const char *p)
{
	char name[256];

	path(name, p);
	if (unlink(name) != 0 && rmdir(name) != 0)
		bail(name);
}

static size_t
slurp(const char *p, char *buf, size_t size)
{
	char name[256];
	ssize_t n;
	int fd;

	path(name, p);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	n = fd >= 0 ? read(fd, buf, size) : 0;
	if (fd >= 0)
		close(fd);
	return n > 0 ? (size_t)n : 0;
}

static void
save(void)
{
	forge_save(&f, at.dir);
}

static void
control(const char *what)
{
	save();
	ok(verify() == 0, "control: the log is verified, %s (%s)", what,
	    said.count[BND_F_NONE] ? said.detail : "no finding");
}

static void
put_log(const void *p, size_t n)
{
	forge_write(at.dir, FORGE_LOG, p, n, 0600);
}

/* The slots as they stand between A4 and A5 of the eleventh record. */
static void
announce(void)
{
	static struct forge g;

	memcpy(&g.slot, &f.slot, sizeof(g.slot));
	memcpy(g.slot[1].secret, f.old_seed, sizeof(f.old_seed));
	forge_save_head(&g, at.dir);
}

static void
make(void)
{
	forge_begin(&f, 1);
	forge_tighten(&f, BND_AIRGAP);
	while (f.seq < 10)
		forge_add(&f, "usb.event", "{\"n\":%u}", (unsigned)f.seq);
	len10 = f.len;
	forge_add(&f, "usb.event", "{\"n\":10}");
}

/* ---- cut ---- */

/* L19, L20, L51, L65, L66: no offset passes for a crash. */
static void
test_cut(void)
{
	static char before[65536], after[65536];
	unsigned wrong = 0, taken = 0, changed = 0;

	control("cut");
	for (size_t n = 0; n < f.len; n++) {
		size_t a, b;

		put_log(f.log, n);
		a = slurp(FORGE_HEAD, before, sizeof(before));
		if (verify() != 3 || said.count[BND_F_HEAD_AHEAD] != 1)
			if (wrong++ < 3)
				diag("cut at %zu: %d %s", n, said.v.exit,
				    said.detail);
		taken += append() != 3;
		b = slurp(FORGE_HEAD, after, sizeof(after));
		changed += a != b || memcmp(before, after, a) != 0;
		b = slurp(FORGE_LOG, after, sizeof(after));
		changed += b != n || memcmp(after, f.log, n) != 0;
	}
	is_int(wrong, 0, "L19 L51 L66 cut at each of %zu offsets: 3", f.len);
	is_int(taken, 0, "and append refuses at each");
	is_int(changed, 0, "S0-43 leaving every byte as it was");
}

/* L59, L63: a crash in the middle of the announced line. */
static void
test_torn(void)
{
	unsigned wrong = 0, sick = 0, unhealed = 0;

	for (size_t n = len10; n < f.len; n++) {
		int want = n == len10 ? 0 : 6;

		save();
		announce();
		put_log(f.log, n);
		if (verify() != want && wrong++ < 3)
			diag("torn at %zu: %d %s", n, said.v.exit, said.detail);
		sick += append() != 0;
		if (verify() != 0 && unhealed++ < 3)
			diag("healed at %zu: %d %s", n, said.v.exit,
			    said.detail);
	}
	is_int(wrong, 0, "L52 L59 L63 torn at each offset: 6 (0 before it)");
	is_int(sick, 0, "the next append goes through");
	is_int(unhealed, 0, "and all is 0 again");
}

/* A second crash while the fragment is being sealed only makes it longer. */
static void
test_torn_again(void)
{
	static char log[65536], junk[] = "fragment\n{\"v\":1,\"seq\":10,\"pre";
	unsigned wrong = 0, unhealed = 0;

	for (size_t k = 1; k < sizeof(junk); k++) {
		save();
		announce();
		memcpy(log, f.log, len10);
		memcpy(log + len10, junk, k);
		put_log(log, len10 + k);
		wrong += verify() != 6;
		unhealed += append() != 0 || verify() != 0 ||
		    said.count[BND_F_RESUMED] != 1;
	}
	is_int(wrong, 0, "L59 torn again in the repair: 6");
	is_int(unhealed, 0, "then healed: 0 with a note");
}

/* L67: a log.torn by the rogue writer that does not cover what is there. */
static int
torn_as(const char *junk, size_t n, long len_off, bool bad_hash)
{
	static struct forge g;
	char h[BND_B64_LEN(BND_HASH_LEN) + 1];
	uint8_t hash[BND_HASH_LEN];
	int status;

	forge_begin(&g, 1);
	forge_add(&g, "usb.event", "{}");
	forge_bytes(&g, junk, n);
	bnd_hash("bnd-log-torn-v1", NULL, 0, junk, n, hash);
	hash[3] ^= bad_hash;
	bnd_text_to_b64(hash, sizeof(hash), h);
	forge_add(
	    &g, "log.torn", "{\"len\":%ld,\"h\":\"%s\"}", (long)n + len_off, h);
	forge_add(&g, "usb.event", "{}");
	forge_save(&g, at.dir);
	status = verify();
	forge_free(&g);
	return status;
}

static void
test_junk(void)
{
	static char much[BND_JUNK_MAX + 2];

	memset(much, 'x', sizeof(much));
	much[9] = '\n';
	is_int(torn_as(much, 10, 0, false), 0, "control: junk that is sealed");
	is_int(said.count[BND_F_RESUMED], 1, "is noted");
	is_int(torn_as(much, 10, 1, false), 1, "L67 a wrong length: 1");
	is_int(torn_as(much, 10, -1, false), 1, "L67 another wrong one: 1");
	is_int(torn_as(much, 10, 0, true), 1, "L67 a wrong hash: 1");
	much[BND_JUNK_MAX - 1] = '\n';
	is_int(torn_as(much, BND_JUNK_MAX, 0, false), 0,
	    "control: 64 KiB of junk");
	much[BND_JUNK_MAX] = '\n';
	is_int(
	    torn_as(much, BND_JUNK_MAX + 1, 0, false), 1, "L67 a byte more: 1");
}

/* ---- head ---- */

static void
test_bad_slots(void)
{
	uint8_t head[BND_HEAD_LEN];

	control("slots");
	forge_head(&f, head);
	head[100] ^= 1;
	head[BND_SLOT_GAP + 100] ^= 1;
	forge_write(at.dir, FORGE_HEAD, head, sizeof(head), 0600);
	is_int(verify(), 8, "L42 L49 both slots bad: 8");
	is_int(append(), 8, "and append refuses");
	forge_write(at.dir, FORGE_HEAD, head, sizeof(head) - 1, 0600);
	is_int(verify(), 8, "a head too short: 8");
	ok(append() != 0, "and append refuses");
}

/* The key is what counts: a head that was made to fit a shorter log. */
static void
test_possession(void)
{
	static struct forge g;
	unsigned wrong = 0, taken = 0;

	for (unsigned j = 1; j <= 10; j++) {
		uint8_t seed[BND_SEED_LEN], pk[BND_KEY_LEN];
		struct bnd_str line = { f.log + f.at[j - 1],
			f.at[j] - f.at[j - 1] - 1 };
		struct bnd_record r;

		if (bnd_record_parse(line, &r, NULL) != 0)
			bail("own record");
		bnd_sign_keypair(pk, seed);
		g = f;
		g.slot[0].next_seq = j;
		g.slot[0].start = f.at[j - 1];
		g.slot[0].end = f.at[j];
		bnd_record_link(line, &r, g.slot[0].link);
		memcpy(g.slot[0].secret, seed, sizeof(seed));
		memcpy(g.slot[0].pk, pk, sizeof(pk));
		save();
		put_log(f.log, f.at[j]);
		forge_save_head(&g, at.dir);
		wrong += verify() != 1 || said.count[BND_F_SIGNATURE] != 1;
		if (append() == 0 && taken++ < 3)
			diag("record %u: %s", j, said.refusal);
		/* nor does it help to name the right public key */
		memcpy(g.slot[0].pk, r.nk, sizeof(pk));
		forge_save_head(&g, at.dir);
		wrong += verify() != 1;
		if (append() == 0 && taken++ < 3)
			diag("record %u: %s", j, said.refusal);
	}
	is_int(wrong, 0, "cut back to j with a head made to fit: 1");
	is_int(taken, 0, "and append refuses");
}

/* L41, L53, L54 */
static void
test_rollback(void)
{
	static struct forge old;
	struct bnd_anchor last = { .seq = 10 };
	struct bnd_verify with = { .anchor = &last, .anchors = 1 };

	memcpy(last.link, f.link, sizeof(last.link));
	control("rolled back");
	is_int(verify_as(&with), 0, "control: and with the anchor");
	old = f;
	old.slot[0] = f.slot[1];
	memcpy(old.slot[0].secret, f.old_seed, sizeof(f.old_seed));
	old.slot[1] = f.slot[1];
	old.slot[1].gen--;
	memset(old.slot[1].secret, 0, sizeof(old.slot[1].secret));
	forge_save_head(&old, at.dir);
	is_int(verify(), 1, "L41 an older head, the log left alone: 1");
	is_int(append(), 1, "and append refuses");
	put_log(f.log, len10);
	is_int(verify(), 0,
	    "L54 log and head rolled back together: 0, the "
	    "blind spot of local files");
	is_int(verify_as(&with), 3, "L53 with an anchor: 3");
	is_int(said.count[BND_F_ANCHOR_AHEAD], 1, "which is ahead");
}

/* L50: bytes behind the end, whatever they are. */
static void
test_appended(void)
{
	static char log[65536];
	static const char *const more[] = { "\n", "x", "{}\n", " ", "\0" };
	unsigned wrong = 0, taken = 0;
	size_t n = f.at[10] - f.at[9];

	control("appended");
	memcpy(log, f.log, f.len);
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		size_t k = more[i][0] == '\0' ? 1 : strlen(more[i]);

		memcpy(log + f.len, more[i], k);
		put_log(log, f.len + k);
		wrong += verify() != 1;
		taken += append() != 1;
	}
	memcpy(log + f.len, f.log + f.at[9], n);
	put_log(log, f.len + n);
	wrong += verify() != 1;
	taken += append() != 1;
	is_int(wrong, 0, "L50 L11 bytes appended without the key: 1");
	is_int(taken, 0, "and append refuses");
}

/* ---- files ---- */

static void
test_missing(void)
{
	control("missing");
	gone(FORGE_LOG);
	is_int(verify(), 3, "L21 the log unlinked: 3");
	ok(append() != 0, "and append refuses");
	gone(FORGE_HEAD);
	is_int(verify(), 3, "L22 log and head unlinked: 3");
	ok(append() != 0, "and append refuses");
	save();
	gone(FORGE_HEAD);
	is_int(verify(), 3, "the head unlinked: 3");
	is_int(said.count[BND_F_NO_HEAD], 1, "as NO_HEAD");
	ok(append() != 0, "and append refuses");
	save();
	gone(BND_LOG_DIR "/lock");
	is_int(verify(), 8, "the lock unlinked: 8");
	is_int(said.count[BND_F_ABSENT], 1, "as ABSENT");
	forge_write(
	    at.dir, BND_LOG_DIR "/lock", "AAAAAAAAAAAAAAAAAAAAAA\n", 23, 0600);
	is_int(verify(), 8, "a lock of another log: 8");
	forge_write(at.dir, BND_LOG_DIR "/lock", "", 0, 0600);
	is_int(verify(), 8, "an empty lock: 8");
	gone(BND_LOG_DIR "/lock");
	gone(FORGE_HEAD);
	gone(FORGE_LOG);
	gone(BND_LOG_DIR);
	is_int(verify(), 3, "the directory gone: 3");
	is_int(said.count[BND_F_NO_LOG], 1, "as NO_LOG");
	gone(BND_LOG_PIN);
	is_int(verify(), 2, "nothing at all: 2, for nothing is known");
	save();
	forge_write(at.dir, BND_LOG_DIR "/000002.jsonl", "", 0, 0600);
	is_int(verify(), 0, "an empty next file is nothing");
	forge_write(at.dir, BND_LOG_DIR "/000002.jsonl", "x\n", 2, 0600);
	is_int(verify(), 1, "L31 one that no record began: 1");
	gone(BND_LOG_DIR "/000002.jsonl");
}

/* What stands in place of a file, and is no file. */
static void
plant(const char *p, char what)
{
	char name[256], other[256];

	path(name, p);
	path(other, "var/other");
	unlink(other);
	if (what == 'h' && link(name, other) != 0)
		bail("link");
	if (what == 'l' &&
	    (rename(name, other) != 0 || symlink(other, name) != 0))
		bail("symlink");
	if (what != 'h' && what != 'l')
		unlink(name);
	if ((what == 'f' && mkfifo(name, 0600) != 0) ||
	    (what == 'd' && mkdir(name, 0700) != 0))
		bail("fifo or directory");
	if (what == 'c' && mknod(name, S_IFCHR | 0600, makedev(1, 3)) != 0)
		diag("no device can be made here");
}

static void
test_types(void)
{
	static const char *const files[] = { FORGE_LOG, FORGE_HEAD,
		BND_LOG_DIR "/lock" };
	static const char kinds[] = "lfdhc";

	for (size_t i = 0; i < 3; i++)
		for (const char *k = kinds; *k != '\0'; k++) {
			if (*k == 'c' && geteuid() != 0)
				continue;
			control("types");
			plant(files[i], *k);
			is_int(verify(), 8, "L70 %s as '%c': 8 (%s)", files[i],
			    *k, said.detail);
			ok(append() != 0, "and append refuses");
			gone(files[i]);
		}
}

static void
test_modes(void)
{
	static const struct {
		const char *path;
		mode_t mode;
		enum bnd_code code;
	} rows[] = {
		{ FORGE_LOG, 0644, BND_F_PERMS },
		{ FORGE_LOG, 0660, BND_F_PERMS },
		{ FORGE_HEAD, 0640, BND_F_PERMS },
		{ BND_LOG_DIR "/lock", 0666, BND_F_PERMS },
		{ BND_LOG_DIR, 0777, BND_F_PERMS },
		{ "var/lib/bnd", 0777, BND_F_PERMS },
		{ "var", 0775, BND_F_PERMS },
		{ "etc/bnd", 0777, BND_F_PERMS },
		{ BND_LOG_PIN, 0666, BND_F_PERMS },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char name[256];

		control("modes");
		path(name, rows[i].path);
		if (chmod(name, rows[i].mode) != 0)
			bail(name);
		is_int(verify(), 8, "L71 %s of mode %04o: 8", rows[i].path,
		    (unsigned)rows[i].mode);
		ok(said.count[rows[i].code] == 1, "as %s",
		    bnd_code_name(rows[i].code));
	}
	save();
	if (geteuid() == 0) {
		char name[256];

		path(name, FORGE_LOG);
		if (chown(name, 65534, 65534) != 0)
			bail("chown");
		is_int(verify(), 8, "L71 a log of another owner: 8");
		is_int(said.count[BND_F_OWNER], 1, "as OWNER");
	} else {
		skip_kernel("L71 another owner", "only root can give a file");
	}
}

/* The file never had the attribute; genesis says it did. */
static void
test_attr(void)
{
	static struct forge g;

	forge_start(&g);
	g.attr = true;
	forge_key_make(&g, "alice", "alice");
	forge_genesis(&g);
	forge_save(&g, at.dir);
	is_int(verify(), 8, "L72 the append-only attribute is gone: 8");
	is_int(said.count[BND_F_ATTR], 1, "as ATTR");
	forge_free(&g);
}

/* ---- L94: the published state ---- */

static struct bnd_state
state_of(const struct forge *g)
{
	struct bnd_state s = { .gen = g->ledger.gen,
		.mode = g->ledger.mode,
		.effective = g->ledger.mode,
		.phase = BND_STABLE,
		.at_us = 1,
		.log = g->ledger.at };

	memcpy(s.boot, g->now.boot, sizeof(s.boot));
	memcpy(s.log_id, g->id, sizeof(s.log_id));
	return s;
}

static int
verify_state(const struct bnd_state *s)
{
	char text[BND_STATE_MAX], name[256];
	struct bnd_verify with = { .state = name };
	struct bnd_err err;
	size_t len;

	if (bnd_state_pack(s, text, &len, &err) != 0)
		bail(err.text);
	forge_write(at.dir, "run/bnd/state", text, len, 0644);
	path(name, "run/bnd/state");
	return verify_as(&with);
}

static void
test_state(void)
{
	struct bnd_state s = state_of(&f);
	char name[256];
	struct bnd_verify with = { .state = name };

	control("state");
	is_int(verify_state(&s), 0, "control: the state that the log made");
	s.mode = s.effective = BND_OPEN;
	is_int(verify_state(&s), 1, "L94 another mode: 1");
	is_int(said.count[BND_F_MODE], 1, "as MODE");
	s = state_of(&f);
	s.gen++;
	is_int(verify_state(&s), 1, "L94 another gen: 1");
	s = state_of(&f);
	s.log.seq++;
	is_int(verify_state(&s), 1, "L94 another record: 1");
	s = state_of(&f);
	s.log.link[0] ^= 1;
	is_int(verify_state(&s), 1, "L94 another link: 1");
	s = state_of(&f);
	s.log_id[0] ^= 1;
	is_int(verify_state(&s), 1, "L94 another log: 1");
	forge_write(at.dir, "run/bnd/state", "x\n", 2, 0644);
	path(name, "run/bnd/state");
	is_int(verify_as(&with), 1, "L94 what is no state: 1");
	path(name, "run/bnd/nothing");
	is_int(verify_as(&with), 2, "a state that is not there: 2");
}

/* ---- L68: verified over and over while eight append ---- */

static void
append_many(unsigned n)
{
	int bad = 0;

	for (unsigned i = 0; i < n; i++)
		bad += append() != 0;
	_exit(bad != 0);
}

static void
test_live(void)
{
	unsigned running = 8, alarms = 0, runs = 0, failed = 0;
	uint64_t seen = 0;
	int status;

	save();
	for (unsigned i = 0; i < 8; i++)
		if (fork() == 0)
			append_many(60);
	while (running > 0) {
		int got = verify();

		runs++;
		if (got != 0 && alarms++ < 3)
			diag("exit %d: %s", got, said.detail);
		if (said.v.records < seen)
			diag("records went back");
		seen = said.v.records;
		while (running > 0 && waitpid(-1, &status, WNOHANG) > 0) {
			running--;
			failed +=
			    !WIFEXITED(status) || WEXITSTATUS(status) != 0;
		}
	}
	is_int(
	    alarms, 0, "L68 no false alarm in %u runs beside 8 writers", runs);
	is_int(failed, 0, "and no writer was refused");
	is_int(verify(), 0, "all is 0 at the end");
	is_int(said.v.records, 11 + 8 * 60, "every record is there");
}

int
main(void)
{
	scratch_make(&at);
	make();
	test_cut();
	test_torn();
	test_torn_again();
	test_junk();
	test_bad_slots();
	test_possession();
	test_rollback();
	test_appended();
	test_missing();
	test_types();
	test_modes();
	test_attr();
	test_state();
	test_live();
	scratch_remove(&at);
	return tap_done();
}
