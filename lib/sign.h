/* sign.h: hashes, signatures and random bytes; the only file that knows libsodium */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SIGN_H
#define BND_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "text.h"

#define BND_HASH_LEN 32
#define BND_KEY_LEN  32 /* Ed25519 public key */
#define BND_SEED_LEN 32 /* Ed25519 secret: the seed of RFC 8032 */
#define BND_SIG_LEN  64
#define BND_ID_LEN   16 /* log id, salt */

/* Once, before anything else here. */
int bnd_sign_init(struct bnd_err *err) BND_CHECK;

/*
 * BLAKE2b-256 with a personal of at most 16 characters (bnd-log(5), HASHES),
 * keyed with key_len bytes if key is not NULL.
 */
void bnd_hash(const char *personal, const void *key, size_t key_len,
    const void *msg, size_t len, uint8_t out[static BND_HASH_LEN]);

/* The same in pieces. */
struct bnd_hasher {
	_Alignas(64) unsigned char opaque[384];
};
void bnd_hash_start(struct bnd_hasher *h, const char *personal);
void bnd_hash_add(struct bnd_hasher *h, const void *msg, size_t len);
void bnd_hash_end(struct bnd_hasher *h, uint8_t out[static BND_HASH_LEN]);

/* Plain hashes that other tools' signatures are made over. */
#define BND_SHA256_LEN 32
#define BND_WIDE_LEN   64 /* SHA-512, BLAKE2b-512 */
void bnd_sha256(
    const void *msg, size_t len, uint8_t out[static BND_SHA256_LEN]);
/* The same in pieces. */
struct bnd_sha256er {
	_Alignas(64) unsigned char opaque[128];
};
void bnd_sha256_start(struct bnd_sha256er *h);
void bnd_sha256_add(struct bnd_sha256er *h, const void *msg, size_t len);
void bnd_sha256_end(struct bnd_sha256er *h, uint8_t out[static BND_SHA256_LEN]);
void bnd_sha512(const void *msg, size_t len, uint8_t out[static BND_WIDE_LEN]);
void bnd_blake2b_512(
    const void *msg, size_t len, uint8_t out[static BND_WIDE_LEN]);

void bnd_sign_keypair(
    uint8_t pk[static BND_KEY_LEN], uint8_t seed[static BND_SEED_LEN]);
void bnd_sign_public(
    const uint8_t seed[static BND_SEED_LEN], uint8_t pk[static BND_KEY_LEN]);
void bnd_sign(const uint8_t seed[static BND_SEED_LEN], const void *msg,
    size_t len, uint8_t sig[static BND_SIG_LEN]);
/*
 * For a pk that is known to be the seed's own: saves deriving it again.  With
 * any other pk the signature is void and gives the seed away.
 */
void bnd_sign_paired(const uint8_t seed[static BND_SEED_LEN],
    const uint8_t pk[static BND_KEY_LEN], const void *msg, size_t len,
    uint8_t sig[static BND_SIG_LEN]);
bool bnd_sign_verify(const uint8_t pk[static BND_KEY_LEN], const void *msg,
    size_t len, const uint8_t sig[static BND_SIG_LEN]);

/*
 * Argon2id (version 1.3, one lane): a passphrase and a salt become a seed.  The
 * least ops and mem are libsodium's MODERATE; less is BND_E_INPUT.  -1 with
 * BND_E_SYS when the memory cannot be had: nothing was tried then.
 */
#define BND_STRETCH_OPS_MIN 3
#define BND_STRETCH_OPS_MAX 64
#define BND_STRETCH_MEM_MIN (UINT64_C(256) << 20)
#define BND_STRETCH_MEM_MAX (UINT64_C(4) << 30)
int bnd_stretch(const char *pass, size_t len,
    const uint8_t salt[static BND_ID_LEN], uint64_t ops, uint64_t mem,
    uint8_t seed[static BND_SEED_LEN], struct bnd_err *err) BND_CHECK;

/*
 * Zeroed memory for secrets: in no core dump, not inherited by a child, locked
 * where the limit allows it.  NULL if it cannot be had.
 */
void *bnd_secret_new(size_t size, struct bnd_err *err) BND_CHECK;
void bnd_secret_free(void *p, size_t size); /* wiped first */

void bnd_random(void *buf, size_t len);
void bnd_wipe(void *buf, size_t len);
bool bnd_same(const void *a, const void *b, size_t len); /* constant time */
bool bnd_is_zero(const void *a, size_t len);		 /* constant time */

#endif
