/* box-calls.h: which system calls are in which group, and with what arguments */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_CALLS_H
#define BND_BOX_CALLS_H

#include <stddef.h>
#include <stdint.h>

#include "box-policy.h"

/* Compared are the low 32 bits, as the kernel takes these arguments. */
enum bnd_call_test {
	BND_CALL_ANY = 0,
	BND_CALL_IS,	 /* argument & mask == value: allowed, others EPERM */
	BND_CALL_IS_NOT, /* argument & mask == value: EPERM, others allowed */
};

struct bnd_call {
	const char *name; /* as libseccomp spells it */
	uint32_t groups;  /* enum bnd_box_group: in any of these */
	enum bnd_call_test test;
	unsigned arg;
	uint32_t mask, value;
	uint32_t
	    wx; /* this row holds only while wx is at most this, +1; 0: always */
};

/* Several rows of one name are its rules; ends with a NULL name. */
extern const struct bnd_call bnd_calls[];

#endif
