/* claim.h: whether the ceremony on the chain allows what a record claims */
/* SPDX-License-Identifier: ISC */
#ifndef BND_CLAIM_H
#define BND_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "challenge.h"
#include "clock.h"
#include "err.h"
#include "finding.h"
#include "ledger.h"
#include "mode.h"
#include "turn.h"

/* What a record, or a caller about to write one, says was approved. */
struct bnd_claim {
	enum bnd_action action;
	enum bnd_mode from, to;
	const char *subject;
	bool has_auth;
	uint8_t auth[BND_CHALLENGE_ID_LEN];
	const char *boot;
	uint64_t us; /* of the record, or now */
};

/* What the record at hand claims: its auth, its time, the chain's mode. */
struct bnd_claim bnd_claim_of(
    const struct bnd_turn *t, enum bnd_action action, const char *subject);

/* Why it was not: a finding for the verifier, an error for the caller. */
struct bnd_doubt {
	enum bnd_code code;
	enum bnd_kind kind;
	char text[BND_DETAIL_MAX];
};

/*
 * E2 to E9 for one claim.  The verifier and mode-set ask the same function,
 * so what mode-set does the verifier accepts, and nothing else.
 */
bool bnd_claim_holds(const struct bnd_ledger *l, const struct bnd_claim *c,
    struct bnd_doubt *why);
/* The same, reported; the ceremony is used up by it, held or not. */
bool bnd_claim_use(struct bnd_turn *t, const struct bnd_claim *c);

/*
 * E5 to E7 for one approval of the open ceremony: whether live key i may sign
 * at this time, and whether e is its signature, and a new one.
 */
bool bnd_claim_may_sign(
    const struct bnd_ledger *l, unsigned i, uint64_t us, struct bnd_doubt *why);
bool bnd_claim_is_signed(const struct bnd_ledger *l, unsigned i,
    const struct bnd_evidence *e, struct bnd_doubt *why);
/* Persons who have approved it and count. */
unsigned bnd_claim_persons(const struct bnd_ledger *l);

/* Whether the text of a ceremony that is opened is true at this moment. */
bool bnd_claim_is_true(const struct bnd_turn *t, const struct bnd_challenge *c,
    struct bnd_doubt *why);
/* Whether live key i, which is to be revoked, has approved that itself. */
bool bnd_claim_is_own(
    struct bnd_ledger *l, const struct bnd_claim *c, unsigned i);

/*
 * Whether the open ceremony id allows from -> to at this moment: the checks E2
 * to E9 that the verifier makes when it reads the mode.intent.  -1 with
 * BND_E_PENDING (approvals missing, cool-down running; the text has the
 * seconds), BND_E_CEREMONY (expired, other boot, ended), BND_E_FROZEN, or
 * BND_E_DENIED.
 */
int bnd_ledger_may_loosen(const struct bnd_ledger *l, const struct bnd_now *now,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], enum bnd_mode from,
    enum bnd_mode to, struct bnd_err *err) BND_CHECK;

#endif
