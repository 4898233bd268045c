/* verify.h: read a log from its first byte to its last and judge it */
/* SPDX-License-Identifier: ISC */
#ifndef BND_VERIFY_H
#define BND_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "finding.h"
#include "ledger.h"
#include "log.h"
#include "root.h"
#include "walk.h"

struct bnd_verify {
	const struct bnd_root *root;
	const char *log_dir; /* of the caller's choice; NULL: the host's */
	const char *pin;     /* of the caller's choice; NULL: the host's */
	bool copy;	     /* a copy: no head, no lock, any owner and mode */
	bool structure_only; /* no signatures: at best 5 */
	bool strict;	     /* notes but RESUMED are 1 */
	bool nascent;	     /* a successor may wait for its approvers yet */
	const struct bnd_anchor *anchor;
	size_t anchors;
	const char *previous;	  /* the log that this one succeeds, or NULL */
	const char *state;	  /* state file to compare, or NULL */
	struct bnd_sink sink;	  /* take may be NULL */
	struct bnd_reader reader; /* take may be NULL */
};

enum bnd_head_seen {
	BND_HEAD_ABSENT = 0, /* a copy, or not readable */
	BND_HEAD_LIVE,	     /* it holds the key for the next record */
};

struct bnd_verdict {
	int exit; /* chain-verify(1): 0 only if every byte and the tail are proven */
	struct bnd_ledger ledger;
	uint64_t records;	    /* last seq - first + 1; 0: none */
	uint8_t log_id[BND_ID_LEN]; /* if there are records */
	struct bnd_mark last;	    /* the last one that follows */
	uint8_t nk[BND_KEY_LEN];    /* key of the record to come */
	enum bnd_head_seen head;
	bool pinned; /* there is a pin; exit 8 may hide that there is none */
	unsigned fails, notes;	  /* findings */
	struct bnd_finding first; /* the gravest; code NONE if there is none */
};

/*
 * Judge.  Streams: memory does not grow with the log.  Never writes.  0 when
 * there is a verdict, whatever it says; -1 when nothing could be established
 * (err says why, exit 2).
 */
int bnd_verify(const struct bnd_verify *job, struct bnd_verdict *v,
    struct bnd_err *err) BND_CHECK;

/* The live log below root, all checks, nothing printed: what mode-set does. */
int bnd_verify_live(const struct bnd_root *root, struct bnd_verdict *v,
    struct bnd_err *err) BND_CHECK;

#endif
