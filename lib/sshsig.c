/* sshsig.c: OpenSSH's public keys and signatures of hardware tokens */
/* SPDX-License-Identifier: ISC */
/*
 * PROTOCOL.sshsig: a blob is the magic, a version, the public key, a namespace,
 * an empty string, the name of a hash, the signature; strings have their length
 * before them, big-endian.  What is signed over is the same without version and
 * keys, with the text's hash last.
 *
 * PROTOCOL.u2f: a token does not sign that but SHA-256(application), a byte of
 * flags, a counter, SHA-256 of that.
 */
#include "sshsig.h"

#include <string.h>

#define KEY_TYPE "sk-ssh-ed25519@openssh.com"
#define MAGIC	 "SSHSIG"
#define BEGIN	 "-----BEGIN SSH SIGNATURE-----"
#define END	 "-----END SSH SIGNATURE-----"
#define BLOB_MAX 512 /* of a key or a signature; 343 with the longest app */

/* ---- reading ---- */

static bool
get_u32(struct bnd_str *s, uint32_t *out)
{
	const uint8_t *p = (const uint8_t *)s->p;

	if (s->len < 4)
		return false;
	*out = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
	*s = bnd_str_from(*s, 4);
	return true;
}

static bool
get_str(struct bnd_str *s, struct bnd_str *out)
{
	struct bnd_str rest = *s;
	uint32_t n;

	if (!get_u32(&rest, &n) || n > rest.len)
		return false;
	*out = (struct bnd_str){ rest.p, n };
	*s = bnd_str_from(rest, n);
	return true;
}

static bool
get_word(struct bnd_str *s, const char *word)
{
	struct bnd_str got;

	return get_str(s, &got) && bnd_str_is(got, word);
}

static bool
get_bytes(struct bnd_str *s, uint8_t *bin, size_t n)
{
	struct bnd_str got;

	if (!get_str(s, &got) || got.len != n)
		return false;
	memcpy(bin, got.p, n);
	return true;
}

/* ---- the public key ---- */

static bool
read_key(struct bnd_str blob, struct bnd_public *pub)
{
	struct bnd_str app;

	return get_word(&blob, KEY_TYPE) &&
	    get_bytes(&blob, pub->key, BND_KEY_LEN) && get_str(&blob, &app) &&
	    bnd_str_copy(app, pub->app, sizeof(pub->app)) && blob.len == 0;
}

int
bnd_sshsig_public(
    struct bnd_str text, struct bnd_public *pub, struct bnd_err *err)
{
	struct bnd_str line, type, b64;
	uint8_t blob[BLOB_MAX];
	bool whole;
	size_t n;

	if (!bnd_text_line(&text, &line, &whole) || text.len != 0 ||
	    !bnd_text_word(&line, &type) || !bnd_text_word(&line, &b64))
		return bnd_fail(err, BND_E_INPUT,
		    "not a public key of ssh: want the one line of a .pub");
	if (!bnd_str_is(type, KEY_TYPE))
		return bnd_fail(err, BND_E_INPUT,
		    "not the key of a token: want " KEY_TYPE
		    " (ssh-keygen -t ed25519-sk)");
	if (!bnd_text_from_b64std_any(b64, blob, sizeof(blob), &n) ||
	    !read_key((struct bnd_str){ (const char *)blob, n }, pub))
		return bnd_fail(err, BND_E_INPUT,
		    "not a well-formed public key of " KEY_TYPE);
	return 0;
}

/* ---- the signature ---- */

/* What stands between the lines of the armour, or the one line there is. */
static bool
join_lines(struct bnd_str text, char *b64, size_t size, size_t *len)
{
	struct bnd_str line;
	bool whole, armoured;

	*len = 0;
	if (!bnd_text_line(&text, &line, &whole))
		return false;
	armoured = bnd_str_is(line, BEGIN);
	if (armoured && !bnd_text_line(&text, &line, &whole))
		return false;
	do {
		if (line.len == 0 || line.len > size - *len)
			return false;
		memcpy(b64 + *len, line.p, line.len);
		*len += line.len;
		if (!armoured)
			return text.len == 0;
		if (!bnd_text_line(&text, &line, &whole))
			return false;
	} while (!bnd_str_is(line, END));
	return text.len == 0;
}

/* The parts of a blob, each a slice of it. */
struct parts {
	struct bnd_str key, space, hash, sig;
};

static bool
read_blob(struct bnd_str blob, struct parts *p)
{
	uint32_t version;

	return bnd_text_take(&blob, MAGIC) && get_u32(&blob, &version) &&
	    version == 1 && get_str(&blob, &p->key) &&
	    get_str(&blob, &p->space) && get_word(&blob, "") &&
	    get_str(&blob, &p->hash) && get_str(&blob, &p->sig) &&
	    blob.len == 0;
}

