/* turn.h: one record's turn before the rules of its event */
/* SPDX-License-Identifier: ISC */
#ifndef BND_TURN_H
#define BND_TURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "finding.h"
#include "ledger.h"
#include "log.h"
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

/* Keep what the record did, with those whose consent was looked at last. */
void bnd_turn_deed(struct bnd_turn *t, enum bnd_action action,
    enum bnd_mode from, enum bnd_mode to, const struct bnd_approver *whom);

#endif
