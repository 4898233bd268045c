/* json.c: one spelling a value; everything else is not JSON of ours */
/* SPDX-License-Identifier: ISC */
#include "json.h"

#include "json-read.h"
#include <string.h>

#include "tap.h"

#define KEY32 "abcdefghijklmnopqrstuvwxyz012345"

static struct bnd_str
str(const char *s)
{
	return (struct bnd_str){ s, strlen(s) };
}

static const struct {
	const char *json;
	bool valid;
} cases[] = {
	{ "{}", true },
	{ "[]", true },
	{ "null", true },
	{ "true", true },
	{ "false", true },
	{ "\"\"", true },
	{ "0", true },
	{ "-1", true },
	{ "9007199254740991", true },
	{ "-9007199254740991", true },
	{ "{\"a\":1,\"b\":[1,\"x\",null,{\"c\":{}}]}", true },
	{ "[[[[]]]]", true },
	{ "\"\\\"\\\\ \\u0000\\u001f\\u007f\\u00ff\"", true },
	{ "{\"" KEY32 "\":1}", true },
	{ "{\"a_1\":1}", true },
	/* numbers */
	{ "01", false },
	{ "-0", false },
	{ "+1", false },
	{ "1.0", false },
	{ "1e0", false },
	{ "-", false },
	{ "9007199254740992", false },
	{ "-9007199254740992", false },
	{ "99999999999999999999", false },
	{ "0x1", false },
	/* strings: a second spelling is none */
	{ "\"\\u0041\"", false },
	{ "\"\\u00AB\"", false },
	{ "\"\\u0022\"", false },
	{ "\"\\u005c\"", false },
	{ "\"\\u0100\"", false },
	{ "\"\\/\"", false },
	{ "\"\\n\"", false },
	{ "\"\\u00f\"", false },
	{ "\"\\", false },
	{ "\"abc", false },
	{ "\"\xc3\xa9\"", false },
	{ "\"\xc0\xaf\"", false },
	{ "\"\x1b[31m\"", false },
	{ "\"a\tb\"", false },
	{ "\"\x7f\"", false },
	{ "'a'", false },
	/* shape */
	{ "", false },
	{ " {}", false },
	{ "{} ", false },
	{ "{\"a\": 1}", false },
	{ "{\"a\":1 }", false },
	{ "{}\n", false },
	{ "\xef\xbb\xbf{}", false },
	{ "{\"a\":1,}", false },
	{ "[1,]", false },
	{ "[,1]", false },
	{ "[1 2]", false },
	{ "{\"a\"}", false },
	{ "{\"a\":}", false },
	{ "{,}", false },
	{ "{1:2}", false },
	{ "[}", false },
	{ "{]", false },
	{ "{\"a\":1", false },
	{ "[", false },
	{ "]", false },
	{ "{}{}", false },
	{ "1,2", false },
	{ "nul", false },
	{ "nullx", false },
	{ "True", false },
	/* keys */
	{ "{\"a\":1,\"a\":2}", false },
	{ "{\"a\":{\"b\":1},\"c\":{\"b\":1}}", true },
	{ "{\"a\":{\"b\":1,\"b\":2}}", false },
	{ "{\"\":1}", false },
	{ "{\"A\":1}", false },
	{ "{\"1a\":1}", false },
	{ "{\"_a\":1}", false },
	{ "{\"a-b\":1}", false },
	{ "{\"a\\u0000\":1}", false },
	{ "{\"" KEY32 "x\":1}", false },
	/* depth */
	{ "[[[[[]]]]]", false },
	{ "[[[[{}]]]]", false },
	{ "{\"a\":{\"b\":{\"c\":{\"d\":1}}}}", true },
	{ "{\"a\":{\"b\":{\"c\":{\"d\":{}}}}}", false },
};

static void
grammar(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char shown[200];

		bnd_text_show(str(cases[i].json), shown, sizeof(shown));
		ok(bnd_json_valid(str(cases[i].json)) == cases[i].valid,
		    "%s is %s", shown, cases[i].valid ? "valid" : "not");
	}
	ok(!bnd_json_valid((struct bnd_str){ "\"a\0b\"", 5 }),
	    "a NUL in a string is not");
	ok(!bnd_json_valid((struct bnd_str){ "{}\0", 3 }),
	    "nor behind the end");
}

