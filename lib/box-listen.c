/* box-listen.c: one socket, handed over, and nothing taken on trust */
/* SPDX-License-Identifier: ISC */
#include "box-listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scope.h"

#define BACKLOG	   64
#define INODE_WORD 9 /* of a line of /proc/net/tcp, from 0 */

/* ---- inside ---------------------------------------------------------------- */

int
bnd_listen_make(void)
{
	const struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(BND_LISTEN_PORT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	bnd_close_fd(&fd);
	return -1;
}

int
bnd_listen_give(int hand, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(fd))];
	} u = { .head = { .cmsg_level = SOL_SOCKET,
		    .cmsg_type = SCM_RIGHTS,
		    .cmsg_len = CMSG_LEN(sizeof(fd)) } };
	char byte = 0;
	struct iovec io = { &byte, 1 };
	const struct msghdr m = { .msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = &u,
		.msg_controllen = sizeof(u) };

	memcpy(CMSG_DATA(&u.head), &fd, sizeof(fd));
	return sendmsg(hand, &m, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

/* ---- outside --------------------------------------------------------------- */

/* One descriptor and who sent it; more than one do not fit. */
static int
receive(int hand, int *fd, pid_t *from)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(*fd)) +
		    CMSG_SPACE(sizeof(struct ucred))];
	} u;
	char byte;
	struct iovec io = { &byte, 1 };
	struct msghdr m = { .msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = &u,
		.msg_controllen = sizeof(u) };
	ssize_t n = recvmsg(hand, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	struct cmsghdr *c;
	struct ucred who;

	*fd = *from = -1;
	for (c = n == 1 ? CMSG_FIRSTHDR(&m) : NULL; c != NULL;
	     c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_type == SCM_RIGHTS &&
		    c->cmsg_len == CMSG_LEN(sizeof(*fd)))
			memcpy(fd, CMSG_DATA(c), sizeof(*fd));
		if (c->cmsg_type == SCM_CREDENTIALS &&
		    c->cmsg_len == CMSG_LEN(sizeof(who))) {
			memcpy(&who, CMSG_DATA(c), sizeof(who));
			*from = who.pid;
		}
	}
	return *fd >= 0 ? 0 : -1;
}

static bool
has(int fd, int option, int want)
{
	int is = -1;
	socklen_t len = sizeof(is);

	return getsockopt(fd, SOL_SOCKET, option, &is, &len) == 0 && is == want;
}

static bool
is_in_place(int fd)
{
	struct sockaddr_in at = { 0 };
	socklen_t len = sizeof(at);

	return getsockname(fd, (struct sockaddr *)&at, &len) == 0 &&
	    len == sizeof(at) && at.sin_port == htons(BND_LISTEN_PORT) &&
	    at.sin_addr.s_addr == htonl(INADDR_LOOPBACK);
}

int
bnd_listen_take(int hand, pid_t from, struct bnd_err *err)
{
	SCOPED_FD int fd = -1;
	pid_t who;

	if (receive(hand, &fd, &who) == -1)
		return bnd_fail(
		    err, BND_E_ENFORCER, "the init gave no listener");
	if (who != from || !has(fd, SO_DOMAIN, AF_INET) ||
	    !has(fd, SO_PROTOCOL, IPPROTO_TCP) || !has(fd, SO_ACCEPTCONN, 1) ||
	    !is_in_place(fd))
		return bnd_fail(err, BND_E_ENFORCER,
		    "what the init gave is not a listener at " BND_LISTEN_PLACE);
	return take_fd(&fd);
}

int
bnd_listen_where(int fd, uint64_t *socket, uint64_t *space, struct bnd_err *err)
{
	SCOPED_FD int ns = ioctl(fd, SIOCGSKNS);
	struct stat st;

	if (ns < 0 || fstat(ns, &st) != 0)
		return bnd_fail_errno(err, "cannot ask where a listener is");
	*space = st.st_ino;
	if (fstat(fd, &st) != 0)
		return bnd_fail_errno(err, "cannot look at a listener");
	*socket = st.st_ino;
	return 0;
}

bool
bnd_listen_alone(struct bnd_str text, uint64_t inode)
{
	struct bnd_str line, word = { 0 };
	uint64_t seen = 0, is;
	bool whole;

	/* The first one says what the columns are. */
	if (!bnd_text_line(&text, &line, &whole))
		return inode == 0;
	for (; bnd_text_line(&text, &line, &whole); seen++) {
		for (int i = 0; i <= INODE_WORD; i++)
			if (!bnd_text_word(&line, &word))
				return false;
		if (!bnd_text_u64(word, UINT64_MAX, &is) || is != inode)
			return false;
	}
	return seen == (inode != 0);
}
