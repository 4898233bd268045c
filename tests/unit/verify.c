/* verify.c: bytes, order, keys and anchors of a log, each row at every place */
/* SPDX-License-Identifier: ISC */
#include "verify.h"

#include "judged.h"

/* ---- A: bytes and fields ---- */

/* Replace the first of what after record i begins; false if there is none. */
static bool
edit(unsigned i, const char *what, const char *with, bool whole_log)
{
	static char buf[65536];
	size_t end = whole_log ? f.len : f.at[i + 1];
	char *hit = memmem(f.log + f.at[i], end - f.at[i], what, strlen(what));
	size_t before, after;

	if (hit == NULL)
		return false;
	before = (size_t)(hit - f.log);
	after = f.len - before - strlen(what);
	memcpy(buf, f.log, before);
	memcpy(buf + before, with, strlen(with));
	memcpy(buf + before + strlen(with), hit + strlen(what), after);
	put_log(buf, before + strlen(with) + after);
	return true;
}

static void
test_edits(void)
{
	static const struct {
		const char *what, *with, *why;
	} rows[] = {
		{ "\"pid\":1", "\"pid\":2", "L02 L03 a field" },
		{ "\"d\":{", "\"d\":{\"reasoning_chain\":1,",
		    "L06 in the body" },
		{ ",\"sig\"", ",\"reasoning_chain\":1,\"sig\"",
		    "L06 L07 before the signature" },
		{ "{\"v\":1,", "{\"v\":1,\"v\":1,", "L08 a key twice" },
		{ "{\"v\":1,", "{\"v\": 1,", "L09 a blank" },
		{ "\"pid\":1,\"uid\":0", "\"uid\":0,\"pid\":1",
		    "L09 keys in another order" },
		{ "}\n", "}\r\n", "L10 CRLF" },
		{ "{\"v\"", "\xef\xbb\xbf{\"v\"", "L10 a BOM" },
		{ "{\"v\"", "\t{\"v\"", "L10 a tab" },
		{ "}\n", "} \n", "L10 a blank at the end" },
		{ "}\n", "}\n\n", "L11 a blank line" },
		{ "\"sig\":\"", "\"sig\":\"=", "L13 padding" },
		{ "\"pid\":1", "\"pid\":01", "L15 a leading zero" },
		{ "\"pid\":1", "\"pid\":1.0", "L15 a fraction" },
		{ "\"pid\":1", "\"pid\":1e0", "L15 an exponent" },
		{ "\"pid\":1", "\"pid\":+1", "L15 a sign" },
		{ "\"uid\":0", "\"uid\":-0", "L15 minus nothing" },
		{ "\"prog\":\"forge\"", "\"prog\":\"f\\u006frge\"",
		    "L14 an escape for a letter" },
		{ "\"prog\":\"forge\"", "\"prog\":\"f\xc3\xb6rge\"",
		    "L14 raw UTF-8" },
		{ "\"prog\":\"forge\"", "\"prog\":\"\033[2Jx\"",
		    "L14 a terminal's escape" },
		{ "\"auid\":null", "\"auid\":0", "L02 an id that was unset" },
	};

	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		unsigned wrong = 0, tried = 0;

		restore();
		for (unsigned i = 0; i < RECORDS; i++) {
			if (!edit(i, rows[r].what, rows[r].with, false))
				continue;
			tried++;
			wrong += verify() != 1;
		}
		ok(wrong == 0 && tried == RECORDS,
		    "%s: exit 1 in each of %u records", rows[r].why, tried);
	}
	control("after the edits");
}

/* L36: a signature that is stripped, emptied or another record's. */
static void
test_signatures(void)
{
	static char sig[128], none[8] = "";
	unsigned wrong = 0;

	for (unsigned i = 0; i < RECORDS; i++) {
		const char *p = strstr(f.log + f.at[i], "\"sig\":\"");

		snprintf(sig, sizeof(sig), "%.94s,", p);
		edit(i, sig, none, false);
		wrong += verify() != 1;
		snprintf(sig, sizeof(sig), "%.86s", p + 7);
		edit(i, sig, none, false);
		wrong += verify() != 1;
		edit(i, sig,
		    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		    false);
		wrong += verify() != 1;
	}
	is_int(wrong, 0, "L36 L47 no signature stripped, emptied or zeroed");
	control("after the signatures");
}

