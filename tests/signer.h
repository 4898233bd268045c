/* signer.h: signatures as minisign and a security key make them */
/* SPDX-License-Identifier: ISC */
/*
 * Written from the formats (minisign(1), PROTOCOL.sshsig, PROTOCOL.u2f), not
 * from the library's readers.  cli/evidence.t has the tools themselves.
 */
#ifndef TEST_SIGNER_H
#define TEST_SIGNER_H

#include <string.h>

#include "evidence.h"
#include "sign.h"

/* What a token, and ssh-keygen in front of it, can be made to do. */
struct signer_token {
	const char *app, *space;
	uint8_t flags;
	uint32_t counter;
	bool sha256;
};

struct signer_bytes {
	uint8_t p[1024];
	size_t len;
};

static inline void
signer_put(struct signer_bytes *b, const void *p, size_t n)
{
	memcpy(b->p + b->len, p, n);
	b->len += n;
}

static inline void
signer_u32(struct signer_bytes *b, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		b->p[b->len++] = (uint8_t)(v >> shift);
}

static inline void
signer_str(struct signer_bytes *b, const void *p, size_t n)
{
	signer_u32(b, (uint32_t)n);
	signer_put(b, p, n);
}

static inline void
signer_word(struct signer_bytes *b, const char *s)
{
	signer_str(b, s, strlen(s));
}

static inline void
signer_minisign(const uint8_t seed[static BND_SEED_LEN], const void *msg,
    size_t len, struct bnd_evidence *e)
{
	uint8_t hash[BND_WIDE_LEN];

	*e = (struct bnd_evidence){ 0 };
	bnd_blake2b_512(msg, len, hash);
	bnd_sign(seed, hash, sizeof(hash), e->sig);
}

static inline void
signer_ssh(const uint8_t seed[static BND_SEED_LEN],
    const struct signer_token *t, const void *msg, size_t len,
    struct bnd_evidence *e)
{
	struct signer_bytes asked = { .len = 0 }, b = { .len = 0 };
	uint8_t hash[BND_WIDE_LEN];

	if (t->sha256)
		bnd_sha256(msg, len, hash);
	else
		bnd_sha512(msg, len, hash);
	signer_put(&asked, "SSHSIG", 6);
	signer_word(&asked, t->space);
	signer_word(&asked, "");
	signer_word(&asked, t->sha256 ? "sha256" : "sha512");
	signer_str(&asked, hash, t->sha256 ? 32 : 64);
	bnd_sha256(t->app, strlen(t->app), b.p);
	b.len = 32;
	signer_put(&b, &t->flags, 1);
	signer_u32(&b, t->counter);
	bnd_sha256(asked.p, asked.len, b.p + b.len);
	b.len += 32;
	*e = (struct bnd_evidence){
		.sha512 = !t->sha256, .flags = t->flags, .counter = t->counter
	};
	bnd_sign(seed, b.p, b.len, e->sig);
}

/* The blobs around key and signature. */
static inline void
signer_ssh_key(struct signer_bytes *b, const uint8_t pk[static BND_KEY_LEN],
    const char *app)
{
	signer_word(b, "sk-ssh-ed25519@openssh.com");
	signer_str(b, pk, BND_KEY_LEN);
	signer_word(b, app);
}

static inline void
signer_sshsig(struct signer_bytes *b, const uint8_t pk[static BND_KEY_LEN],
    const struct signer_token *t, const struct bnd_evidence *e)
{
	struct signer_bytes key = { .len = 0 }, sig = { .len = 0 };

	signer_ssh_key(&key, pk, t->app);
	signer_word(&sig, "sk-ssh-ed25519@openssh.com");
	signer_str(&sig, e->sig, BND_SIG_LEN);
	signer_put(&sig, &e->flags, 1);
	signer_u32(&sig, e->counter);
	signer_put(b, "SSHSIG", 6);
	signer_u32(b, 1);
	signer_str(b, key.p, key.len);
	signer_word(b, t->space);
	signer_word(b, "");
	signer_word(b, t->sha256 ? "sha256" : "sha512");
	signer_str(b, sig.p, sig.len);
}

#endif
