/* heirloom.c: run a command that inherits a descriptor of every kind */
/* SPDX-License-Identifier: ISC */
/*
 *	heirloom CMD [ARG...]
 *
 * From 20 on, none closed by exec: a pidfd, an epoll, an inotify instance, a
 * memfd, a socket with /etc/shadow queued in it, a listening socket, a directory
 * (/root), an eventfd; and where this kernel and host have them a userfaultfd and
 * an io_uring ring.  Exit status: CMD's; 125 if one of the first cannot be had.
 */
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FIRST 20

static int next = FIRST;

/* At the next number, to be inherited. */
static int
leave(const char *what, int fd)
{
	if (fd < 0 || dup2(fd, next) != next) {
		perror(what);
		return -1;
	}
	close(fd);
	next++;
	return 0;
}

/* An end whose queue holds a descriptor of a file that only root may read. */
static int
loaded(void)
{
	_Alignas(struct cmsghdr) char room[CMSG_SPACE(sizeof(int))] = "";
	struct iovec io = { (char[]){ 'x' }, 1 };
	struct msghdr m = { .msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = room,
		.msg_controllen = sizeof(room) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int pair[2], fd = open("/etc/shadow", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0)
		return -1;
	*c = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
		.cmsg_len = CMSG_LEN(sizeof(fd)) };
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(pair[0], &m, 0) == 1 ? pair[1] : -1;
}

static int
listening(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return fd >= 0 && listen(fd, 1) == 0 ? fd : -1;
}

int
main(int argc, char **argv)
{
	static struct io_uring_params ring;

	if (argc < 2 ||
	    leave("pidfd", (int)syscall(SYS_pidfd_open, getpid(), 0)) != 0 ||
	    leave("epoll", epoll_create1(0)) != 0 ||
	    leave("inotify", inotify_init1(0)) != 0 ||
	    leave("memfd", memfd_create("heirloom", 0)) != 0 ||
	    leave("socket", loaded()) != 0 ||
	    leave("listener", listening()) != 0 ||
	    leave("directory", open("/root", O_RDONLY | O_DIRECTORY)) != 0 ||
	    leave("eventfd", eventfd(0, 0)) != 0)
		return 125;
	(void)leave("userfaultfd", (int)syscall(SYS_userfaultfd, 0));
	(void)leave("io_uring", (int)syscall(SYS_io_uring_setup, 1, &ring));
	/* io_uring's closes on exec unless told; dup2 told it. */
	execv(argv[1], argv + 1);
	perror(argv[1]);
	return 125;
}
