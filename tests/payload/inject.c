/* inject.c: types into the terminal of whoever started it */
/* SPDX-License-Identifier: ISC */
/*
 *	inject TEXT	TEXT and a newline by TIOCSTI, through standard input,
 *			output, error and the controlling terminal
 */
#include <sys/ioctl.h>

#include "payload.h"

/* The console's: 3 pastes what is selected. */
#ifndef TIOCLINUX
#define TIOCLINUX 0x541C
#endif

static long
type(int fd, const char *text)
{
	for (; *text != '\0'; text++)
		if (ioctl(fd, TIOCSTI, text) != 0)
			return -1;
	return ioctl(fd, TIOCSTI, "\n");
}

int
main(int argc, char **argv)
{
	char **args = payload(argc, argv), what[40], paste = 3;
	int fd[] = { 0, 1, 2, open("/dev/tty", O_RDWR | O_NOCTTY) };

	if (args[0] == NULL)
		return 2;
	for (int i = 0; i < 4; i++) {
		snprintf(what, sizeof(what), "type %d", i);
		told(what, type(fd[i], args[0]));
		snprintf(what, sizeof(what), "high bits %d", i);
		told(what,
		    ioctl(fd[i], (unsigned long)TIOCSTI | 1UL << 32, "x"));
		snprintf(what, sizeof(what), "paste %d", i);
		told(what, ioctl(fd[i], TIOCLINUX, &paste));
	}
	return 0;
}
