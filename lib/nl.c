/* nl.c: netlink with a deadline; the only module that knows libmnl */
/* SPDX-License-Identifier: ISC */
#include "nl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "scope.h"

#define BUF_MAX	  (64u << 20)
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

/* ---- building ---- */

void
bnd_nlbuf_free(struct bnd_nlbuf *b)
{
	free(b->p);
	*b = (struct bnd_nlbuf){ 0 };
}

/* At least n free bytes, zeroed; what was there is kept. */
static bool
room(struct bnd_nlbuf *b, size_t n)
{
	size_t size = b->size == 0 ? 8192 : b->size;
	char *p;

	if (b->full || n > BUF_MAX || b->len + n > BUF_MAX) {
		b->full = true;
		return false;
	}
	while (size < b->len + n)
		size *= 2;
	if (size != b->size) {
		p = realloc(b->p, size);
		if (p == NULL) {
			b->full = true;
			return false;
		}
		b->p = p;
		b->size = size;
	}
	memset(b->p + b->len, 0, n);
	return true;
}

static struct nlmsghdr *
head(struct bnd_nlbuf *b)
{
	return (struct nlmsghdr *)(void *)(b->p + b->msg);
}

void
bnd_nl_msg(struct bnd_nlbuf *b, uint16_t type, uint16_t flags,
    const void *fixed, size_t len)
{
	size_t whole = MNL_NLMSG_HDRLEN + MNL_ALIGN(len);

	if (!room(b, whole))
		return;
	b->msg = b->len;
	b->len += whole;
	*head(b) = (struct nlmsghdr){ .nlmsg_len = (uint32_t)whole,
		.nlmsg_type = type,
		.nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST) };
	if (len > 0)
		memcpy(b->p + b->msg + MNL_NLMSG_HDRLEN, fixed, len);
}

void
bnd_nl_nfmsg(struct bnd_nlbuf *b, uint8_t subsys, uint8_t cmd, uint16_t flags,
    uint8_t family, uint16_t res_id)
{
	struct nfgenmsg nf = { .nfgen_family = family,
		.version = NFNETLINK_V0,
		.res_id = htons(res_id) };
	uint16_t type = (uint16_t)(subsys << 8 | cmd);

	/* Batch marks are plain types, of no subsystem. */
	if (subsys == NFNL_SUBSYS_NONE)
		type = cmd;
	bnd_nl_msg(b, type, flags, &nf, sizeof nf);
}

void
bnd_nl_copy(struct bnd_nlbuf *b, const struct nlmsghdr *nlh)
{
	size_t whole = MNL_ALIGN(nlh->nlmsg_len);

	if (!room(b, whole))
		return;
	b->msg = b->len;
	memcpy(b->p + b->len, nlh, nlh->nlmsg_len);
	b->len += whole;
}

struct nlmsghdr *
bnd_nl_borrow(struct bnd_nlbuf *b, uint8_t subsys, uint8_t cmd, uint16_t flags,
    uint8_t family, size_t spare)
{
	bnd_nl_nfmsg(b, subsys, cmd, flags, family, 0);
	if (!room(b, spare))
		return NULL;
	return head(b);
}

void
bnd_nl_give_back(struct bnd_nlbuf *b)
{
	if (!b->full)
		b->len = b->msg + MNL_ALIGN(head(b)->nlmsg_len);
}

void
bnd_nl_put(struct bnd_nlbuf *b, uint16_t type, const void *data, size_t len)
{
	if (len > UINT16_MAX - MNL_ATTR_HDRLEN) {
		b->full = true;
		return;
	}
	if (!room(b, MNL_ATTR_HDRLEN + MNL_ALIGN(len)))
		return;
	mnl_attr_put(head(b), type, len, data);
	b->len = b->msg + head(b)->nlmsg_len;
}

void
bnd_nl_put_u8(struct bnd_nlbuf *b, uint16_t type, uint8_t v)
{
	bnd_nl_put(b, type, &v, sizeof v);
}

