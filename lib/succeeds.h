/* succeeds.h: what a log says of the one it comes after (bnd-log(5)) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SUCCEEDS_H
#define BND_SUCCEEDS_H

#include <stdbool.h>
#include <stdint.h>

#include "approver.h"
#include "challenge.h"
#include "err.h"
#include "json.h"
#include "log.h"
#include "mode.h"
#include "sign.h"
#include "text.h"

#define BND_SUCCEEDS_REASON 128

struct bnd_succeeds {
	uint8_t id[BND_ID_LEN]; /* of the log before */
	struct bnd_mark mark;	/* its last provable record */
	enum bnd_mode mode;	/* LOCKDOWN counts as entered from */
	bool frozen;
	char reason[BND_SUCCEEDS_REASON + 1]; /* why it cannot go on */
	/* The logs that the approvers' proofs of possession were made for. */
	uint8_t origin[BND_APPROVERS_MAX][BND_ID_LEN];
	unsigned origins;
};

/* The member "succeeds" of log.genesis, and back: one spelling, no more. */
void bnd_succeeds_to_json(
    const struct bnd_succeeds *s, struct bnd_json *j, const char *key);
bool bnd_succeeds_from_json(struct bnd_str json, struct bnd_succeeds *s);

/* The subject of its ceremony: "ID SEQ LINK". */
void bnd_succeeds_subject(const struct bnd_succeeds *s,
    char subject[static BND_CHALLENGE_SUBJECT + 1]);

/*
 * An approver's proof, made for one of the origins: *at says which.  -1 if it
 * is good for none.
 */
int bnd_succeeds_check(const struct bnd_succeeds *s,
    const struct bnd_approver *a, unsigned *at, struct bnd_err *err) BND_CHECK;

#endif
