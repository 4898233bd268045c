/* mode-init.h: mode-set --init, what it takes from the command line */
/* SPDX-License-Identifier: ISC */
#ifndef MODE_INIT_H
#define MODE_INIT_H

#include "root.h"

struct mode_init {
	const char *name, *person, *kind; /* person NULL: the name */
	const char *key, *sig;		  /* files; sig NULL: first call */
	const char *passphrase_fd;	  /* or NULL: ask the terminal */
};

/* Do it, say what came of it, and return the exit status. */
int mode_init(const struct bnd_root *root, const struct mode_init *wish);

#endif