/* L12: bytes that libsodium's own decoder takes for base64. */
static void
test_aliases(void)
{
	static const char *const fields[] = { "\"prev\":\"", "\"dh\":\"",
		"\"nk\":\"", "\"sig\":\"", "\"s\":\"" };
	unsigned wrong = 0, tried = 0;

	restore();
	for (unsigned i = 0; i < RECORDS; i++)
		for (unsigned k = 0; k < 5; k++) {
			const char *p = strstr(f.log + f.at[i], fields[k]);
			size_t off = (size_t)(p - f.log) + strlen(fields[k]);

			for (unsigned b = 0x80; b <= 0xff; b += 7) {
				uint8_t byte = (uint8_t)b;

				if (pwrite(log_fd, &byte, 1, (off_t)off) != 1)
					bail("cannot write");
				tried++;
				wrong += verify() != 1;
			}
			if (pwrite(log_fd, f.log + off, 1, (off_t)off) != 1)
				bail("cannot write");
		}
	is_int(wrong, 0, "L12 no alias of base64, %u tried", tried);
	control("after the aliases");
}

/* ---- B: order ---- */

static char built[262144];
static size_t built_len;

static void
build(unsigned from, unsigned to)
{
	size_t n = f.at[to] - f.at[from];

	memcpy(built + built_len, f.log + f.at[from], n);
	built_len += n;
}

static int
try_built(void)
{
	put_log(built, built_len);
	return verify();
}

static void
test_order(void)
{
	unsigned deleted = 0, swapped = 0, again = 0, prefix = 0, cut = 0;

	for (unsigned i = 0; i < RECORDS; i++) {
		built_len = 0;
		build(0, i);
		build(i + 1, RECORDS);
		deleted += try_built() != (i + 1 < RECORDS ? 1 : 3);
		built_len = 0;
		build(0, i + 1);
		build(i, RECORDS);
		again += try_built() != 1;
	}
	is_int(deleted, 0, "L17 any record deleted: 1, the last one: 3");
	is_int(again, 0, "L25 any record twice: 1");
	for (unsigned i = 0; i + 1 < RECORDS; i++) {
		built_len = 0;
		build(0, i);
		build(i + 1, i + 2);
		build(i, i + 1);
		build(i + 2, RECORDS);
		swapped += try_built() != 1;
	}
	is_int(swapped, 0, "L24 any two neighbours swapped: 1");
	for (unsigned k = 1; k <= RECORDS; k++) {
		built_len = 0;
		build(k, RECORDS);
		prefix += try_built() != (k < RECORDS ? 1 : 3);
		built_len = 0;
		build(0, RECORDS - k);
		cut += try_built() != 3;
	}
	is_int(prefix, 0, "L18 XB-03 the first k deleted, every k: 1");
	is_int(cut, 0, "L19 L20 the last k deleted, every k: 3");
	control("after the order");
}

/* L28, L27, L26: ranges of this log, records of another, forged ones. */
static void
test_splices(void)
{
	static struct forge other;
	unsigned older = 0, foreign = 0, forged = 0;
	char line[BND_RECORD_MAX];
	uint8_t link[BND_HASH_LEN], pk[BND_KEY_LEN], seed[BND_SEED_LEN];

	for (unsigned i = 1; i < RECORDS; i++) {
		built_len = 0;
		build(0, i);
		build(0, RECORDS);
		older += try_built() != 1;
	}
	is_int(older, 0, "L28 an older range spliced in: 1");
	forge_begin(&other, 2);
	while (other.seq < RECORDS)
		forge_add(&other, "usb.event", "{}");
	for (unsigned i = 1; i < RECORDS; i++) {
		size_t n = other.at[i + 1] - other.at[i];

		built_len = 0;
		build(0, i);
		memcpy(built + built_len, other.log + other.at[i], n);
		built_len += n;
		build(i + 1, RECORDS);
		foreign += try_built() != 1;
	}
	is_int(foreign, 0, "L27 a record of another host: 1");
	bnd_sign_keypair(pk, seed);
	for (unsigned i = 1; i <= RECORDS; i++) {
		struct bnd_record r;
		struct bnd_str before = { f.log + f.at[i - 1],
			f.at[i] - f.at[i - 1] - 1 };
		size_t n;

		if (bnd_record_parse(before, &r, NULL) != 0)
			bail("own record");
		bnd_record_link(before, &r, link);
		n = forge_line(
		    &f, "usb.event", "{}", i, link, seed, pk, pk, line, link);
		built_len = 0;
		build(0, i);
		memcpy(built + built_len, line, n);
		built_len += n;
		build(i, RECORDS);
		forged += try_built() != 1;
	}
	is_int(forged, 0, "L26 L38 a record under another key: 1");
	forge_free(&other);
	control("after the splices");
}