/* n members, as many as fit and one more. */
static void
members(void)
{
	static char buf[1 << 20];

	for (unsigned n = 64; n <= 65; n++) {
		struct bnd_json j;

		bnd_json_begin(&j, buf, sizeof(buf));
		bnd_json_open(&j, NULL, '[');
		for (unsigned i = 0; i < n; i++)
			bnd_json_int(&j, NULL, i);
		bnd_json_close(&j, ']');
		ok(bnd_json_end(&j) &&
			bnd_json_valid((struct bnd_str){ buf, j.len }) ==
			    (n == 64),
		    "%u elements", n);
	}
	memset(buf, '[', sizeof(buf));
	ok(!bnd_json_valid((struct bnd_str){ buf, sizeof(buf) }),
	    "a million brackets cost neither stack nor time");
	memset(buf, '"', 1);
	memset(buf + 1, 'a', sizeof(buf) - 1);
	ok(!bnd_json_valid((struct bnd_str){ buf, sizeof(buf) }),
	    "nor does a string without end");
}

/* Every byte goes out and comes back. */
static void
every_byte(void)
{
	char buf[2048], back[300];
	unsigned char in[256];
	struct bnd_json j;
	unsigned wrong = 0;

	for (unsigned c = 1; c < 256; c++) {
		char one = (char)c;

		bnd_json_begin(&j, buf, sizeof(buf));
		bnd_json_open(&j, NULL, '{');
		bnd_json_bytes(&j, "k", (struct bnd_str){ &one, 1 });
		bnd_json_close(&j, '}');
		wrong += !bnd_json_end(&j) ||
		    !bnd_json_valid((struct bnd_str){ buf, j.len }) ||
		    !bnd_json_get_str((struct bnd_str){ buf, j.len }, "k", back,
			sizeof(back)) ||
		    back[0] != one || back[1] != '\0';
		for (size_t i = 0; i < j.len; i++)
			wrong += buf[i] < 0x20 || buf[i] > 0x7e;
	}
	is_int(wrong, 0, "each byte is written in ASCII and read back");
	for (unsigned c = 0; c < 256; c++)
		in[c] = (unsigned char)c;
	bnd_json_begin(&j, buf, sizeof(buf));
	bnd_json_open(&j, NULL, '{');
	bnd_json_bytes(&j, "k", (struct bnd_str){ (char *)in, 256 });
	bnd_json_close(&j, '}');
	ok(bnd_json_end(&j) && bnd_json_valid((struct bnd_str){ buf, j.len }),
	    "all of them in one string");
	ok(!bnd_json_get_str(
	       (struct bnd_str){ buf, j.len }, "k", back, sizeof(back)) &&
		back[0] == '\0',
	    "but a NUL is not read into a C string");
}

static void
nothing_is_cut(void)
{
	const char want[] = "{\"a\":\"bc\",\"n\":-5,\"t\":true,\"z\":null}";
	char buf[64];
	unsigned wrong = 0;

	for (size_t size = 0; size <= sizeof(want) + 1; size++) {
		struct bnd_json j;
		bool done;

		memset(buf, 'x', sizeof(buf));
		bnd_json_begin(&j, buf, size);
		bnd_json_open(&j, NULL, '{');
		bnd_json_str(&j, "a", "bc");
		bnd_json_int(&j, "n", -5);
		bnd_json_bool(&j, "t", true);
		bnd_json_null(&j, "z");
		bnd_json_close(&j, '}');
		done = bnd_json_end(&j);
		wrong += done != (size >= sizeof(want));
		wrong += done && strcmp(buf, want) != 0;
		wrong += !done && size > 0 && buf[0] != '\0';
		wrong += buf[size] != 'x';
	}
	is_int(wrong, 0, "it fits whole or is said not to");
}

static void
too_large(void)
{
	char buf[64];
	struct bnd_json j;

	bnd_json_begin(&j, buf, sizeof(buf));
	bnd_json_int(&j, NULL, INT64_C(1) << 53);
	ok(!bnd_json_end(&j), "a number that jq would round is not written");
	bnd_json_begin(&j, buf, sizeof(buf));
	bnd_json_int(&j, NULL, (INT64_C(1) << 53) - 1);
	ok(bnd_json_end(&j) && strcmp(buf, "9007199254740991") == 0,
	    "the one below it is");
}

