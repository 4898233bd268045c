/* mode.c: six words, in any case, and nothing else */
/* SPDX-License-Identifier: ISC */
#include "mode.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tap.h"

static bool
parses(const char *s, size_t len, enum bnd_mode *m)
{
	return bnd_mode_parse((struct bnd_str){ s, len }, m);
}

static void
all_parse_back(void)
{
	for (int i = BND_MODE_FIRST; i <= (int)BND_MODE_LAST; i++) {
		const char *name = bnd_mode_name((enum bnd_mode)i);
		enum bnd_mode m = BND_MODE_NONE;
		char lower[16];
		size_t len = strlen(name);

		ok(parses(name, len, &m) && (int)m == i, "%s", name);
		for (size_t k = 0; k <= len; k++)
			lower[k] = (char)(k < len ? name[k] | 0x20 : '\0');
		ok(parses(lower, len, &m) && (int)m == i, "%s", lower);
		ok(!bnd_mode_parse_exact((struct bnd_str){ lower, len }, &m),
		    "files hold capitals only");
	}
}

static void
nothing_else(void)
{
	static const char *const bad[] = { "", " ", "AIRGAP ", " AIRGAP",
		"airgap\n", "AIR GAP", "AIRGA", "AIRGAPS", "NONE", "none",
		"\xd0\x90IRGAP", "lock-down", "0", "6", "OPEN,OPEN" };
	enum bnd_mode m = BND_MODE_NONE;
	char *big = calloc(1, 1 << 20);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!parses(bad[i], strlen(bad[i]), &m), "%s", bad[i]);
	ok(!parses("OPEN\0", 5, &m), "an embedded NUL");
	ok(big != NULL && !parses(big, 1 << 20, &m), "a megabyte");
	is_int(m, BND_MODE_NONE, "and nothing was set");
	free(big);
}

static void
order(void)
{
	unsigned loosening = 0;

	for (int a = BND_MODE_FIRST; a <= (int)BND_MODE_LAST; a++)
		for (int b = BND_MODE_FIRST; b <= (int)BND_MODE_LAST; b++)
			loosening += bnd_mode_loosens(
			    (enum bnd_mode)a, (enum bnd_mode)b);
	is_int(loosening, 15, "15 of the 36 pairs loosen");
	is_int(bnd_mode_max(BND_OPEN, BND_LOCKDOWN), BND_LOCKDOWN, "join");
	is_int(bnd_mode_max(BND_LOCKDOWN, BND_OPEN), BND_LOCKDOWN, "join");
	is_str(bnd_mode_name((enum bnd_mode)99), "NONE", "no mode, no name");
}

int
main(void)
{
	all_parse_back();
	nothing_else();
	order();
	return tap_done();
}
