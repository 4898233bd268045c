/* box-proxy.c: strangers' bytes to one pair, or a no */
/* SPDX-License-Identifier: ISC */
#include "box-proxy.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "box-dial.h"

#define SOCKS	    5
#define SOCKS_NONE  0 /* method: no authentication */
#define SOCKS_NEVER 0xff
#define SOCKS_DIAL  1 /* CONNECT */
#define SOCKS_IPV4  1
#define SOCKS_NAME  3
#define SOCKS_IPV6  4

static enum bnd_proxy_got
bad(struct bnd_proxy *p, enum bnd_proxy_why why)
{
	p->why = why;
	return BND_PROXY_BAD;
}

/* A pair that is nobody's, by its spelling alone, is not in the list. */
static enum bnd_proxy_got
asked(struct bnd_proxy *p, struct bnd_str text)
{
	if (!bnd_dial_spelled(text, p->pair))
		return bad(p, BND_PROXY_UNLISTED);
	return BND_PROXY_ASKED;
}

/* ---- HTTP ------------------------------------------------------------------ */

/* token of RFC 9110 5.6.2 */
static bool
is_token(struct bnd_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		const char c = s.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			(c >= 'a' && c <= 'z')) &&
		    (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL))
			return false;
	}
	return s.len > 0;
}

/* Up to the CRLF that ends it, and moved behind that. */
static struct bnd_str
take_line(struct bnd_str *rest)
{
	const char *end = memmem(rest->p, rest->len, "\r\n", 2);
	struct bnd_str line = { rest->p, (size_t)(end - rest->p) };

	*rest = bnd_str_from(*rest, line.len + 2);
	return line;
}

