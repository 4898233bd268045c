/* gate.c: the rows login and su/sudo: as --may says, and monotone */
/* SPDX-License-Identifier: ISC */
#include "gate.h"

#include <string.h>

#include "may.h"
#include "tap.h"

#define KINDS 3

/* Rows as bnd(7) has them, by hand: no approvers record yes; OPEN first. */
static const struct {
	enum bnd_gate_kind kind;
	bool console;
	const char *row;
	const char *may; /* the request that says the same, or NULL */
} rows[] = {
	{ BND_GATE_LOGIN, false, "yyynnn", "login.remote" },
	{ BND_GATE_LOGIN, true, "yyyyya", "login.console" },
	{ BND_GATE_PRIVILEGE, false, "yrraan", "privilege" },
	{ BND_GATE_PRIVILEGE, true, "yrraaa", NULL },
	{ BND_GATE_BATCH, false, "yyyyya", NULL },
	{ BND_GATE_BATCH, true, "yyyyya", NULL },
};

static bool
passes(enum bnd_gate_says s, bool approver)
{
	return s == BND_GATE_ALLOW || s == BND_GATE_RECORD ||
	    (s == BND_GATE_APPROVERS && approver);
}

static void
test_rows(void)
{
	static const char letter[] = { [BND_GATE_DENY] = 'n',
		[BND_GATE_APPROVERS] = 'a',
		[BND_GATE_RECORD] = 'r',
		[BND_GATE_ALLOW] = 'y' };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char got[BND_MODE_LAST + 1] = "";
		bool same = true;

		for (int m = BND_MODE_FIRST; m <= BND_MODE_LAST; m++) {
			enum bnd_gate_says s = bnd_gate(
			    rows[i].kind, (enum bnd_mode)m, rows[i].console);

			got[m - BND_MODE_FIRST] = letter[s];
			for (int a = 0; rows[i].may != NULL && a < 2; a++)
				same = same &&
				    passes(s, a != 0) ==
					bnd_may((struct bnd_str){ rows[i].may,
						    strlen(rows[i].may) },
					    (enum bnd_mode)m, a != 0);
		}
		is_str(got, rows[i].row, "row %zu", i);
		ok(same, "and mode-set --may says the same");
	}
}

static void
test_order(void)
{
	unsigned looser = 0, outer = 0, odd = 0;

	for (int k = 0; k < KINDS; k++) {
		for (int c = 0; c < 2; c++) {
			for (int m = BND_OPEN; m < BND_LOCKDOWN; m++)
				looser += bnd_gate((enum bnd_gate_kind)k,
					      (enum bnd_mode)(m + 1), c != 0) >
				    bnd_gate((enum bnd_gate_kind)k,
					(enum bnd_mode)m, c != 0);
			for (int m = -1; m < 9; m++)
				odd += (m < BND_OPEN || m > BND_LOCKDOWN) &&
				    bnd_gate((enum bnd_gate_kind)k,
					(enum bnd_mode)m, c != 0) !=
					bnd_gate((enum bnd_gate_kind)k,
					    BND_LOCKDOWN, c != 0);
		}
		for (int m = BND_OPEN; m <= BND_LOCKDOWN; m++)
			outer +=
			    bnd_gate((enum bnd_gate_kind)k, (enum bnd_mode)m,
				false) > bnd_gate((enum bnd_gate_kind)k,
					     (enum bnd_mode)m, true);
	}
	is_int(looser, 0, "no stricter mode allows more");
	is_int(outer, 0, "nobody may more from afar than on a console");
	is_int(odd, 0, "what is no mode is LOCKDOWN");
}

static void
test_services(void)
{
	is_int(bnd_gate_kind("sudo"), BND_GATE_PRIVILEGE, "sudo");
	is_int(bnd_gate_kind("cron"), BND_GATE_BATCH, "cron");
	is_int(bnd_gate_kind("sshd"), BND_GATE_LOGIN, "sshd");
	is_int(bnd_gate_kind(""), BND_GATE_LOGIN, "none");
	is_int(bnd_gate_kind("SUDO"), BND_GATE_LOGIN, "one nobody knows");
	ok(bnd_gate_names_target("su") && bnd_gate_names_target("su-l") &&
		bnd_gate_names_target("runuser"),
	    "su names whom somebody becomes");
	ok(!bnd_gate_names_target("sudo") && !bnd_gate_names_target("doas") &&
		!bnd_gate_names_target("polkit-1") &&
		!bnd_gate_names_target("suspicious"),
	    "others name who asks");
}

int
main(void)
{
	test_rows();
	test_order();
	test_services();
	return tap_done();
}
