/* farfs.c: a file system that wants to be asked each time, and may fall silent */
/* SPDX-License-Identifier: ISC */
/*
 *	farfs DIR
 *
 * On DIR a directory "d", and in it another, as deep as one likes.  What the
 * kernel learns it may not keep, as with NFS and 9p.  Says "up"; from SIGUSR1 on
 * it reads what is asked and never answers.  The protocol: linux/fuse.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static volatile sig_atomic_t silent;

static void
fall_silent(int sig)
{
	silent = sig;
}

static void
reply(int dev, uint64_t unique, int error, const void *body, size_t len)
{
	struct fuse_out_header h = { (uint32_t)(sizeof h + len), -error,
		unique };
	struct iovec v[] = { { &h, sizeof h },
		{ (void *)(uintptr_t)body, len } };

	if (!silent && writev(dev, v, 2) == -1 && errno != ENOENT)
		exit(1);
}

static void
serve(int dev, const struct fuse_in_header *in, const char *body)
{
	const struct fuse_attr dir = {
		.ino = in->nodeid, .mode = S_IFDIR | 0755, .nlink = 2
	};
	const struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = 4096
	};
	const struct fuse_attr_out attr = { .attr = dir };
	struct fuse_entry_out entry = { .nodeid = in->nodeid + 1, .attr = dir };

	entry.attr.ino = entry.nodeid;
	if (in->opcode == FUSE_FORGET || in->opcode == FUSE_BATCH_FORGET ||
	    in->opcode == FUSE_INTERRUPT)
		return;
	if (in->opcode == FUSE_INIT)
		reply(dev, in->unique, 0, &init, sizeof init);
	else if (in->opcode == FUSE_GETATTR)
		reply(dev, in->unique, 0, &attr, sizeof attr);
	else if (in->opcode != FUSE_LOOKUP)
		reply(dev, in->unique, ENOSYS, NULL, 0);
	else if (strcmp(body, "d") == 0)
		reply(dev, in->unique, 0, &entry, sizeof entry);
	else
		reply(dev, in->unique, ENOENT, NULL, 0);
}

int
main(int argc, char **argv)
{
	const struct sigaction quiet = { .sa_handler = fall_silent };
	static union {
		struct fuse_in_header in;
		char bytes[1 << 16];
	} q;
	char how[128];
	int dev = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (argc != 2 || dev == -1)
		return 2;
	(void)snprintf(how, sizeof how,
	    "fd=%d,rootmode=40755,user_id=0,group_id=0,allow_other", dev);
	sigaction(SIGUSR1, &quiet, NULL);
	if (mount("far", argv[1], "fuse", 0, how) == -1) {
		perror("farfs");
		return 1;
	}
	puts("up");
	fflush(stdout);
	for (;;) {
		ssize_t n = read(dev, &q, sizeof q - 1);

		if (n > 0) {
			q.bytes[n] = '\0';
			serve(dev, &q.in, q.bytes + sizeof q.in);
		} else if (errno != EINTR && errno != ENOENT) {
			return 0;
		}
	}
}