/* No CR, no LF, no NUL, nothing that a terminal obeys. */
static bool
is_plain(struct bnd_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		const uint8_t c = (uint8_t)s.p[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* "Name: value"; a folded line begins with a blank and has no name. */
static bool
is_field(struct bnd_str line)
{
	struct bnd_str name = bnd_str_until(line, ':');

	return name.len < line.len && is_token(name) && is_plain(line);
}

/* "CONNECT host:port HTTP/1.1", one blank each. */
static enum bnd_proxy_got
request_line(struct bnd_proxy *p, struct bnd_str line)
{
	struct bnd_str method = bnd_str_until(line, ' '), target;

	if (!is_plain(line) || !is_token(method) || method.len == line.len)
		return bad(p, BND_PROXY_MALFORMED);
	if (!bnd_str_is(method, "CONNECT"))
		return bad(p, BND_PROXY_COMMAND);
	line = bnd_str_from(line, method.len + 1);
	target = bnd_str_until(line, ' ');
	line = bnd_str_from(line, target.len);
	if (!bnd_str_is(line, " HTTP/1.1") && !bnd_str_is(line, " HTTP/1.0"))
		return bad(p, BND_PROXY_MALFORMED);
	return asked(p, target);
}

static enum bnd_proxy_got
read_http(struct bnd_proxy *p, const uint8_t *buf, size_t len, size_t *used)
{
	struct bnd_str head = { (const char *)buf, len }, line, first;
	const char *end = memmem(buf, len, "\r\n\r\n", 4);

	if (end == NULL)
		return len < BND_PROXY_HEAD ? BND_PROXY_MORE
					    : bad(p, BND_PROXY_MALFORMED);
	head.len = (size_t)(end - head.p) + 2;
	*used = head.len + 2;
	if (*used > BND_PROXY_HEAD)
		return bad(p, BND_PROXY_MALFORMED);
	first = take_line(&head);
	while (head.len > 0) {
		line = take_line(&head);
		if (!is_field(line))
			return bad(p, BND_PROXY_MALFORMED);
	}
	return request_line(p, first);
}

/* ---- SOCKS5 ---------------------------------------------------------------- */

/* VER NMETHODS METHODS */
static enum bnd_proxy_got
read_greeting(struct bnd_proxy *p, const uint8_t *buf, size_t len, size_t *used)
{
	if (len < 2 || len < 2 + (size_t)buf[1])
		return BND_PROXY_MORE;
	*used = 2 + (size_t)buf[1];
	if (memchr(buf + 2, SOCKS_NONE, buf[1]) == NULL)
		return bad(p, BND_PROXY_AUTH);
	p->greeted = true;
	return BND_PROXY_GREETED;
}

static enum bnd_proxy_got
pair_of(struct bnd_proxy *p, const char *host, bool v6, const uint8_t *port)
{
	char text[BND_BOX_PAIR];
	int n = snprintf(text, sizeof(text), v6 ? "[%s]:%d" : "%s:%d", host,
	    port[0] << 8 | port[1]);

	if (n < 0 || (size_t)n >= sizeof(text))
		return bad(p, BND_PROXY_UNLISTED);
	return asked(p, (struct bnd_str){ text, (size_t)n });
}

/* VER CMD RSV ATYP DST.ADDR DST.PORT */
static enum bnd_proxy_got
read_request(struct bnd_proxy *p, const uint8_t *buf, size_t len, size_t *used)
{
	char host[256] = "";
	size_t at = 4, n;

	if (len < 5)
		return BND_PROXY_MORE;
	if (buf[0] != SOCKS || buf[2] != 0 ||
	    (buf[3] != SOCKS_IPV4 && buf[3] != SOCKS_NAME &&
		buf[3] != SOCKS_IPV6))
		return bad(p, BND_PROXY_MALFORMED);
	n = buf[3] == SOCKS_IPV4 ? 4 : buf[3] == SOCKS_IPV6 ? 16 : buf[at++];
	if (len < at + n + 2)
		return BND_PROXY_MORE;
	*used = at + n + 2;
	if (buf[1] != SOCKS_DIAL)
		return bad(p, BND_PROXY_COMMAND);
	if (buf[3] == SOCKS_NAME
		? !bnd_str_copy((struct bnd_str){ (const char *)buf + at, n },
		      host, sizeof(host))
		: inet_ntop(buf[3] == SOCKS_IPV4 ? AF_INET : AF_INET6, buf + at,
		      host, sizeof(host)) == NULL)
		return bad(p, BND_PROXY_MALFORMED);
	return pair_of(p, host, buf[3] == SOCKS_IPV6, buf + at + n);
}

/* ---- both ------------------------------------------------------------------ */

enum bnd_proxy_got
bnd_proxy_read(
    struct bnd_proxy *p, const uint8_t *buf, size_t len, size_t *used)
{
	*used = 0;
	if (len == 0)
		return BND_PROXY_MORE;
	if (p->kind == BND_PROXY_NONE)
		p->kind = buf[0] == SOCKS ? BND_PROXY_SOCKS : BND_PROXY_HTTP;
	if (p->kind == BND_PROXY_HTTP)
		return read_http(p, buf, len, used);
	return p->greeted ? read_request(p, buf, len, used)
			  : read_greeting(p, buf, len, used);
}

static const struct {
	const char *http;
	uint8_t socks; /* RFC 1928 6 */
} answers[BND_PROXY_WHYS] = {
	[BND_PROXY_OK] = { "200 Connection established", 0 },
	[BND_PROXY_MALFORMED] = { "400 Bad Request", 1 },
	[BND_PROXY_COMMAND] = { "405 Method Not Allowed", 7 },
	[BND_PROXY_AUTH] = { "400 Bad Request", 1 },
	[BND_PROXY_UNLISTED] = { "403 Forbidden", 2 },
	[BND_PROXY_CLOSED] = { "502 Bad Gateway", 5 },
	[BND_PROXY_FAILED] = { "502 Bad Gateway", 4 },
	[BND_PROXY_LATE] = { "504 Gateway Timeout", 4 },
};

size_t
bnd_proxy_greet(uint8_t buf[static BND_PROXY_ANSWER])
{
	buf[0] = SOCKS;
	buf[1] = SOCKS_NONE;
	return 2;
}

size_t
bnd_proxy_answer(const struct bnd_proxy *p, enum bnd_proxy_why why,
    uint8_t buf[static BND_PROXY_ANSWER])
{
	/* VER REP RSV ATYP, and an address that nobody needs */
	const uint8_t socks[10] = { SOCKS, answers[why].socks, 0, SOCKS_IPV4 };
	int n;

	if (p->kind == BND_PROXY_SOCKS && !p->greeted) {
		buf[0] = SOCKS;
		buf[1] = SOCKS_NEVER;
		return 2;
	}
	if (p->kind == BND_PROXY_SOCKS) {
		memcpy(buf, socks, sizeof(socks));
		return sizeof(socks);
	}
	n = snprintf((char *)buf, BND_PROXY_ANSWER, "HTTP/1.1 %s\r\n%s\r\n",
	    answers[why].http,
	    why == BND_PROXY_OK ? ""
				: "Content-Length: 0\r\nConnection: close\r\n");
	return n > 0 ? (size_t)n : 0;
}
