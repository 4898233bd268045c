/* seal-job.h: one run of the seal: its mode, its list, its sockets */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SEAL_JOB_H
#define BND_SEAL_JOB_H

#include <stdbool.h>
#include <sys/types.h>

#include "accepted.h"
#include "err.h"
#include "mode.h"
#include "nft-chain.h"
#include "nl.h"
#include "root.h"
#include "rules.h"
#include "seal-result.h"

#define BND_NET_DIR  "run/bnd/net"
#define BND_NET_LOCK "run/bnd/net/lock"

/*
 * Which mode.  mode BND_MODE_NONE is the state's effective one.  Any other must
 * be it too, unless the state is leaving, names this txn, and says that the
 * caller's parent runs it: the one way to something laxer.
 */
struct bnd_seal_order {
	enum bnd_mode mode;
	const char *txn; /* or NULL */
	bool repair;	 /* of a transaction: take in no other list */
	pid_t parent;
};

struct bnd_job {
	const struct bnd_root *root;
	const struct bnd_seal_order *order;
	struct bnd_seal *s;
	struct bnd_nl nf, rt;
	struct bnd_listfile *list;
	struct bnd_nft_lacks lacks;
	bool every;	/* all links may be hooked at once */
	bool probed;	/* the kernel was asked what it lacks */
	bool loosening; /* to less than the state's effective mode */
	bool underway;	/* the state names the order's transaction */
	bool hook;
	unsigned index; /* of the hook's link; 0: a radio's hook */
	bool primed;	/* once a run: it takes time */
	bool held;	/* before this run: what stands in a queue was judged */
	bool tried;	/* the list is one that is tried (seal-tried.h) */
	bool over;	/* one that was tried lies there and counts no more */
	bool confirmed; /* the tried list is about to be the accepted one */
	bool no_nft;	/* the kernel has no nf_tables */
	unsigned swept_ms; /* spent on other network namespaces */
	bool abroad;	   /* in a network namespace that is not the host's */
	bool no_xt_lock;   /* the legacy tables' was not to be had */
	bool xt_hung;	   /* whoever works on them: not asked again */
};

int bnd_job_open(struct bnd_job *j, struct bnd_err *err) BND_CHECK;
void bnd_job_close(struct bnd_job *j); /* also after a failed open */
/* Both sockets; one that could not be had is tried again in every pass. */
int bnd_job_sockets(struct bnd_job *j, struct bnd_err *err);

/* The state as it is now; unusable is LOCKDOWN, which is said once. */
void bnd_job_consult(struct bnd_job *j);
/* A loosening under way ends by itself; whoever only looks waits for that. */
void bnd_job_wait(const struct bnd_root *root);

bool bnd_job_has_list(enum bnd_mode m);
/*
 * A transaction takes the file; everything else, and a transaction that only
 * repairs, what is tried or what was accepted last.
 */
void bnd_job_load_list(struct bnd_job *j);
/* Only a list that is not accepted already is something to record. */
void bnd_job_accept_list(struct bnd_job *j);
/* Whose rules another network namespace gets; OPEN's are none. */
enum bnd_mode bnd_mode_abroad(enum bnd_mode host);
/* Mode, list and links as the rules want them. */
struct bnd_rules_in bnd_job_rules(const struct bnd_job *j);

#endif
