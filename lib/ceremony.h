/* ceremony.h: a ceremony's records: opened, approved, ended */
/* SPDX-License-Identifier: ISC */
#ifndef BND_CEREMONY_H
#define BND_CEREMONY_H

#include <stdbool.h>
#include <stdint.h>

#include "challenge.h"
#include "err.h"
#include "mode.h"
#include "root.h"
#include "sign.h"

/*
 * The chain is the only place where a ceremony is: there is no ticket file to
 * steal, plant or forget.
 *
 * Each verifies the whole log and appends under the state lock, so that what a
 * record says about the chain is true where it stands.  Nobody is asked
 * anything; nothing but the log is changed.
 */

/* What is asked for; to counts for BND_ACTION_LOOSEN alone. */
struct bnd_ask {
	enum bnd_action action;
	enum bnd_mode to;
	const char *subject; /* as in struct bnd_challenge, or NULL */
	const struct bnd_approver *entry; /* BND_ACTION_ENROLL: with its pop */
	bool alone;	/* BND_ACTION_REVOKE: one other person, a day's wait */
	uint64_t for_s; /* bounded loosening, or 0 */
	const char *reason; /* or NULL */
};

/*
 * Who asks, and on which terminal, is the kernel's to say.  What bnd.conf asks
 * beyond the built-in tiers is in the text; what no approval could make good
 * is refused at once, and the reason names the rule.
 *
 * Appends ceremony.open, and gives the text that the approvers sign
 * (BND_CHALLENGE_MAX + 1 bytes, a NUL added).  One at a time; one that has run
 * out is ended first.
 */
int bnd_ceremony_open(const struct bnd_root *root, const struct bnd_ask *ask,
    char *text, size_t *len, struct bnd_err *err) BND_CHECK;

/*
 * One approver's signature; a wrong one is recorded and BND_E_CEREMONY.  What
 * was approved already stays so.
 */
int bnd_ceremony_approve(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], const char *approver,
    const struct bnd_evidence *e, struct bnd_err *err) BND_CHECK;

/* why: "cancelled", "expired", "failed", "drilled". */
int bnd_ceremony_end(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], const char *why,
    struct bnd_err *err) BND_CHECK;

#endif
