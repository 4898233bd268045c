/* evidence.c: the kinds of key and what each one signs */
/* SPDX-License-Identifier: ISC */
#include "evidence.h"

#include <string.h>

#include "json-read.h"
#include "minisign.h"
#include "sshsig.h"

/* Plain Ed25519 over the text itself. */
static bool
verify_plain(const struct bnd_public *pub, struct bnd_str text,
    const struct bnd_evidence *e)
{
	return bnd_sign_verify(pub->key, text.p, text.len, e->sig);
}

/* What each kind signs; a kind without a rule is never verified. */
static const struct {
	const char *name;
	bool offline;
	bool (*verify)(const struct bnd_public *pub, struct bnd_str text,
	    const struct bnd_evidence *e);
} kinds[] = {
	[BND_KEY_NONE] = { "none", false, NULL },
	[BND_KEY_PASSPHRASE] = { "passphrase", false, verify_plain },
	[BND_KEY_RAW] = { "raw", true, verify_plain },
	[BND_KEY_MINISIGN] = { "minisign", true, bnd_minisign_verify },
	[BND_KEY_SSH] = { "ssh", true, bnd_sshsig_verify },
};

static bool
is_kind(enum bnd_key_kind kind)
{
	return kind > BND_KEY_NONE && kind <= BND_KEY_SSH;
}

const char *
bnd_key_kind_name(enum bnd_key_kind kind)
{
	return kinds[is_kind(kind) ? kind : BND_KEY_NONE].name;
}

bool
bnd_key_kind_parse(struct bnd_str s, enum bnd_key_kind *out)
{
	for (int k = BND_KEY_PASSPHRASE; k <= (int)BND_KEY_SSH; k++) {
		if (!bnd_str_is(s, kinds[k].name))
			continue;
		*out = (enum bnd_key_kind)k;
		return true;
	}
	return false;
}

bool
bnd_key_kind_is_offline(enum bnd_key_kind kind)
{
	return is_kind(kind) && kinds[kind].offline;
}

/*
 * The first word of a file of one line, as n bytes: base64 in either alphabet,
 * as keygen and sign write it, or as other tools do.
 */
static bool
take_b64(struct bnd_str text, uint8_t *bin, size_t n)
{
	struct bnd_str line, word;
	bool whole;

	return bnd_text_line(&text, &line, &whole) && text.len == 0 &&
	    bnd_text_word(&line, &word) && line.len == 0 &&
	    (bnd_text_from_b64(word, bin, n) ||
		bnd_text_from_b64std(word, bin, n));
}

int
bnd_evidence_public(enum bnd_key_kind kind, struct bnd_str text,
    struct bnd_public *pub, struct bnd_err *err)
{
	*pub = (struct bnd_public){ .kind = kind };
	if (kind == BND_KEY_MINISIGN)
		return bnd_minisign_public(text, pub, err);
	if (kind == BND_KEY_SSH)
		return bnd_sshsig_public(text, pub, err);
	if (kind == BND_KEY_RAW && take_b64(text, pub->key, BND_KEY_LEN))
		return 0;
	return bnd_fail(err, BND_E_INPUT, "not a public key of kind %s",
	    bnd_key_kind_name(kind));
}

int
bnd_evidence_parse(const struct bnd_public *pub, struct bnd_str text,
    struct bnd_evidence *e, struct bnd_err *err)
{
	*e = (struct bnd_evidence){ 0 };
	if (pub->kind == BND_KEY_MINISIGN)
		return bnd_minisign_parse(text, e, err);
	if (pub->kind == BND_KEY_SSH)
		return bnd_sshsig_parse(pub, text, e, err);
	if (pub->kind == BND_KEY_RAW && take_b64(text, e->sig, BND_SIG_LEN))
		return 0;
	return bnd_fail(err, BND_E_INPUT, "not a signature of kind %s",
	    bnd_key_kind_name(pub->kind));
}

bool
bnd_evidence_verify(const struct bnd_public *pub, struct bnd_str text,
    const struct bnd_evidence *e)
{
	return is_kind(pub->kind) && kinds[pub->kind].verify(pub, text, e);
}

bool
bnd_evidence_is_newer(const struct bnd_evidence *e, uint32_t last)
{
	return e->counter > last || (e->counter == 0 && last == 0);
}

void
bnd_evidence_to_json(const struct bnd_evidence *e, enum bnd_key_kind kind,
    struct bnd_json *j, const char *key)
{
	bnd_json_b64(j, key, e->sig, BND_SIG_LEN);
	if (kind != BND_KEY_SSH)
		return;
	bnd_json_str(j, "alg", e->sha512 ? "sha512" : "sha256");
	bnd_json_int(j, "flags", e->flags);
	bnd_json_int(j, "ctr", e->counter);
}

/* What only a token has. */
static bool
read_token(struct bnd_str json, struct bnd_evidence *e)
{
	uint64_t flags, counter;
	char alg[8];

	if (!bnd_json_get_str(json, "alg", alg, sizeof(alg)) ||
	    !bnd_json_get_u64(json, "flags", &flags) || flags > UINT8_MAX ||
	    !bnd_json_get_u64(json, "ctr", &counter) || counter > UINT32_MAX)
		return false;
	e->sha512 = strcmp(alg, "sha512") == 0;
	e->flags = (uint8_t)flags;
	e->counter = (uint32_t)counter;
	return e->sha512 || strcmp(alg, "sha256") == 0;
}

bool
bnd_evidence_from_json(struct bnd_str json, enum bnd_key_kind kind,
    const char *key, struct bnd_evidence *e)
{
	struct bnd_str foreign;

	*e = (struct bnd_evidence){ 0 };
	if (!bnd_json_get_b64(json, key, e->sig, BND_SIG_LEN))
		return false;
	if (kind == BND_KEY_SSH)
		return read_token(json, e);
	return !bnd_json_get(json, "alg", &foreign) &&
	    !bnd_json_get(json, "flags", &foreign) &&
	    !bnd_json_get(json, "ctr", &foreign);
}
