/* adopt.h: the approved successor takes the place of the old log */
/* SPDX-License-Identifier: ISC */
#ifndef BND_ADOPT_H
#define BND_ADOPT_H

#include <stdint.h>

#include "challenge.h"
#include "err.h"
#include "log.h"
#include "root.h"

/*
 * Use its ceremony: log.succeed, then the old directory and pin are put aside,
 * the new ones in their place, and LOCKDOWN is enforced and recorded there.
 * May be repeated after a crash at any point; id counts until log.succeed
 * stands on the chain.  *mark is the new genesis.
 */
int bnd_adopt(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], struct bnd_mark *mark,
    struct bnd_err *err) BND_CHECK;

#endif
