/* passphrase.h: an approver whose key is in his head */
/* SPDX-License-Identifier: ISC */
#ifndef BND_PASSPHRASE_H
#define BND_PASSPHRASE_H

#include <stddef.h>
#include <stdint.h>

#include "ceremony.h"
#include "err.h"
#include "evidence.h"
#include "kdf.h"
#include "root.h"

/*
 * Approve the open ceremony by passphrase: lockout, derivation, signature,
 * bnd_ceremony_approve().  A wrong one is counted and recorded as
 * ceremony.miss (BND_E_CEREMONY); a name that does not exist, or whose key is
 * of another kind, does the same work and gives the same answer.  *wait_s is
 * not 0 when an earlier failure is waited for and nothing was tried.  pass is
 * the caller's secret memory.
 */
int bnd_passphrase_approve(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], const char *name,
    const char *pass, size_t len, uint64_t *wait_s,
    struct bnd_err *err) BND_CHECK;

/*
 * A new approver: writes NAME.kdf, refusing to write over one, and gives the
 * public key; then the key's signature over text, which the caller has made
 * of it by bnd_approver_text().  Two calls, so that no seed outlives one.
 * Refuses passphrases shorter than BND_PASSPHRASE_MIN.
 */
int bnd_passphrase_new(const struct bnd_root *root, const char *name,
    const char *pass, size_t len, struct bnd_public *pub,
    struct bnd_err *err) BND_CHECK;
int bnd_passphrase_prove(const struct bnd_root *root, const char *name,
    const char *pass, size_t len, struct bnd_str text, struct bnd_evidence *e,
    struct bnd_err *err) BND_CHECK;

#endif
