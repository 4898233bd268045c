/* box-proxy.h: what a client of the relay says: CONNECT of HTTP, or SOCKS5 */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_PROXY_H
#define BND_BOX_PROXY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "box-allow.h"

#define BND_PROXY_HEAD	 4096 /* of a request, whole */
#define BND_PROXY_ANSWER 128

enum bnd_proxy_kind {
	BND_PROXY_NONE = 0,
	BND_PROXY_HTTP,
	BND_PROXY_SOCKS,
};

/* What came of a request; each has its code in both protocols. */
enum bnd_proxy_why {
	BND_PROXY_OK = 0,
	BND_PROXY_MALFORMED,
	BND_PROXY_COMMAND,  /* another method than CONNECT, BIND, UDP */
	BND_PROXY_AUTH,	    /* it insists on a password */
	BND_PROXY_UNLISTED, /* not in the list */
	BND_PROXY_CLOSED,   /* the far side said no */
	BND_PROXY_FAILED,   /* the network did */
	BND_PROXY_LATE,
	BND_PROXY_WHYS,
};

enum bnd_proxy_got {
	BND_PROXY_MORE = 0, /* not whole yet */
	BND_PROXY_GREETED,  /* SOCKS5: answer, and read on behind used */
	BND_PROXY_ASKED,    /* pair is what it asks for */
	BND_PROXY_BAD,	    /* why says so */
};

struct bnd_proxy {
	enum bnd_proxy_kind kind;
	bool greeted;
	enum bnd_proxy_why why;
	char pair[BND_BOX_PAIR]; /* in the list's spelling */
};

/*
 * Pure: the len bytes that a client sent and nobody used yet.  RFC 9110 9.3.6
 * with the syntax of RFC 9112, and RFC 1928 with CONNECT and without a password;
 * nothing is repaired.  *used are the bytes of what was got; those behind them
 * are for the far side.
 */
enum bnd_proxy_got bnd_proxy_read(
    struct bnd_proxy *p, const uint8_t *buf, size_t len, size_t *used);

/* The answer to a greeting (OK, before ASKED), or to the request; its length. */
size_t bnd_proxy_greet(uint8_t buf[static BND_PROXY_ANSWER]);
size_t bnd_proxy_answer(const struct bnd_proxy *p, enum bnd_proxy_why why,
    uint8_t buf[static BND_PROXY_ANSWER]);

#endif
