/* may.c: the table behind --may: total, monotone, and as written down */
/* SPDX-License-Identifier: ISC */
#include "may.h"

#include <stdio.h>
#include <string.h>

#include "tap.h"

static bool
ask(const char *request, int m, bool approver)
{
	return bnd_may((struct bnd_str){ request, strlen(request) },
	    (enum bnd_mode)m, approver);
}

static const char *
cell(const char *request, int m)
{
	if (ask(request, m, false))
		return "yes";
	return ask(request, m, true) ? "approver" : "no";
}

/* Every cell against the table in tests/data/may, written by hand. */
static void
test_golden(void)
{
	char path[512], line[128], got[128];
	size_t i = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/data/may", getenv("BND_TREE"));
	f = fopen(path, "re");
	if (f == NULL)
		bail(path);
	for (; fgets(line, sizeof(line), f) != NULL; i++) {
		const char *name = bnd_may_name(i);
		int n;

		if (name == NULL)
			break;
		n = snprintf(got, sizeof(got), "%s", name);
		for (int m = BND_MODE_FIRST; m <= BND_MODE_LAST; m++)
			n += snprintf(got + n, sizeof(got) - (size_t)n, " %s",
			    cell(name, m));
		line[strcspn(line, "\n")] = '\0';
		is_str(got, line, "%s as written down", name);
	}
	fclose(f);
	is_int(i, 18, "18 requests");
	ok(bnd_may_name(i) == NULL, "and no more");
}

static bool
is_data(const char *name)
{
	return strncmp(name, "data.", 5) == 0;
}

/* A stricter mode never says yes where a laxer one says no. */
static void
test_monotone(void)
{
	unsigned bad = 0, classes = 0;

	for (size_t i = 0; bnd_may_name(i) != NULL; i++) {
		const char *name = bnd_may_name(i);

		for (int m = BND_MODE_FIRST; m < BND_MODE_LAST; m++) {
			for (int who = 0; who < 2; who++) {
				bool lax = ask(name, m, who);
				bool strict = ask(name, m + 1, who);

				if (!is_data(name))
					bad += strict && !lax;
				else if (m + 1 < BND_MODE_LAST)
					classes += lax && !strict;
			}
		}
		bad += ask(name, BND_LOCKDOWN, false);
		bad += !ask(name, BND_LOCKDOWN, true)
		    ? 0
		    : strcmp(name, "login.console") != 0;
	}
	is_int(bad, 0, "stricter is never laxer");
	is_int(classes, 0, "the data classes run the other way");
}

static void
test_unknown(void)
{
	static const char *const words[] = { "", " ", "net", "net.", "net.out ",
		" net.out", "NET.OUT", "net.out\n", "data.6", "data.",
		"data.00", "everything", "net.out.x" };
	unsigned yes = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		for (int m = BND_MODE_FIRST; m <= BND_MODE_LAST; m++)
			yes += ask(words[i], m, true);
	}
	is_int(yes, 0, "unknown requests are no, in every mode");
	yes = 0;
	for (size_t i = 0; bnd_may_name(i) != NULL; i++) {
		yes += ask(bnd_may_name(i), BND_MODE_NONE, true);
		yes += ask(bnd_may_name(i), BND_MODE_LAST + 1, true);
		yes += ask(bnd_may_name(i), -1, true);
	}
	is_int(yes, 0, "unknown modes are no, for every request");
	ok(!bnd_may((struct bnd_str){ "net.out\0x", 9 }, BND_OPEN, true),
	    "nothing hides behind a NUL");
}

int
main(void)
{
	test_golden();
	test_monotone();
	test_unknown();
	return tap_done();
}
