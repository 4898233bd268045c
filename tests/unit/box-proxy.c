/* box-proxy: what is a request for one pair, and what is none */
/* SPDX-License-Identifier: ISC */
#include "box-proxy.h"

#include "tap.h"

#define HTTP11 " HTTP/1.1\r\n"
#define END    "\r\n"

static enum bnd_proxy_got
reading(struct bnd_proxy *p, const char *s, size_t len, size_t *used)
{
	return bnd_proxy_read(p, (const uint8_t *)s, len, used);
}

static const struct {
	const char *text;
	int why; /* -1: more is wanted */
} http[] = {
	{ "CONNECT 192.0.2.1:443" HTTP11 END, BND_PROXY_OK },
	{ "CONNECT 192.0.2.1:443 HTTP/1.0\r\n" END, BND_PROXY_OK },
	{ "CONNECT 192.0.2.1:443" HTTP11
	  "Host: x\r\nUser-Agent:curl/8 (a; b)\r\nX:\r\n" END,
	    BND_PROXY_OK },
	{ "CONNECT 192.0.2.1:443" HTTP11 "Host: x\r\n", -1 },
	{ "C", -1 },
	{ "GET http://192.0.2.1/" HTTP11 END, BND_PROXY_COMMAND },
	{ "POST http://192.0.2.1/" HTTP11 "Content-Length: 3\r\n" END "abc",
	    BND_PROXY_COMMAND },
	{ "connect 192.0.2.1:443" HTTP11 END, BND_PROXY_COMMAND },
	{ "CONNECT 192.0.2.1:443 HTTP/1.2\r\n" END, BND_PROXY_MALFORMED },
	{ "CONNECT 192.0.2.1:443 HTTP/2\r\n" END, BND_PROXY_MALFORMED },
	{ "CONNECT 192.0.2.1:443 http/1.1\r\n" END, BND_PROXY_MALFORMED },
	{ "CONNECT 192.0.2.1:443  HTTP/1.1\r\n" END, BND_PROXY_MALFORMED },
	{ "CONNECT  192.0.2.1:443" HTTP11 END, BND_PROXY_MALFORMED },
	{ " CONNECT 192.0.2.1:443" HTTP11 END, BND_PROXY_MALFORMED },
	{ "\r\nCONNECT 192.0.2.1:443" HTTP11 END, BND_PROXY_MALFORMED },
	{ "CONNECT\t192.0.2.1:443\tHTTP/1.1\r\n" END, BND_PROXY_MALFORMED },
	{ "CONNECT 192.0.2.1:443\r\n" END, BND_PROXY_MALFORMED },
	{ "CONNECT\r\n" END, BND_PROXY_MALFORMED },
	{ "\r\n\r\n", BND_PROXY_MALFORMED },
	{ "CONNECT 192.0.2.1:443" HTTP11 " folded\r\n" END,
	    BND_PROXY_MALFORMED },
	{ "CONNECT 192.0.2.1:443" HTTP11 "No colon\r\n" END,
	    BND_PROXY_MALFORMED },
	{ "CONNECT 192.0.2.1:443" HTTP11 "Host : x\r\n" END,
	    BND_PROXY_MALFORMED },
	{ "CONNECT 192.0.2.1:443" HTTP11 "A: b\nHost: x\r\n" END,
	    BND_PROXY_MALFORMED },
	{ "CONNECT 192.0.2.1:443" HTTP11 "A: b\rHost: x\r\n" END,
	    BND_PROXY_MALFORMED },
	{ "CONNECT 192.0.2.1:443\nX: HTTP/1.1\r\n" END, BND_PROXY_MALFORMED },
	{ "CONNECT 192.0.2.1" HTTP11 END, BND_PROXY_UNLISTED },
	{ "CONNECT http://192.0.2.1:443/" HTTP11 END, BND_PROXY_UNLISTED },
	{ "CONNECT u:p@192.0.2.1:443" HTTP11 END, BND_PROXY_UNLISTED },
	{ "CONNECT /" HTTP11 END, BND_PROXY_UNLISTED },
	{ "CONNECT [::ffff:192.0.2.1]:443" HTTP11 END, BND_PROXY_UNLISTED },
	{ "CONNECT 3221225985:443" HTTP11 END, BND_PROXY_UNLISTED },
	{ "CONNECT 127.0.0.1:443" HTTP11 END, BND_PROXY_UNLISTED },
};

