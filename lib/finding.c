/* finding.c: codes, their exit statuses, and which verdict is the graver */
/* SPDX-License-Identifier: ISC */
#include "finding.h"

#include <stddef.h>

enum level {
	FAIL = 0,
	NOTE,
	LASTING_NOTE, /* no harm even when notes are not accepted */
};

static const struct {
	const char *name;
	int exit;
	enum level level;
} codes[] = {
	[BND_F_NONE] = { "NONE", 0, NOTE },
	[BND_F_GRAMMAR] = { "GRAMMAR", 1, FAIL },
	[BND_F_SEQ] = { "SEQ", 1, FAIL },
	[BND_F_LINK] = { "LINK", 1, FAIL },
	[BND_F_SIGNATURE] = { "SIGNATURE", 1, FAIL },
	[BND_F_BODY] = { "BODY", 1, FAIL },
	[BND_F_GENESIS] = { "GENESIS", 1, FAIL },
	[BND_F_CLOSED] = { "CLOSED", 1, FAIL },
	[BND_F_FILE] = { "FILE", 1, FAIL },
	[BND_F_RULE] = { "RULE", 1, FAIL },
	[BND_F_UNAPPROVED] = { "UNAPPROVED", 1, FAIL },
	[BND_F_RUSHED] = { "RUSHED", 1, FAIL },
	[BND_F_FROZEN] = { "FROZEN", 1, FAIL },
	[BND_F_MODE] = { "MODE", 1, FAIL },
	[BND_F_GEN] = { "GEN", 1, FAIL },
	[BND_F_REDACTED] = { "REDACTED", 1, FAIL },
	[BND_F_LATE] = { "LATE", 1, FAIL },
	[BND_F_BOOTTIME] = { "BOOTTIME", 1, FAIL },
	[BND_F_HEAD_AHEAD] = { "HEAD_AHEAD", 3, FAIL },
	[BND_F_NO_LOG] = { "NO_LOG", 3, FAIL },
	[BND_F_NO_HEAD] = { "NO_HEAD", 3, FAIL },
	[BND_F_ANCHOR_AHEAD] = { "ANCHOR_AHEAD", 3, FAIL },
	[BND_F_FORK] = { "FORK", 4, FAIL },
	[BND_F_REINIT] = { "REINIT", 4, FAIL },
	[BND_F_ANCHOR_FORK] = { "ANCHOR_FORK", 4, FAIL },
	[BND_F_NO_PIN] = { "NO_PIN", 5, FAIL },
	[BND_F_NO_TAIL] = { "NO_TAIL", 5, FAIL },
	[BND_F_UNCOVERED] = { "UNCOVERED", 5, FAIL },
	[BND_F_SUCCESSION] = { "SUCCESSION", 5, FAIL },
	[BND_F_FRAGMENT] = { "FRAGMENT", 6, FAIL },
	[BND_F_OWNER] = { "OWNER", 8, FAIL },
	[BND_F_PERMS] = { "PERMS", 8, FAIL },
	[BND_F_TYPE] = { "TYPE", 8, FAIL },
	[BND_F_LINKS] = { "LINKS", 8, FAIL },
	[BND_F_ATTR] = { "ATTR", 8, FAIL },
	[BND_F_ABSENT] = { "ABSENT", 8, FAIL },
	[BND_F_SLOT] = { "SLOT", 8, FAIL },
	[BND_F_RESUMED] = { "RESUMED", 0, LASTING_NOTE },
	[BND_F_WALLCLOCK] = { "WALLCLOCK", 0, NOTE },
	[BND_F_POLICY] = { "POLICY", 0, NOTE },
	[BND_F_SINGLE_APPROVER] = { "SINGLE_APPROVER", 0, NOTE },
	[BND_F_OVERSTAYED] = { "OVERSTAYED", 0, NOTE },
};

static enum bnd_code
known(enum bnd_code code)
{
	return code > BND_F_NONE && code < BND_F_LAST ? code : BND_F_NONE;
}

const char *
bnd_code_name(enum bnd_code code)
{
	return codes[known(code)].name;
}

int
bnd_code_exit(enum bnd_code code, bool strict)
{
	if (strict && codes[known(code)].level == NOTE)
		return 1;
	return codes[known(code)].exit;
}

bool
bnd_code_is_note(enum bnd_code code)
{
	return codes[known(code)].level != FAIL;
}

/* The gravest first; what is not listed is trouble. */
static const struct {
	int status;
	const char *name;
} verdicts[] = {
	{ 4, "FORKED" },
	{ 1, "TAMPERED" },
	{ 3, "TRUNCATED" },
	{ 8, "UNSAFE" },
	{ 2, "ERROR" },
	{ 6, "TORN" },
	{ 5, "PARTIAL" },
	{ 7, "STALE" },
	{ 0, "VERIFIED" },
};

#define VERDICTS (sizeof(verdicts) / sizeof(verdicts[0]))

static size_t
rank(int status)
{
	size_t i = 0;

	while (i < VERDICTS && verdicts[i].status != status)
		i++;
	return i < VERDICTS ? i : rank(2);
}

int
bnd_exit_worst(int a, int b)
{
	return rank(a) <= rank(b) ? a : b;
}

const char *
bnd_exit_name(int status)
{
	return verdicts[rank(status)].name;
}
