/* succeed.h: a successor is begun, and its ceremony opened */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SUCCEED_H
#define BND_SUCCEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "challenge.h"
#include "err.h"
#include "finding.h"
#include "log.h"
#include "root.h"
#include "succeeds.h"

/* What was begun, for people. */
struct bnd_succession {
	bool approved;		  /* nothing is asked any more: finish it */
	char why[BND_DETAIL_MAX]; /* the old log cannot go on */
	struct bnd_succeeds from;
	uint8_t log_id[BND_ID_LEN];
	unsigned approvers;
	char text[BND_CHALLENGE_MAX + 1]; /* what they are to sign */
	size_t len;
	uint8_t id[BND_CHALLENGE_ID_LEN];
};

/*
 * Begin a successor beside a log that cannot be proven, in LOCKDOWN only, and
 * open its ceremony.  BND_E_DENIED if the log verifies.  May be repeated: what
 * an earlier attempt made is gone on with if it still says what the old log
 * proves, else put aside.
 */
int bnd_succeed_begin(const struct bnd_root *root, const char *reason,
    struct bnd_succession *s, struct bnd_err *err) BND_CHECK;

#endif
