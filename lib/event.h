/* event.h: every record of the chain before the rules of its event */
/* SPDX-License-Identifier: ISC */
#ifndef BND_EVENT_H
#define BND_EVENT_H

#include <stdint.h>

#include "finding.h"
#include "ledger.h"
#include "log.h"
#include "record.h"

/*
 * Take the next record, whose bytes, link and signature were checked before,
 * and report what rule it breaks.  A record that breaks a rule changes the
 * ledger as far as it can be believed, so that one fault gives one finding.
 */
void bnd_ledger_feed(struct bnd_ledger *l, const struct bnd_record *r,
    const uint8_t link[static BND_HASH_LEN], const struct bnd_sink *sink);

#endif
