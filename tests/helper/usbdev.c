/* usbdev.c: print the descriptors that a few words build (tests/usbdev.h) */
/* SPDX-License-Identifier: ISC */
#include "usbdev.h"

int
main(int argc, char **argv)
{
	static struct usbdev u;

	if (argc != 2) {
		fprintf(stderr, "usage: usbdev WORDS >descriptors\n");
		return 2;
	}
	usbdev(&u, argv[1]);
	return fwrite(u.bytes, 1, u.len, stdout) != u.len ||
	    fflush(stdout) != 0;
}
