/* state.h: the mode as every tool reads it (bnd-state(5)) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_STATE_H
#define BND_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "log.h"
#include "mode.h"
#include "root.h"

#define BND_STATE_PATH	"run/bnd/state"
#define BND_STATE_LOCK	"run/bnd/lock"
#define BND_REQUEST_DIR "run/bnd/request"
#define BND_STATE_MAX	1024
#define BND_STATE_WHY	200
#define BND_TXN_LEN	32 /* hex digits */

enum bnd_phase {
	BND_PHASE_NONE = 0,
	BND_STABLE,
	BND_ENTERING,
	BND_LEAVING,
};

struct bnd_state {
	uint64_t gen;
	enum bnd_mode mode;	 /* committed */
	enum bnd_mode effective; /* what readers act on */
	enum bnd_phase phase;
	char txn[BND_TXN_LEN + 1]; /* empty if none */
	int txn_pid;
	enum bnd_mode txn_to;	  /* what the transaction is about */
	uint64_t until_us;	  /* end of a bounded loosening, 0 if none */
	enum bnd_mode until_mode; /* what readers act on from then on */
	char frozen[BND_FROZEN_MAX + 1]; /* reason, empty if not */
	char why[BND_STATE_WHY + 1];	 /* reason given for the last change */
	char boot[BND_BOOT_ID_LEN + 1];
	uint64_t at_us;
	int64_t
	    offset_us; /* of the wall clock, when it was last accounted for */
	bool synced;   /* in this boot a time service has kept it */
	uint8_t log_id[BND_ID_LEN];
	struct bnd_mark log; /* the record that made this gen, or spooled */
};

/* Pure: text to state and back.  buf takes BND_STATE_MAX bytes. */
int bnd_state_pack(const struct bnd_state *s, char *buf, size_t *len,
    struct bnd_err *err) BND_CHECK;
int bnd_state_unpack(
    struct bnd_str text, struct bnd_state *s, struct bnd_err *err) BND_CHECK;

/*
 * What a reader does: no lock.  Always fills *s: when the file is missing,
 * unreadable, foreign, cut, of another boot or inconsistent, *s is LOCKDOWN
 * in both modes with gen 0, and -1 says why (BND_E_CORRUPT).  Requests and an
 * expired until are in effective already, one to freeze is in frozen.
 */
int bnd_state_load(const struct bnd_root *root, struct bnd_state *s,
    struct bnd_err *err) BND_CHECK;

/* Publish by rename; the caller holds the state lock. */
int bnd_state_store(const struct bnd_root *root, const struct bnd_state *s,
    struct bnd_err *err) BND_CHECK;

/* s as it was loaded, but for frozen, offset and synced: no new generation. */
int bnd_state_amend(const struct bnd_root *root, const struct bnd_state *s,
    struct bnd_err *err) BND_CHECK;

/*
 * The strictest pending request, BND_MODE_NONE without one, LOCKDOWN when that
 * cannot be told.
 */
enum bnd_mode bnd_request_strictest(const struct bnd_root *root);
int bnd_request_make(const struct bnd_root *root, enum bnd_mode m,
    struct bnd_err *err) BND_CHECK;
/* Remove the requests for m and laxer; the caller holds the state lock. */
int bnd_request_drop(const struct bnd_root *root, enum bnd_mode m,
    struct bnd_err *err) BND_CHECK;

/* A reason as state and log hold it: printable, and never nothing. */
void bnd_frozen_text(struct bnd_str why, char text[static BND_FROZEN_MAX + 1]);

/*
 * A freeze that is asked for and not on record yet: why.  False if there is
 * none; what cannot be read is one.  Asking again leaves the first.
 */
bool bnd_request_freeze(
    const struct bnd_root *root, char why[static BND_FROZEN_MAX + 1]);
int bnd_request_freeze_make(const struct bnd_root *root, const char *why,
    struct bnd_err *err) BND_CHECK;
int bnd_request_freeze_drop(
    const struct bnd_root *root, struct bnd_err *err) BND_CHECK;

#endif
