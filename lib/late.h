/* late.h: the spool goes onto the chain (bnd-log(5), SPOOL) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_LATE_H
#define BND_LATE_H

#include "chain.h"
#include "err.h"
#include "record.h"

/*
 * In order, one record an entry, before any other record.  A crash in between
 * loses and doubles nothing: entries on the chain are marked, and for the one
 * whose mark is missing the last record says that it is there.
 */
int bnd_late_absorb(struct bnd_chain *c, const struct bnd_by *by,
    struct bnd_err *err) BND_CHECK;

#endif
