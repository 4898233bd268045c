/* authorize.c: the least that can let a USB device in: the measure of a hook */
/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	char path[512];
	int fd;

	if (argc != 2 ||
	    snprintf(path, sizeof(path), "/sys%s/authorized", argv[1]) >=
		(int)sizeof(path))
		return 2;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd == -1 || write(fd, "1", 1) != 1;
}