static bool
read_sig(struct bnd_str sig, struct bnd_evidence *e)
{
	if (!get_word(&sig, KEY_TYPE) ||
	    !get_bytes(&sig, e->sig, BND_SIG_LEN) || sig.len < 1)
		return false;
	e->flags = (uint8_t)sig.p[0];
	sig = bnd_str_from(sig, 1);
	return get_u32(&sig, &e->counter) && sig.len == 0;
}

static bool
read_hash(struct bnd_str name, struct bnd_evidence *e)
{
	e->sha512 = bnd_str_is(name, "sha512");
	return e->sha512 || bnd_str_is(name, "sha256");
}

static bool
same_public(const struct bnd_public *a, const struct bnd_public *b)
{
	return bnd_same(a->key, b->key, BND_KEY_LEN) &&
	    strcmp(a->app, b->app) == 0;
}

/* All of it is well-formed; whether it is meant for us is another question. */
static int
check_meant(const struct bnd_public *pub, const struct bnd_public *by,
    struct bnd_str space, const struct bnd_evidence *e, struct bnd_err *err)
{
	if (!bnd_str_is(space, BND_SSH_NAMESPACE))
		return bnd_fail(err, BND_E_CEREMONY,
		    "an ssh signature for another namespace: sign with -n " BND_SSH_NAMESPACE);
	if (!same_public(pub, by))
		return bnd_fail(err, BND_E_CEREMONY,
		    "an ssh signature by another key than the approver's");
	if ((e->flags & BND_SSH_PRESENT) == 0)
		return bnd_fail(err, BND_E_CEREMONY,
		    "an ssh signature without presence: nobody touched the "
		    "token");
	return 0;
}

int
bnd_sshsig_parse(const struct bnd_public *pub, struct bnd_str text,
    struct bnd_evidence *e, struct bnd_err *err)
{
	char b64[BND_B64STD_LEN(BLOB_MAX)];
	struct bnd_public by = { .kind = BND_KEY_SSH };
	uint8_t blob[BLOB_MAX];
	struct parts p;
	size_t len, n;

	if (!join_lines(text, b64, sizeof(b64), &len) ||
	    !bnd_text_from_b64std_any(
		(struct bnd_str){ b64, len }, blob, sizeof(blob), &n) ||
	    !read_blob((struct bnd_str){ (const char *)blob, n }, &p))
		return bnd_fail(err, BND_E_INPUT,
		    "not a signature of ssh: want what ssh-keygen -Y sign "
		    "wrote, or its base64 in one line");
	if (!read_key(p.key, &by) || !read_sig(p.sig, e) ||
	    !read_hash(p.hash, e))
		return bnd_fail(err, BND_E_INPUT,
		    "not a signature of ssh by a token of " KEY_TYPE);
	return check_meant(pub, &by, p.space, e, err);
}

/* ---- what is signed ---- */

/* Bytes put one behind the other; none of ours comes near the end. */
struct put {
	uint8_t p[256];
	size_t len;
};

static void
put_bytes(struct put *b, const void *p, size_t n)
{
	if (n > sizeof(b->p) - b->len)
		n = sizeof(b->p) - b->len;
	memcpy(b->p + b->len, p, n);
	b->len += n;
}

static void
put_u32(struct put *b, uint32_t v)
{
	uint8_t be[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16),
		(uint8_t)(v >> 8), (uint8_t)v };

	put_bytes(b, be, sizeof(be));
}

static void
put_str(struct put *b, const void *p, size_t n)
{
	put_u32(b, (uint32_t)n);
	put_bytes(b, p, n);
}

/* SHA-256 of what ssh-keygen asked the token to sign. */
static void
digest(struct bnd_str text, bool sha512, uint8_t out[static BND_SHA256_LEN])
{
	uint8_t hash[BND_WIDE_LEN];
	struct put b = { .len = 0 };

	if (sha512)
		bnd_sha512(text.p, text.len, hash);
	else
		bnd_sha256(text.p, text.len, hash);
	put_bytes(&b, MAGIC, strlen(MAGIC));
	put_str(&b, BND_SSH_NAMESPACE, strlen(BND_SSH_NAMESPACE));
	put_str(&b, "", 0);
	put_str(&b, sha512 ? "sha512" : "sha256", 6);
	put_str(&b, hash, sha512 ? BND_WIDE_LEN : BND_SHA256_LEN);
	bnd_sha256(b.p, b.len, out);
}

bool
bnd_sshsig_verify(const struct bnd_public *pub, struct bnd_str text,
    const struct bnd_evidence *e)
{
	uint8_t hash[BND_SHA256_LEN];
	struct put b = { .len = 0 };

	if ((e->flags & BND_SSH_PRESENT) == 0)
		return false;
	bnd_sha256(pub->app, strlen(pub->app), hash);
	put_bytes(&b, hash, sizeof(hash));
	put_bytes(&b, &e->flags, 1);
	put_u32(&b, e->counter);
	digest(text, e->sha512, hash);
	put_bytes(&b, hash, sizeof(hash));
	return bnd_sign_verify(pub->key, b.p, b.len, e->sig);
}
