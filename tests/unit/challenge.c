/* challenge.c: one spelling, what may be asked, floors and windows */
/* SPDX-License-Identifier: ISC */
#include "challenge.h"

#include "tap.h"
#include "tier.h"

static struct bnd_challenge
sample(void)
{
	struct bnd_challenge c = {
		.action = BND_ACTION_LOOSEN,
		.from = BND_AIRGAP,
		.to = BND_TRUSTED,
		.gen = 41,
		.boot = "0123456789abcdef0123456789abcdef",
		.opened_us = 123456789,
		.need = 1,
		.cooldown_s = 60,
		.requester = { .has_auid = true, .auid = 1000, .tty = "pts/3" },
		.reason = "usb backup",
	};

	c.base.seq = 1233;
	memset(c.base.link, 7, sizeof(c.base.link));
	memset(c.log_id, 9, sizeof(c.log_id));
	memset(c.nonce, 11, sizeof(c.nonce));
	return c;
}

static bool
packs(const struct bnd_challenge *c, char *text, size_t *len)
{
	return bnd_challenge_pack(c, text, len, NULL) == 0;
}

static bool
unpacks(const char *text, size_t len)
{
	struct bnd_challenge c;

	return bnd_challenge_unpack((struct bnd_str){ text, len }, &c, NULL) ==
	    0;
}

static void
test_round_trip(void)
{
	struct bnd_challenge c = sample(), back;
	char text[BND_CHALLENGE_MAX + 1], again[BND_CHALLENGE_MAX + 1];
	size_t len, len2;

	ok(packs(&c, text, &len), "a challenge packs");
	ok(strncmp(text, "bnd-ceremony/1\nlog CQkJ", 23) == 0,
	    "and begins with its own domain line");
	ok(bnd_challenge_unpack((struct bnd_str){ text, len }, &back, NULL) ==
		0,
	    "it unpacks");
	ok(packs(&back, again, &len2) && len == len2 &&
		strcmp(text, again) == 0,
	    "and packs to the same bytes");
	is_int(back.cooldown_s, 60, "cool-down");
	is_str(back.requester.tty, "pts/3", "terminal");
	ok(!back.requester.has_ses && back.requester.has_auid,
	    "an unset session stays unset");
	is_str(back.reason, "usb backup", "reason");
}

/* Every text that differs in one bit is another challenge or none. */
static void
test_bits(void)
{
	struct bnd_challenge c = sample(), back;
	char text[BND_CHALLENGE_MAX + 1], again[BND_CHALLENGE_MAX + 1];
	unsigned loose = 0, tried = 0;
	size_t len, len2;

	ok(packs(&c, text, &len), "control: the untouched text");
	for (size_t i = 0; i < len * 8; i++) {
		text[i / 8] = (char)(text[i / 8] ^ (1 << (i % 8)));
		tried++;
		if (unpacks(text, len)) {
			int rc = bnd_challenge_unpack(
			    (struct bnd_str){ text, len }, &back, NULL);

			loose += rc != 0 || !packs(&back, again, &len2) ||
			    len2 != len || memcmp(text, again, len) != 0;
		}
		text[i / 8] = (char)(text[i / 8] ^ (1 << (i % 8)));
	}
	is_int(loose, 0, "no flipped bit of %u makes a second spelling", tried);
}

static void
test_cut(void)
{
	struct bnd_challenge c = sample();
	char text[BND_CHALLENGE_MAX + 2];
	unsigned accepted = 0;
	size_t len;

	ok(packs(&c, text, &len), "control: the whole text");
	for (size_t i = 0; i < len; i++)
		accepted += unpacks(text, i);
	is_int(accepted, 0, "no prefix is a challenge");
	text[len] = '\n';
	ok(!unpacks(text, len + 1), "nor one with a line more");
	text[len] = '\0';
	ok(!unpacks(text, len + 1), "nor one with a NUL more");
}

static void
swap(char *text, const char *what, const char *with)
{
	char *at = strstr(text, what);
	char rest[BND_CHALLENGE_MAX + 1];

	if (at == NULL)
		bail("the test's own text is not as expected");
	snprintf(rest, sizeof(rest), "%s", at + strlen(what));
	snprintf(at, BND_CHALLENGE_MAX + 1 - (size_t)(at - text), "%s%s", with,
	    rest);
}

static void
test_spellings(void)
{
	static const struct {
		const char *what, *with, *why;
	} rows[] = {
		{ "gen 41", "gen 041", "a leading zero" },
		{ "gen 41", "gen 0", "gen 0" },
		{ "gen 41", "gen +41", "a sign" },
		{ "gen 41", "gen  41", "two blanks" },
		{ "gen 41", "gen 41 ", "a blank at the end" },
		{ "gen 41\n", "", "a line missing" },
		{ "gen 41\n", "gen 41\ngen 41\n", "a line twice" },
		{ "from AIRGAP", "from Airgap", "a mode in another case" },
		{ "from AIRGAP", "from TRUSTED", "no loosening" },
		{ "to TRUSTED", "to LOCKDOWN", "a tightening" },
		{ "need 1", "need 0", "no approval" },
		{ "need 1", "need 9", "more approvals than keys" },
		{ "kinds any", "kinds all", "unknown kinds" },
		{ "for -", "for 0", "a bound of nothing" },
		{ "subject -", "subject x", "a subject where none belongs" },
		{ "auid=1000", "auid=4294967296", "a uid of 33 bits" },
		{ "uid=0", "uid=-", "no uid" },
		{ "tty=pts/3", "tty=", "an empty terminal" },
		{ "reason usb backup", "reason ", "an empty reason" },
		{ "reason usb backup", "reason usb\tbackup", "a tab" },
		{ "reason usb backup", "reason usb \033[2J", "an escape" },
		{ "bnd-ceremony/1", "bnd-ceremony/2", "another version" },
		{ "\nnonce", "\r\nnonce", "CRLF" },
		{ "boot 01", "boot 0A", "an upper case hex digit" },
	};
	struct bnd_challenge c = sample();
	char text[BND_CHALLENGE_MAX + 1];
	size_t len;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!packs(&c, text, &len) || !unpacks(text, len))
			bail("the untouched text is refused");
		swap(text, rows[i].what, rows[i].with);
		ok(!unpacks(text, strlen(text)), "refused: %s", rows[i].why);
	}
}

