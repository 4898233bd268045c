/* mode.c: the one table of modes */
/* SPDX-License-Identifier: ISC */
#include "mode.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const char *const modes[] = {
	[BND_MODE_NONE] = "NONE",
	[BND_OPEN] = "OPEN",
	[BND_RESTRICTED] = "RESTRICTED",
	[BND_TRUSTED] = "TRUSTED",
	[BND_AIRGAP] = "AIRGAP",
	[BND_COLDROOM] = "COLDROOM",
	[BND_LOCKDOWN] = "LOCKDOWN",
};

static bool
is_mode(enum bnd_mode m)
{
	return m >= BND_MODE_FIRST && m <= BND_MODE_LAST;
}

const char *
bnd_mode_name(enum bnd_mode m)
{
	return modes[is_mode(m) ? m : BND_MODE_NONE];
}

static bool
find(struct bnd_str s, int (*compare)(const char *, const char *, size_t),
    enum bnd_mode *out)
{
	for (int m = BND_MODE_FIRST; m <= (int)BND_MODE_LAST; m++) {
		if (s.len != strlen(modes[m]) ||
		    compare(s.p, modes[m], s.len) != 0)
			continue;
		*out = (enum bnd_mode)m;
		return true;
	}
	return false;
}

bool
bnd_mode_parse(struct bnd_str s, enum bnd_mode *out)
{
	return find(s, strncasecmp, out);
}

bool
bnd_mode_parse_exact(struct bnd_str s, enum bnd_mode *out)
{
	return find(s, strncmp, out);
}
