/* evidence.h: an approver's signature, as his tool printed it */
/* SPDX-License-Identifier: ISC */
#ifndef BND_EVIDENCE_H
#define BND_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "json.h"
#include "sign.h"
#include "text.h"

#define BND_APP_MAX	 64   /* application of an ssh token */
#define BND_EVIDENCE_MAX 4096 /* bytes of a signature file */

enum bnd_key_kind {
	BND_KEY_NONE = 0,
	BND_KEY_PASSPHRASE,
	BND_KEY_RAW,
	BND_KEY_MINISIGN,
	BND_KEY_SSH,
};

/* The public half that signs; app is empty but for ssh. */
struct bnd_public {
	enum bnd_key_kind kind;
	uint8_t key[BND_KEY_LEN];
	char app[BND_APP_MAX + 1];
};

struct bnd_evidence {
	uint8_t sig[BND_SIG_LEN];
	/* What an ssh token signs besides the text; zero for the others. */
	bool sha512; /* else SHA-256 of the text */
	uint8_t flags;
	uint32_t counter;
};

const char *bnd_key_kind_name(enum bnd_key_kind kind);
bool bnd_key_kind_parse(struct bnd_str s, enum bnd_key_kind *out);
/* The private half never enters the host: raw, minisign, ssh. */
bool bnd_key_kind_is_offline(enum bnd_key_kind kind);

/*
 * A public key as its tool writes it: 32 bytes in base64 (raw), a minisign.pub,
 * a line of sk-ssh-ed25519@openssh.com; nothing else.
 */
int bnd_evidence_public(enum bnd_key_kind kind, struct bnd_str text,
    struct bnd_public *pub, struct bnd_err *err) BND_CHECK;

/*
 * A signature by pub as its tool writes it, whole file or the one line of
 * base64 that fits into a prompt: 64 bytes (raw), a .minisig (prehashed, "ED",
 * only), an SSHSIG of namespace bnd-ceremony by a token (PROTOCOL.sshsig,
 * PROTOCOL.u2f).  A passphrase has none.  BND_E_INPUT: no such thing;
 * BND_E_CEREMONY: one, but not what bnd takes (legacy minisign, another
 * namespace, another key than pub, nobody present).
 */
int bnd_evidence_parse(const struct bnd_public *pub, struct bnd_str text,
    struct bnd_evidence *e, struct bnd_err *err) BND_CHECK;

/*
 * Whether e is pub's signature over text, by the rule of its kind.  That the
 * counter of a token has grown since is for who knows the last one:
 * bnd_evidence_is_newer().
 */
bool bnd_evidence_verify(const struct bnd_public *pub, struct bnd_str text,
    const struct bnd_evidence *e);

/*
 * Whether e can have been made after one whose counter was last: a token that
 * counts must have gone on, or it has a twin.  One that does not says 0 always.
 */
bool bnd_evidence_is_newer(const struct bnd_evidence *e, uint32_t last);

/*
 * Members of the record or entry that carries it: sig (named key), and for ssh
 * alg, flags, ctr.  Reading accepts the one spelling only.
 */
void bnd_evidence_to_json(const struct bnd_evidence *e, enum bnd_key_kind kind,
    struct bnd_json *j, const char *key);
bool bnd_evidence_from_json(struct bnd_str json, enum bnd_key_kind kind,
    const char *key, struct bnd_evidence *e);

#endif
