/* box-calls.h: which system calls are in which group, and with what arguments */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_CALLS_H
#define BND_BOX_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "box-policy.h"
#include "text.h"

/*
 * Compared are the low 32 bits, as the kernel takes these arguments: what lies
 * above them is never looked at, so nothing can hide there.
 */
enum bnd_call_kind {
	BND_CALL_ANY = 0,
	BND_CALL_IS,	 /* argument & mask == value */
	BND_CALL_IS_NOT, /* argument & mask != value */
	BND_CALL_NULL,	 /* a pointer: all 64 bits are 0 */
};

struct bnd_call_test {
	enum bnd_call_kind kind;
	unsigned arg;
	uint32_t mask, value;
};

/*
 * One way to make a call.  Its tests, up to the first ANY, must all hold, and
 * each is about another argument.  A call that no row of its name allows is
 * answered EPERM; one that has no row in the groups given, ENOSYS.
 */
#define BND_CALL_TESTS 3
struct bnd_call {
	const char *name; /* as libseccomp spells it */
	uint32_t groups;  /* enum bnd_box_group: in any of these; 0: in none */
	uint32_t wx;	  /* 1 << enum bnd_box_wx: only then; 0: always */
	struct bnd_call_test test[BND_CALL_TESTS];
};

/* Every call there is, those in no group as well; ends with a NULL name. */
extern const struct bnd_call bnd_calls[];

/*
 * Made at build time (gen/callnr.c) from bnd_calls and libseccomp: the rows
 * this architecture has, by number.
 */
#define BND_CALL_NRS_MAX 590
struct bnd_call_nr {
	uint16_t nr, row;
};
extern const struct bnd_call_nr bnd_call_nrs[];
extern const size_t bnd_call_nrs_n;

bool bnd_call_known(struct bnd_str name);

#endif
