/* token.c: a security key in software, as OpenSSH's middleware is asked for it */
/* SPDX-License-Identifier: ISC */
/*
 * Built as token.so, for SSH_SK_PROVIDER (PROTOCOL.u2f, sk-api.h of OpenSSH):
 * ssh-keygen then makes and uses an ed25519-sk key without any hardware, and
 * everything around the signature is its own work.  The key handle is the
 * seed: this token is for tests.
 *
 *	BND_TOKEN_COUNTER	counter of the next signature, default 1
 *	BND_TOKEN_FLAGS		its flags, default what was asked for
 *	BND_TOKEN_API		version of the interface, default 10
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#define EXPORT	    __attribute__((visibility("default")))
#define ALG_ED25519 1
#define GENERAL	    (-1)
#define UNSUPPORTED (-2)

struct sk_enroll_response {
	uint8_t flags;
	uint8_t *public_key;
	size_t public_key_len;
	uint8_t *key_handle;
	size_t key_handle_len;
	uint8_t *signature;
	size_t signature_len;
	uint8_t *attestation_cert;
	size_t attestation_cert_len;
	uint8_t *authdata;
	size_t authdata_len;
};

struct sk_sign_response {
	uint8_t flags;
	uint32_t counter;
	uint8_t *sig_r;
	size_t sig_r_len;
	uint8_t *sig_s;
	size_t sig_s_len;
};

EXPORT uint32_t sk_api_version(void);
EXPORT int sk_enroll(uint32_t alg, const uint8_t *challenge,
    size_t challenge_len, const char *application, uint8_t flags,
    const char *pin, void **options, struct sk_enroll_response **response);
EXPORT int sk_sign(uint32_t alg, const uint8_t *data, size_t len,
    const char *application, const uint8_t *key_handle, size_t key_handle_len,
    uint8_t flags, const char *pin, void **options,
    struct sk_sign_response **response);
EXPORT int sk_load_resident_keys(
    const char *pin, void **options, void ***keys, size_t *n);

static uint32_t
number(const char *name, uint32_t otherwise)
{
	const char *s = getenv(name);

	return s != NULL ? (uint32_t)strtoul(s, NULL, 0) : otherwise;
}

uint32_t
sk_api_version(void)
{
	return number("BND_TOKEN_API", 10) << 16;
}

int
sk_enroll(uint32_t alg, const uint8_t *challenge, size_t challenge_len,
    const char *application, uint8_t flags, const char *pin, void **options,
    struct sk_enroll_response **response)
{
	uint8_t sk[crypto_sign_SECRETKEYBYTES];
	struct sk_enroll_response *r;

	(void)challenge, (void)challenge_len, (void)application;
	(void)pin, (void)options;
	if (alg != ALG_ED25519)
		return UNSUPPORTED;
	r = calloc(1, sizeof(*r));
	if (sodium_init() < 0 || r == NULL)
		return GENERAL;
	r->flags = flags;
	r->public_key_len = crypto_sign_PUBLICKEYBYTES;
	r->public_key = malloc(r->public_key_len);
	r->key_handle_len = crypto_sign_SEEDBYTES;
	r->key_handle = malloc(r->key_handle_len);
	r->signature = calloc(1, 1);
	randombytes_buf(r->key_handle, r->key_handle_len);
	crypto_sign_seed_keypair(r->public_key, sk, r->key_handle);
	*response = r;
	return 0;
}

/* SHA-256(application), flags, counter, SHA-256(data). */
int
sk_sign(uint32_t alg, const uint8_t *data, size_t len, const char *application,
    const uint8_t *key_handle, size_t key_handle_len, uint8_t flags,
    const char *pin, void **options, struct sk_sign_response **response)
{
	uint8_t pk[crypto_sign_PUBLICKEYBYTES], sk[crypto_sign_SECRETKEYBYTES];
	uint8_t msg[2 * crypto_hash_sha256_BYTES + 5];
	uint8_t *p = msg + crypto_hash_sha256_BYTES;
	struct sk_sign_response *r;

	(void)pin, (void)options;
	if (alg != ALG_ED25519 || key_handle_len != crypto_sign_SEEDBYTES)
		return UNSUPPORTED;
	r = calloc(1, sizeof(*r));
	if (sodium_init() < 0 || r == NULL)
		return GENERAL;
	r->flags = (uint8_t)number("BND_TOKEN_FLAGS", flags);
	r->counter = number("BND_TOKEN_COUNTER", 1);
	r->sig_r_len = crypto_sign_BYTES;
	r->sig_r = malloc(r->sig_r_len);
	crypto_hash_sha256(
	    msg, (const uint8_t *)application, strlen(application));
	*p++ = r->flags;
	for (int shift = 24; shift >= 0; shift -= 8)
		*p++ = (uint8_t)(r->counter >> shift);
	crypto_hash_sha256(p, data, len);
	crypto_sign_seed_keypair(pk, sk, key_handle);
	crypto_sign_detached(r->sig_r, NULL, msg, sizeof(msg), sk);
	*response = r;
	return 0;
}

int
sk_load_resident_keys(const char *pin, void **options, void ***keys, size_t *n)
{
	(void)pin, (void)options, (void)keys, (void)n;
	return UNSUPPORTED;
}
