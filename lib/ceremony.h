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

#define BND_CEREMONY_LOCK_MS 2000

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
	uint64_t for_s;	     /* bounded loosening, or 0 */
	const char *reason;  /* or NULL */
	const char *tty;     /* the requester's, "pts/3", or NULL */
};

/*
 * Appends ceremony.open, and gives the text that the approvers sign
 * (BND_CHALLENGE_MAX + 1 bytes, a NUL added).  One at a time; one that has run
 * out is ended first.
 */
int bnd_ceremony_open(const struct bnd_root *root, const struct bnd_ask *ask,
    char *text, size_t *len, struct bnd_err *err) BND_CHECK;

/* One approver's signature; a wrong one is recorded and BND_E_CEREMONY. */
int bnd_ceremony_approve(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], const char *approver,
    const struct bnd_evidence *e, struct bnd_err *err) BND_CHECK;

/* What stands open, for people; read without the state lock. */
struct bnd_view {
	bool is_open;
	bool expired; /* open on the chain, but too late for anything */
	uint8_t id[BND_CHALLENGE_ID_LEN];
	struct bnd_challenge c;
	char text[BND_CHALLENGE_MAX + 1];
	size_t len;
	unsigned have;	 /* persons who have approved; c.need are needed */
	uint64_t left_s; /* of the time for approvals, or the window */
	uint64_t ripe_s; /* cool-down that is left once have >= c.need */
	unsigned n;
	struct bnd_approver approver[BND_APPROVERS_MAX]; /* live */
	bool approved[BND_APPROVERS_MAX];
};
int bnd_ceremony_look(const struct bnd_root *root, struct bnd_view *v,
    struct bnd_err *err) BND_CHECK;

/*
 * Use a ripe ceremony whose action is enroll or revoke: appends
 * approver.enroll or approver.revoke, which the chain's own rules judge first
 * (bnd_claim_holds()).  A key may revoke itself by its own approval alone.
 */
int bnd_ceremony_enroll(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], const struct bnd_approver *a,
    struct bnd_err *err) BND_CHECK;
int bnd_ceremony_revoke(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN],
    struct bnd_err *err) BND_CHECK;

/* why: "cancelled", "expired", "failed", "drilled". */
int bnd_ceremony_end(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], const char *why,
    struct bnd_err *err) BND_CHECK;

#endif
