/* state.c: the state, and LOCKDOWN with a reason for whatever is not it */
/* SPDX-License-Identifier: ISC */
#include "state.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "sign.h"
#include "tap.h"

#define TXN "0123456789abcdef0123456789abcdef"

static struct scratch sc;
static char good[BND_STATE_MAX];
static size_t good_len;

static struct bnd_state
sample(void)
{
	struct bnd_state s = { .gen = 41,
		.mode = BND_AIRGAP,
		.effective = BND_AIRGAP,
		.phase = BND_STABLE,
		.at_us = 123456789,
		.offset_us = 1763839216000000,
		.log = { .seq = 1233 } };
	struct bnd_now now;
	struct bnd_err err = { 0 };

	if (bnd_clock_now(&now, &err) != 0)
		bail("no clock");
	memcpy(s.boot, now.boot, sizeof(s.boot));
	memset(s.log_id, 7, sizeof(s.log_id));
	memset(s.log.link, 9, sizeof(s.log.link));
	return s;
}

static void
pack(const struct bnd_state *s, char *buf, size_t *len)
{
	struct bnd_err err = { 0 };

	if (bnd_state_pack(s, buf, len, &err) != 0)
		bail(err.text);
}

static char *
path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", sc.dir, name);
	return path;
}

static void
write_state(const void *buf, size_t len, mode_t mode)
{
	int fd;

	unlink(path_of(BND_STATE_PATH));
	fd = open(path_of(BND_STATE_PATH), O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || write(fd, buf, len) != (ssize_t)len ||
	    fchmod(fd, mode) != 0)
		bail("cannot write a state");
	close(fd);
}

/* Load what is there: it must be LOCKDOWN, for this reason. */
static void
refused(const char *what, const char *reason)
{
	struct bnd_state s;
	struct bnd_err err = { 0 };
	int rc = bnd_state_load(&sc.root, &s, &err);

	ok(rc == -1 && err.kind == BND_E_CORRUPT && s.mode == BND_LOCKDOWN &&
		s.effective == BND_LOCKDOWN && s.gen == 0,
	    "%s is LOCKDOWN", what);
	ok(strstr(err.text, reason) != NULL, "%s says why", what);
	if (strstr(err.text, reason) == NULL)
		diag("got \"%s\", want \"%s\"", err.text, reason);
}

/* Replace a piece of the good text and give it a right sum again. */
static void
refused_with(
    const char *what, const char *old, const char *new_, const char *reason)
{
	char buf[BND_STATE_MAX * 2], b64[BND_B64_LEN(BND_HASH_LEN) + 1];
	char *at = memmem(good, good_len, old, strlen(old));
	size_t head, len = 0;
	uint8_t sum[BND_HASH_LEN];

	if (at == NULL)
		bail(old);
	head = (size_t)(at - good);
	memcpy(buf, good, head);
	memcpy(buf + head, new_, strlen(new_));
	len = head + strlen(new_);
	memcpy(buf + len, at + strlen(old), good_len - head - strlen(old));
	len += good_len - head - strlen(old) - 48;
	bnd_hash("bnd-state-v1", NULL, 0, buf, len, sum);
	bnd_text_to_b64(sum, sizeof(sum), b64);
	len += (size_t)snprintf(buf + len, 64, "sum %s\n", b64);
	write_state(buf, len, 0644);
	refused(what, reason);
}

static void
test_round_trip(void)
{
	struct bnd_state s = sample(), t;
	struct bnd_err err = { 0 };
	char buf[BND_STATE_MAX], again[BND_STATE_MAX];
	size_t len, len2;

	s.phase = BND_ENTERING;
	s.effective = BND_LOCKDOWN;
	memcpy(s.txn, TXN, sizeof(TXN));
	s.txn_pid = 4711;
	s.txn_to = BND_COLDROOM;
	s.until_us = 99;
	s.until_mode = BND_COLDROOM;
	(void)snprintf(s.frozen, sizeof(s.frozen), "clock stepped by 3 s");
	(void)snprintf(
	    s.why, sizeof(s.why), "%s", " a reason  with \"blanks\" ");
	s.offset_us = -5;
	s.synced = true;
	pack(&s, buf, &len);
	is_int(bnd_state_unpack((struct bnd_str){ buf, len }, &t, &err), 0,
	    "a packed state unpacks");
	pack(&t, again, &len2);
	ok(len == len2 && memcmp(buf, again, len) == 0,
	    "and packs to the same bytes");
	is_str(t.why, s.why, "a reason keeps its blanks");
	is_str(t.frozen, s.frozen, "a freeze is kept");
	ok(t.synced && t.offset_us == -5, "and what is known of the clock");
	is_int(t.txn_to, BND_COLDROOM, "the transaction's aim is kept");
	s.log.spooled = true;
	pack(&s, buf, &len);
	is_int(bnd_state_unpack((struct bnd_str){ buf, len }, &t, &err), 0,
	    "a spooled one too");
	ok(t.log.spooled, "and stays spooled");
}

