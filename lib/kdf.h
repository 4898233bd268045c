/* kdf.h: what is kept of an approver whose key is a passphrase (bnd-kdf(5)) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_KDF_H
#define BND_KDF_H

#include <stddef.h>
#include <stdint.h>

#include "approver.h"
#include "err.h"
#include "root.h"
#include "sign.h"
#include "text.h"

#define BND_KDF_DIR	   "etc/bnd/approvers"
#define BND_PASSPHRASE_MIN 14  /* bytes; shorter ones are not enrolled */
#define BND_PASSPHRASE_MAX 511 /* PAM_MAX_RESP_SIZE with its NUL */

/*
 * BND_KDF_DIR/NAME.kdf (directory 0700, file 0600, else BND_E_UNSAFE): what
 * Argon2id needs besides the passphrase.  Nothing in it is the passphrase, but
 * whoever has the salt can try passphrases elsewhere.
 */
struct bnd_kdf {
	uint64_t ops;
	uint64_t mem; /* bytes */
	uint8_t salt[BND_ID_LEN];
	uint8_t id[BND_APPROVER_ID_LEN]; /* of the key that comes out */
};

/* Fresh salt, the least ops and mem, no id yet. */
void bnd_kdf_new(struct bnd_kdf *k);

/*
 * Text to struct and back; one spelling.  Reading refuses less than libsodium's
 * MODERATE and more than a host could bear.  text takes BND_KDF_MAX bytes.
 */
#define BND_KDF_MAX 256
int bnd_kdf_pack(const struct bnd_kdf *k, char *text, size_t *len,
    struct bnd_err *err) BND_CHECK;
int bnd_kdf_unpack(
    struct bnd_str text, struct bnd_kdf *k, struct bnd_err *err) BND_CHECK;

/* A missing file is -1 with errnum ENOENT. */
int bnd_kdf_load(const struct bnd_root *root, const char *name,
    struct bnd_kdf *k, struct bnd_err *err) BND_CHECK;
/* Never writes over a file that is there (BND_E_DENIED). */
int bnd_kdf_store(const struct bnd_root *root, const char *name,
    const struct bnd_kdf *k, struct bnd_err *err) BND_CHECK;
/* For a key that was never enrolled; not being there is success. */
int bnd_kdf_remove(const struct bnd_root *root, const char *name,
    struct bnd_err *err) BND_CHECK;

/*
 * seed is secret memory.  BND_E_SYS when the memory for it cannot be had, which
 * says nothing about the passphrase.  Takes about half a second.
 */
int bnd_kdf_derive(const struct bnd_kdf *k, const char *pass, size_t len,
    uint8_t seed[static BND_SEED_LEN], struct bnd_err *err) BND_CHECK;

#endif
