/* ceremony-look.h: what stands open, for people */
/* SPDX-License-Identifier: ISC */
#ifndef BND_CEREMONY_LOOK_H
#define BND_CEREMONY_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "challenge.h"
#include "err.h"
#include "ledger.h"
#include "root.h"

struct bnd_view {
	bool is_open;
	bool expired; /* open on the chain, but too late for anything */
	uint8_t log_id[BND_ID_LEN];
	uint8_t id[BND_CHALLENGE_ID_LEN];
	struct bnd_challenge c;
	char text[BND_CHALLENGE_MAX + 1];
	size_t len;
	unsigned have;	 /* persons who have approved; c.need are needed */
	uint64_t left_s; /* of the time for approvals, or the window */
	uint64_t ripe_s; /* cool-down that is left once have >= c.need */
	bool has_entry;	 /* who is to be enrolled */
	struct bnd_approver entry;
	unsigned n;
	struct bnd_approver approver[BND_APPROVERS_MAX]; /* live */
	struct bnd_key_use use[BND_APPROVERS_MAX];
	bool approved[BND_APPROVERS_MAX];
};

/*
 * Reads the whole log, without the state lock, and changes nothing: what it
 * says may be outdated, and nothing is decided by it.
 */
int bnd_ceremony_look(const struct bnd_root *root, struct bnd_view *v,
    struct bnd_err *err) BND_CHECK;

/* The same from a chain that was read already. */
void bnd_ceremony_view(
    const struct bnd_ledger *l, const struct bnd_now *now, struct bnd_view *v);

/* The live approver of that name, or -1. */
int bnd_view_find(const struct bnd_view *v, const char *name);

#endif
