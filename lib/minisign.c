/* minisign.c: minisign's files, and what a prehashed signature is made over */
/* SPDX-License-Identifier: ISC */
/*
 * A public key is "Ed", 8 bytes of a key number, 32 of the key; a signature
 * "ED" (over BLAKE2b-512 of the text) or, long ago, "Ed" (over the text), the
 * number, 64 of the signature.  Number and comments stand in no record, so
 * nothing rests on them, and the second signature, over the trusted comment,
 * is only asked to look like one.
 */
#include "minisign.h"

#include <string.h>

#define NUMBER_LEN 8
#define HEAD_LEN   (2 + NUMBER_LEN)
#define UNTRUSTED  "untrusted comment: "
#define TRUSTED	   "trusted comment: "

static bool
take_whole(struct bnd_str *rest, struct bnd_str *line)
{
	bool whole;

	return bnd_text_line(rest, line, &whole) && whole;
}

/* The line of base64, bare or below its comment; *rest is behind it. */
static bool
take_b64(struct bnd_str *rest, uint8_t *bin, size_t n, bool *is_file)
{
	struct bnd_str line, look;
	bool whole;

	if (!bnd_text_line(rest, &line, &whole))
		return false;
	look = line;
	*is_file = bnd_text_take(&look, UNTRUSTED);
	if (*is_file && (!whole || !bnd_text_line(rest, &line, &whole)))
		return false;
	return bnd_text_from_b64std(line, bin, n);
}

int
bnd_minisign_public(
    struct bnd_str text, struct bnd_public *pub, struct bnd_err *err)
{
	uint8_t bin[HEAD_LEN + BND_KEY_LEN];
	bool is_file;

	if (!take_b64(&text, bin, sizeof(bin), &is_file) || text.len != 0 ||
	    memcmp(bin, "Ed", 2) != 0)
		return bnd_fail(err, BND_E_INPUT,
		    "not a public key of minisign: want minisign.pub or its "
		    "line of base64");
	memcpy(pub->key, bin + HEAD_LEN, BND_KEY_LEN);
	return 0;
}

/* "trusted comment: ..." and the signature that covers it. */
static bool
is_trailer(struct bnd_str rest)
{
	uint8_t sig[BND_SIG_LEN];
	struct bnd_str line;
	bool whole;

	return take_whole(&rest, &line) && bnd_text_take(&line, TRUSTED) &&
	    bnd_text_line(&rest, &line, &whole) && rest.len == 0 &&
	    bnd_text_from_b64std(line, sig, sizeof(sig));
}

int
bnd_minisign_parse(
    struct bnd_str text, struct bnd_evidence *e, struct bnd_err *err)
{
	uint8_t bin[HEAD_LEN + BND_SIG_LEN];
	bool is_file;

	if (!take_b64(&text, bin, sizeof(bin), &is_file) ||
	    !(is_file ? is_trailer(text) : text.len == 0))
		return bnd_fail(err, BND_E_INPUT,
		    "not a signature of minisign: want the .minisig or its "
		    "first line of base64");
	if (memcmp(bin, "Ed", 2) == 0)
		return bnd_fail(err, BND_E_CEREMONY,
		    "a legacy signature of minisign, over the text and not "
		    "its hash: sign without -l (before 0.10: with -H)");
	if (memcmp(bin, "ED", 2) != 0)
		return bnd_fail(err, BND_E_INPUT,
		    "a signature of minisign of an unknown algorithm");
	memcpy(e->sig, bin + HEAD_LEN, BND_SIG_LEN);
	return 0;
}

bool
bnd_minisign_verify(const struct bnd_public *pub, struct bnd_str text,
    const struct bnd_evidence *e)
{
	uint8_t hash[BND_WIDE_LEN];

	bnd_blake2b_512(text.p, text.len, hash);
	return bnd_sign_verify(pub->key, hash, sizeof(hash), e->sig);
}
