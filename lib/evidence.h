/* evidence.h: one record's turn before the rules, and what a ceremony allows */
/* SPDX-License-Identifier: ISC */
#ifndef BND_EVIDENCE_H
#define BND_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "finding.h"
#include "ledger.h"
#include "mode.h"
#include "record.h"
#include "text.h"

struct bnd_turn {
	struct bnd_ledger *l;
	const struct bnd_record *r;
	const struct bnd_sink *sink;
	struct bnd_mark mark; /* of the record */
	struct bnd_str d;     /* its body; of a late one the original */
	bool late;	      /* it was spooled before */
};

void bnd_turn_report(const struct bnd_turn *t, enum bnd_code code,
    const char *fmt, ...) BND_PRINTF(3, 4);

/* Members of the body as what they must be; false if they are not. */
bool bnd_turn_mode(
    const struct bnd_turn *t, const char *key, enum bnd_mode *out);
bool bnd_turn_has(const struct bnd_turn *t, const char *key, char bracket);
/* Hex of n bytes, or null: *given tells which. */
bool bnd_turn_hex(const struct bnd_turn *t, const char *key, uint8_t *bin,
    size_t n, bool *given);

/* Rules of ceremony.* and approver.*. */
void bnd_rule_open(struct bnd_turn *t);
void bnd_rule_approve(struct bnd_turn *t);
void bnd_rule_miss(struct bnd_turn *t);
void bnd_rule_end(struct bnd_turn *t);
void bnd_rule_enroll(struct bnd_turn *t);
void bnd_rule_revoke(struct bnd_turn *t);
/* Add an entry that proves itself, or report why not. */
void bnd_rule_add(struct bnd_turn *t, const struct bnd_approver *a);

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

#endif
