/* sign.c: libsodium behind one door; sizes are fixed, secrets are wiped */
/* SPDX-License-Identifier: ISC */
#include "sign.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <sodium.h>

/*
 * libsodium answers a wrong size with sodium_misuse(), which aborts.  Every
 * size below is a constant of the header, so that cannot happen.
 */
_Static_assert(BND_HASH_LEN >= crypto_generichash_blake2b_BYTES_MIN, "hash");
_Static_assert(BND_HASH_LEN <= crypto_generichash_blake2b_BYTES_MAX, "hash");
_Static_assert(BND_WIDE_LEN == crypto_generichash_blake2b_BYTES_MAX, "hash");
_Static_assert(BND_WIDE_LEN == crypto_hash_sha512_BYTES, "hash");
_Static_assert(BND_SHA256_LEN == crypto_hash_sha256_BYTES, "hash");
_Static_assert(BND_KEY_LEN == crypto_sign_PUBLICKEYBYTES, "public key");
_Static_assert(BND_SEED_LEN == crypto_sign_SEEDBYTES, "seed");
_Static_assert(BND_SIG_LEN == crypto_sign_BYTES, "signature");
_Static_assert(BND_SEED_LEN + BND_KEY_LEN == crypto_sign_SECRETKEYBYTES,
    "libsodium's secret key is the seed and the public key");
_Static_assert(
    sizeof(struct bnd_hasher) >= sizeof(crypto_generichash_blake2b_state),
    "hash state");
_Static_assert(
    _Alignof(struct bnd_hasher) >= _Alignof(crypto_generichash_blake2b_state),
    "hash state");
_Static_assert(sizeof(struct bnd_sha256er) >= sizeof(crypto_hash_sha256_state),
    "hash state");

_Static_assert(BND_ID_LEN == crypto_pwhash_argon2id_SALTBYTES, "salt");
_Static_assert(BND_SEED_LEN >= crypto_pwhash_argon2id_BYTES_MIN, "seed");
_Static_assert(
    BND_STRETCH_OPS_MIN >= crypto_pwhash_argon2id_OPSLIMIT_MODERATE, "ops");
_Static_assert(
    BND_STRETCH_MEM_MIN >= crypto_pwhash_argon2id_MEMLIMIT_MODERATE, "mem");

#define STACK_LEFT   16384
#define PERSONAL_LEN crypto_generichash_blake2b_PERSONALBYTES

int
bnd_sign_init(struct bnd_err *err)
{
	if (sodium_init() < 0)
		return bnd_fail(err, BND_E_SYS, "cannot start libsodium");
	return 0;
}

static void
pad_personal(const char *personal, uint8_t padded[static PERSONAL_LEN])
{
	memset(padded, 0, PERSONAL_LEN);
	memcpy(padded, personal, strnlen(personal, PERSONAL_LEN));
}

void
bnd_hash(const char *personal, const void *key, size_t key_len, const void *msg,
    size_t len, uint8_t out[static BND_HASH_LEN])
{
	uint8_t padded[PERSONAL_LEN];

	if (key_len > crypto_generichash_blake2b_KEYBYTES_MAX)
		key_len = crypto_generichash_blake2b_KEYBYTES_MAX;
	pad_personal(personal, padded);
	crypto_generichash_blake2b_salt_personal(out, BND_HASH_LEN, msg, len,
	    key, key == NULL ? 0 : key_len, NULL, padded);
}

void
bnd_hash_start(struct bnd_hasher *h, const char *personal)
{
	uint8_t padded[PERSONAL_LEN];

	pad_personal(personal, padded);
	crypto_generichash_blake2b_init_salt_personal(
	    (void *)h->opaque, NULL, 0, BND_HASH_LEN, NULL, padded);
}

void
bnd_hash_add(struct bnd_hasher *h, const void *msg, size_t len)
{
	crypto_generichash_blake2b_update((void *)h->opaque, msg, len);
}

void
bnd_hash_end(struct bnd_hasher *h, uint8_t out[static BND_HASH_LEN])
{
	crypto_generichash_blake2b_final((void *)h->opaque, out, BND_HASH_LEN);
	sodium_memzero(h, sizeof(*h));
}

void
bnd_sha256(const void *msg, size_t len, uint8_t out[static BND_SHA256_LEN])
{
	crypto_hash_sha256(out, msg, len);
}

void
bnd_sha256_start(struct bnd_sha256er *h)
{
	crypto_hash_sha256_init((void *)h->opaque);
}

void
bnd_sha256_add(struct bnd_sha256er *h, const void *msg, size_t len)
{
	crypto_hash_sha256_update((void *)h->opaque, msg, len);
}

