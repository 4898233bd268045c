/* relay.c: one spelling for what the helper says, and nothing else */
/* SPDX-License-Identifier: ISC */
#include "relay.h"

#include <string.h>

#include "tap.h"

static bool
parse(const char *msg, size_t len, struct bnd_said *s)
{
	return bnd_relay_unpack((struct bnd_str){ msg, len }, s);
}

static void
test_round(void)
{
	struct bnd_said in, out;
	char buf[BND_RELAY_MAX];
	unsigned bad = 0;
	size_t len;

	for (int say = BND_SAY_NOTE; say < BND_SAY_VERDICT; say++) {
		for (size_t n = 0; n <= BND_RELAY_TEXT; n += 73) {
			in = (struct bnd_said){ .say = (enum bnd_say)say };
			memset(in.text, ' ' + (int)(n % 95), n);
			bad += !bnd_relay_pack(&in, buf, &len) ||
			    !parse(buf, len, &out) || out.say != in.say ||
			    strcmp(in.text, out.text) != 0;
		}
	}
	is_int(bad, 0, "every word and length comes back");
	for (int r = 0; r <= BND_RULING_LAST; r++) {
		in = (struct bnd_said){ .say = BND_SAY_VERDICT,
			.ruling = (enum bnd_ruling)r };
		ok(bnd_relay_pack(&in, buf, &len) && parse(buf, len, &out) &&
			out.say == BND_SAY_VERDICT && (int)out.ruling == r,
		    "ruling %d comes back", r);
		for (int o = 0; o < r; o++)
			bad += bnd_ruling_exit((enum bnd_ruling)o) ==
			    bnd_ruling_exit((enum bnd_ruling)r);
	}
	is_int(bad, 0, "no two rulings share an exit status");
	is_int(bnd_ruling_exit(BND_RULING_OK), 0, "0 is ok's");
}

static void
test_refused(void)
{
	static const struct {
		const char *msg;
		size_t len;
	} bad[] = { { "", 0 }, { "info", 4 }, { " x", 2 }, { "nosuch x", 8 },
		{ "infox y", 7 }, { "Info x", 6 }, { "info x\n", 7 },
		{ "info \x1b[0m", 9 }, { "info \xc3\xa4", 7 },
		{ "info a\0b", 8 }, { "info\tx", 6 }, { "verdict", 7 },
		{ "verdict ", 8 }, { "verdict okay", 12 },
		{ "verdict ok ", 11 }, { "verdict OK", 10 },
		{ "verdict ok\0", 11 } };
	char big[BND_RELAY_MAX + 1] = "info ";
	struct bnd_said s;
	size_t len;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!parse(bad[i].msg, bad[i].len, &s) &&
			s.ruling != BND_RULING_OK,
		    "refused: %zu", i);
	memset(big + 5, 'x', sizeof(big) - 5);
	ok(parse(big, 5 + BND_RELAY_TEXT, &s), "as long as may be");
	ok(!parse(big, 6 + BND_RELAY_TEXT, &s), "a byte more is refused");
	s = (struct bnd_said){ .say = BND_SAY_INFO, .text = "a\nb" };
	ok(!bnd_relay_pack(&s, big, &len), "nor is a newline ever sent");
	s = (struct bnd_said){ .say = BND_SAY_NONE };
	ok(!bnd_relay_pack(&s, big, &len), "nor nothing");
}

int
main(void)
{
	test_round();
	test_refused();
	return tap_done();
}
