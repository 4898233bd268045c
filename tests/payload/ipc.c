/* ipc.c: names that two programs could meet by */
/* SPDX-License-Identifier: ISC */
/*
 *	ipc make	each kind of name is made, and held until standard input ends
 *	ipc find	each is looked for
 *	ipc lock PATH	flock, exclusive; ipc locked PATH: can it be had
 *	ipc files PATH...	which of these are there
 */
#include <mqueue.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "payload.h"

#define KEY 0x626e64

static void
abstract(bool make)
{
	struct sockaddr_un u = { .sun_family = AF_UNIX,
		.sun_path = "\0bnd-test" };
	socklen_t len = offsetof(struct sockaddr_un, sun_path) + 9;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0)
		told("abstract", -1);
	else if (make)
		told("abstract",
		    bind(fd, (struct sockaddr *)&u, len) != 0 ? -1
							      : listen(fd, 1));
	else
		told("abstract", connect(fd, (struct sockaddr *)&u, len));
}

static void
names(bool make)
{
	int flags = make ? IPC_CREAT | 0666 : 0;
	int open_flags = make ? O_CREAT | O_RDWR : O_RDWR;

	told("shm", shmget(KEY, 4096, flags) < 0 ? -1 : 0);
	told("sem", semget(KEY, 1, flags) < 0 ? -1 : 0);
	told("msg", msgget(KEY, flags) < 0 ? -1 : 0);
	told("mqueue",
	    mq_open("/bnd-test", open_flags, 0666, NULL) < 0 ? -1 : 0);
	told("/dev/shm", shm_open("/bnd-test", open_flags, 0666) < 0 ? -1 : 0);
	told("/tmp", open("/tmp/bnd-test", open_flags, 0666) < 0 ? -1 : 0);
	abstract(make);
}

int
main(int argc, char **argv)
{
	char **args = payload(argc, argv);

	if (args[0] == NULL)
		return 2;
	if (strcmp(args[0], "make") == 0) {
		names(true);
		payload_ready();
	} else if (strcmp(args[0], "find") == 0) {
		names(false);
	} else if (strcmp(args[0], "files") == 0) {
		while (*++args != NULL)
			told(*args, access(*args, F_OK));
	} else if (args[1] != NULL) {
		told(
		    args[0], flock(open(args[1], O_RDONLY), LOCK_EX | LOCK_NB));
		if (strcmp(args[0], "lock") == 0)
			payload_ready();
	}
	return 0;
}