/* L29: both properly signed, the one after the other. */
static void
test_fork(void)
{
	static struct forge fork;
	unsigned wrong = 0;

	for (unsigned i = 1; i < RECORDS; i++) {
		char line[BND_RECORD_MAX];
		uint8_t link[BND_HASH_LEN];
		size_t n;

		forge_begin(&fork, 1);
		while (fork.seq <= i)
			forge_add(&fork, "usb.event", "{}");
		n = forge_line(&fork, "usb.other", "{}", fork.seq - 1,
		    fork.old_link, fork.old_seed, fork.old_pk, fork.pk, line,
		    link);
		forge_bytes(&fork, line, n);
		forge_save(&fork, at.dir);
		wrong += verify() != 4 || said.count[BND_F_FORK] != 1;
		forge_free(&fork);
	}
	is_int(wrong, 0, "L29 two authentic records of one seq: 4");
	forge_save(&f, at.dir);
	log_fd = open_rw(FORGE_LOG);
	head_fd = open_rw(FORGE_HEAD);
	pin_fd = open_rw(BND_LOG_PIN);
	control("after the forks");
}

static void
test_genesis(void)
{
	static struct forge other;
	unsigned wrong = 0;

	forge_begin(&other, 1);
	for (unsigned i = 1; i <= RECORDS; i++) {
		built_len = 0;
		build(0, i);
		memcpy(built + built_len, other.log, other.len);
		built_len += other.len;
		build(i, RECORDS);
		wrong += try_built() != 4 || said.count[BND_F_FORK] != 1;
	}
	is_int(wrong, 0, "L30 a second genesis, valid in itself: 4");

	forge_save(&other, at.dir);
	is_int(verify(), 0, "control: another log of this host with its pin");
	forge_save_pin(&f, at.dir);
	is_int(verify(), 4, "L23 L43 against the old pin: 4");
	is_int(said.count[BND_F_REINIT], 1, "as begun again");
	forge_free(&other);

	/* The same id, every record signed again from a key of one's own. */
	forge_start(&other);
	memcpy(other.id, f.id, sizeof(other.id));
	forge_key_make(&other, "alice", "alice");
	forge_genesis(&other);
	while (other.seq < RECORDS)
		forge_add(&other, "usb.event", "{}");
	forge_save(&other, at.dir);
	is_int(verify(), 0, "control: it verifies under its own pin");
	forge_save_pin(&f, at.dir);
	is_int(verify(), 1, "L35 S0-07 all signed again: 1");
	is_int(said.count[BND_F_GENESIS], 1, "as another genesis");
	forge_free(&other);

	forge_save(&f, at.dir);
	log_fd = open_rw(FORGE_LOG);
	head_fd = open_rw(FORGE_HEAD);
	pin_fd = open_rw(BND_LOG_PIN);
	control("after the geneses");
}

/* ---- C: keys ---- */

