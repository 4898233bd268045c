/* record.c: what is written is read back, and nothing else is */
/* SPDX-License-Identifier: ISC */
#include "record.h"

#include <string.h>

#include "json-read.h"
#include "json.h"
#include "tap.h"

static uint8_t seed[BND_SEED_LEN], pk[BND_KEY_LEN];

static struct bnd_record
sample(void)
{
	struct bnd_record r = {
		.seq = 7,
		.time = { .boot_us = 123456789,
		    .real_us = INT64_C(1795375216137331),
		    .boot = "0123456789abcdef0123456789abcdef" },
		.ev = "mode.commit",
		.by = { .prog = "mode-set",
		    .pid = 42,
		    .has_auid = true,
		    .auid = 1000 },
		.body = { "{\"n\":1}", 7 },
	};

	bnd_random(r.prev, sizeof(r.prev));
	bnd_random(r.nk, sizeof(r.nk));
	bnd_random(r.salt, sizeof(r.salt));
	return r;
}

static size_t
write_sample(char line[static BND_RECORD_MAX], struct bnd_record *r)
{
	struct bnd_err err = { 0 };
	size_t len = 0;

	*r = sample();
	if (bnd_record_write(r, seed, pk, line, &len, &err) != 0)
		bail(err.text);
	return len;
}

static void
there_and_back(void)
{
	char line[BND_RECORD_MAX];
	struct bnd_record w, r;
	struct bnd_err err = { 0 };
	size_t len = write_sample(line, &w);
	struct bnd_str text = { line, len - 1 };

	ok(line[len - 1] == '\n' && memchr(line, '\n', len - 1) == NULL,
	    "one line");
	is_int(bnd_record_parse(text, &r, &err), 0, "reads: %s", err.text);
	ok(r.seq == 7 && r.time.boot_us == 123456789 &&
		r.time.real_us == INT64_C(1795375216137331) &&
		strcmp(r.time.boot, w.time.boot) == 0,
	    "its numbers");
	ok(strcmp(r.ev, "mode.commit") == 0 &&
		strcmp(r.by.prog, "mode-set") == 0 && r.by.pid == 42 &&
		r.by.has_auid && r.by.auid == 1000 && !r.by.has_ses,
	    "its words");
	ok(bnd_str_is(r.body, "{\"n\":1}") && !r.redacted, "its body");
	ok(bnd_record_signed_by(text, &r, pk), "signed");
	ok(bnd_record_body_is_whole(&r), "the body is the one promised");
	is_mem(line + r.m_len - 1, "\"", 1, "m ends with a quote");
	is_mem(line + r.m_len, ",\"sig\":\"", 8, "in front of the signature");
	is_mem(line + r.link_len, ",\"s\":", 5,
	    "the link covers the signature and no more");
}

/* L01: at any place, any bit: either no record, or not signed or not whole. */
static void
every_bit_counts(void)
{
	char line[BND_RECORD_MAX];
	struct bnd_record w, r;
	size_t len = write_sample(line, &w);
	struct bnd_str text = { line, len - 1 };
	uint8_t link[BND_HASH_LEN], other[BND_HASH_LEN];
	unsigned passed = 0, relinked = 0;

	bnd_record_link(text, &w, link);
	for (size_t bit = 0; bit < 8 * text.len; bit++) {
		line[bit / 8] = (char)(line[bit / 8] ^ 1 << bit % 8);
		if (bnd_record_parse(text, &r, NULL) == 0) {
			bnd_record_link(text, &r, other);
			relinked += bit / 8 < w.link_len &&
			    memcmp(link, other, sizeof(link)) == 0;
			passed += bnd_record_signed_by(text, &r, pk) &&
			    bnd_record_body_is_whole(&r);
		}
		line[bit / 8] = (char)(line[bit / 8] ^ 1 << bit % 8);
	}
	is_int(passed, 0, "no flipped bit passes");
	is_int(relinked, 0, "nor keeps the link");
}

static void
every_cut(void)
{
	char line[BND_RECORD_MAX];
	struct bnd_record w, r;
	size_t len = write_sample(line, &w);
	unsigned passed = 0;

	for (size_t n = 0; n < len - 1; n++)
		passed += bnd_record_parse(
			      (struct bnd_str){ line, n }, &r, NULL) == 0;
	is_int(passed, 0, "no cut line is a record");
	ok(bnd_record_parse((struct bnd_str){ line, len }, &r, NULL) != 0,
	    "nor one with its LF inside");
}

