/* netns-far.c: a path through a file system of others, looked up by a child */
/* SPDX-License-Identifier: ISC */
/*
 * A server that does not answer holds who asks, for good if it has read the
 * question: not even SIGKILL ends that.  So a child asks, one for all paths of
 * a mount namespace, and hands back what it opened.  It holds no descriptor but
 * its socket, so that one that cannot be ended pins nothing.
 */
#include "netns-far.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "netns-mount.h"
#include "scope.h"

#define ONE_MS 300 /* for one path */

union rights {
	struct cmsghdr head; /* aligns it */
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* ---- in the child ---- */

static int
look_up(const char *path)
{
	const struct open_how how = { .flags = O_PATH | O_CLOEXEC | O_NOFOLLOW,
		.resolve = RESOLVE_NO_SYMLINKS };

	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

/* Why there is none, or 0 and with it the descriptor. */
static bool
answer(int sock, int fd, int why)
{
	union rights r = { 0 };
	struct iovec word = { &why, sizeof why };
	struct msghdr msg = { .msg_iov = &word, .msg_iovlen = 1 };

	if (fd >= 0) {
		msg.msg_control = r.bytes;
		msg.msg_controllen = sizeof r.bytes;
		r.head.cmsg_level = SOL_SOCKET;
		r.head.cmsg_type = SCM_RIGHTS;
		r.head.cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(&r.head), &fd, sizeof fd);
	}
	return sendmsg(sock, &msg, MSG_NOSIGNAL) == sizeof why;
}

static _Noreturn void
serve(int sock, pid_t asker)
{
	char path[BND_NETNS_PATH];

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Who asks may have died before that. */
	if (getppid() != asker ||
	    (sock > 0 && close_range(0, (unsigned)sock - 1, 0) == -1) ||
	    close_range((unsigned)sock + 1, ~0U, 0) == -1)
		_exit(1);
	for (;;) {
		ssize_t n = recv(sock, path, sizeof path - 1, 0);

		if (n <= 0)
			_exit(0);
		path[n] = '\0';
		SCOPED_FD int fd = look_up(path);
		if (!answer(sock, fd, fd >= 0 ? 0 : errno))
			_exit(1);
	}
}

/* ---- who asks ---- */

static int
start(struct bnd_netns_far *f)
{
	int pair[2], saved;
	pid_t self = getpid();

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return -1;
	f->pid = fork();
	if (f->pid == 0)
		serve(pair[1], self);
	saved = errno;
	close(pair[1]);
	f->sock = pair[0];
	if (f->pid == -1)
		bnd_netns_far_end(f);
	errno = saved;
	return f->pid > 0 ? 0 : -1;
}

void
bnd_netns_far_end(struct bnd_netns_far *f)
{
	const struct timespec nap = { .tv_nsec = 1000000 };

	if (f->pid == 0)
		return;
	close(f->sock);
	/* What cannot be killed now is not waited for. */
	if (f->pid > 0 && kill(f->pid, SIGKILL) == 0)
		for (int i = 0; i < 20; i++) {
			if (waitpid(f->pid, NULL, WNOHANG) != 0)
				break;
			(void)nanosleep(&nap, NULL);
		}
	f->pid = 0;
}

/* What came, with its descriptor or without. */
static int
take_answer(const struct bnd_netns_far *f)
{
	union rights r;
	int why = 0, fd = -1;
	struct iovec word = { &why, sizeof why };
	struct msghdr msg = { .msg_iov = &word,
		.msg_iovlen = 1,
		.msg_control = r.bytes,
		.msg_controllen = sizeof r.bytes };
	const struct cmsghdr *c;

	if (recvmsg(f->sock, &msg, MSG_CMSG_CLOEXEC) != sizeof why) {
		errno = EIO;
		return -1;
	}
	c = CMSG_FIRSTHDR(&msg);
	if (c != NULL && c->cmsg_level == SOL_SOCKET &&
	    c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof fd))
		memcpy(&fd, CMSG_DATA(c), sizeof fd);
	else
		errno = why != 0 ? why : EIO;
	return fd;
}

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool
wait_answer(struct bnd_netns_far *f)
{
	struct pollfd p = { .fd = f->sock, .events = POLLIN };
	int64_t start_ms = now_ms(), took;
	int n = poll(&p, 1, (int)(f->left_ms < ONE_MS ? f->left_ms : ONE_MS));

	took = now_ms() - start_ms;
	f->left_ms -= took < f->left_ms ? (unsigned)took : f->left_ms;
	return n == 1;
}

int
bnd_netns_far_open(struct bnd_netns_far *f, const char *path)
{
	int fd = -1, saved;

	if (f->left_ms == 0) {
		errno = ETIMEDOUT;
		return -1;
	}
	if (f->pid == 0 && start(f) == -1)
		return -1;
	if (send(f->sock, path, strlen(path), MSG_NOSIGNAL) == -1)
		saved = errno;
	else if (!wait_answer(f))
		saved = ETIMEDOUT;
	else if ((fd = take_answer(f)) >= 0 || errno != EIO)
		return fd;
	else
		saved = EIO;
	bnd_netns_far_end(f);
	errno = saved;
	return -1;
}
