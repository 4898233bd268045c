/* evidence.c: the kinds of key and what each one signs */
/* SPDX-License-Identifier: ISC */
#include "evidence.h"

#include <string.h>

#include "json-read.h"

/* What each kind signs; a kind without a rule is never verified. */
static const struct {
	const char *name;
	bool offline;
	bool signs_text; /* plain Ed25519 over the text itself */
} kinds[] = {
	[BND_KEY_NONE] = { "none", false, false },
	[BND_KEY_PASSPHRASE] = { "passphrase", false, true },
	[BND_KEY_RAW] = { "raw", true, true },
	[BND_KEY_MINISIGN] = { "minisign", true, false },
	[BND_KEY_SSH] = { "ssh", true, false },
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
	if (kind == BND_KEY_RAW && take_b64(text, pub->key, BND_KEY_LEN))
		return 0;
	return bnd_fail(err, BND_E_INPUT, "not a public key of kind %s",
	    bnd_key_kind_name(kind));
}

int
bnd_evidence_parse(enum bnd_key_kind kind, struct bnd_str text,
    struct bnd_evidence *e, struct bnd_err *err)
{
	*e = (struct bnd_evidence){ 0 };
	if (kind == BND_KEY_RAW && take_b64(text, e->sig, BND_SIG_LEN))
		return 0;
	return bnd_fail(err, BND_E_INPUT, "not a signature of kind %s",
	    bnd_key_kind_name(kind));
}

bool
bnd_evidence_verify(const struct bnd_public *pub, struct bnd_str text,
    const struct bnd_evidence *e)
{
	return is_kind(pub->kind) && kinds[pub->kind].signs_text &&
	    bnd_sign_verify(pub->key, text.p, text.len, e->sig);
}

void
bnd_evidence_to_json(const struct bnd_evidence *e, enum bnd_key_kind kind,
    struct bnd_json *j, const char *key)
{
	(void)kind;
	bnd_json_b64(j, key, e->sig, BND_SIG_LEN);
}

bool
bnd_evidence_from_json(struct bnd_str json, enum bnd_key_kind kind,
    const char *key, struct bnd_evidence *e)
{
	(void)kind;
	*e = (struct bnd_evidence){ 0 };
	return bnd_json_get_b64(json, key, e->sig, BND_SIG_LEN);
}
