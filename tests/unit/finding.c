/* finding.c: exit statuses of the codes, and which of two is the graver */
/* SPDX-License-Identifier: ISC */
#include "finding.h"

#include "tap.h"

static void
test_worst(void)
{
	static const int order[] = { 4, 1, 3, 8, 2, 6, 5, 7, 0 };
	size_t n = sizeof(order) / sizeof(order[0]);
	unsigned wrong = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			wrong += bnd_exit_worst(order[i], order[j]) !=
			    order[i < j ? i : j];
	is_int(wrong, 0, "of every two the graver: 4 1 3 8 2 6 5 7 0");
	is_str(bnd_exit_name(0), "VERIFIED", "0 has its name");
	is_str(bnd_exit_name(4), "FORKED", "4 too");
	is_str(bnd_exit_name(99), "ERROR", "what is unknown is trouble");
}

static void
test_codes(void)
{
	unsigned unnamed = 0, twice = 0, lenient = 0, notes = 0;

	for (int a = BND_F_NONE + 1; a < (int)BND_F_LAST; a++) {
		enum bnd_code code = (enum bnd_code)a;
		int status = bnd_code_exit(code, false);

		unnamed += bnd_code_name(code) == NULL ||
		    bnd_code_name(code)[0] == '\0';
		for (int b = a + 1; b < (int)BND_F_LAST; b++)
			twice += strcmp(bnd_code_name(code),
				     bnd_code_name((enum bnd_code)b)) == 0;
		notes += bnd_code_is_note(code);
		lenient += bnd_code_is_note(code) ? status != 0 : status == 0;
	}
	is_int(unnamed, 0, "every code has a name");
	is_int(twice, 0, "of its own");
	is_int(lenient, 0, "only a note leaves the verdict alone");
	is_int(notes, 5, "of which there are five");
	is_int(bnd_code_exit(BND_F_WALLCLOCK, true), 1,
	    "and --strict makes them 1");
	is_int(bnd_code_exit(BND_F_RESUMED, true), 0, "but for RESUMED");
	is_str(bnd_code_name((enum bnd_code)999), "NONE",
	    "a code from nowhere is none");
}

int
main(void)
{
	test_worst();
	test_codes();
	return tap_done();
}
