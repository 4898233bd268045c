/* mode-init.h: mode-set --init, what it takes from the command line */
/* SPDX-License-Identifier: ISC */
#ifndef MODE_INIT_H
#define MODE_INIT_H

#include "entry.h"
#include "root.h"

/* Do it, say what came of it, and return the exit status. */
int mode_init(const struct bnd_root *root, const struct entry_wish *wish);

#endif