/* L07 to L15: replace the first occurrence of a text; it must not read. */
static const struct {
	const char *what, *from, *to;
} edits[] = {
	{ "an unknown key", "\"dh\":", "\"x\":1,\"dh\":" },
	{ "a key twice", "\"bt\":", "\"seq\":7,\"bt\":" },
	{ "keys in another order", "{\"v\":1,\"seq\":7,",
	    "{\"seq\":7,\"v\":1," },
	{ "a blank", "\"v\":1,", "\"v\": 1," },
	{ "a tab", "\"v\":1,", "\"v\":1,\t" },
	{ "a CR", "}}", "}}\r" },
	{ "a blank at the end", "\"d\":{\"n\":1}}", "\"d\":{\"n\":1}} " },
	{ "a BOM", "{\"v\"", "\xef\xbb\xbf{\"v\"" },
	{ "another version", "\"v\":1", "\"v\":2" },
	{ "a leading zero", "\"seq\":7", "\"seq\":07" },
	{ "a fraction", "\"seq\":7", "\"seq\":7.0" },
	{ "an exponent", "\"seq\":7", "\"seq\":7e0" },
	{ "a sign", "\"seq\":7", "\"seq\":+7" },
	{ "a negative number", "\"seq\":7", "\"seq\":-7" },
	{ "2^53", "\"seq\":7", "\"seq\":9007199254740992" },
	{ "a number as string", "\"seq\":7", "\"seq\":\"7\"" },
	{ "an escaped letter", "mode.commit", "\\u006dode.commit" },
	{ "a capital in ev", "mode.commit", "Mode.commit" },
	{ "a dot too many", "mode.commit", "mode..commit" },
	{ "a dot at the end", "mode.commit", "mode." },
	{ "a digit in ev", "mode.commit", "mode.commit2" },
	{ "a long ev", "mode.commit", "a.bcdefghijklmnopqrstuvwxyzabcdef" },
	{ "an empty ev", "mode.commit", "" },
	{ "no program", "mode-set", "" },
	{ "a path as program", "mode-set", "/mode-set" },
	{ "hex in capitals", "0123456789abcdef0", "0123456789ABCDEF0" },
	{ "a short boot id", "0123456789abcdef0", "0123456789abcdef" },
	{ "auid unset as a number", "\"auid\":1000", "\"auid\":4294967295" },
	{ "auid missing", "\"auid\":1000,", "" },
	{ "pid null", "\"pid\":42", "\"pid\":null" },
	{ "a month 13", "2026-11-", "2026-13-" },
	{ "a body that is an array", "{\"n\":1}", "[1]" },
	{ "a body that is null, salted", "{\"n\":1}", "null" },
	{ "a body of two values", "{\"n\":1}", "{\"n\":1},{\"n\":1}" },
	{ "a body too deep", "{\"n\":1}", "{\"n\":[[[[1]]]]}" },
	{ "raw UTF-8 in the body", "{\"n\":1}", "{\"n\":\"\xc3\xa9\"}" },
	{ "an ANSI escape in the body", "{\"n\":1}", "{\"n\":\"\x1b[2J\"}" },
	{ "a duplicate in the body", "{\"n\":1}", "{\"n\":1,\"n\":1}" },
	{ "something behind", "\"d\":{\"n\":1}}", "\"d\":{\"n\":1},\"e\":1}" },
};

static void
edited(void)
{
	char line[BND_RECORD_MAX], changed[BND_RECORD_MAX + 64];
	struct bnd_record w, r;
	size_t len = write_sample(line, &w);

	line[len - 1] = '\0';
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		const char *at = strstr(line, edits[i].from);
		struct bnd_str text = { changed, 0 };

		if (at == NULL)
			bail(edits[i].what);
		text.len = (size_t)snprintf(changed, sizeof(changed),
		    "%.*s%s%s", (int)(at - line), line, edits[i].to,
		    at + strlen(edits[i].from));
		ok(bnd_record_parse(text, &r, NULL) != 0, "%s is no record",
		    edits[i].what);
	}
}

