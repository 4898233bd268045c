/* nl.c: netlink sockets: a question, its answer, a deadline */
/* SPDX-License-Identifier: ISC */
#include "nl.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "clock.h"
#include "scope.h"

#define TRIES_MAX 20 /* interrupted dumps, one after the other */

int
bnd_nl_open(struct bnd_nl *nl, int bus, struct bnd_err *err)
{
	struct sockaddr_nl self = { .nl_family = AF_NETLINK };
	int on = 1, bytes = 8 << 20;

	*nl = (struct bnd_nl){ .bus = bus, .deadline_ms = BND_NL_DEADLINE_MS };
	nl->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, bus);
	if (nl->fd == -1)
		return bnd_fail_errno(err, "cannot open netlink bus %d", bus);
	if (bind(nl->fd, (struct sockaddr *)&self, sizeof self) == -1) {
		bnd_fail_errno(err, "cannot bind netlink bus %d", bus);
		bnd_nl_close(nl);
		return -1;
	}
	/* Wishes: what an older kernel or a user namespace refuses costs only
	 * room or words. */
	(void)setsockopt(nl->fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
	(void)setsockopt(
	    nl->fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
	if (setsockopt(
		nl->fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) == -1)
		(void)setsockopt(
		    nl->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
	return 0;
}

void
bnd_nl_close(struct bnd_nl *nl)
{
	if (nl->fd >= 0)
		bnd_close_fd(&nl->fd);
	nl->fd = -1;
}

/* Number the messages of b and send them; the first number is returned. */
static int
transmit(struct bnd_nl *nl, struct bnd_nlbuf *b, uint32_t *first,
    struct bnd_err *err)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct iovec iov = { b->p, b->len };
	struct msghdr msg = { .msg_name = &kernel,
		.msg_namelen = sizeof kernel,
		.msg_iov = &iov,
		.msg_iovlen = 1 };
	size_t at = 0;
	ssize_t n;

	if (b->full || b->len == 0)
		return bnd_fail(
		    err, BND_E_SYS, "netlink request of %zu bytes", b->len);
	*first = nl->seq + 1;
	while (at < b->len) {
		struct nlmsghdr *nlh = (struct nlmsghdr *)(void *)(b->p + at);

		nlh->nlmsg_seq = ++nl->seq;
		nlh->nlmsg_pid = 0;
		at += NLMSG_ALIGN(nlh->nlmsg_len);
	}
	do
		n = sendmsg(nl->fd, &msg, MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return bnd_fail_errno(
		    err, "cannot send on netlink bus %d", nl->bus);
	if ((size_t)n != b->len)
		return bnd_fail(
		    err, BND_E_SYS, "netlink took %zd of %zu bytes", n, b->len);
	return 0;
}

static int
timed_out(struct bnd_nl *nl, struct bnd_err *err)
{
	errno = ETIMEDOUT;
	return bnd_fail_errno(err, "no answer on netlink bus %d", nl->bus);
}

/* One datagram of the kernel's, nobody else's; -1 with ETIMEDOUT at the end. */
static int
take(struct bnd_nl *nl, struct bnd_nlbuf *in, uint64_t until,
    struct bnd_err *err)
{
	for (;;) {
		struct sockaddr_nl from = { 0 };
		struct iovec iov = { in->p, in->size };
		struct msghdr msg = { .msg_name = &from,
			.msg_namelen = sizeof from,
			.msg_iov = &iov,
			.msg_iovlen = 1 };
		struct pollfd pfd = { .fd = nl->fd, .events = POLLIN };
		ssize_t n = recvmsg(nl->fd, &msg, MSG_DONTWAIT);
		uint64_t now;

		if (n >= 0 && (msg.msg_flags & MSG_TRUNC) != 0)
			return bnd_fail(err, BND_E_SYS,
			    "answer on netlink bus %d is too long", nl->bus);
		if (n >= 0 && from.nl_pid == 0) {
			in->len = (size_t)n;
			return 0;
		}
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			return bnd_fail_errno(
			    err, "cannot receive on netlink bus %d", nl->bus);
		now = bnd_clock_ms();
		if (now >= until)
			return timed_out(nl, err);
		if (n == -1)
			(void)poll(&pfd, 1, (int)(until - now));
	}
}

/* errno of an error message (0 acknowledges), -1 if it is cut short. */
static int
verdict(const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *e = bnd_nl_fixed(nlh, sizeof(int));

	return e == NULL ? EBADMSG : -e->error;
}

/* NLMSG_DONE carries an int, negative if the dump broke off. */
static int
done_status(const struct nlmsghdr *nlh)
{
	const int *status = bnd_nl_fixed(nlh, sizeof *status);

	return status == NULL || *status >= 0 ? 0 : -*status;
}

static int
refused(int errnum, struct bnd_err *err)
{
	if (errnum == 0)
		return 0;
	errno = errnum;
	return bnd_fail_errno(err, "the kernel refuses a netlink request");
}

enum walk {
	WALK_MORE = 1,
	WALK_AGAIN,
};

/*
 * One datagram of answers.  0 the end, -1 failed, else enum walk.  torn is
 * kept across datagrams: an interruption in any of them spoils the dump.
 */
static int
walk(const struct bnd_nlbuf *in, uint32_t seq, bnd_nl_fn *each, void *arg,
    bool *torn, struct bnd_err *err)
{
	const struct nlmsghdr *nlh = NULL;

	while ((nlh = bnd_nl_next(in, nlh)) != NULL) {
		if (nlh->nlmsg_seq != seq)
			continue;
		if ((nlh->nlmsg_flags & NLM_F_DUMP_INTR) != 0)
			*torn = true;
		if (nlh->nlmsg_type == NLMSG_ERROR)
			return refused(verdict(nlh), err);
		if (nlh->nlmsg_type == NLMSG_DONE) {
			if (*torn)
				return WALK_AGAIN;
			return refused(done_status(nlh), err);
		}
		if (each != NULL && !*torn && each(nlh, arg, err) == -1)
			return -1;
	}
	return WALK_MORE;
}

static int
converse(struct bnd_nl *nl, struct bnd_nlbuf *req, struct bnd_nlbuf *in,
    bnd_nl_fn *each, void *arg, struct bnd_err *err)
{
	bool torn = false;
	uint32_t seq = 0;
	int r;

	if (transmit(nl, req, &seq, err) == -1)
		return -1;
	do {
		if (take(nl, in, bnd_clock_ms() + nl->deadline_ms, err) == -1)
			return -1;
		r = walk(in, seq, each, arg, &torn, err);
	} while (r == WALK_MORE);
	return r;
}

int
bnd_nl_each(struct bnd_nl *nl, struct bnd_nlbuf *req, bnd_nl_fn *each,
    void *arg, struct bnd_err *err)
{
	bool dump = req->len > 0 &&
	    (bnd_nl_head(req)->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	/* So much memory is mapped anew each time: single answers do without. */
	const size_t size = (dump ? 256u : 32u) << 10;
	SCOPED_NLBUF struct bnd_nlbuf in = { .p = malloc(size), .size = size };
	unsigned i;

	if (in.p == NULL)
		return bnd_fail_errno(err, "netlink buffer");
	if (req->len > 0 && !dump)
		bnd_nl_head(req)->nlmsg_flags |= NLM_F_ACK;
	for (i = 0; i < TRIES_MAX; i++) {
		int r = converse(nl, req, &in, each, arg, err);

		if (r != WALK_AGAIN)
			return r;
		if (each != NULL && each(NULL, arg, err) == -1)
			return -1;
	}
	errno = EAGAIN;
	return bnd_fail_errno(err, "a netlink dump was interrupted each time");
}

int
bnd_nl_talk(struct bnd_nl *nl, struct bnd_nlbuf *req, struct bnd_err *err)
{
	return bnd_nl_each(nl, req, NULL, NULL, err);
}

static int
keep(const struct nlmsghdr *nlh, void *arg, struct bnd_err *err)
{
	struct bnd_nlbuf *out = arg;

	if (nlh == NULL)
		out->len = 0;
	else
		bnd_nl_copy(out, nlh);
	if (!out->full)
		return 0;
	return bnd_fail(err, BND_E_SYS, "a netlink dump is too long");
}

int
bnd_nl_dump(struct bnd_nl *nl, struct bnd_nlbuf *req, struct bnd_nlbuf *out,
    struct bnd_err *err)
{
	out->len = 0;
	return bnd_nl_each(nl, req, keep, out, err);
}

/* The verdicts of one datagram; true once the last message has its own. */
static bool
verdicts(const struct bnd_nlbuf *in, uint32_t first, uint32_t last,
    struct bnd_nl_fault *fault, size_t max, size_t *faults)
{
	const struct nlmsghdr *nlh = NULL;
	bool end = false;

	while ((nlh = bnd_nl_next(in, nlh)) != NULL) {
		int e;

		if (nlh->nlmsg_type != NLMSG_ERROR || nlh->nlmsg_seq < first ||
		    nlh->nlmsg_seq > last)
			continue;
		e = verdict(nlh);
		end = true;
		if (e == 0)
			continue;
		if (*faults < max)
			fault[*faults] =
			    (struct bnd_nl_fault){ nlh->nlmsg_seq - first, e };
		++*faults;
	}
	return end;
}

/*
 * nfnetlink works a batch off inside sendmsg(), so when its first verdict can
 * be read all of them can: wait for one, then drain.
 */
int
bnd_nl_batch(struct bnd_nl *nl, struct bnd_nlbuf *b, struct bnd_nl_fault *fault,
    size_t max, size_t *faults, struct bnd_err *err)
{
	char buf[8192] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct bnd_nlbuf in = { .p = buf, .size = sizeof buf };
	uint64_t until = bnd_clock_ms() + nl->deadline_ms;
	struct bnd_err empty = { 0 };
	uint32_t first = 0;
	bool end = false;

	*faults = 0;
	if (transmit(nl, b, &first, err) == -1)
		return -1;
	while (!end) {
		if (take(nl, &in, until, err) == -1)
			return -1;
		end = verdicts(&in, first, nl->seq, fault, max, faults);
	}
	while (take(nl, &in, 0, &empty) == 0)
		(void)verdicts(&in, first, nl->seq, fault, max, faults);
	if (*faults == 0)
		return 0;
	return refused(max > 0 ? fault[0].errnum : EINVAL, err);
}
