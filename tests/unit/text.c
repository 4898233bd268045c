/* text.c: one spelling for every value, nothing else accepted */
/* SPDX-License-Identifier: ISC */
#include "text.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

static struct bnd_str
str(const char *s)
{
	return (struct bnd_str){ s, strlen(s) };
}

static void
numbers(void)
{
	static const struct {
		const char *text;
		uint64_t max;
		bool good;
		uint64_t n;
	} t[] = {
		{ "0", 9, true, 0 },
		{ "9", 9, true, 9 },
		{ "10", 9, false, 0 },
		{ "65535", 65535, true, 65535 },
		{ "65536", 65535, false, 0 },
		{ "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, false, 0 },
		{ "99999999999999999999999", UINT64_MAX, false, 0 },
		{ "", 9, false, 0 },
		{ "00", 9, false, 0 },
		{ "01", 9, false, 0 },
		{ "+1", 9, false, 0 },
		{ "-1", 9, false, 0 },
		{ " 1", 9, false, 0 },
		{ "1 ", 9, false, 0 },
		{ "1x", 99, false, 0 },
		{ "0x1", 99, false, 0 },
		{ "1e1", 99, false, 0 },
		{ "9", 5, false, 0 },
		{ "0", 0, true, 0 },
		{ "1", 0, false, 0 },
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		uint64_t n = 0;
		bool good = bnd_text_u64(str(t[i].text), t[i].max, &n);

		ok(good == t[i].good && n == t[i].n, "%s", t[i].text);
	}
}

/* Every other spelling of the last character must be refused. */
static void
base64_has_one_spelling(void)
{
	uint8_t bin[32], back[32];
	char text[BND_B64_LEN(32) + 1];
	unsigned accepted = 0;

	for (size_t i = 0; i < sizeof(bin); i++)
		bin[i] = (uint8_t)(i * 37 + 5);
	bnd_text_to_b64(bin, 32, text);
	ok(bnd_text_from_b64(str(text), back, 32) && memcmp(bin, back, 32) == 0,
	    "base64 there and back");
	for (size_t at = 0; at < BND_B64_LEN(32); at++) {
		char was = text[at];

		for (int c = 0; c < 256; c++) {
			text[at] = (char)c;
			if (text[at] != was &&
			    bnd_text_from_b64(
				(struct bnd_str){ text, BND_B64_LEN(32) }, back,
				32))
				accepted += memcmp(bin, back, 32) == 0;
		}
		text[at] = was;
	}
	is_int(accepted, 0, "no second spelling of one value, any byte");
}

static void
base64_vectors(void)
{
	static const struct {
		const char *text;
		size_t n;
		bool good;
	} t[] = {
		{ "AA", 1, true },
		{ "AB", 1, false }, /* spare bits */
		{ "AA==", 1, false },
		{ "A", 1, false },
		{ "AAA", 1, false },
		{ "AAA", 2, true },
		{ "AAB", 2, false },
		{ "AA+A", 3, false },
		{ "AA/A", 3, false },
		{ "AA-A", 3, true },
		{ "AA_A", 3, true },
		{ "AA\xff"
		  "A",
		    3, false },
		{ "AA A", 3, false },
		{ "", 0, true },
	};
	static const char *const not_any[] = { "=", "==", "A", "AA=", "AAA",
		"A===", "====", "AA==AAAA", "AAAAA", "AB==", "AAB=", "AA=A" };
	uint8_t bin[64];
	char text[BND_B64STD_LEN(64) + 1];
	size_t n;

	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		ok(bnd_text_from_b64(str(t[i].text), bin, t[i].n) == t[i].good,
		    "%s", t[i].text);
	memset(bin, 0xfb, sizeof(bin));
	bnd_text_to_b64std(bin, 64, text);
	is_int(strlen(text), 88, "a signature is 88 characters");
	ok(bnd_text_from_b64std(str(text), bin, 64), "and comes back");
	text[87] = 'A';
	ok(!bnd_text_from_b64std(str(text), bin, 64), "padding is checked");
	ok(!bnd_text_from_b64std(str("-_AA"), bin, 3), "one alphabet only");
	for (size_t len = 0; len <= 6; len++) {
		bnd_text_to_b64std(bin, len, text);
		ok(bnd_text_from_b64std_any(str(text), bin, 6, &n) && n == len,
		    "%zu bytes tell how many they are", len);
		ok(len == 0 ||
			!bnd_text_from_b64std_any(str(text), bin, len - 1, &n),
		    "and are not more than there is room for");
	}
	for (size_t i = 0; i < sizeof(not_any) / sizeof(not_any[0]); i++)
		ok(!bnd_text_from_b64std_any(str(not_any[i]), bin, 6, &n),
		    "not base64: %s", not_any[i]);
}

static void
hex(void)
{
	uint8_t bin[2];
	char text[5];

	ok(bnd_text_from_hex(str("0aff"), bin, 2) && bin[0] == 0x0a &&
		bin[1] == 0xff,
	    "hex");
	bnd_text_to_hex(bin, 2, text);
	is_str(text, "0aff", "and back");
	ok(!bnd_text_from_hex(str("0AFF"), bin, 2), "upper case is refused");
	ok(!bnd_text_from_hex(str("0aff0"), bin, 2), "length is exact");
	ok(!bnd_text_from_hex((struct bnd_str){ "0a\0f", 4 }, bin, 2),
	    "a NUL is no digit");
}

static void
lines_and_words(void)
{
	struct bnd_str rest = str("a b\n\n\tlast"), line, word;
	bool whole;

	ok(bnd_text_line(&rest, &line, &whole) && whole &&
		bnd_str_is(line, "a b"),
	    "first line");
	ok(bnd_text_word(&line, &word) && bnd_str_is(word, "a"), "word");
	ok(bnd_text_word(&line, &word) && bnd_str_is(word, "b"), "word");
	ok(!bnd_text_word(&line, &word), "no more words");
	ok(bnd_text_line(&rest, &line, &whole) && whole && line.len == 0,
	    "an empty line is a line");
	ok(bnd_text_line(&rest, &line, &whole) && !whole &&
		bnd_str_is(line, "\tlast"),
	    "a line cut short is told");
	ok(!bnd_text_line(&rest, &line, &whole), "end");
	ok(bnd_text_take(&line, "\tla") && bnd_str_is(line, "st"), "taken");
	ok(!bnd_text_take(&line, "stop") && bnd_str_is(line, "st"),
	    "what is not there is not taken, and nothing is lost");
}

static void
showing(void)
{
	char out[16];

	bnd_text_show(str("a\x1b[31m"), out, sizeof(out));
	is_str(out, "a\\x1b[31m", "an escape sequence is spelt");
	bnd_text_show(str("b\\c"), out, sizeof(out));
	is_str(out, "b\\x5cc", "a backslash too, so spellings are unique");
	bnd_text_show(str("0123456789abcde"), out, sizeof(out));
	is_str(out, "0123456789abcde", "what fits stays");
	bnd_text_show(str("0123456789abcdef"), out, sizeof(out));
	is_str(out, "0123456789ab...", "what does not is marked");
	bnd_text_show(str("\n\n\n\n\n\n\n\n"), out, sizeof(out));
	is_str(out, "\\x0a\\x0a\\x0a...", "no spelling is cut");
}

static void
copying(void)
{
	char out[4];

	ok(bnd_str_copy(str("abc"), out, 4), "fits");
	ok(!bnd_str_copy(str("abcd"), out, 4) && out[0] == '\0',
	    "too long is refused, not cut");
	ok(!bnd_str_copy((struct bnd_str){ "a\0c", 3 }, out, 4),
	    "an embedded NUL is refused");
}

static void
test_span(void)
{
	static const struct {
		const char *text;
		uint64_t s; /* 0: refused */
	} row[] = { { "1", 1 }, { "90s", 90 }, { "30m", 1800 }, { "2h", 7200 },
		{ "7d", 604800 }, { "8d", 0 }, { "0", 0 }, { "0m", 0 },
		{ "", 0 }, { "m", 0 }, { "1w", 0 }, { "-1", 0 }, { "1 m", 0 },
		{ "01", 0 }, { "1ms", 0 }, { "604801", 0 },
		{ "18446744073709551616s", 0 } };

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		uint64_t s = 0;
		bool good = bnd_text_span(
		    (struct bnd_str){ row[i].text, strlen(row[i].text) },
		    604800, &s);

		ok(good == (row[i].s != 0) && s == row[i].s, "span \"%s\"",
		    row[i].text);
	}
}

int
main(void)
{
	numbers();
	base64_has_one_spelling();
	base64_vectors();
	hex();
	lines_and_words();
	showing();
	copying();
	test_span();
	return tap_done();
}
