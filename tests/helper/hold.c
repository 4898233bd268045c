/* hold.c: hold a lock until killed, as a process that got stuck does */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <unistd.h>

#include "lock.h"
#include "root.h"

int
main(int argc, char **argv)
{
	struct bnd_root root = { .fd = -1 };
	struct bnd_err err = { 0 };

	if (argc != 2 || bnd_root_open(&root, NULL, &err) != 0 ||
	    bnd_lock(&root, argv[1], true, true, 0, &err) < 0) {
		fprintf(stderr, "hold: %s\n", err.text);
		return 1;
	}
	pause();
	return 0;
}
