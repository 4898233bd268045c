/* mode-freeze.h: no loosening from here on, and how that ends */
/* SPDX-License-Identifier: ISC */
#ifndef MODE_FREEZE_H
#define MODE_FREEZE_H

#include <stdbool.h>

#include "root.h"

/* Both return the exit status. */
int mode_freeze(const struct bnd_root *root, const char *reason, bool json);
struct mode_thaw {
	const char *ceremony; /* the id of one that people have held, or NULL */
	const char *why;      /* or NULL */
	bool json;
};
int mode_unfreeze(const struct bnd_root *root, const struct mode_thaw *wish);

/* Looks for a step of the wall clock, and says what it found. */
void mode_watch(const struct bnd_root *root);

#endif
