/* box-carry.c: one turn of poll after another; nothing else is waited for */
/* SPDX-License-Identifier: ISC */
/*
 * The clients are the payload, the far sides whoever the administrator listed:
 * both are strangers.  So everything has a bound: the connections, a request in
 * bytes and time, a dial, the silence of a connection, and each has two buffers
 * of its own and no more.  Bytes across are not looked at.
 */
#include "box-carry.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "box-proxy.h"
#include "clock.h"
#include "scope.h"

#define ASK_MS	  10000	 /* for a whole request */
#define DIAL_MS	  10000	 /* for each address of a name */
#define SILENT_MS 600000 /* without a byte either way */
#define SAY_MS	  2000	 /* for our no to be taken */
#define DEAF_MS	  100	 /* after an accept that failed */

enum state { FREE = 0, ASKING, DIALLING, CARRYING, ENDING };

/* One direction; eof was read, and handed on when shut. */
struct half {
	size_t at, len;
	bool eof, shut;
	uint8_t buf[4 * BND_PROXY_HEAD];
};

struct conn {
	enum state state;
	int client, far;
	struct bnd_proxy proxy;
	const struct bnd_dial *dial;
	uint64_t end_ms;
	struct half up, down;
};

enum { AT_LIFE, AT_LISTENER, AT_CONN, ATS = AT_CONN + 2 * BND_CARRY_CONNS };

struct bnd_carry {
	const struct bnd_dials *dials;
	struct bnd_carry_sum *sum;
	uint64_t now_ms, deaf_ms;
	struct conn conn[BND_CARRY_CONNS];
};

struct bnd_carry *
bnd_carry_new(const struct bnd_dials *dials, struct bnd_carry_sum *sum,
    struct bnd_err *err)
{
	struct bnd_carry *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		(void)bnd_fail_errno(err, "cannot make a relay");
		return NULL;
	}
	c->dials = dials;
	c->sum = sum;
	return c;
}

void
bnd_carry_free(struct bnd_carry *c)
{
	free(c);
}

static bool
is_later(void)
{
	return errno == EAGAIN || errno == EINTR;
}

/* ---- ends ------------------------------------------------------------------ */

static void
drop(struct conn *k)
{
	bnd_close_fd(&k->client);
	bnd_close_fd(&k->far);
	k->state = FREE;
}

/* Behind what is there: a greeting's answer may not be gone yet. */
static void
say(struct conn *k, enum bnd_proxy_why why)
{
	uint8_t text[BND_PROXY_ANSWER];
	const size_t n = bnd_proxy_answer(&k->proxy, why, text);

	memcpy(k->down.buf + k->down.at + k->down.len, text, n);
	k->down.len += n;
}

static void
refuse(struct bnd_carry *c, struct conn *k, enum bnd_proxy_why why)
{
	if (why <= BND_PROXY_UNLISTED)
		c->sum->refused++;
	else
		c->sum->failed++;
	bnd_close_fd(&k->far);
	say(k, why);
	k->state = ENDING;
	k->end_ms = c->now_ms + SAY_MS;
}

/* ---- out ------------------------------------------------------------------- */

static enum bnd_proxy_why
why_of(int errnum)
{
	if (errnum == ETIMEDOUT)
		return BND_PROXY_LATE;
	return errnum == ECONNREFUSED ? BND_PROXY_CLOSED : BND_PROXY_FAILED;
}

/* The list was judged when it was made; what goes out is judged once more. */
static int
dial(const struct bnd_dial *to)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET,
		.sin_port = htons(to->port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(to->port) };
	bool is4 = to->af == AF_INET;
	int fd;

	if (bnd_box_never_dialled(to->af, to->addr)) {
		errno = EACCES;
		return -1;
	}
	memcpy(&v4.sin_addr, to->addr, sizeof(v4.sin_addr));
	memcpy(&v6.sin6_addr, to->addr, sizeof(v6.sin6_addr));
	fd = socket(to->af, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if ((is4 ? connect(fd, (struct sockaddr *)&v4, sizeof(v4))
		 : connect(fd, (struct sockaddr *)&v6, sizeof(v6))) == 0 ||
	    errno == EINPROGRESS)
		return fd;
	bnd_close_fd(&fd);
	return -1;
}

