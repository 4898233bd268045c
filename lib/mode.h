/* mode.h: the six modes and their order */
/* SPDX-License-Identifier: ISC */
#ifndef BND_MODE_H
#define BND_MODE_H

#include <stdbool.h>

#include "text.h"

/* Right is stricter; a total order, so max() is the join. */
enum bnd_mode {
	BND_MODE_NONE = 0,
	BND_OPEN,
	BND_RESTRICTED,
	BND_TRUSTED,
	BND_AIRGAP,
	BND_COLDROOM,
	BND_LOCKDOWN,
};

#define BND_MODE_FIRST BND_OPEN
#define BND_MODE_LAST  BND_LOCKDOWN

/* In capitals; "NONE" for anything that is not a mode. */
const char *bnd_mode_name(enum bnd_mode m);

/* Exactly a mode word, in any case; nothing trimmed. */
bool bnd_mode_parse(struct bnd_str s, enum bnd_mode *out);
/* Exactly as bnd_mode_name() writes it (state, log). */
bool bnd_mode_parse_exact(struct bnd_str s, enum bnd_mode *out);

static inline enum bnd_mode
bnd_mode_max(enum bnd_mode a, enum bnd_mode b)
{
	return a > b ? a : b;
}

static inline bool
bnd_mode_loosens(enum bnd_mode from, enum bnd_mode to)
{
	return to < from;
}

#endif
