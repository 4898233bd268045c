/* sbx-try.h: facilities of a kernel, each used for real in a child */
/* SPDX-License-Identifier: ISC */
#ifndef CMD_SBX_TRY_H
#define CMD_SBX_TRY_H

#include <stdbool.h>
#include <stdint.h>

struct sbx_facility {
	const char *name; /* as --json and sbx-run(1) have it */
	const char *what;
	uint64_t spaces;  /* CLONE_NEW*: of the child it is tried in */
	int (*try)(void); /* in that child: 0 or an errno */
};

/* Ends with a NULL name.  All of them are needed by every sandbox. */
extern const struct sbx_facility sbx_facilities[];

/* In a child that is gone afterwards: 0, or the errno of what was refused. */
int sbx_try(const struct sbx_facility *f);

#endif