/* L39, L40: root at T goes on from j with a key of his own, or that of T. */
static void
test_rewrite(void)
{
	static struct forge g;
	unsigned own = 0, stolen = 0;

	for (unsigned j = 1; j < RECORDS; j++)
		for (unsigned theft = 0; theft < 2; theft++) {
			uint8_t seed[BND_SEED_LEN], pk[BND_KEY_LEN];

			g = f;
			g.log = NULL;
			g.len = g.size = 0;
			forge_bytes(&g, f.log, f.at[j]);
			memcpy(seed, f.seed, sizeof(seed));
			memcpy(pk, f.pk, sizeof(pk));
			if (!theft)
				bnd_sign_keypair(pk, seed);
			g.seq = j;
			memcpy(g.seed, seed, sizeof(seed));
			memcpy(g.pk, pk, sizeof(pk));
			/* link of j - 1, as every record says it */
			{
				struct bnd_str line = { f.log + f.at[j - 1],
					f.at[j] - f.at[j - 1] - 1 };
				struct bnd_record r;

				if (bnd_record_parse(line, &r, NULL) != 0)
					bail("own record");
				bnd_record_link(line, &r, g.link);
			}
			while (g.seq < RECORDS)
				forge_add(&g, "usb.event", "{}");
			forge_save(&g, at.dir);
			if (theft)
				stolen += verify() != 1 ||
				    said.count[BND_F_SIGNATURE] == 0;
			else
				own += verify() != 1 ||
				    said.count[BND_F_SIGNATURE] == 0;
			forge_free(&g);
		}
	is_int(own, 0, "L40 rewritten from j on under an own key: 1");
	is_int(stolen, 0, "L38 L39 rewritten from j on under the key of T: 1");
	forge_save(&f, at.dir);
	log_fd = open_rw(FORGE_LOG);
	head_fd = open_rw(FORGE_HEAD);
	pin_fd = open_rw(BND_LOG_PIN);
	control("after the rewriting");
}

/* L05: a key of the body, and not a byte more; only dh tells. */
static void
test_body(void)
{
	unsigned wrong = 0;

	restore();
	for (unsigned i = 0; i < RECORDS; i++) {
		const char *key = strstr(f.log + f.at[i], "\"d\":{\"") + 6;
		off_t off = key - f.log;
		char other = (char)(*key ^ 1);

		if (pwrite(log_fd, &other, 1, off) != 1)
			bail("cannot write");
		wrong +=
		    verify() != 1 || said.count[BND_F_BODY] != (i == 0 ? 0 : 1);
		if (pwrite(log_fd, key, 1, off) != 1)
			bail("cannot write");
	}
	is_int(wrong, 0, "L05 only the body edited: 1, and it is BODY");
	control("after the bodies");
}

/* L92: a redacted body, which nothing but the rule can catch. */
static void
test_redacted(void)
{
	unsigned wrong = 0;

	for (unsigned i = 1; i < RECORDS; i++) {
		const char *line = f.log + f.at[i];
		const char *s = strstr(line, "\"s\":\"");
		size_t keep = (size_t)(s - f.log);
		long delta;
		static struct forge g;
		static const char null[] = "\"s\":null,\"d\":null}\n";

		g = f;
		built_len = keep;
		memcpy(built, f.log, keep);
		memcpy(built + built_len, null, sizeof(null) - 1);
		built_len += sizeof(null) - 1;
		delta = (long)built_len - (long)f.at[i + 1];
		build(i + 1, RECORDS);
		put_log(built, built_len);
		/* the head moves along: redaction is no cut */
		for (int k = 0; k < 2; k++) {
			if (i + 1 < g.slot[k].next_seq)
				g.slot[k].start += (uint64_t)delta;
			if (i < g.slot[k].next_seq)
				g.slot[k].end += (uint64_t)delta;
		}
		forge_save_head(&g, at.dir);
		wrong += verify() != 1 || said.count[BND_F_REDACTED] != 1 ||
		    said.count[BND_F_FILE] + said.count[BND_F_LINK] != 0;
	}
	is_int(wrong, 0, "L75 L92 a redacted body: 1, by the rule alone");
	head_fd = open_rw(FORGE_HEAD);
	control("after the redaction");
}

/* L16: bounded, whatever a line is. */
static void
test_long(void)
{
	static char big[300000];
	char name[256];
	int fd;

	memset(big, 'x', sizeof(big));
	memcpy(big, f.log, f.len);
	put_log(big, sizeof(big));
	is_int(verify(), 1, "L16 a line without an end: 1");
	memset(big + f.len, '{', sizeof(big) - f.len);
	put_log(big, sizeof(big));
	is_int(verify(), 1, "L16 deep nesting: 1");
	memset(big + f.len, '\n', sizeof(big) - f.len);
	put_log(big, sizeof(big));
	is_int(verify(), 1, "L11 S0-40 a quarter of a million blank lines: 1");
	snprintf(name, sizeof(name), "%s/%s", at.dir, FORGE_LOG);
	fd = open(name, O_RDWR | O_CLOEXEC);
	if (fd < 0 || ftruncate(fd, INT64_C(1) << 32) != 0) {
		skip_kernel("L16", "no sparse file of 4 GiB here");
	} else {
		is_int(verify(), 1, "L16 4 GiB of NUL: 1, at once");
	}
	close(fd);
	control("after the long lines");
}

