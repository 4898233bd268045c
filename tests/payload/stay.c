/* stay.c: is there until its standard input ends, or for ever */
/* SPDX-License-Identifier: ISC */
/*
 *	stay		"ready"; ends with status 0 when standard input does
 *	stay ever	never ends by itself
 *	stay exit N	ends with status N at once;  stay signal N  kills itself
 *	stay with N	"N" and how many files it may open, then as the first, with N
 */
#include <signal.h>
#include <sys/resource.h>

#include "payload.h"

int
main(int argc, char **argv)
{
	char **args = payload(argc, argv);

	if (args[0] != NULL && strcmp(args[0], "with") == 0) {
		struct rlimit files = { 0 };

		(void)getrlimit(RLIMIT_NOFILE, &files);
		printf(
		    "%s %llu\n", args[1], (unsigned long long)files.rlim_cur);
		payload_ready();
		return (int)strtol(args[1], NULL, 10);
	}
	if (args[0] != NULL && args[1] != NULL) {
		if (strcmp(args[0], "exit") == 0)
			return (int)strtol(args[1], NULL, 10);
		return raise((int)strtol(args[1], NULL, 10));
	}
	if (args[0] == NULL) {
		payload_ready();
		return 0;
	}
	puts("ready");
	for (;;)
		pause();
}