/* The next address that can be tried, or our no. */
static void
dial_on(struct bnd_carry *c, struct conn *k, int errnum)
{
	bnd_close_fd(&k->far);
	for (; k->dial != NULL; k->dial = bnd_dial_next(c->dials, k->dial)) {
		k->far = dial(k->dial);
		if (k->far >= 0) {
			k->state = DIALLING;
			k->end_ms = c->now_ms + DIAL_MS;
			return;
		}
		errnum = errno;
	}
	refuse(c, k, why_of(errnum));
}

static void
dialled(struct bnd_carry *c, struct conn *k)
{
	int errnum = EIO;
	socklen_t len = sizeof(errnum);

	if (getsockopt(k->far, SOL_SOCKET, SO_ERROR, &errnum, &len) != 0 ||
	    errnum != 0) {
		k->dial = bnd_dial_next(c->dials, k->dial);
		dial_on(c, k, errnum);
		return;
	}
	c->sum->connections++;
	/* What came behind the request is for the far side. */
	c->sum->out += k->up.len;
	say(k, BND_PROXY_OK);
	k->state = CARRYING;
	k->end_ms = c->now_ms + SILENT_MS;
}

/* ---- in -------------------------------------------------------------------- */

static void
greet(struct conn *k)
{
	k->down.len += bnd_proxy_greet(k->down.buf + k->down.at + k->down.len);
}

static void
heed(struct bnd_carry *c, struct conn *k)
{
	struct half *h = &k->up;
	enum bnd_proxy_got got;
	size_t used;

	do {
		got = bnd_proxy_read(&k->proxy, h->buf + h->at, h->len, &used);
		h->at += used;
		h->len -= used;
		if (got == BND_PROXY_GREETED)
			greet(k);
	} while (got == BND_PROXY_GREETED);
	if (got == BND_PROXY_BAD)
		refuse(c, k, k->proxy.why);
	if (got != BND_PROXY_ASKED)
		return;
	k->dial = bnd_dial_first(c->dials, k->proxy.pair);
	if (k->dial == NULL)
		refuse(c, k, BND_PROXY_UNLISTED);
	else
		dial_on(c, k, 0);
}

/* Never more than a request may be; what is behind one is read later. */
static void
listen_to(struct bnd_carry *c, struct conn *k)
{
	struct half *h = &k->up;
	ssize_t n = BND_PROXY_HEAD - (ssize_t)h->len;

	n = read(k->client, h->buf + h->at + h->len, (size_t)n);
	if (n > 0) {
		h->len += (size_t)n;
		heed(c, k);
	} else if (n == 0 || !is_later()) {
		c->sum->refused++;
		drop(k);
	}
}

static void
take_in(struct bnd_carry *c, int listener)
{
	struct conn *k = c->conn;
	int fd;

	while (k < c->conn + BND_CARRY_CONNS && k->state != FREE)
		k++;
	if (k == c->conn + BND_CARRY_CONNS)
		return;
	fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		c->deaf_ms = is_later() ? 0 : c->now_ms + DEAF_MS;
		return;
	}
	/* No assignment: clang would make the whole of it on the stack. */
	memset(k, 0, sizeof(*k));
	k->state = ASKING;
	k->client = fd;
	k->far = -1;
	k->end_ms = c->now_ms + ASK_MS;
}

/* ---- across ---------------------------------------------------------------- */

static bool
give(struct half *h, int to)
{
	ssize_t n;

	if (h->len == 0)
		return true;
	n = send(to, h->buf + h->at, h->len, MSG_NOSIGNAL);
	if (n < 0)
		return is_later();
	h->at += (size_t)n;
	h->len -= (size_t)n;
	return true;
}

static bool
get(struct half *h, int from, uint64_t *sum)
{
	ssize_t n;

	if (h->len > 0 || h->eof)
		return true;
	h->at = 0;
	n = read(from, h->buf, sizeof(h->buf));
	if (n < 0)
		return is_later();
	h->eof = n == 0;
	h->len = (size_t)n;
	*sum += (size_t)n;
	return true;
}

/* An end goes on when all before it is gone. */
static bool
move(struct half *h, int from, int to, uint64_t *sum)
{
	if (!get(h, from, sum) || !give(h, to))
		return false;
	if (!h->eof || h->len > 0 || h->shut)
		return true;
	h->shut = true;
	return shutdown(to, SHUT_WR) == 0;
}

