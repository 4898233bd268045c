/* approver.c: names, entries in one spelling, proof of possession, persons */
/* SPDX-License-Identifier: ISC */
#include "approver.h"

#include "json-read.h"
#include "tap.h"

static uint8_t seed[BND_SEED_LEN], log_id[BND_ID_LEN];

static struct bnd_approver
sample(void)
{
	struct bnd_approver a = {
		.name = "alice-usb",
		.person = "alice",
		.pub.kind = BND_KEY_RAW,
	};
	char text[BND_ENROLL_MAX + 1];
	size_t len;

	bnd_sign_public(seed, a.pub.key);
	bnd_approver_id(a.pub.key, a.id);
	if (bnd_approver_text(&a, log_id, text, &len, NULL) != 0)
		bail("the sample is refused");
	bnd_sign(seed, text, len, a.pop.sig);
	return a;
}

static bool
name(const char *s)
{
	return bnd_name_is_valid((struct bnd_str){ s, strlen(s) });
}

static void
test_names(void)
{
	static const char *const bad[] = { "", "Alice", "-a", ".a", "a b",
		"a/b", "..", "a\n", "\xc3\xa9",
		"a23456789012345678901234567890123" };
	static const char *const good[] = { "a", "0", "alice", "a.b_c-d",
		"a2345678901234567890123456789012" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(name(good[i]), "a name: %s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!name(bad[i]), "not a name: row %zu", i);
}

static bool
to_json(const struct bnd_approver *a, char *buf, size_t size)
{
	struct bnd_json j;

	bnd_json_begin(&j, buf, size);
	bnd_approver_to_json(a, &j, NULL);
	return bnd_json_end(&j);
}

static bool
from_json(const char *json, struct bnd_approver *a)
{
	struct bnd_str s = { json, strlen(json) };

	return bnd_json_valid(s) && bnd_approver_from_json(s, a, NULL) == 0;
}

static void
test_json(void)
{
	struct bnd_approver a = sample(), back;
	char buf[512], bad[600];

	ok(to_json(&a, buf, sizeof(buf)), "an entry is written");
	ok(from_json(buf, &back), "and read");
	is_mem(&a, &back, sizeof(a), "back to the same");
	snprintf(bad, sizeof(bad), "{\"x\":1,%s", buf + 1);
	ok(!from_json(bad, &back), "a foreign member is refused");
	snprintf(bad, sizeof(bad), "{\"app\":\"ssh:x\",%s", buf + 1);
	ok(!from_json(bad, &back), "an application without a token too");
	ok(!from_json("{}", &back), "an empty entry too");
	ok(!from_json("[]", &back), "and what is no object");
	a.pub.kind = BND_KEY_SSH;
	snprintf(a.pub.app, sizeof(a.pub.app), "ssh:bnd");
	ok(to_json(&a, buf, sizeof(buf)) && from_json(buf, &back) &&
		back.pub.kind == BND_KEY_SSH &&
		strcmp(back.pub.app, "ssh:bnd") == 0,
	    "a token's entry has its application");
}

static void
test_text(void)
{
	struct bnd_approver a = sample(), back;
	char text[BND_ENROLL_MAX + 1], bad[BND_ENROLL_MAX + 64];
	uint8_t log[BND_ID_LEN];
	unsigned accepted = 0;
	size_t len;

	ok(bnd_approver_text(&a, log_id, text, &len, NULL) == 0,
	    "the text to sign");
	ok(strncmp(text, "bnd-enroll/1\nlog ", 17) == 0, "has its domain line");
	ok(bnd_approver_from_text(
	       (struct bnd_str){ text, len }, &back, log, NULL) == 0 &&
		memcmp(log, log_id, sizeof(log)) == 0 &&
		strcmp(back.person, "alice") == 0 &&
		memcmp(back.id, a.id, sizeof(a.id)) == 0,
	    "and is read back");
	for (size_t i = 0; i < len; i++)
		accepted += bnd_approver_from_text((struct bnd_str){ text, i },
				&back, log, NULL) == 0;
	is_int(accepted, 0, "no prefix is one");
	snprintf(bad, sizeof(bad), "%sapp ssh:x\n", text);
	ok(bnd_approver_from_text(
	       (struct bnd_str){ bad, strlen(bad) }, &back, log, NULL) != 0,
	    "nor one with a line more");
}

static void
test_pop(void)
{
	struct bnd_approver a = sample(), b;
	uint8_t other[BND_ID_LEN] = { 1 };
	struct bnd_evidence e = { 0 };
	static const enum bnd_key_kind blind[] = { BND_KEY_MINISIGN,
		BND_KEY_SSH, BND_KEY_NONE };

	ok(bnd_approver_check(&a, log_id, NULL) == 0, "control: a good proof");
	ok(bnd_approver_check(&a, other, NULL) != 0, "not for another log");
	b = a;
	b.person[0] = 'b';
	ok(bnd_approver_check(&b, log_id, NULL) != 0, "not for another person");
	b = a;
	b.pub.key[0] ^= 1;
	ok(bnd_approver_check(&b, log_id, NULL) != 0, "not for a mistyped key");
	b = a;
	memset(b.pub.key, 0, sizeof(b.pub.key));
	memset(b.pop.sig, 0, sizeof(b.pop.sig));
	ok(bnd_approver_check(&b, log_id, NULL) != 0,
	    "the zero key is refused");
	b = a;
	memset(b.pub.key, 0, sizeof(b.pub.key));
	b.pub.key[0] = 1; /* the neutral element: signs anything */
	memset(b.pop.sig, 0, sizeof(b.pop.sig));
	b.pop.sig[0] = 1;
	ok(bnd_approver_check(&b, log_id, NULL) != 0,
	    "a key of small order is refused");
	bnd_sign(seed, "x", 1, e.sig);
	ok(bnd_evidence_verify(&a.pub, (struct bnd_str){ "x", 1 }, &e),
	    "control: kind raw signs the text itself");
	for (size_t i = 0; i < sizeof(blind) / sizeof(blind[0]); i++) {
		b = a;
		b.pub.kind = blind[i];
		ok(!bnd_evidence_verify(
		       &b.pub, (struct bnd_str){ "x", 1 }, &e) &&
			bnd_approver_check(&b, log_id, NULL) != 0,
		    "kind %s is not signed by the rule of another",
		    bnd_key_kind_name(blind[i]));
	}
}

/* Secret halves that stand in RFC 8032 7.1, or that everybody tries first. */
static void
test_public(void)
{
	static const char *const seeds[] = {
		"9d61b19deffd5a60ba844af492ec2cc4"
		"4449c5697b326919703bac031cae7f60",
		"4ccd089b28ff96da9db6c346ec114e0f"
		"5b8a319f35aba624da8cf6ed4fb8a6fb",
		"00000000000000000000000000000000"
		"00000000000000000000000000000000",
		"000102030405060708090a0b0c0d0e0f"
		"101112131415161718191a1b1c1d1e1f",
		"0505050505050505050505050505050505050505050505050505050505050"
		"505",
	};
	char text[BND_ENROLL_MAX + 1];
	struct bnd_approver a = sample();
	uint8_t s[BND_SEED_LEN];
	size_t len;

	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		bool last = i == sizeof(seeds) / sizeof(seeds[0]) - 1;

		if (!bnd_text_from_hex(
			(struct bnd_str){ seeds[i], 64 }, s, sizeof(s)))
			bail("seed");
		bnd_sign_public(s, a.pub.key);
		if (bnd_approver_text(&a, log_id, text, &len, NULL) != 0)
			bail("text");
		bnd_sign(s, text, len, a.pop.sig);
		is_int(bnd_approver_check(&a, log_id, NULL), last ? 0 : -1,
		    last ? "control: a key that nobody else has"
			 : "a key whose secret half is public is refused");
	}
}

static void
test_persons(void)
{
	struct bnd_approver a[3] = { sample(), sample(), sample() };

	snprintf(a[2].person, sizeof(a[2].person), "bob");
	is_int(bnd_approver_persons(a, 3, 0), 0, "nobody");
	is_int(
	    bnd_approver_persons(a, 3, 3), 1, "two keys of one person are one");
	is_int(bnd_approver_persons(a, 3, 7), 2, "and another makes two");
	is_int(bnd_approver_persons(a, 3, 4), 1, "one alone");
}

int
main(void)
{
	if (bnd_sign_init(NULL) != 0)
		bail("libsodium does not start");
	memset(seed, 5, sizeof(seed));
	memset(log_id, 6, sizeof(log_id));
	test_names();
	test_json();
	test_text();
	test_pop();
	test_public();
	test_persons();
	return tap_done();
}