static void
requests(void)
{
	for (size_t i = 0; i < sizeof(http) / sizeof(http[0]); i++) {
		struct bnd_proxy p = { 0 };
		size_t used;
		enum bnd_proxy_got got =
		    reading(&p, http[i].text, strlen(http[i].text), &used);

		if (http[i].why == -1)
			ok(got == BND_PROXY_MORE, "http %zu: more", i);
		else if (http[i].why == BND_PROXY_OK)
			ok(got == BND_PROXY_ASKED &&
				strcmp(p.pair, "192.0.2.1:443") == 0 &&
				used == strlen(http[i].text),
			    "http %zu: %s", i, p.pair);
		else
			ok(got == BND_PROXY_BAD && (int)p.why == http[i].why,
			    "http %zu: refused (%d)", i, (int)p.why);
	}
}

/* However it is cut, it is the same. */
static void
pieces(void)
{
	static const char whole[] =
	    "CONNECT a.example:1" HTTP11 "Host: a\r\n" END "\x16\x03";
	const size_t head = sizeof(whole) - 3;
	struct bnd_proxy p = { 0 };
	size_t used = 0, n = 1, wrong = 0;

	for (; n < head; n++)
		wrong += reading(&p, whole, n, &used) != BND_PROXY_MORE;
	is_int(wrong, 0, "no piece of a request is one");
	ok(reading(&p, whole, sizeof(whole) - 1, &used) == BND_PROXY_ASKED &&
		used == head,
	    "what is behind it is not its");
}

static void
bounds(void)
{
	static char big[BND_PROXY_HEAD + 4];
	struct bnd_proxy p = { 0 };
	size_t used, n;

	memset(big, 'a', sizeof(big));
	n = (size_t)snprintf(big, sizeof(big), "CONNECT a.b:1" HTTP11 "X: ");
	big[n] = 'a';
	ok(reading(&p, big, BND_PROXY_HEAD - 1, &used) == BND_PROXY_MORE,
	    "a long head is waited for");
	ok(reading(&p, big, BND_PROXY_HEAD, &used) == BND_PROXY_BAD,
	    "one that is too long is not");
	memcpy(big + BND_PROXY_HEAD - 4, "\r\n\r\n", 4);
	ok(reading(&p, big, BND_PROXY_HEAD, &used) == BND_PROXY_ASKED,
	    "one that just fits does");
	memset(big + BND_PROXY_HEAD - 4, 'a', 4);
	memcpy(big + BND_PROXY_HEAD, "\r\n\r\n", 4);
	ok(reading(&p, big, sizeof(big), &used) == BND_PROXY_BAD,
	    "a byte more, and whole, does not");
}

#define GREETING "\5\1\0"
#define S(x)	 x, sizeof(x) - 1

static const struct {
	const char *text;
	size_t len;
	int why;
	const char *pair;
} socks[] = {
	{ S("\5\1\0\1\300\0\2\1\1\273"), BND_PROXY_OK, "192.0.2.1:443" },
	{ S("\5\1\0\3\11a.Example\0\120"), BND_PROXY_OK, "a.example:80" },
	{ S("\5\1\0\3\011192.0.2.1\0\120"), BND_PROXY_OK, "192.0.2.1:80" },
	{ S("\5\1\0\4\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1\0\120"),
	    BND_PROXY_OK, "[2001:db8::1]:80" },
	{ S("\5\1\0\4\0\0\0\0\0\0\0\0\0\0\377\377\300\0\2\1\0\120"),
	    BND_PROXY_UNLISTED, NULL },
	{ S("\5\1\0\1\177\0\0\1\0\120"), BND_PROXY_UNLISTED, NULL },
	{ S("\5\1\0\1\300\0\2\1\0\0"), BND_PROXY_UNLISTED, NULL },
	{ S("\5\1\0\3\0\0\120"), BND_PROXY_UNLISTED, NULL },
	{ S("\5\1\0\3\0123221225985\0\120"), BND_PROXY_UNLISTED, NULL },
	{ S("\5\1\0\3\5a\0.ex\0\120"), BND_PROXY_MALFORMED, NULL },
	{ S("\5\2\0\1\300\0\2\1\1\273"), BND_PROXY_COMMAND, NULL },
	{ S("\5\3\0\1\300\0\2\1\1\273"), BND_PROXY_COMMAND, NULL },
	{ S("\5\1\1\1\300\0\2\1\1\273"), BND_PROXY_MALFORMED, NULL },
	{ S("\5\1\0\2\300\0\2\1\1\273"), BND_PROXY_MALFORMED, NULL },
	{ S("\4\1\0\1\300\0\2\1\1\273"), BND_PROXY_MALFORMED, NULL },
	{ S("\5\1\0\1\300\0\2\1\1"), -1, NULL },
	{ S("\5\1\0\3\11a.Example\0"), -1, NULL },
};

