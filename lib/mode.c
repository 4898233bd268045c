/* mode.c: the one table of modes */
/* SPDX-License-Identifier: ISC */
#include "mode.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char *name, *purpose;
} modes[] = {
	[BND_MODE_NONE] = { "NONE", "no mode" },
	[BND_OPEN] = { "OPEN", "casual use" },
	[BND_RESTRICTED] = { "RESTRICTED", "research, browsing" },
	[BND_TRUSTED] = { "TRUSTED", "serious work over a VPN" },
	[BND_AIRGAP] = { "AIRGAP", "secrets on the host" },
	[BND_COLDROOM] = { "COLDROOM", "key ceremonies" },
	[BND_LOCKDOWN] = { "LOCKDOWN", "emergency, tamper" },
};

static bool
is_mode(enum bnd_mode m)
{
	return m >= BND_MODE_FIRST && m <= BND_MODE_LAST;
}

const char *
bnd_mode_name(enum bnd_mode m)
{
	return modes[is_mode(m) ? m : BND_MODE_NONE].name;
}

const char *
bnd_mode_purpose(enum bnd_mode m)
{
	return modes[is_mode(m) ? m : BND_MODE_NONE].purpose;
}

static bool
find(struct bnd_str s, int (*compare)(const char *, const char *, size_t),
    enum bnd_mode *out)
{
	for (int m = BND_MODE_FIRST; m <= (int)BND_MODE_LAST; m++) {
		if (s.len != strlen(modes[m].name) ||
		    compare(s.p, modes[m].name, s.len) != 0)
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