void
bnd_nl_put_u32(struct bnd_nlbuf *b, uint16_t type, uint32_t v)
{
	bnd_nl_put(b, type, &v, sizeof v);
}

void
bnd_nl_put_be32(struct bnd_nlbuf *b, uint16_t type, uint32_t v)
{
	bnd_nl_put_u32(b, type, htonl(v));
}

void
bnd_nl_put_str(struct bnd_nlbuf *b, uint16_t type, const char *s)
{
	bnd_nl_put(b, type, s, strlen(s) + 1);
}

size_t
bnd_nl_nest(struct bnd_nlbuf *b, uint16_t type)
{
	size_t start = b->len;

	bnd_nl_put(b, type | NLA_F_NESTED, NULL, 0);
	return start;
}

void
bnd_nl_nest_end(struct bnd_nlbuf *b, size_t start)
{
	struct nlattr *nest;

	if (b->full)
		return;
	if (b->len - start > UINT16_MAX) {
		b->full = true;
		return;
	}
	nest = (struct nlattr *)(void *)(b->p + start);
	nest->nla_len = (uint16_t)(b->len - start);
}

/* ---- reading ---- */

const struct nlmsghdr *
bnd_nl_next(const struct bnd_nlbuf *b, const struct nlmsghdr *nlh)
{
	size_t at = 0, left;

	if (nlh != NULL)
		at = (size_t)((const char *)nlh - b->p) +
		    MNL_ALIGN(nlh->nlmsg_len);
	if (at >= b->len)
		return NULL;
	left = b->len - at;
	nlh = (const struct nlmsghdr *)(const void *)(b->p + at);
	return mnl_nlmsg_ok(nlh, (int)left) ? nlh : NULL;
}

bool
bnd_nl_attr_next(struct bnd_str *rest, uint16_t *type, struct bnd_str *value)
{
	const struct nlattr *a;
	size_t step;

	if (rest->len < MNL_ATTR_HDRLEN)
		return false;
	a = (const struct nlattr *)(const void *)rest->p;
	if (a->nla_len < MNL_ATTR_HDRLEN || a->nla_len > rest->len)
		return false;
	*type = mnl_attr_get_type(a);
	value->p = rest->p + MNL_ATTR_HDRLEN;
	value->len = (size_t)a->nla_len - MNL_ATTR_HDRLEN;
	step = MNL_ALIGN(a->nla_len);
	if (step > rest->len)
		step = rest->len;
	rest->p += step;
	rest->len -= step;
	return true;
}

bool
bnd_nl_nested(struct bnd_str nest, struct bnd_str *tab, unsigned max)
{
	struct bnd_str value;
	uint16_t type;

	memset(tab, 0, sizeof *tab * (max + 1));
	while (bnd_nl_attr_next(&nest, &type, &value))
		if (type <= max)
			tab[type] = value;
	return nest.len == 0;
}

bool
bnd_nl_attrs(
    const struct nlmsghdr *nlh, size_t fixed, struct bnd_str *tab, unsigned max)
{
	size_t skip = MNL_NLMSG_HDRLEN + MNL_ALIGN(fixed);
	struct bnd_str all = { (const char *)nlh + skip, 0 };

	memset(tab, 0, sizeof *tab * (max + 1));
	if (nlh->nlmsg_len < skip)
		return false;
	all.len = nlh->nlmsg_len - skip;
	return bnd_nl_nested(all, tab, max);
}

uint8_t
bnd_nl_u8(struct bnd_str a, uint8_t otherwise)
{
	return a.p != NULL && a.len == 1 ? (uint8_t)a.p[0] : otherwise;
}

uint32_t
bnd_nl_u32(struct bnd_str a, uint32_t otherwise)
{
	if (a.p != NULL && a.len == sizeof otherwise)
		memcpy(&otherwise, a.p, sizeof otherwise);
	return otherwise;
}

uint32_t
bnd_nl_be32(struct bnd_str a, uint32_t otherwise)
{
	return ntohl(bnd_nl_u32(a, htonl(otherwise)));
}

