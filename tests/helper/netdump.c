/* netdump.c: what this kernel answers, as seeds for tests/fuzz/netdump.c */
/* SPDX-License-Identifier: ISC */
/*
 *	netdump OP MODE >tests/fuzz/corpus/netdump/NAME
 *
 * Runs an operation of tests/netops.h in this network namespace, one of its
 * own: sockets are destroyed and queues emptied.
 */
#include <linux/netlink.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "netops.h"

ssize_t
recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t n = syscall(SYS_recvmsg, fd, msg, flags);

	if (n > 0)
		fwrite(msg->msg_iov[0].iov_base, 1, (size_t)n, stdout);
	return n;
}

int
main(int argc, char **argv)
{
	static struct netops ops;
	enum bnd_mode mode;

	if (argc != 3 ||
	    !bnd_mode_parse(
		(struct bnd_str){ argv[2], strlen(argv[2]) }, &mode)) {
		fputs("usage: netdump L|N|F|B|T|Q|I MODE\n", stderr);
		return 2;
	}
	printf("%c%c", argv[1][0], (char)('0' + (int)(mode - BND_OPEN)));
	netops_run(&ops, argv[1][0], mode);
	return fflush(stdout) == 0 ? 0 : 1;
}