static void
carry(struct bnd_carry *c, struct conn *k)
{
	k->end_ms = c->now_ms + SILENT_MS;
	if (!move(&k->up, k->client, k->far, &c->sum->out) ||
	    !move(&k->down, k->far, k->client, &c->sum->in) ||
	    (k->up.shut && k->down.shut))
		drop(k);
}

static void
end(struct conn *k)
{
	if (!give(&k->down, k->client) || k->down.len == 0)
		drop(k);
}

static void
serve(struct bnd_carry *c, struct conn *k)
{
	switch (k->state) {
	case ASKING:
		if (!give(&k->down, k->client))
			drop(k);
		else
			listen_to(c, k);
		break;
	case DIALLING:
		dialled(c, k);
		break;
	case CARRYING:
		carry(c, k);
		break;
	case ENDING:
		end(k);
		break;
	case FREE:
		break;
	}
}

static void
too_late(struct bnd_carry *c, struct conn *k)
{
	if (k->state == DIALLING) {
		k->dial = bnd_dial_next(c->dials, k->dial);
		dial_on(c, k, ETIMEDOUT);
		return;
	}
	c->sum->refused += k->state == ASKING;
	drop(k);
}

/* ---- one turn -------------------------------------------------------------- */

/* One of which nothing is wanted would end every poll when it hung up. */
static struct pollfd
want(int fd, bool in, bool out)
{
	const short events = (short)((in ? POLLIN : 0) | (out ? POLLOUT : 0));

	return (struct pollfd){ events != 0 ? fd : -1, events, 0 };
}

static void
wants(const struct conn *k, struct pollfd p[static 2])
{
	const bool asks = k->state == ASKING, on = k->state == CARRYING;

	p[0] = p[1] = (struct pollfd){ .fd = -1 };
	if (k->state == FREE)
		return;
	p[0] = want(k->client, asks || (on && !k->up.eof && k->up.len == 0),
	    k->state != DIALLING && k->down.len > 0);
	p[1] = want(k->far, on && !k->down.eof && k->down.len == 0,
	    k->state == DIALLING || (on && k->up.len > 0));
}

/* The first end of a time, and whether there is room for one more. */
static uint64_t
survey(const struct bnd_carry *c, struct pollfd p[static ATS], int listener)
{
	uint64_t end_ms = UINT64_MAX;
	bool room = false;

	for (size_t i = 0; i < BND_CARRY_CONNS; i++) {
		const struct conn *k = &c->conn[i];

		wants(k, &p[AT_CONN + 2 * i]);
		room = room || k->state == FREE;
		if (k->state != FREE && k->end_ms < end_ms)
			end_ms = k->end_ms;
	}
	p[AT_LISTENER] = want(listener, room && c->now_ms >= c->deaf_ms, false);
	if (c->now_ms < c->deaf_ms && c->deaf_ms < end_ms)
		end_ms = c->deaf_ms;
	return end_ms;
}

static void
wait_for(struct pollfd p[static ATS], uint64_t now_ms, uint64_t end_ms)
{
	const uint64_t ms = end_ms > now_ms ? end_ms - now_ms : 0;
	const struct timespec left = { .tv_sec = (time_t)(ms / 1000),
		.tv_nsec = (long)(ms % 1000 * 1000000) };

	if (ppoll(p, ATS, end_ms == UINT64_MAX ? NULL : &left, NULL) > 0)
		return;
	for (size_t i = 0; i < ATS; i++)
		p[i].revents = 0;
}

void
bnd_carry_run(struct bnd_carry *c, int listener, int life)
{
	struct pollfd p[ATS] = { { 0 } };

	for (;;) {
		c->now_ms = bnd_clock_ms();
		p[AT_LIFE] = want(life, true, false);
		wait_for(p, c->now_ms, survey(c, p, listener));
		if (p[AT_LIFE].revents != 0)
			return;
		c->now_ms = bnd_clock_ms();
		for (size_t i = 0; i < BND_CARRY_CONNS; i++) {
			struct conn *k = &c->conn[i];

			if (p[AT_CONN + 2 * i].revents != 0 ||
			    p[AT_CONN + 2 * i + 1].revents != 0)
				serve(c, k);
			else if (k->state != FREE && c->now_ms >= k->end_ms)
				too_late(c, k);
		}
		if (p[AT_LISTENER].revents != 0)
			take_in(c, listener);
	}
}