/* L12, L13: in every base64 field. */
static void
base64_fields(void)
{
	static const char *const fields[] = { "\"prev\":\"", "\"dh\":\"",
		"\"nk\":\"", "\"sig\":\"", "\"s\":\"" };
	char line[BND_RECORD_MAX];
	struct bnd_record w, r;
	size_t len = write_sample(line, &w);
	struct bnd_str text = { line, len - 1 };
	unsigned passed = 0;

	line[len - 1] = '\0';
	for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++) {
		char *at = strstr(line, fields[f]) + strlen(fields[f]);
		char *end = strchr(at, '"') - 1;
		char was = *at, last = *end;

		for (unsigned c = 0x80; c < 0x100; c++) {
			*at = (char)c;
			passed += bnd_record_parse(text, &r, NULL) == 0;
		}
		for (const char *p = "+/=. \n"; *p != '\0'; p++) {
			*at = *p;
			passed += bnd_record_parse(text, &r, NULL) == 0;
		}
		*at = was;
		/* The last character carries spare bits: 2, or 4 for 16 and 64. */
		*end = 'B';
		passed += bnd_record_parse(text, &r, NULL) == 0;
		*end = last;
	}
	is_int(passed, 0, "no alias, no stray bits, in no field");
	is_int(bnd_record_parse(text, &r, NULL), 0, "unchanged, it reads");
}

static void
redacted(void)
{
	char line[BND_RECORD_MAX], changed[BND_RECORD_MAX + 64];
	struct bnd_record w, r;
	size_t len = write_sample(line, &w);
	char *s = memmem(line, len, ",\"s\":", 5);
	struct bnd_str text = { changed, 0 };

	text.len = (size_t)snprintf(changed, sizeof(changed),
	    "%.*s,\"s\":null,\"d\":null}", (int)(s - line), line);
	ok(bnd_record_parse(text, &r, NULL) == 0 && r.redacted,
	    "salt and body may be null together");
	ok(bnd_record_signed_by(text, &r, pk), "and it stays signed");
	ok(!bnd_record_body_is_whole(&r), "but is not whole");
	text.len = (size_t)snprintf(changed, sizeof(changed),
	    "%.*s,\"s\":null,\"d\":{}}", (int)(s - line), line);
	ok(bnd_record_parse(text, &r, NULL) != 0, "one without the other not");
}

static void
longest(void)
{
	char line[BND_RECORD_MAX], body[BND_BODY_MAX + 1];
	struct bnd_record r = sample();
	struct bnd_err err = { 0 };
	size_t len;

	memset(body, 'a', sizeof(body));
	memcpy(body, "{\"k\":\"", 6);
	memcpy(body + BND_BODY_MAX - 2, "\"}", 2);
	r.seq = BND_SEQ_MAX;
	r.time.boot_us = BND_SEQ_MAX;
	memset(r.ev, 'e', BND_WORD_MAX);
	memset(r.by.prog, 'p', BND_WORD_MAX);
	r.by.pid = INT32_MAX;
	r.by.uid = UINT32_MAX;
	r.by.has_auid = r.by.has_ses = true;
	r.by.auid = r.by.ses = UINT32_MAX - 1;
	r.body = (struct bnd_str){ body, BND_BODY_MAX };
	is_int(bnd_record_write(&r, seed, pk, line, &len, &err), 0,
	    "the longest body fits under the longest words: %s", err.text);
	ok(len <= BND_RECORD_MAX, "into %zu bytes", len);
	memset(line, 'x', sizeof(line));
	ok(bnd_record_parse((struct bnd_str){ line, sizeof(line) }, &r, &err) !=
		0,
	    "a longer line is refused before it is looked at");
	r = sample();
	r.body = (struct bnd_str){ "{\"a\":01}", 8 };
	ok(bnd_record_write(&r, seed, pk, line, &len, &err) != 0 &&
		err.kind == BND_E_INPUT,
	    "what could not be read back is not written");
}

