/* net-record.h: what net-seal writes into the event log */
/* SPDX-License-Identifier: ISC */
#ifndef NET_RECORD_H
#define NET_RECORD_H

#include <stdbool.h>

#include "root.h"
#include "seal.h"

/*
 * What was found and what is in force now; the first findings only.  what is
 * what became of a try, or NULL.  Not on the chain: s->unlogged.
 */
void net_record(const struct bnd_root *root, struct bnd_seal *s, const char *ev,
    const char *what);

/* Whatever an apply or a hook did that is worth a record. */
void net_record_all(const struct bnd_root *root, struct bnd_seal *s);

/* Whether one of that code was found. */
bool net_has_finding(const struct bnd_seal *s, const char *code);

#endif
