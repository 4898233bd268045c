/* ledger.h: what the chain says so far */
/* SPDX-License-Identifier: ISC */
#ifndef BND_LEDGER_H
#define BND_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "approver.h"
#include "challenge.h"
#include "clock.h"
#include "log.h"
#include "mode.h"
#include "sign.h"

#define BND_TXN_MAX	 32 /* hex digits of a transaction id */
#define BND_KEYS_MAX	 64 /* keys enrolled in a log's life */
#define BND_LEDGER_BOOTS 64 /* boots remembered, to see one come back */

/* Who signed for something: copies, for a key may be gone by its own doing. */
struct bnd_consent {
	bool given; /* the rules found it approved */
	uint8_t auth[BND_CHALLENGE_ID_LEN];
	char reason[BND_CHALLENGE_REASON + 1];
	unsigned n;
	struct bnd_signer {
		char name[BND_NAME_MAX + 1];
		char person[BND_NAME_MAX + 1];
		enum bnd_key_kind kind;
	} by[BND_APPROVERS_MAX];
};

/* A loosening, enrolment, revocation, unfreezing or succession. */
struct bnd_deed {
	uint64_t seq; /* of the record that did it; 0: none so far */
	enum bnd_action action;
	enum bnd_mode from, to;
	struct bnd_signer whom; /* enrolled or revoked */
	struct bnd_consent by;
};

/* What live key i has done so far, in step with approver[i]. */
struct bnd_key_use {
	uint32_t counter;	   /* of a token's last signature */
	uint64_t enrolled, worked; /* seq; worked: the last good signature */
	int64_t enrolled_us, worked_us; /* their wall clock */
};

/* An intent that no commit, fail, recover or boot has answered. */
struct bnd_intent {
	char txn[BND_TXN_MAX + 1];
	enum bnd_mode from, to;
	bool has_auth;
	uint64_t until_us; /* of a bounded loosening, or 0 */
	char boot[BND_BOOT_ID_LEN + 1];
	struct bnd_consent by; /* if it loosens */
};

/*
 * A loosening for a time only: from until_us on the mode is back again, and a
 * reboot ends it at once.  Later loosenings inherit it.
 */
struct bnd_bound {
	uint64_t until_us; /* boot time, 0: none */
	enum bnd_mode back;
	char boot[BND_BOOT_ID_LEN + 1];
	bool overstayed; /* and that was noted */
};
/* How late the return may come: the minutely check, and the work it does. */
#define BND_OVERSTAY_US (120 * UINT64_C(1000000))

/* The last ceremony opened. */
struct bnd_open_ceremony {
	bool
	    is_open; /* not ended, used, or overtaken by gen, boot, approvers */
	uint8_t id[BND_CHALLENGE_ID_LEN];
	struct bnd_challenge c;
	char text[BND_CHALLENGE_MAX + 1]; /* as signed */
	size_t len;
	unsigned approved;  /* bit i: approver[i] signed */
	uint64_t quorum_us; /* boot time of the last needed approval, or 0 */
	bool single;	    /* one person where two are the rule */
	/* Who is to be enrolled, as the record says beside the text. */
	bool has_entry;
	struct bnd_approver entry;
};

/*
 * The state of the chain after some record; constant size.  Filled record by
 * record by the verifier, read by mode-set to decide.
 */
struct bnd_ledger {
	uint8_t log_id[BND_ID_LEN];
	bool begun;  /* the genesis was read */
	bool closed; /* log.close was read */
	/* Of a successor: the subject of its ceremony; else empty. */
	char succeeds[BND_CHALLENGE_SUBJECT + 1];
	bool nascent; /* and nobody has approved it yet */
	enum bnd_mode mode;
	uint64_t gen;
	struct bnd_mark at;	     /* the record that made this gen */
	struct bnd_mark last;	     /* the last record */
	enum bnd_mode lockdown_from; /* mode LOCKDOWN was entered from */
	bool frozen;
	char freeze_why[BND_FROZEN_MAX + 1];
	struct bnd_approver approver[BND_APPROVERS_MAX];
	struct bnd_key_use use[BND_APPROVERS_MAX];
	unsigned approvers;
	uint8_t known[BND_KEYS_MAX][BND_APPROVER_ID_LEN]; /* ever enrolled */
	unsigned keys;
	unsigned loosenings;		/* commits that lowered the mode */
	char boot[BND_BOOT_ID_LEN + 1]; /* of the last record */
	uint64_t boot_us;
	int64_t offset_us; /* its wall clock minus boot time */
	/* The last offset that this boot, a clock.jump or unfreeze vouched for. */
	int64_t clock_us;
	uint8_t boots[BND_LEDGER_BOOTS][BND_ID_LEN];
	unsigned boots_seen;
	unsigned boots_at_gen; /* of them when this gen was made */
	char policy[BND_B64_LEN(BND_HASH_LEN) + 1]; /* digest in force */
	bool pending; /* there is an intent without an answer */
	struct bnd_intent intent;
	struct bnd_bound bound;
	struct bnd_open_ceremony ceremony;
	uint64_t opened_us; /* by the last challenge of this boot, or 0 */
	struct bnd_consent consent; /* last looked at */
	struct bnd_deed deed;	    /* the last one */
};

void bnd_ledger_start(struct bnd_ledger *l);

/* Whether a bound is there and over at this moment. */
bool bnd_bound_is_over(
    const struct bnd_bound *b, const char *boot, uint64_t boot_us);

/* Distinct persons who hold a live key. */
unsigned bnd_ledger_persons(const struct bnd_ledger *l);
/* The live approver with this id, or -1. */
int bnd_ledger_find(
    const struct bnd_ledger *l, const uint8_t id[static BND_APPROVER_ID_LEN]);

void bnd_signer_of(const struct bnd_approver *a, struct bnd_signer *s);

/* Let a key in, enrolled by record seq, if there is room; send key i away. */
void bnd_ledger_add(struct bnd_ledger *l, const struct bnd_approver *a,
    uint64_t seq, int64_t real_us);
void bnd_ledger_drop(struct bnd_ledger *l, unsigned i);

#endif
