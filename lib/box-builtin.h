/* box-builtin.h: the profile and the floors that need no file */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_BUILTIN_H
#define BND_BOX_BUILTIN_H

#include "mode.h"

/* Text of a profile compiled in ("default"), or NULL. */
const char *bnd_box_builtin(const char *name);

/* What a mode's floor adds to its laxer neighbour's; NULL: LOCKDOWN, no run. */
const char *bnd_box_builtin_floor(enum bnd_mode m);

#endif
