/* chain.h: the end of the log, held under its lock, and how it grows */
/* SPDX-License-Identifier: ISC */
#ifndef BND_CHAIN_H
#define BND_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "head.h"
#include "log.h"
#include "record.h"
#include "root.h"

/* What must not outlive the call: one page of bnd_secret_new(). */
struct bnd_chain_page {
	struct bnd_head head;
	struct bnd_slot next;
	uint8_t slot[2][BND_SLOT_LEN]; /* as read, or to be written */
};

struct bnd_chain {
	const struct bnd_root *root;
	int dir, lock, headfd, logfd;
	bool attr;	   /* the genesis says the files are append-only */
	bool broken;	   /* a write failed: nothing more through this one */
	bool written;	   /* the record that failed may be on the chain */
	uint64_t size;	   /* of the file that grows */
	uint64_t until_us; /* no record later than this; 0: never mind */
	int from;	   /* slot whose secret signs the next record */
	struct bnd_chain_page *page;
	struct bnd_record last; /* points into line */
	char line[BND_RECORD_MAX];
	char wire[BND_RECORD_MAX + 1]; /* the next one, after an LF */
	uint8_t failed[BND_HASH_LEN];  /* link of the record that failed */
};

/*
 * A1 and A2: take the lock, open and check every file, decide by the recovery
 * table, mend what a crash left; by is who writes log.torn.  On -1 nothing is
 * held.
 */
int bnd_chain_open(const struct bnd_root *root, const struct bnd_by *by,
    unsigned deadline_ms, struct bnd_chain *c, struct bnd_err *err) BND_CHECK;
void bnd_chain_close(struct bnd_chain *c); /* secrets wiped, lock given back */
#define SCOPED_CHAIN __attribute__((cleanup(bnd_chain_close)))

/* Link of the last record. */
const uint8_t *bnd_chain_link(const struct bnd_chain *c);

/*
 * A3 to A6.  Of *r by, ev and body are the caller's; seq, prev, time, salt and
 * keys are set here.
 */
int bnd_chain_append(struct bnd_chain *c, struct bnd_record *r,
    struct bnd_mark *mark, struct bnd_err *err) BND_CHECK;

/* The two halves: what a record must say, and signing it as it is. */
int bnd_chain_draft(const struct bnd_chain *c, struct bnd_record *r,
    struct bnd_err *err) BND_CHECK;
int bnd_chain_extend(
    struct bnd_chain *c, struct bnd_record *r, struct bnd_err *err) BND_CHECK;

#endif
