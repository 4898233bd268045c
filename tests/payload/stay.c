/* stay.c: is there until its standard input ends, or for ever */
/* SPDX-License-Identifier: ISC */
/*
 *	stay		"ready"; ends with status 0 when standard input does
 *	stay ever	never ends by itself
 *	stay exit N	ends with status N at once;  stay signal N  kills itself
 */
#include <signal.h>

#include "payload.h"

int
main(int argc, char **argv)
{
	char **args = payload(argc, argv);

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