/* ---- pin and anchors ---- */

static void
test_no_pin(void)
{
	char name[256];

	snprintf(name, sizeof(name), "%s/%s", at.dir, BND_LOG_PIN);
	unlink(name);
	is_int(verify(), 5, "L37 S0-07 S0-42 no pin: 5");
	is_int(said.count[BND_F_NO_PIN], 1, "and it says so");
	forge_save_pin(&f, at.dir);
	pin_fd = open_rw(BND_LOG_PIN);
	control("with the pin again");
}

static void
link_of(unsigned i, uint8_t link[static BND_HASH_LEN])
{
	struct bnd_str line = { f.log + f.at[i], f.at[i + 1] - f.at[i] - 1 };
	struct bnd_record r;

	if (bnd_record_parse(line, &r, NULL) != 0)
		bail("own record");
	bnd_record_link(line, &r, link);
}

static void
test_anchors(void)
{
	struct bnd_anchor a[2] = { { .seq = 3 }, { .seq = RECORDS - 1 } };
	struct bnd_verify with = { .anchor = a, .anchors = 2 };
	struct bnd_verify copy = { .anchor = a, .anchors = 1, .copy = true };

	link_of(3, a[0].link);
	link_of(RECORDS - 1, a[1].link);
	is_int(verify_as(&with), 0, "anchors that are true: 0");
	a[0].seq = 4;
	is_int(verify_as(&with), 4, "one of another seq: 4");
	is_int(said.count[BND_F_ANCHOR_FORK], 1, "it forks");
	a[0].seq = 3;
	a[1].seq = RECORDS;
	is_int(verify_as(&with), 3, "one beyond the end: 3");
	is_int(said.count[BND_F_ANCHOR_AHEAD], 1, "it is ahead");
	is_int(verify_as(&copy), 5, "L57 a copy with an anchor inside: 5");
	a[0].seq = RECORDS - 1;
	link_of(RECORDS - 1, a[0].link);
	is_int(verify_as(&copy), 0, "with an anchor at its end: 0");
	copy.anchors = 0;
	is_int(verify_as(&copy), 5, "L57 without any: 5");
	is_int(said.count[BND_F_NO_TAIL], 1, "the tail is not proven");
	copy.structure_only = true;
	is_int(verify_as(&copy), 5, "structure only: 5");
	control("after the anchors");
}

/* L76: a copy is a prefix. */
static void
test_copy_cut(void)
{
	struct bnd_verify copy = { .copy = true };
	struct bnd_anchor end = { .seq = RECORDS - 1 };
	unsigned wrong = 0, ahead = 0;

	link_of(RECORDS - 1, end.link);
	for (size_t n = 0; n < f.len; n += n < f.at[1] ? 97 : 13) {
		put_log(f.log, n);
		copy.anchors = 0;
		wrong += verify_as(&copy) != (n <= f.at[1] - 1 ? 3 : 5);
		copy.anchor = &end;
		copy.anchors = 1;
		ahead += verify_as(&copy) != 3;
	}
	is_int(wrong, 0, "L76 a copy cut anywhere: 5 (3 without a record)");
	is_int(ahead, 0, "L76 L53 and 3 with an anchor at the end");
	control("after the cut copies");
}

/* A copy needs no other owner, mode or lock; an edited one is caught. */
static void
test_structure(void)
{
	struct bnd_verify quick = { .structure_only = true };

	is_int(verify_as(&quick), 5, "structure only is never better than 5");
	is_int(said.count[BND_F_UNCOVERED], 1, "and says why");
	edit(4, "\"pid\":1", "\"pid\":2", false);
	is_int(verify_as(&quick), 1, "but sees a changed byte");
	control("after the structure");
}

int
main(void)
{
	scratch_make(&at);
	make();
	test_edits();
	test_signatures();
	test_aliases();
	test_order();
	test_splices();
	test_fork();
	test_genesis();
	test_rewrite();
	test_body();
	test_redacted();
	test_long();
	test_no_pin();
	test_anchors();
	test_copy_cut();
	test_structure();
	scratch_remove(&at);
	return tap_done();
}
