/* fds.c: which descriptors it was born with, and what can be had through them */
/* SPDX-License-Identifier: ISC */
/*
 *	fds		"fd N: MODE" (r, w, rw) for each of 0 to 4095 that is open
 *	fds reopen N	opens /proc/self/fd/N and /dev/fd/N for writing
 *	fds read N	reads a byte of N
 *	fds exhaust	opens until it cannot: how many it had; then stays
 */
#include "payload.h"

static void
list(void)
{
	static const char *const mode[] = { "r", "w", "rw", "path" };

	for (int fd = 0; fd < 4096; fd++) {
		int fl = fcntl(fd, F_GETFL);

		if (fl >= 0)
			printf("fd %d: %s\n", fd,
			    mode[(fl & O_PATH) != 0 ? 3 : fl & O_ACCMODE]);
	}
}

static void
reopen(const char *n, const char *below)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", below, n);
	fd = open(path, O_RDWR);
	told(path, fd < 0 ? -1 : write(fd, "overwritten", 11));
}

static void
exhaust(void)
{
	long n = 0;

	while (open("/dev/null", O_RDONLY) >= 0)
		n++;
	printf("exhaust: %s\nhad: %ld\n", strerrorname_np(errno), n);
	payload_ready();
}

int
main(int argc, char **argv)
{
	char **args = payload(argc, argv), c;

	if (args[0] != NULL && strcmp(args[0], "exhaust") == 0) {
		exhaust();
		return 0;
	}

	if (args[0] == NULL || args[1] == NULL) {
		list();
	} else if (strcmp(args[0], "reopen") == 0) {
		reopen(args[1], "/proc/self/fd");
		reopen(args[1], "/dev/fd");
	} else {
		told("read", read((int)strtol(args[1], NULL, 10), &c, 1));
	}
	return 0;
}