static void
test_bits(void)
{
	char buf[BND_STATE_MAX];
	unsigned passed = 0, cut = 0;
	struct bnd_state s;

	for (size_t bit = 0; bit < good_len * 8; bit++) {
		memcpy(buf, good, good_len);
		buf[bit / 8] = (char)(buf[bit / 8] ^ (1 << (bit % 8)));
		passed += bnd_state_unpack(
			      (struct bnd_str){ buf, good_len }, &s, NULL) == 0;
	}
	is_int(passed, 0, "none of %zu flipped bits passes", good_len * 8);
	for (size_t len = 0; len < good_len; len++)
		cut += bnd_state_unpack(
			   (struct bnd_str){ good, len }, &s, NULL) == 0;
	is_int(cut, 0, "none of %zu cuts passes", good_len);
	is_int(bnd_state_unpack((struct bnd_str){ good, good_len }, &s, NULL),
	    0, "control: the whole passes");
}

/* Each with a right sum, as whoever can write the file can make one. */
static void
test_senses(void)
{
	static const struct {
		const char *what, *old, *new_, *reason;
	} t[] = {
		{ "unknown mode", "mode AIRGAP", "mode AIRGAPS", "bad value" },
		{ "small letters", "mode AIRGAP", "mode airgap", "bad value" },
		{ "mode NONE", "mode AIRGAP", "mode NONE", "bad value" },
		{ "unknown word", "gen 41", "gem 41", "where \"gen\" belongs" },
		{ "unknown phase", "phase stable", "phase steady",
		    "bad value" },
		{ "gen 0", "gen 41", "gen 0", "bad value" },
		{ "gen with a zero before it", "gen 41", "gen 041",
		    "bad value" },
		{ "gen beyond 2^53", "gen 41", "gen 9007199254740992",
		    "bad value" },
		{ "two blanks", "gen 41", "gen  41", "bad value" },
		{ "a blank at an end", "gen 41", "gen 41 ", "bad value" },
		{ "a tab", "gen 41", "gen\t41", "spelled" },
		{ "a blank before", "gen 41", " gen 41", "spelled" },
		{ "effective below mode", "effective AIRGAP",
		    "effective TRUSTED", "laxer than its mode" },
		{ "stable with two modes", "effective AIRGAP",
		    "effective LOCKDOWN", "with two modes" },
		{ "stable with a transaction", "txn -", "txn " TXN " 1 AIRGAP",
		    "names a transaction" },
		{ "entering without one", "phase stable", "phase entering",
		    "lacks a transaction" },
		{ "a word twice", "gen 41\n", "gen 41\ngen 41\n",
		    "where \"mode\" belongs" },
		{ "a line missing", "at 123456789\n", "", "belongs" },
		{ "a line too many", "log ", "offset 1\nlog ", "belongs" },
		{ "another format", "bnd-state/1", "bnd-state/2",
		    "not of the format" },
		{ "another boot", "boot ", "boot 0000", "bad value" },
		{ "minus zero", "offset 1763839216000000", "offset -0",
		    "bad value" },
		{ "a clock of another kind", "00 free", "00 frei",
		    "bad value" },
		{ "a clock of no kind", "00 free", "00", "bad value" },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		refused_with(t[i].what, t[i].old, t[i].new_, t[i].reason);
}

static void
test_other_boot(void)
{
	struct bnd_state s = sample();
	char buf[BND_STATE_MAX];
	size_t len;

	s.boot[0] = s.boot[0] == '0' ? '1' : '0';
	pack(&s, buf, &len);
	write_state(buf, len, 0644);
	refused("a state of another boot", "another boot");
}

static void
test_bytes(void)
{
	char buf[BND_STATE_MAX * 2];

	write_state("", 0, 0644);
	refused("an empty file", "empty");
	memcpy(buf, good, good_len);
	buf[20] = '\0';
	write_state(buf, good_len, 0644);
	refused("a NUL byte", "NUL");
	memset(buf, 'x', sizeof(buf));
	write_state(buf, sizeof(buf), 0644);
	refused("a file that is too long", "longer than");
	write_state(good, good_len - 1, 0644);
	refused("a missing end of line", "cut or damaged");
}

static void
test_files(void)
{
	char *path = path_of(BND_STATE_PATH), other[128];

	snprintf(other, sizeof(other), "%s/other", sc.dir);
	unlink(path);
	refused("a missing file", "No such file");
	write_state(good, good_len, 0666);
	refused("a file of mode 0666", "mode 0666");
	write_state(good, good_len, 0644);
	if (link(path_of(BND_STATE_PATH), other) != 0)
		bail("link");
	refused("a hard link", "2 links");
	unlink(path_of(BND_STATE_PATH));
	if (symlink(other, path_of(BND_STATE_PATH)) != 0)
		bail("symlink");
	refused("a symlink", "cannot open");
	unlink(path_of(BND_STATE_PATH));
	if (mkfifo(path_of(BND_STATE_PATH), 0644) != 0)
		bail("mkfifo");
	refused("a FIFO", "not a regular file");
	unlink(path_of(BND_STATE_PATH));
	if (mkdir(path_of(BND_STATE_PATH), 0755) != 0)
		bail("mkdir");
	refused("a directory", "");
	rmdir(path_of(BND_STATE_PATH));
	unlink(other);
	write_state(good, good_len, 0644);
	if (chmod(path_of("run/bnd"), 0777) != 0)
		bail("chmod");
	refused("a directory writable by all", "writable by others");
	chmod(path_of("run/bnd"), 0755);
	if (geteuid() != 0) {
		skip_kernel("a foreign owner is LOCKDOWN", "needs root");
		return;
	}
	if (chown(path_of(BND_STATE_PATH), 65534, 65534) != 0)
		bail("chown");
	refused("a foreign owner", "belongs to uid 65534");
}

static void
test_store(void)
{
	struct bnd_state s = sample(), t;
	struct bnd_err err = { 0 };
	struct stat st;

	unlink(path_of(BND_STATE_PATH));
	umask(0);
	is_int(bnd_state_store(&sc.root, &s, &err), 0, "a state is stored");
	ok(stat(path_of(BND_STATE_PATH), &st) == 0 &&
		(st.st_mode & 07777) == 0644,
	    "readable by all and writable by its owner only");
	is_int(bnd_state_load(&sc.root, &t, &err), 0, "and loaded");
	is_int(t.mode, BND_AIRGAP, "with its mode");
	s.effective = BND_OPEN;
	is_int(bnd_state_store(&sc.root, &s, &err), -1,
	    "one that readers would refuse is not stored");
	is_int(bnd_state_load(&sc.root, &t, &err), 0, "the old one stands");
	s = sample();
	(void)snprintf(s.why, sizeof(s.why), "%s", "two\nlines");
	is_int(bnd_state_store(&sc.root, &s, &err), -1,
	    "no line can be smuggled in");
}

static enum bnd_mode
effective_now(void)
{
	struct bnd_state s;
	struct bnd_err err = { 0 };

	(void)!bnd_state_load(&sc.root, &s, &err);
	return s.effective;
}

static void
test_requests(void)
{
	struct bnd_err err = { 0 };

	write_state(good, good_len, 0644);
	is_int(bnd_request_strictest(&sc.root), BND_MODE_NONE, "no request");
	is_int(bnd_request_make(&sc.root, BND_TRUSTED, &err), 0, "a request");
	is_int(effective_now(), BND_AIRGAP, "for a laxer mode is no matter");
	is_int(bnd_request_make(&sc.root, BND_LOCKDOWN, &err), 0, "another");
	is_int(bnd_request_make(&sc.root, BND_LOCKDOWN, &err), 0, "twice");
	is_int(effective_now(), BND_LOCKDOWN, "readers act on it at once");
	is_int(bnd_request_drop(&sc.root, BND_COLDROOM, &err), 0,
	    "what is met is dropped");
	is_int(bnd_request_strictest(&sc.root), BND_LOCKDOWN,
	    "what is not met stays");
	is_int(bnd_request_drop(&sc.root, BND_LOCKDOWN, &err), 0, "all met");
	is_int(effective_now(), BND_AIRGAP, "the mode again");
	if (symlink("/nowhere", path_of(BND_REQUEST_DIR "/COLDROOM")) != 0)
		bail("symlink");
	is_int(effective_now(), BND_COLDROOM, "whatever has the name counts");
	unlink(path_of(BND_REQUEST_DIR "/COLDROOM"));
	rmdir(path_of(BND_REQUEST_DIR));
	if (symlink("/tmp", path_of(BND_REQUEST_DIR)) != 0)
		bail("symlink");
	is_int(effective_now(), BND_LOCKDOWN,
	    "requests that cannot be read are LOCKDOWN");
	unlink(path_of(BND_REQUEST_DIR));
}

static void
test_until(void)
{
	struct bnd_state s = sample();
	char buf[BND_STATE_MAX];
	size_t len;

	s.mode = s.effective = BND_TRUSTED;
	s.until_us = UINT64_C(1) << 52;
	s.until_mode = BND_COLDROOM;
	pack(&s, buf, &len);
	write_state(buf, len, 0644);
	is_int(effective_now(), BND_TRUSTED, "before its end");
	s.until_us = 1;
	pack(&s, buf, &len);
	write_state(buf, len, 0644);
	is_int(effective_now(), BND_COLDROOM, "after it, the mode it left");
}

int
main(void)
{
	struct bnd_state s = sample();
	struct bnd_err err = { 0 };

	umask(022);
	scratch_make(&sc);
	if (bnd_root_mkdir(&sc.root, "run/bnd", 0755, &err) != 0)
		bail(err.text);
	pack(&s, good, &good_len);
	test_round_trip();
	test_bits();
	test_senses();
	test_other_boot();
	test_bytes();
	test_files();
	test_store();
	test_requests();
	test_until();
	scratch_remove(&sc);
	return tap_done();
}
