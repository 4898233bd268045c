/* loosen.h: to a laxer mode, as approvers have signed it */
/* SPDX-License-Identifier: ISC */
#ifndef BND_LOOSEN_H
#define BND_LOOSEN_H

#include "err.h"
#include "txn.h"

/* To t->to by the ceremony t->auth; takes the lock, and judges under it. */
int bnd_loosen(struct bnd_txn *t, struct bnd_err *err) BND_CHECK;

#endif