static void
looking_up(void)
{
	struct bnd_str o =
	    str("{\"s\":\"a\\\"b\",\"n\":7,\"t\":true,\"z\":null,"
		"\"a\":[1,\"x\",{\"k\":2}],\"m\":-3,"
		"\"b\":\"AAECAw\",\"e\":[],\"ls\":\"longer\"}");
	struct bnd_str key, val;
	char text[5];
	uint8_t bin[4];
	uint64_t n;
	bool b;

	ok(bnd_json_valid(o), "it is valid");
	ok(bnd_json_get_str(o, "s", text, sizeof(text)) &&
		strcmp(text, "a\"b") == 0,
	    "a string");
	ok(!bnd_json_get_str(o, "ls", text, sizeof(text)) && text[0] == '\0',
	    "one too long is refused, not cut");
	ok(!bnd_json_get_str(o, "n", text, sizeof(text)), "no string");
	ok(bnd_json_get_u64(o, "n", &n) && n == 7, "a number");
	ok(!bnd_json_get_u64(o, "m", &n) && !bnd_json_get_u64(o, "s", &n),
	    "no unsigned number");
	ok(bnd_json_get_bool(o, "t", &b) && b && !bnd_json_get_bool(o, "n", &b),
	    "true, and no bool");
	ok(bnd_json_get(o, "z", &val) && bnd_json_is_null(val), "null");
	ok(!bnd_json_get(o, "k", &val) && bnd_json_is_null(val),
	    "a key of a member is not ours, and nothing was touched");
	ok(bnd_json_get_b64(o, "b", bin, 4) && bin[3] == 3, "base64");
	ok(!bnd_json_get_b64(o, "b", bin, 3) &&
		!bnd_json_get_b64(o, "n", bin, 4),
	    "of that length only");
	ok(bnd_json_get(o, "a", &val) && bnd_json_at(val, 2, &key, &val) &&
		key.p == NULL && bnd_str_is(val, "{\"k\":2}"),
	    "an element");
	ok(bnd_json_get(o, "a", &val) && !bnd_json_at(val, 3, &key, &val),
	    "no more than there are");
	ok(bnd_json_get(o, "e", &val) && !bnd_json_at(val, 0, &key, &val),
	    "none in an empty array");
	ok(bnd_json_at(o, 1, &key, &val) && bnd_str_is(key, "n") &&
		bnd_str_is(val, "7"),
	    "a member by number");
	ok(!bnd_json_at(o, 9, &key, &val), "no tenth of nine");
	ok(!bnd_json_at(str("7"), 0, &key, &val) &&
		!bnd_json_get(str("[1]"), "a", &val) &&
		!bnd_json_get(str(""), "a", &val),
	    "nothing in what is no container");
}

/*
 * libsodium 1.0.18 decodes every byte from 0x80 to 0xff as 63, and its hex
 * takes both cases: the decoders here are our own.
 */
static void
sodium_traps(void)
{
	uint8_t bin[32], byte;
	char b64[44];
	unsigned passed = 0;

	memset(bin, 0xff, sizeof(bin));
	bnd_text_to_b64(bin, sizeof(bin), b64);
	ok(bnd_text_from_b64((struct bnd_str){ b64, 43 }, bin, 32),
	    "43 characters are 32 bytes");
	for (unsigned at = 0; at < 43; at++)
		for (unsigned c = 0; c < 256; c++) {
			char was = b64[at];

			b64[at] = (char)c;
			if (c >= 0x80 || strchr("+/= \n", (int)c) != NULL)
				passed += bnd_text_from_b64(
				    (struct bnd_str){ b64, 43 }, bin, 32);
			b64[at] = was;
		}
	is_int(passed, 0, "no alias in any place");
	b64[42] = '9'; /* stray bits behind the last byte */
	ok(!bnd_text_from_b64((struct bnd_str){ b64, 43 }, bin, 32),
	    "no stray bits");
	ok(!bnd_text_from_hex((struct bnd_str){ "AB", 2 }, &byte, 1) &&
		bnd_text_from_hex((struct bnd_str){ "ab", 2 }, &byte, 1),
	    "hex in lower case only");
}

int
main(void)
{
	grammar();
	members();
	every_byte();
	nothing_is_cut();
	too_large();
	looking_up();
	sodium_traps();
	return tap_done();
}