static void
test_asked(void)
{
	struct bnd_challenge c = sample();
	char text[BND_CHALLENGE_MAX + 1];
	size_t len;

	c.to = BND_AIRGAP;
	ok(!packs(&c, text, &len), "the same mode needs no ceremony");
	c = sample();
	snprintf(c.reason, sizeof(c.reason), "-");
	ok(!packs(&c, text, &len), "a reason that reads as none is refused");
	c = sample();
	snprintf(c.reason, sizeof(c.reason), "two\nneed 1");
	ok(!packs(&c, text, &len), "a reason cannot bring a line of its own");
	c = sample();
	c.action = BND_ACTION_REVOKE;
	c.to = c.from;
	snprintf(c.subject, sizeof(c.subject), "0123456789abcdef");
	ok(packs(&c, text, &len), "revoke names a key");
	snprintf(c.subject, sizeof(c.subject), "alice");
	ok(!packs(&c, text, &len), "and nothing else");
	c.action = BND_ACTION_ENROLL;
	snprintf(c.subject, sizeof(c.subject), "0123456789abcdef bob bob raw");
	ok(packs(&c, text, &len), "enroll names key, name, person, kind");
	memset(c.reason, 'x', sizeof(c.reason) - 1);
	memset(c.requester.tty, 'y', sizeof(c.requester.tty) - 1);
	ok(packs(&c, text, &len), "the longest fields fit");
}

static void
test_names(void)
{
	struct bnd_challenge c = sample();
	char text[BND_CHALLENGE_MAX + 1], phrase[BND_CHALLENGE_PHRASE];
	uint8_t a[BND_CHALLENGE_ID_LEN], b[BND_CHALLENGE_ID_LEN];
	size_t len;

	ok(packs(&c, text, &len), "a challenge");
	bnd_challenge_id((struct bnd_str){ text, len }, a);
	bnd_challenge_phrase(&c, (struct bnd_str){ text, len }, phrase);
	ok(strncmp(phrase, "downgrade AIRGAP to TRUSTED ", 28) == 0 &&
		strlen(phrase) == 32,
	    "the phrase: %s", phrase);
	c.nonce[0] ^= 1;
	ok(packs(&c, text, &len), "another nonce");
	bnd_challenge_id((struct bnd_str){ text, len }, b);
	ok(memcmp(a, b, sizeof(a)) != 0, "has another id");
}

static void
test_tiers(void)
{
	static const struct {
		enum bnd_action action;
		enum bnd_mode from;
		unsigned persons, need;
		uint64_t cooldown_s;
		bool single;
	} rows[] = {
		{ BND_ACTION_LOOSEN, BND_RESTRICTED, 1, 1, 30, false },
		{ BND_ACTION_LOOSEN, BND_TRUSTED, 3, 1, 30, false },
		{ BND_ACTION_LOOSEN, BND_AIRGAP, 3, 1, 60, false },
		{ BND_ACTION_LOOSEN, BND_COLDROOM, 2, 2, 90, false },
		{ BND_ACTION_LOOSEN, BND_COLDROOM, 1, 1, 900, true },
		{ BND_ACTION_LOOSEN, BND_LOCKDOWN, 8, 2, 90, false },
		{ BND_ACTION_LOOSEN, BND_LOCKDOWN, 1, 1, 900, true },
		{ BND_ACTION_ENROLL, BND_OPEN, 2, 2, 90, false },
		{ BND_ACTION_REVOKE, BND_OPEN, 2, 2, 90, false },
		{ BND_ACTION_UNFREEZE, BND_OPEN, 1, 1, 900, true },
		{ BND_ACTION_SUCCEED, BND_OPEN, 2, 2, 90, false },
	};
	struct bnd_challenge c = sample();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bnd_tier t = bnd_challenge_tier(
		    rows[i].action, rows[i].from, rows[i].persons);

		ok(t.need == rows[i].need &&
			t.cooldown_s == rows[i].cooldown_s &&
			t.single == rows[i].single,
		    "%s from %s by %u: %u after %llu s",
		    bnd_action_name(rows[i].action),
		    bnd_mode_name(rows[i].from), rows[i].persons, t.need,
		    (unsigned long long)t.cooldown_s);
	}
	is_int(bnd_challenge_window_us(&c), 600000000, "ten minutes");
	c.cooldown_s = 900;
	is_int(bnd_challenge_window_us(&c), 900000000,
	    "or the cool-down's own length");
}

int
main(void)
{
	if (bnd_sign_init(NULL) != 0)
		bail("libsodium does not start");
	test_round_trip();
	test_bits();
	test_cut();
	test_spellings();
	test_asked();
	test_names();
	test_tiers();
	return tap_done();
}
