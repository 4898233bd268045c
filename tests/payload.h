/* payload.h: how a hostile program begins, and how it says what it got */
/* SPDX-License-Identifier: ISC */
/*
 * A payload is one static program, tests/payload/NAME.c, that knows nothing of
 * bnd.  Its first argument is a nonce, which it prints before it does anything:
 * a test that has not seen it has not seen the payload run.  What it then says
 * is one line a try, "WHAT: ok [VALUE]" or "WHAT: ENAME"; the verdict is not
 * these lines but what the test finds on the host.
 */
#ifndef PAYLOAD_H
#define PAYLOAD_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Prints the nonce, takes it away: args[0] is the first of the payload's own. */
static inline char **
payload(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: %s NONCE [ARG...]\n", argv[0]);
		exit(2);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("nonce %s\n", argv[1]);
	return argv + 2;
}

/* One try: its result, or by what name it failed. */
static inline long
told(const char *what, long rc)
{
	if (rc < 0)
		printf("%s: %s\n", what, strerrorname_np(errno));
	else if (rc == 0)
		printf("%s: ok\n", what);
	else
		printf("%s: ok %ld\n", what, rc);
	return rc;
}

/* "ready", then until standard input ends: the test looks on from outside. */
static inline void
payload_ready(void)
{
	char c;

	puts("ready");
	fflush(stdout);
	while (read(0, &c, 1) > 0 || errno == EINTR)
		errno = 0;
}

#endif
