/* ceremony-use.h: what approvers allowed is done: enroll, revoke, succeed */
/* SPDX-License-Identifier: ISC */
#ifndef BND_CEREMONY_USE_H
#define BND_CEREMONY_USE_H

#include <stdint.h>

#include "challenge.h"
#include "err.h"
#include "root.h"

/*
 * Use a ripe ceremony whose action is enroll or revoke: appends
 * approver.enroll or approver.revoke, which the chain's own rules judge first
 * (bnd_claim_holds(), bnd_rule_may_add()), and bnd.conf after them.
 * BND_E_PENDING says what is missing.  Who is enrolled stands on the chain
 * since the opening.  A key may revoke itself by its own approval alone.
 */
int bnd_ceremony_enroll(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN],
    struct bnd_err *err) BND_CHECK;
int bnd_ceremony_revoke(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN],
    struct bnd_err *err) BND_CHECK;

/* log.succeed, on the successor that waits for it. */
int bnd_ceremony_succeed(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN],
    struct bnd_err *err) BND_CHECK;

#endif
