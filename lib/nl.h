/* nl.h: netlink sockets: a question, its answer, a deadline */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NL_H
#define BND_NL_H

#include <stdint.h>

#include "err.h"
#include "nlbuf.h"

#define BND_NL_DEADLINE_MS 1000 /* for each answer */

/* One socket.  bus is NETLINK_ROUTE, _NETFILTER or _SOCK_DIAG. */
struct bnd_nl {
	int fd;
	int bus;
	uint32_t seq;
	unsigned deadline_ms;
};

int bnd_nl_open(struct bnd_nl *nl, int bus, struct bnd_err *err) BND_CHECK;
void bnd_nl_close(struct bnd_nl *nl);
#define BND_NL_CLOSED    \
	{                \
		.fd = -1 \
	}
#define SCOPED_NL __attribute__((cleanup(bnd_nl_close)))

/*
 * Send the one message of req and wait for its acknowledgement; err->errnum is
 * what the kernel answered (ETIMEDOUT: nothing in time).
 */
int bnd_nl_talk(
    struct bnd_nl *nl, struct bnd_nlbuf *req, struct bnd_err *err) BND_CHECK;

/*
 * The same for a request that is answered by messages: each() gets every one
 * and may stop the walk with -1.  A dump the kernel marks as interrupted is
 * taken again from the start, and each() is told so by nlh NULL first.
 */
typedef int bnd_nl_fn(
    const struct nlmsghdr *nlh, void *arg, struct bnd_err *err);
int bnd_nl_each(struct bnd_nl *nl, struct bnd_nlbuf *req, bnd_nl_fn *each,
    void *arg, struct bnd_err *err) BND_CHECK;

/* Every answer, copied to out; bounded by 64 MiB. */
int bnd_nl_dump(struct bnd_nl *nl, struct bnd_nlbuf *req, struct bnd_nlbuf *out,
    struct bnd_err *err) BND_CHECK;

/*
 * Send all messages of b at once; done when the last one is acknowledged.
 * What the kernel refuses is named by the number of its message, from 0.
 */
struct bnd_nl_fault {
	unsigned msg;
	int errnum;
};
int bnd_nl_batch(struct bnd_nl *nl, struct bnd_nlbuf *b,
    struct bnd_nl_fault *fault, size_t max, size_t *faults,
    struct bnd_err *err) BND_CHECK;

#endif