static void
times(void)
{
	static const char *const good[] = { "1970-01-01T00:00:00.000000Z",
		"2000-02-29T23:59:59.999999Z", "2026-11-22T19:20:16.137331Z",
		"9999-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z",
		"2100-02-28T00:00:00.000001Z", "1900-01-01T00:00:00.000000Z" };
	static const char *const bad[] = { "2100-02-29T00:00:00.000000Z",
		"2026-02-30T00:00:00.000000Z", "2026-00-01T00:00:00.000000Z",
		"2026-01-00T00:00:00.000000Z", "2026-01-01T24:00:00.000000Z",
		"2026-01-01T00:60:00.000000Z", "2026-01-01T00:00:60.000000Z",
		"2026-01-01 00:00:00.000000Z", "2026-01-01T00:00:00Z",
		"2026-01-01T00:00:00.000000", "2026-1-01T00:00:00.0000000Z",
		"2026-01-01T00:00:00.00000AZ", "", "2026" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char back[BND_TIME_LEN + 1] = "";
		int64_t us;
		struct bnd_str s = { good[i], strlen(good[i]) };

		if (bnd_time_parse(s, &us))
			bnd_clock_format(us, back);
		ok(strcmp(back, good[i]) == 0, "%s there and back", good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int64_t us;

		ok(!bnd_time_parse(
		       (struct bnd_str){ bad[i], strlen(bad[i]) }, &us),
		    "'%s' is no time", bad[i]);
	}
}

static void
fitted(void)
{
	char body[6000], out[BND_BODY_MAX + 1];
	struct bnd_err err = { 0 };
	struct bnd_json j;
	struct bnd_str in, val;
	size_t len;
	uint64_t n;

	bnd_json_begin(&j, body, sizeof(body));
	bnd_json_open(&j, NULL, '{');
	bnd_json_str(&j, "txn", "abc");
	bnd_json_open(&j, "long", '{');
	for (unsigned i = 0; i < 5; i++) {
		char key[2] = { (char)('a' + i), '\0' };
		char text[900];

		memset(text, 'x', sizeof(text) - 1);
		text[sizeof(text) - 1] = '\0';
		bnd_json_str(&j, key, text);
	}
	bnd_json_close(&j, '}');
	bnd_json_str(&j, "to", "AIRGAP");
	bnd_json_close(&j, '}');
	ok(bnd_json_end(&j), "a body of %zu bytes", j.len);
	in = (struct bnd_str){ body, j.len };
	is_int(bnd_body_fit(in, BND_BODY_MAX, 4, out, &len, &err), 0,
	    "is made to fit: %s", err.text);
	in = (struct bnd_str){ out, len };
	ok(bnd_json_valid(in) && len <= BND_BODY_MAX, "into %zu", len);
	ok(bnd_json_get(in, "txn", &val) && bnd_str_is(val, "\"abc\"") &&
		bnd_json_get(in, "to", &val) && bnd_str_is(val, "\"AIRGAP\""),
	    "what was short is whole");
	ok(bnd_json_get(in, "long", &val) && bnd_json_get(val, "trunc", &val) &&
		bnd_json_get_u64(val, "len", &n) && n == 4531,
	    "what was long is its length and hash");
	in = (struct bnd_str){ "{\"a\":[[[1]]],\"b\":[\"[[[[\"]}", 26 };
	is_int(bnd_body_fit(in, BND_BODY_MAX, 4, out, &len, &err), 0, "fits");
	ok(len == in.len && memcmp(out, in.p, len) == 0, "as it is");
	is_int(bnd_body_fit(in, BND_BODY_MAX, 3, out, &len, &err), 0,
	    "too deep by one");
	ok(strncmp(out, "{\"a\":{\"trunc\":", 14) == 0 &&
		strstr(out, "\"b\":[\"[[[[\"]}") != NULL,
	    "what is deep is cut, a string of brackets is not");
	ok(bnd_body_fit((struct bnd_str){ "[]", 2 }, 99, 4, out, &len, &err) !=
		0,
	    "an array is no body");
	ok(bnd_body_fit(
	       (struct bnd_str){ "{\"a\":1}", 7 }, 6, 4, out, &len, &err) != 0,
	    "what cannot be made to fit is refused");
}

int
main(void)
{
	struct bnd_err err = { 0 };

	if (bnd_sign_init(&err) != 0)
		bail(err.text);
	bnd_sign_keypair(pk, seed);
	there_and_back();
	every_bit_counts();
	every_cut();
	edited();
	base64_fields();
	redacted();
	longest();
	times();
	fitted();
	return tap_done();
}
