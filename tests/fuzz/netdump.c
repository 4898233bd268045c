/* netdump.c: whatever a netlink socket answers, it is read to its end and no further */
/* SPDX-License-Identifier: ISC */
/*
 * An input is an operation (tests/netops.h), a digit for the mode, and the
 * messages that the kernel answers with.  Sockets are those of this file: each
 * datagram ends with a message that ends an answer and has the sequence number
 * that is waited for; behind it nothing may be read.  Who has no more to say
 * says that he is done.  Seeds are recorded by tests/helper/netdump.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include "fuzz/fuzz.h"
#include "netops.h"

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n)	  ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

#define DATAGRAM  32768
#define ON_STACK  8192	/* a buffer of that size is one */
#define TURNS_MAX 20000 /* requests of one run: else it would never end */

static const uint8_t *feed;
static size_t left;
static uint32_t asked; /* sequence number of what was asked last */
static bool owed;
static unsigned turns;

int
socket(int domain, int type, int protocol)
{
	(void)domain;
	(void)type;
	(void)protocol;
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

int
bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	(void)fd;
	(void)addr;
	(void)len;
	return 0;
}

/* Requests are ours, so they are well-formed: a property of its own. */
ssize_t
sendmsg(int fd, const struct msghdr *msg, int flags)
{
	const char *p = msg->msg_iov[0].iov_base;
	size_t len = msg->msg_iov[0].iov_len, at = 0;
	struct nlmsghdr nlh;

	(void)fd;
	(void)flags;
	must(++turns < TURNS_MAX);
	while (at < len) {
		must(len - at >= sizeof(nlh));
		memcpy(&nlh, p + at, sizeof(nlh));
		must(nlh.nlmsg_len >= sizeof(nlh) && nlh.nlmsg_len <= len - at);
		asked = nlh.nlmsg_seq;
		at += NLMSG_ALIGN(nlh.nlmsg_len);
	}
	owed = true;
	return (ssize_t)len;
}

static bool
ends(const struct nlmsghdr *nlh)
{
	return nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR;
}

static size_t
done(char *buf)
{
	const struct {
		struct nlmsghdr h;
		int status;
	} m = { .h = { .nlmsg_len = sizeof(m),
		    .nlmsg_type = NLMSG_DONE,
		    .nlmsg_seq = asked } };
	const struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
	} ack = { .h = { .nlmsg_len = sizeof(ack),
		      .nlmsg_type = NLMSG_ERROR,
		      .nlmsg_seq = asked } };

	/* The end of a dump, and the acknowledgement a batch waits for. */
	memcpy(buf, &m, sizeof(m));
	memcpy(buf + sizeof(m), &ack, sizeof(ack));
	return sizeof(m) + sizeof(ack);
}

/* The next messages of the input, up to one that ends an answer. */
static size_t
take(char *buf, size_t size)
{
	struct nlmsghdr nlh;
	size_t n = 0, whole;
	bool lies;

	do {
		if (left < sizeof(nlh))
			break;
		memcpy(&nlh, feed, sizeof(nlh));
		whole = NLMSG_ALIGN((size_t)nlh.nlmsg_len);
		/* One whose length is a lie takes all that is left. */
		lies = nlh.nlmsg_len < sizeof(nlh) || nlh.nlmsg_len > left ||
		    whole > left;
		if (lies)
			whole = left;
		if (whole > size - n)
			break;
		memcpy(buf + n, feed, whole);
		nlh.nlmsg_seq = asked;
		memcpy(buf + n, &nlh, sizeof(nlh));
		n += whole;
		feed += whole;
		left -= whole;
		owed = lies || !ends(&nlh);
	} while (owed);
	if (n > 0)
		return n;
	owed = false;
	left = 0;
	return done(buf);
}

ssize_t
recvmsg(int fd, struct msghdr *msg, int flags)
{
	struct iovec *iov = &msg->msg_iov[0];
	size_t size = iov->iov_len < DATAGRAM ? iov->iov_len : DATAGRAM, n;

	(void)fd;
	(void)flags;
	if (!owed) {
		errno = EAGAIN;
		return -1;
	}
	ASAN_UNPOISON_MEMORY_REGION(iov->iov_base, iov->iov_len);
	n = take(iov->iov_base, size);
	/* What lies behind a datagram is nobody's. */
	if (iov->iov_len > ON_STACK)
		ASAN_POISON_MEMORY_REGION(
		    (char *)iov->iov_base + n, iov->iov_len - n);
	return (ssize_t)n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct netops ops;

	if (size < 2)
		return 0;
	feed = data + 2;
	left = size - 2;
	owed = false;
	turns = 0;
	netops_run(&ops, (char)data[0],
	    (enum bnd_mode)(
		BND_OPEN + data[1] % (BND_LOCKDOWN - BND_OPEN + 1)));
	return 0;
}