void
bnd_sha256_end(struct bnd_sha256er *h, uint8_t out[static BND_SHA256_LEN])
{
	crypto_hash_sha256_final((void *)h->opaque, out);
}

void
bnd_sha512(const void *msg, size_t len, uint8_t out[static BND_WIDE_LEN])
{
	crypto_hash_sha512(out, msg, len);
}

void
bnd_blake2b_512(const void *msg, size_t len, uint8_t out[static BND_WIDE_LEN])
{
	crypto_generichash_blake2b(out, BND_WIDE_LEN, msg, len, NULL, 0);
}

void
bnd_sign_keypair(
    uint8_t pk[static BND_KEY_LEN], uint8_t seed[static BND_SEED_LEN])
{
	randombytes_buf(seed, BND_SEED_LEN);
	bnd_sign_public(seed, pk);
}

void
bnd_sign_public(
    const uint8_t seed[static BND_SEED_LEN], uint8_t pk[static BND_KEY_LEN])
{
	uint8_t sk[crypto_sign_SECRETKEYBYTES];

	crypto_sign_seed_keypair(pk, sk, seed);
	sodium_memzero(sk, sizeof(sk));
}

void
bnd_sign(const uint8_t seed[static BND_SEED_LEN], const void *msg, size_t len,
    uint8_t sig[static BND_SIG_LEN])
{
	uint8_t pk[BND_KEY_LEN];

	bnd_sign_public(seed, pk);
	bnd_sign_paired(seed, pk, msg, len, sig);
}

void
bnd_sign_paired(const uint8_t seed[static BND_SEED_LEN],
    const uint8_t pk[static BND_KEY_LEN], const void *msg, size_t len,
    uint8_t sig[static BND_SIG_LEN])
{
	uint8_t sk[crypto_sign_SECRETKEYBYTES];

	memcpy(sk, seed, BND_SEED_LEN);
	memcpy(sk + BND_SEED_LEN, pk, BND_KEY_LEN);
	crypto_sign_detached(sig, NULL, msg, len, sk);
	sodium_memzero(sk, sizeof(sk));
}

bool
bnd_sign_verify(const uint8_t pk[static BND_KEY_LEN], const void *msg,
    size_t len, const uint8_t sig[static BND_SIG_LEN])
{
	return crypto_sign_verify_detached(sig, msg, len, pk) == 0;
}

int
bnd_stretch(const char *pass, size_t len, const uint8_t salt[static BND_ID_LEN],
    uint64_t ops, uint64_t mem, uint8_t seed[static BND_SEED_LEN],
    struct bnd_err *err)
{
	int rc, saved;

	if (ops < BND_STRETCH_OPS_MIN || ops > BND_STRETCH_OPS_MAX ||
	    mem < BND_STRETCH_MEM_MIN || mem > BND_STRETCH_MEM_MAX)
		return bnd_fail(err, BND_E_INPUT,
		    "a passphrase is not derived with ops %llu, mem %llu",
		    (unsigned long long)ops, (unsigned long long)mem);
	rc = crypto_pwhash_argon2id(seed, BND_SEED_LEN, pass, len, salt, ops,
	    (size_t)mem, crypto_pwhash_argon2id_ALG_ARGON2ID13);
	saved = errno;
	/* libsodium 1.0.18 leaves the last block, the seed, on its stack. */
	sodium_stackzero(STACK_LEFT);
	errno = saved;
	if (rc != 0)
		return bnd_fail_errno(err,
		    "cannot get %llu MiB to derive a key from a passphrase",
		    (unsigned long long)(mem >> 20));
	return 0;
}

void *
bnd_secret_new(size_t size, struct bnd_err *err)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		bnd_fail_errno(err, "cannot get memory for a secret");
		return NULL;
	}
	/* Locking may fail under RLIMIT_MEMLOCK, wiping in a valgrind. */
	(void)mlock(p, size);
	(void)madvise(p, size, MADV_WIPEONFORK);
	if (madvise(p, size, MADV_DONTDUMP) == 0)
		return p;
	bnd_fail_errno(err, "cannot keep a secret out of cores");
	munmap(p, size);
	return NULL;
}

void
bnd_secret_free(void *p, size_t size)
{
	if (p == NULL)
		return;
	sodium_memzero(p, size);
	munmap(p, size);
}

void
bnd_random(void *buf, size_t len)
{
	randombytes_buf(buf, len);
}

void
bnd_wipe(void *buf, size_t len)
{
	sodium_memzero(buf, len);
}

bool
bnd_same(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}

bool
bnd_is_zero(const void *a, size_t len)
{
	return sodium_is_zero(a, len) == 1;
}