static void
greetings(void)
{
	static const struct {
		const char *text;
		size_t len;
		enum bnd_proxy_got got;
	} rows[] = {
		{ S("\5"), BND_PROXY_MORE },
		{ S("\5\2\0"), BND_PROXY_MORE },
		{ S("\5\1\0"), BND_PROXY_GREETED },
		{ S("\5\2\2\0"), BND_PROXY_GREETED },
		{ S("\5\1\2"), BND_PROXY_BAD },
		{ S("\5\0"), BND_PROXY_BAD },
	};
	uint8_t answer[BND_PROXY_ANSWER];
	size_t used;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bnd_proxy p = { 0 };

		ok(reading(&p, rows[i].text, rows[i].len, &used) == rows[i].got,
		    "greeting %zu", i);
		if (rows[i].got == BND_PROXY_BAD)
			ok(bnd_proxy_answer(&p, p.why, answer) == 2 &&
				memcmp(answer, "\5\377", 2) == 0,
			    "no method that both have");
	}
	ok(bnd_proxy_greet(answer) == 2 && memcmp(answer, "\5\0", 2) == 0,
	    "no password");
}

static void
socks_requests(void)
{
	for (size_t i = 0; i < sizeof(socks) / sizeof(socks[0]); i++) {
		struct bnd_proxy p = { 0 };
		enum bnd_proxy_got got;
		size_t used = 0;

		if (reading(&p, S(GREETING), &used) != BND_PROXY_GREETED)
			bail("no greeting");
		got = reading(&p, socks[i].text, socks[i].len, &used);
		if (socks[i].why == -1)
			ok(got == BND_PROXY_MORE, "socks %zu: more", i);
		else if (socks[i].why == BND_PROXY_OK)
			ok(got == BND_PROXY_ASKED && used == socks[i].len &&
				strcmp(p.pair, socks[i].pair) == 0,
			    "socks %zu: %s", i, p.pair);
		else
			ok(got == BND_PROXY_BAD && (int)p.why == socks[i].why,
			    "socks %zu: refused (%d)", i, (int)p.why);
	}
}

static void
answers(void)
{
	struct bnd_proxy h = { .kind = BND_PROXY_HTTP };
	struct bnd_proxy s = { .kind = BND_PROXY_SOCKS, .greeted = true };
	uint8_t buf[BND_PROXY_ANSWER];
	static const uint8_t no[10] = { 5, 2, 0, 1 };

	for (int why = 0; why < BND_PROXY_WHYS; why++) {
		size_t n = bnd_proxy_answer(&h, (enum bnd_proxy_why)why, buf);

		ok(n < sizeof(buf) && memcmp(buf, "HTTP/1.1 ", 9) == 0 &&
			memcmp(buf + n - 4, "\r\n\r\n", 4) == 0 &&
			(buf[9] == '2') == (why == BND_PROXY_OK),
		    "answer %d: %.3s", why, (const char *)buf + 9);
		n = bnd_proxy_answer(&s, (enum bnd_proxy_why)why, buf);
		ok(n == 10 && (buf[1] == 0) == (why == BND_PROXY_OK),
		    "answer %d of SOCKS5: %d", why, buf[1]);
	}
	ok(bnd_proxy_answer(&s, BND_PROXY_UNLISTED, buf) == 10 &&
		memcmp(buf, no, 10) == 0,
	    "not allowed by the rules");
}

int
main(void)
{
	requests();
	pieces();
	bounds();
	greetings();
	socks_requests();
	answers();
	return tap_done();
}
