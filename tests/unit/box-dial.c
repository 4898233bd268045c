/* box-dial: names pinned, spellings compared, and what is never dialled */
/* SPDX-License-Identifier: ISC */
#include "box-dial.h"

#include <sys/socket.h>

#include "tap.h"

static struct bnd_dials d;
static struct bnd_err err;

static struct bnd_str
str(const char *s)
{
	return (struct bnd_str){ s, strlen(s) };
}

static void
reads(const char *pair, const char *want, unsigned port)
{
	char text[BND_DIAL_TEXT];

	d.n = 0;
	is_int(bnd_dial_add(&d, pair, &err), 0, "%s is an address", pair);
	bnd_dial_text(&d.at[0], text);
	is_str(text, want, "which is %s", want);
	is_int(d.at[0].port, port, "and its port");
}

static void
addresses(void)
{
	reads("192.0.2.1:443", "192.0.2.1", 443);
	reads("[2001:db8::1]:65535", "2001:db8::1", 65535);
	is_int(bnd_dial_add(&d, "a.example:1", &err), 1, "a name is a name");
	d.n = 0;
	for (const char *const *p =
		 (const char *const[]){ "127.0.0.1:80", "[::1]:80",
		     "169.254.169.254:80", "[64:ff9b::7f00:1]:80", NULL };
	     *p != NULL; p++)
		ok(bnd_dial_add(&d, *p, &err) == -1 && d.n == 0,
		    "%s is not dialled, whoever lists it", *p);
}

#define PAIR "a.example:80"

static void
names(void)
{
	static const struct {
		const char *answer;
		int n; /* -1: refused */
	} rows[] = {
		{ "192.0.2.1       STREAM a.example\n", 1 },
		{ "192.0.2.1 STREAM\n192.0.2.1 DGRAM\n192.0.2.1 RAW\n", 1 },
		{ "192.0.2.2 STREAM\n2001:db8::1 STREAM\n", 2 },
		{ "", -1 },
		{ "\n", -1 },
		{ "192.0.2.1 STREAM", -1 },
		{ "a.example STREAM\n", -1 },
		{ "0300.0.2.1 STREAM\n", -1 },
		{ "127.0.0.1 STREAM\n", -1 },
		{ "127.0.1.1 STREAM\n", -1 },
		{ "::1 STREAM\n", -1 },
		{ "::ffff:10.0.0.1 STREAM\n", 1 },
		{ "::ffff:127.0.0.1 STREAM\n", -1 },
		{ "64:ff9b::a9fe:a9fe STREAM\n", -1 },
		{ "192.0.2.1 STREAM\n169.254.169.254 STREAM\n", -1 },
		{ "fe80::1%eth0 STREAM\n", -1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int rc;

		d.n = 0;
		rc = bnd_dial_name(&d, PAIR, str(rows[i].answer), &err);
		ok(rc == (rows[i].n < 0 ? -1 : 0) &&
			(rc == -1 || (int)d.n == rows[i].n),
		    "answer %zu: %d, %zu pinned", i, rc, d.n);
	}
}

static void
rounds(void)
{
	static const char *const pairs[] = { "b.example:80", "192.0.2.9:80" };
	const struct bnd_dial *at;

	d.n = 0;
	ok(bnd_dial_name(&d, pairs[0],
	       str("192.0.2.2 STREAM\n2001:db8::1 STREAM\n"), &err) == 0 &&
		bnd_dial_add(&d, pairs[1], &err) == 0,
	    "a list of both");
	at = bnd_dial_first(&d, "b.example:80");
	ok(at == &d.at[0], "the first address of a name");
	at = bnd_dial_next(&d, at);
	ok(at == &d.at[1] && at->port == 80, "the second");
	ok(bnd_dial_next(&d, at) == NULL, "and no other's");
	ok(bnd_dial_next(&d, &d.at[2]) == NULL, "none behind the last");
	ok(bnd_dial_first(&d, "b.example:81") == NULL, "another port");
	ok(bnd_dial_first(&d, "192.0.2.2:80") == NULL,
	    "what a name leads to is not listed by that");
	d.n = 0;
	for (int i = 0; i < BND_DIALS; i++) {
		char answer[64];

		snprintf(answer, sizeof(answer), "192.0.3.%d X\n", i);
		if (bnd_dial_name(&d, PAIR, str(answer), &err) != 0)
			bail(err.text);
	}
	ok(bnd_dial_name(&d, PAIR, str("192.0.4.1 X\n"), &err) == -1,
	    "a list that is too long: %s", err.text);
}

static void
spellings(void)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "192.0.2.1:443", "192.0.2.1:443" },
		{ "A.Example:80", "a.example:80" },
		{ "[2001:DB8:0::1]:80", "[2001:db8::1]:80" },
		{ "[::ffff:192.0.2.1]:443", NULL },
		{ "[64:ff9b::192.0.2.1]:443", "[64:ff9b::c000:201]:443" },
		{ "3221225985:443", NULL },
		{ "0300.0.2.1:443", NULL },
		{ "0xc0000201:443", NULL },
		{ "192.0.513:443", NULL },
		{ "192.0.2.1:0443", NULL },
		{ "192.0.2.1:+443", NULL },
		{ "192.0.2.1", NULL },
		{ "192.0.2.1:443 ", NULL },
		{ "0.0.0.0:443", NULL },
		{ "127.0.0.1:443", NULL },
		{ "a.example.:80", NULL },
		{ "u@a.example:80", NULL },
		{ "", NULL },
	};
	char pair[BND_BOX_PAIR];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool is = bnd_dial_spelled(str(rows[i].text), pair);

		ok(is == (rows[i].want != NULL) &&
			(!is || strcmp(pair, rows[i].want) == 0),
		    "\"%s\" is %s", rows[i].text, is ? pair : "none");
	}
	ok(!bnd_dial_spelled((struct bnd_str){ "a\0b:80", 6 }, pair),
	    "nor with a NUL in it");
}

int
main(void)
{
	struct bnd_box_policy p = { 0 };

	ok(!bnd_dial_any(&p), "no network needs no relay");
	p.num[BND_BOX_NET] = BND_NET_ALLOW;
	ok(!bnd_dial_any(&p), "nor does an empty list");
	p.allow.at[p.allow.n++] = PAIR;
	ok(bnd_dial_any(&p), "one pair does");
	p.num[BND_BOX_NET] = BND_NET_LOOP;
	ok(!bnd_dial_any(&p), "not under net loop");
	addresses();
	names();
	rounds();
	spellings();
	return tap_done();
}
