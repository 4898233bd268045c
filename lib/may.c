/* may.c: what a mode allows, for scripts that ask */
/* SPDX-License-Identifier: ISC */
#include "may.h"

enum answer {
	N = 0, /* no, or only what a list or a baseline names */
	A,     /* for approvers */
	Y,
};

/* clang-format off */
static const struct row {
	const char *request;
	unsigned char cell[BND_MODE_LAST + 1];
} rows[] = {
	/*                    none O  R  T  A  C  L */
	{ "net.out",	    { N, Y, Y, N, N, N, N } },
	{ "net.in",	    { N, Y, N, N, N, N, N } },
	{ "net.loopback",   { N, Y, Y, Y, Y, Y, N } },
	{ "net.forward",    { N, Y, N, N, N, N, N } },
	{ "usb.storage",    { N, Y, N, N, N, N, N } },
	{ "usb.hid",	    { N, Y, N, N, N, N, N } },
	{ "usb.network",    { N, Y, N, N, N, N, N } },
	{ "usb.other",	    { N, Y, N, N, N, N, N } },
	{ "sandbox.run",    { N, Y, Y, Y, Y, Y, N } },
	{ "login.remote",   { N, Y, Y, Y, N, N, N } },
	{ "login.console",  { N, Y, Y, Y, Y, Y, A } },
	{ "privilege",	    { N, Y, Y, Y, A, A, N } },
	/* The other way round: a higher class needs a stricter mode. */
	{ "data.0",	    { N, Y, Y, Y, Y, Y, N } },
	{ "data.1",	    { N, Y, Y, Y, Y, Y, N } },
	{ "data.2",	    { N, N, Y, Y, Y, Y, N } },
	{ "data.3",	    { N, N, N, Y, Y, Y, N } },
	{ "data.4",	    { N, N, N, N, Y, Y, N } },
	{ "data.5",	    { N, N, N, N, N, Y, N } },
};
/* clang-format on */
#define ROWS (sizeof(rows) / sizeof(rows[0]))

const char *
bnd_may_name(size_t i)
{
	return i < ROWS ? rows[i].request : NULL;
}

bool
bnd_may(struct bnd_str request, enum bnd_mode m, bool approver)
{
	if (m < BND_MODE_FIRST || m > BND_MODE_LAST)
		return false;
	for (size_t i = 0; i < ROWS; i++) {
		if (bnd_str_is(request, rows[i].request))
			return rows[i].cell[m] == Y ||
			    (rows[i].cell[m] == A && approver);
	}
	return false;
}
