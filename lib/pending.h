/* pending.h: who was asked to sign before there is a log, as bytes */
/* SPDX-License-Identifier: ISC */
#ifndef BND_PENDING_H
#define BND_PENDING_H

#include <stdbool.h>
#include <stdint.h>

#include "approver.h"
#include "clock.h"
#include "err.h"
#include "text.h"

#define BND_PENDING_MAX 4096 /* bytes */

struct bnd_pending {
	uint8_t id[BND_ID_LEN];		/* of the log to come */
	char boot[BND_BOOT_ID_LEN + 1]; /* in which they were asked */
	unsigned n;
	struct bnd_approver a[BND_APPROVERS_MAX];
	bool proven[BND_APPROVERS_MAX]; /* else pop is zero */
};

/*
 * To text (BND_PENDING_MAX bytes, no NUL) and back; reading accepts exactly
 * what writing makes.  Whether a proof is one is not looked at.
 */
int bnd_pending_pack(const struct bnd_pending *p, char *text, size_t *len,
    struct bnd_err *err) BND_CHECK;
int bnd_pending_unpack(
    struct bnd_str text, struct bnd_pending *p, struct bnd_err *err) BND_CHECK;

#endif
