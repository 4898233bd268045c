/* box-pump.c: one stream of the payload, to where its caller wants it */
/* SPDX-License-Identifier: ISC */
/*
 * The payload never holds the caller's own descriptors: through them it could
 * set flags, seek, truncate, or look at what else a terminal shows.  So its
 * bytes are carried, unread, through a pipe and one buffer.  A slow reader slows
 * the payload as it would without a sandbox; it must never stop the clocks, so
 * nothing here waits.
 */
#include "box-pump.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scope.h"

/* A description of its own, whose O_NONBLOCK is nobody else's business. */
static int
reopen(int fd)
{
	char path[40];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void
choose(struct bnd_pump *p)
{
	struct stat st;
	int fd;

	p->kind = BND_PUMP_PLAIN;
	if (fstat(p->to, &st) != 0)
		return;
	if (S_ISSOCK(st.st_mode))
		p->kind = BND_PUMP_SOCKET;
	if (!S_ISFIFO(st.st_mode) && !isatty(p->to))
		return;
	p->kind = BND_PUMP_PAGE;
	fd = reopen(p->to);
	if (fd == -1)
		return;
	p->kind = BND_PUMP_NONBLOCK;
	p->to = fd;
	p->own = true;
}

void
bnd_pump_open(struct bnd_pump *p, int from, int to)
{
	p->from = from;
	p->to = to;
	p->own = false;
	p->at = p->len = 0;
	choose(p);
}

static void
close_from(struct bnd_pump *p)
{
	bnd_close_fd(&p->from);
}

void
bnd_pump_close(struct bnd_pump *p)
{
	close_from(p);
	if (p->own)
		close(p->to);
	p->to = -1;
	p->own = false;
}

short
bnd_pump_wants_in(const struct bnd_pump *p)
{
	return p->from >= 0 && p->len == 0 ? POLLIN : 0;
}

short
bnd_pump_wants_out(const struct bnd_pump *p)
{
	return p->len > 0 ? POLLOUT : 0;
}

bool
bnd_pump_is_done(const struct bnd_pump *p)
{
	return p->from < 0 && p->len == 0;
}

void
bnd_pump_give_up(struct bnd_pump *p, struct bnd_pump_sum *sum)
{
	sum->lost += p->len;
	p->len = 0;
	close_from(p);
}

/* What is above the limit is read, so that the payload goes on, and dropped. */
static void
take(struct bnd_pump *p, struct bnd_pump_sum *sum, size_t n)
{
	uint64_t room = sum->limit > sum->bytes ? sum->limit - sum->bytes : 0;

	sum->bytes += n;
	p->at = 0;
	p->len = n < room ? n : (size_t)room;
	if (p->len == n)
		return;
	sum->over = true;
	sum->lost += n - p->len;
}

static bool
fill(struct bnd_pump *p, struct bnd_pump_sum *sum)
{
	ssize_t n;

	if (p->from < 0 || p->len > 0)
		return false;
	n = read(p->from, p->buf, sizeof(p->buf));
	if (n > 0)
		take(p, sum, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		close_from(p);
	return n > 0;
}

static ssize_t
put(const struct bnd_pump *p)
{
	const char *buf = p->buf + p->at;
	size_t n = p->len;
	struct pollfd pfd = { .fd = p->to, .events = POLLOUT };

	if (p->kind == BND_PUMP_SOCKET)
		return send(p->to, buf, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (p->kind != BND_PUMP_PAGE)
		return write(p->to, buf, n);
	/* Where there is room at all there is room for a page. */
	if (poll(&pfd, 1, 0) != 1) {
		errno = EAGAIN;
		return -1;
	}
	return write(p->to, buf, n < PIPE_BUF ? n : PIPE_BUF);
}

/*
 * A reader that went away: the payload shall notice as it would without us, by
 * SIGPIPE at its next write.
 */
static bool
drain(struct bnd_pump *p, struct bnd_pump_sum *sum)
{
	ssize_t n;

	if (p->len == 0)
		return false;
	n = put(p);
	if (n >= 0) {
		p->at += (size_t)n;
		p->len -= (size_t)n;
		return n > 0;
	}
	if (errno == EAGAIN || errno == EINTR)
		return false;
	if (sum->errnum == 0)
		sum->errnum = errno;
	bnd_pump_give_up(p, sum);
	return true;
}

bool
bnd_pump_move(struct bnd_pump *p, struct bnd_pump_sum *sum)
{
	bool moved = drain(p, sum);

	if (!fill(p, sum))
		return moved;
	(void)drain(p, sum);
	return true;
}
