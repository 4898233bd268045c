/* probe-peer.c: the far end of the live probe: a process in a namespace that dies with it */
/* SPDX-License-Identifier: ISC */
/*
 * The process has nothing but its end of a socket pair, reads what it is asked,
 * and answers each question once.  It ends when the other end is closed, and is
 * killed when its parent dies, so its namespace cannot outlive the probe.
 */
#include "probe-peer.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "link.h"
#include "nl.h"
#include "probe-wire.h"
#include "scope.h"

#define ANSWER_MS  500
#define FRAME_READ 2048
#define DRAIN_MAX  4096 /* frames taken for one answer */

enum verb {
	VERB_NONE = 0,
	VERB_TAKE,
	VERB_SEND,
	VERB_SEEN,
};

struct ask {
	enum verb verb;
	uint32_t kinds;
	struct bnd_probe_plan plan;
};

struct answer {
	int errnum;
	uint32_t kinds;
};

/* ---- in the child ---- */

struct far {
	struct bnd_nl nl;
	struct bnd_probe_plan plan;
	int tap;
};

static int
take(struct far *f, const struct ask *ask)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL) };
	struct bnd_err err = { 0 };
	unsigned index;
	int on = 1;

	if (bnd_probe_wire_find(&f->nl, &ask->plan, &index, &err) == -1 ||
	    bnd_link_set_up(&f->nl, index, true, &err) == -1)
		return err.errnum != 0 ? err.errnum : ENODEV;
	at.sll_ifindex = (int)index;
	/* One before goes with the process: to close it takes 10 ms. */
	f->plan = ask->plan;
	f->tap = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	/* Only what arrives is judged. */
	if (f->tap == -1 ||
	    setsockopt(f->tap, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on,
		sizeof(on)) == -1 ||
	    bind(f->tap, (struct sockaddr *)&at, sizeof(at)) == -1)
		return errno;
	return 0;
}

static int
send_kinds(const struct far *f, uint32_t kinds)
{
	uint8_t p[BND_PROBE_FRAME];

	for (int k = BND_PROBE_IN_V4; k < BND_PROBE_KINDS; k++) {
		size_t len;

		if ((kinds & BND_PROBE_BIT(k)) == 0)
			continue;
		len = bnd_probe_build(&f->plan, (enum bnd_probe_kind)k, p);
		if (send(f->tap, p, len, MSG_DONTWAIT) != (ssize_t)len)
			return errno;
	}
	return 0;
}

static int
drain(const struct far *f, uint32_t *kinds)
{
	uint8_t p[FRAME_READ];

	for (unsigned i = 0; i < DRAIN_MAX; i++) {
		ssize_t n = recv(f->tap, p, sizeof(p), MSG_DONTWAIT);

		if (n == -1 && errno == EAGAIN)
			return 0;
		if (n == -1 && errno != EINTR)
			return errno;
		if (n > 0)
			*kinds |= BND_PROBE_BIT(
			    bnd_probe_classify(&f->plan, p, (size_t)n));
	}
	return 0;
}

static struct answer
obey(struct far *f, const struct ask *ask)
{
	struct answer a = { 0 };

	if (ask->verb == VERB_TAKE)
		a.errnum = take(f, ask);
	else if (ask->verb == VERB_SEND)
		a.errnum = send_kinds(f, ask->kinds);
	else if (ask->verb == VERB_SEEN)
		a.errnum = drain(f, &a.kinds);
	return a;
}

/* Its first answer says whether there is a namespace. */
static int
live(int fd)
{
	struct far f = { .tap = -1, .nl = BND_NL_CLOSED };
	struct answer a = { 0 };
	struct bnd_err err = { 0 };
	struct ask ask;

	if (unshare(CLONE_NEWNET) == -1)
		a.errnum = errno;
	else if (bnd_nl_open(&f.nl, NETLINK_ROUTE, &err) == -1)
		a.errnum = err.errnum;
	while (send(fd, &a, sizeof(a), MSG_NOSIGNAL) == sizeof(a) &&
	    recv(fd, &ask, sizeof(ask), 0) == sizeof(ask))
		a = obey(&f, &ask);
	return 0;
}

/* Nothing of the parent's is kept, its locks least of all. */
static int
alone(int fd, pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1 || getppid() != parent)
		return -1;
	if (dup2(fd, 0) == -1 || close_range(1, ~0U, 0) == -1)
		return -1;
	return 0;
}

/* ---- in the parent ---- */

static int
listen_to(struct bnd_probe_peer *p, struct answer *a, struct bnd_err *err)
{
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
	ssize_t n;

	if (poll(&pfd, 1, ANSWER_MS) != 1)
		return bnd_fail(
		    err, BND_E_SYS, "the far end of the probe is silent");
	n = recv(p->fd, a, sizeof(*a), MSG_DONTWAIT);
	if (n != (ssize_t)sizeof(*a))
		return bnd_fail(
		    err, BND_E_SYS, "the far end of the probe has ended");
	if (a->errnum == 0)
		return 0;
	errno = a->errnum;
	return bnd_fail_errno(err, "the far end of the probe");
}

static int
ask(struct bnd_probe_peer *p, const struct ask *question, struct answer *a,
    struct bnd_err *err)
{
	if (send(p->fd, question, sizeof(*question), MSG_NOSIGNAL) !=
	    (ssize_t)sizeof(*question))
		return bnd_fail_errno(err, "the far end of the probe");
	return listen_to(p, a, err);
}

int
bnd_probe_peer_start(struct bnd_probe_peer *p, struct bnd_err *err)
{
	SCOPED_FD int theirs = -1;
	pid_t parent = getpid();
	struct answer a = { 0 };
	int fd[2];

	*p = (struct bnd_probe_peer)BND_PROBE_PEER_NONE;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) == -1)
		return bnd_fail_errno(err, "cannot make a socket pair");
	p->fd = fd[0];
	theirs = fd[1];
	p->pid = fork();
	if (p->pid == 0)
		_exit(alone(theirs, parent) == -1 ? 1 : live(0));
	if (p->pid == -1) {
		p->pid = 0;
		bnd_fail_errno(err, "cannot fork");
	} else if (listen_to(p, &a, err) == 0) {
		return 0;
	}
	bnd_probe_peer_end(p);
	return -1;
}

void
bnd_probe_peer_end(struct bnd_probe_peer *p)
{
	bnd_close_fd(&p->fd);
	if (p->pid <= 0)
		return;
	/* It may hang in a system call; its namespace dies all the same. */
	(void)kill(p->pid, SIGKILL);
	while (waitpid(p->pid, NULL, 0) == -1 && errno == EINTR)
		;
	p->pid = 0;
}

int
bnd_probe_peer_take(struct bnd_probe_peer *p, const struct bnd_probe_plan *plan,
    struct bnd_err *err)
{
	const struct ask a = { .verb = VERB_TAKE, .plan = *plan };
	struct answer answer = { 0 };

	return ask(p, &a, &answer, err);
}

int
bnd_probe_peer_send(
    struct bnd_probe_peer *p, uint32_t kinds, struct bnd_err *err)
{
	const struct ask a = { .verb = VERB_SEND, .kinds = kinds };
	struct answer answer = { 0 };

	return ask(p, &a, &answer, err);
}

int
bnd_probe_peer_seen(
    struct bnd_probe_peer *p, uint32_t *kinds, struct bnd_err *err)
{
	const struct ask a = { .verb = VERB_SEEN };
	struct answer answer = { 0 };

	if (ask(p, &a, &answer, err) == -1)
		return -1;
	*kinds |= answer.kinds;
	return 0;
}
