/* txn.h: the parts that every transaction is made of */
/* SPDX-License-Identifier: ISC */
#ifndef BND_TXN_H
#define BND_TXN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "ledger.h"
#include "policy.h"
#include "state.h"
#include "transition.h"
#include "truth.h"

#define BND_TXN_PROG	    "mode-set"
#define BND_TXN_LOCK_MS	    2000
#define BND_TXN_LOG_MS	    250 /* a tightening waits no longer for the log */
#define BND_TXN_LOG_LONG_MS 2000

struct bnd_txn {
	const struct bnd_root *root;
	struct bnd_outcome *out;
	const char *why;
	char id[BND_TXN_LEN + 1];
	bool bare;
	bool distrust;
	bool repair;
	bool policy_bad;
	bool lost; /* the last record is neither on the chain nor spooled */
	struct bnd_policy policy;
	char policy_why[BND_WHY_MAX];
	char log_why[BND_WHY_MAX]; /* why out->unlogged */
	char failed[128];	   /* JSON: the enforcers that failed */
	struct bnd_state state;	   /* as it is published now */
	enum bnd_mode from, to;
	const uint8_t *auth;
	struct bnd_challenge asked; /* of auth, once it was found to hold */
	uint64_t asked_until_us;    /* no intent after this */
	/* Of this loosening, once it was judged; 0 if it is for good. */
	uint64_t until_us;
	enum bnd_mode until_mode;
	int lock;
};

/* Root, and the real root: what is below another one cannot be enforced. */
int bnd_txn_may(const struct bnd_root *root, struct bnd_err *err) BND_CHECK;

/* Signals wait until the transaction is over. */
void bnd_txn_block(sigset_t *old);
void bnd_txn_unblock(const sigset_t *old);

/* Id, and policy unless bare. */
int bnd_txn_begin(struct bnd_txn *t, struct bnd_err *err) BND_CHECK;

/* The state lock, into t->lock. */
int bnd_txn_lock(struct bnd_txn *t, struct bnd_err *err) BND_CHECK;

/* What a mode that is in force may still have against it. */
int bnd_txn_verdict(struct bnd_txn *t, struct bnd_err *err) BND_CHECK;

void bnd_txn_note(struct bnd_txn *t, const char *fmt, ...) BND_PRINTF(2, 3);
/* If rc says that something failed: it goes on all the same, but is told. */
void bnd_txn_remark(struct bnd_txn *t, const struct bnd_err *why, int rc);

/*
 * Append a mode record; tightenings go on when it cannot be made durable (the
 * floor file is raised then), a loosening needs it durable.  t->lost says that
 * not even the spool took it: a generation must not be published then, or the
 * chain could never catch up with the state.
 */
enum bnd_txn_event {
	BND_TXN_INTENT,
	BND_TXN_COMMIT,
	BND_TXN_FAIL,
	BND_TXN_RECOVER,
	BND_TXN_BOOT,
};
int bnd_txn_record(struct bnd_txn *t, enum bnd_txn_event ev, enum bnd_mode land,
    bool durable, struct bnd_err *err) BND_CHECK;

/*
 * From the chain what no mode has to do with: generation, freeze, clock, the end
 * of a bounded loosening.
 */
void bnd_txn_take(struct bnd_txn *t, const struct bnd_truth *truth);

/* Publish the state in a phase of this transaction, or the end of it. */
int bnd_txn_publish(struct bnd_txn *t, enum bnd_phase phase, enum bnd_mode mode,
    enum bnd_mode effective, struct bnd_err *err) BND_CHECK;

/*
 * Go by the chain instead of the state: generation, and the transaction that
 * has no answer there, or its mode as both from and to.  False if the log does
 * not verify.
 */
bool bnd_txn_adopt(struct bnd_txn *t);

/* Back to stable as it was: the transaction never began. */
int bnd_txn_withdraw(struct bnd_txn *t, struct bnd_err *err) BND_CHECK;

/* All enforcers for m, read back; what they found becomes notes. */
bool bnd_txn_enforce(struct bnd_txn *t, enum bnd_mode m);
/* Down to m, one by one; false at the first failure, or if turned round. */
bool bnd_txn_relax(struct bnd_txn *t, enum bnd_mode m, enum bnd_step_when when);

/* m is in force but not on the chain, because of why: boot shall know. */
void bnd_txn_keep(struct bnd_txn *t, enum bnd_mode m, const char *why);
/* Tell the kernel's audit trail. */
void bnd_txn_audit(struct bnd_txn *t);

#endif
