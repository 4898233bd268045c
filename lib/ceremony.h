/* ceremony.h: a ceremony's records: opened, approved, ended */
/* SPDX-License-Identifier: ISC */
#ifndef BND_CEREMONY_H
#define BND_CEREMONY_H

#include <stdint.h>

#include "challenge.h"
#include "err.h"
#include "mode.h"
#include "root.h"
#include "sign.h"

#define BND_CEREMONY_LOCK_MS 2000

/*
 * Each verifies the whole log and appends under the state lock, so that what a
 * record says about the chain is true where it stands.  Nobody is asked
 * anything; nothing but the log is changed.
 */

/*
 * Ask for the present mode to be left for `to`: appends ceremony.open, and
 * gives the text that the approvers sign (BND_CHALLENGE_MAX + 1 bytes, a NUL
 * added).  One at a time; one that has run out is ended first.
 */
int bnd_ceremony_open(const struct bnd_root *root, enum bnd_mode to,
    const char *reason, char *text, size_t *len, struct bnd_err *err) BND_CHECK;

/* One approver's signature; a wrong one is recorded and BND_E_CEREMONY. */
int bnd_ceremony_approve(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], const char *approver,
    const uint8_t sig[static BND_SIG_LEN], struct bnd_err *err) BND_CHECK;

/* why: "cancelled", "expired", "failed", "drilled". */
int bnd_ceremony_end(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], const char *why,
    struct bnd_err *err) BND_CHECK;

#endif