uint16_t
bnd_nl_be16(struct bnd_str a, uint16_t otherwise)
{
	uint16_t v;

	if (a.p == NULL || a.len != sizeof v)
		return otherwise;
	memcpy(&v, a.p, sizeof v);
	return ntohs(v);
}

bool
bnd_nl_str(struct bnd_str a, char *dst, size_t size)
{
	if (a.p != NULL && a.len > 0 && a.p[a.len - 1] == '\0')
		a.len--;
	if (a.p != NULL)
		return bnd_str_copy(a, dst, size);
	dst[0] = '\0';
	return false;
}

const void *
bnd_nl_fixed(const struct nlmsghdr *nlh, size_t len)
{
	if (nlh->nlmsg_len < MNL_NLMSG_HDRLEN + len)
		return NULL;
	return mnl_nlmsg_get_payload(nlh);
}

/* ---- talking ---- */

static uint64_t
now_ms(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
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
		at += MNL_ALIGN(nlh->nlmsg_len);
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
take(struct bnd_nl *nl, char *buf, size_t size, uint64_t until, size_t *len,
    struct bnd_err *err)
{
	for (;;) {
		struct sockaddr_nl from = { 0 };
		struct iovec iov = { buf, size };
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
			*len = (size_t)n;
			return 0;
		}
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			return bnd_fail_errno(
			    err, "cannot receive on netlink bus %d", nl->bus);
		now = now_ms();
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
walk(const char *buf, size_t len, uint32_t seq, bnd_nl_fn *each, void *arg,
    bool *torn, struct bnd_err *err)
{
	const struct nlmsghdr *nlh = (const void *)buf;
	int left = (int)len;

	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
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
converse(struct bnd_nl *nl, struct bnd_nlbuf *req, char *buf, size_t size,
    bnd_nl_fn *each, void *arg, struct bnd_err *err)
{
	bool torn = false;
	uint32_t seq = 0;
	size_t len = 0;
	int r;

	if (transmit(nl, req, &seq, err) == -1)
		return -1;
	do {
		if (take(nl, buf, size, now_ms() + nl->deadline_ms, &len,
			err) == -1)
			return -1;
		r = walk(buf, len, seq, each, arg, &torn, err);
	} while (r == WALK_MORE);
	return r;
}

int
bnd_nl_each(struct bnd_nl *nl, struct bnd_nlbuf *req, bnd_nl_fn *each,
    void *arg, struct bnd_err *err)
{
	bool dump =
	    req->len > 0 && (head(req)->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	/* So much memory is mapped anew each time: single answers do without. */
	const size_t size = (dump ? 256u : 32u) << 10;
	SCOPED_FREE char *buf = malloc(size);
	unsigned i;

	if (buf == NULL)
		return bnd_fail_errno(err, "netlink buffer");
	if (req->len > 0 && !dump)
		head(req)->nlmsg_flags |= NLM_F_ACK;
	for (i = 0; i < TRIES_MAX; i++) {
		int r = converse(nl, req, buf, size, each, arg, err);

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
verdicts(const char *buf, size_t len, uint32_t first, uint32_t last,
    struct bnd_nl_fault *fault, size_t max, size_t *faults)
{
	const struct nlmsghdr *nlh = (const void *)buf;
	int left = (int)len;
	bool end = false;

	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
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
	uint64_t until = now_ms() + nl->deadline_ms;
	struct bnd_err empty = { 0 };
	uint32_t first = 0;
	size_t len = 0;
	bool end = false;

	*faults = 0;
	if (transmit(nl, b, &first, err) == -1)
		return -1;
	while (!end) {
		if (take(nl, buf, sizeof buf, until, &len, err) == -1)
			return -1;
		end = verdicts(buf, len, first, nl->seq, fault, max, faults);
	}
	while (take(nl, buf, sizeof buf, 0, &len, &empty) == 0)
		(void)verdicts(buf, len, first, nl->seq, fault, max, faults);
	if (*faults == 0)
		return 0;
	return refused(max > 0 ? fault[0].errnum : EINVAL, err);
}
