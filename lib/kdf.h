/* kdf.h: a passphrase and a salt become an approver's key (bnd-kdf(5)) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_KDF_H
#define BND_KDF_H

#include <stddef.h>
#include <stdint.h>

#include "approver.h"
#include "err.h"
#include "root.h"
#include "sign.h"

#define BND_KDF_DIR	   "etc/bnd/approvers"
#define BND_PASSPHRASE_MIN 14  /* bytes; shorter ones are refused */
#define BND_PASSPHRASE_MAX 512 /* PAM_MAX_RESP_SIZE */

/*
 * BND_KDF_DIR/NAME.kdf (directory 0700, file 0600, else BND_E_UNSAFE): what
 * Argon2id needs besides the passphrase.  Never less than libsodium's
 * MODERATE.
 */
struct bnd_kdf {
	uint64_t ops;
	uint64_t mem; /* bytes */
	uint8_t salt[BND_ID_LEN];
	uint8_t id[BND_APPROVER_ID_LEN]; /* of the key that comes out */
};

/* Fresh salt, MODERATE. */
void bnd_kdf_new(struct bnd_kdf *k);

/* Text to struct and back: "bnd-kdf/1", alg argon2id13, ops, mem, salt, id. */
#define BND_KDF_MAX 512
int bnd_kdf_pack(const struct bnd_kdf *k, char *text, size_t *len,
    struct bnd_err *err) BND_CHECK;
int bnd_kdf_unpack(
    struct bnd_str text, struct bnd_kdf *k, struct bnd_err *err) BND_CHECK;

/* A missing file is -1 with errnum ENOENT. */
int bnd_kdf_load(const struct bnd_root *root, const char *name,
    struct bnd_kdf *k, struct bnd_err *err) BND_CHECK;
/* Refuses to write over a file that is there. */
int bnd_kdf_store(const struct bnd_root *root, const char *name,
    const struct bnd_kdf *k, struct bnd_err *err) BND_CHECK;

/*
 * seed is secret memory of BND_SEED_LEN.  BND_E_SYS when the memory cannot be
 * had: that says nothing about the passphrase.  Takes about half a second.
 */
int bnd_kdf_derive(const struct bnd_kdf *k, const char *pass, size_t len,
    uint8_t *seed, struct bnd_err *err) BND_CHECK;

#endif
