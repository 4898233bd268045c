/* head.h: two slots that say where the log ends and hold its next key */
/* SPDX-License-Identifier: ISC */
#ifndef BND_HEAD_H
#define BND_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sign.h"

#define BND_HEAD_LEN 8192
#define BND_SLOT_LEN 512
#define BND_SLOT_GAP 4096 /* slots at 0 and here, zeros elsewhere */
#define BND_JUNK_MAX 65536

/* The record before next_seq stands in file at [start, end), LF included. */
struct bnd_slot {
	uint64_t gen;
	uint64_t next_seq;
	uint32_t file;
	uint64_t start, end;
	uint8_t link[BND_HASH_LEN];
	uint8_t secret[BND_SEED_LEN]; /* signs next_seq; zero once erased */
	uint8_t pk[BND_KEY_LEN];
	uint8_t epoch[BND_SEED_LEN];
};

void bnd_slot_pack(
    const struct bnd_slot *s, uint8_t bytes[static BND_SLOT_LEN]);
/*
 * A slot and what follows it up to the next one: magic, checksum, zeros.
 * False for a bad slot.
 */
bool bnd_slot_unpack(const uint8_t bytes[static BND_SLOT_LEN],
    const uint8_t gap[static BND_SLOT_GAP - BND_SLOT_LEN], struct bnd_slot *s);
bool bnd_slot_is_live(const struct bnd_slot *s);
/* Its secret is the private half of its own pk, and that is nk. */
bool bnd_slot_holds(
    const struct bnd_slot *s, const uint8_t nk[static BND_KEY_LEN]);

/*
 * Both.  s is the index of the good slot of higher gen, o the other one, -1
 * for one that is bad; two good slots of one gen are both bad.
 */
struct bnd_head {
	struct bnd_slot slot[2];
	bool good[2];
	int s, o;
};

void bnd_head_unpack(
    const uint8_t bytes[static BND_HEAD_LEN], struct bnd_head *h);
/* s and o from slot and good. */
void bnd_head_order(struct bnd_head *h);

/* What the log looks like at the places the slots name. */
struct bnd_tail {
	uint64_t size;	 /* of S's file */
	bool s_whole;	 /* the line of S is there and is its record */
	bool s_lacks_lf; /* it ends the file and lacks its LF, nothing else */
	bool o_whole;	 /* the line of O is there and is its record */
};

/* Rows of the recovery table, bnd-log(5), RECOVERY. */
enum bnd_row {
	BND_ROW_NONE = 0,
	BND_ROW_CLEAN,	 /* 1: go on from S */
	BND_ROW_AGAIN,	 /* 2: crash before the line: go on from O */
	BND_ROW_ADD_LF,	 /* 3: the line lacks its LF */
	BND_ROW_TORN,	 /* 4: a fragment: log.torn with O's key */
	BND_ROW_CUT,	 /* 5: refuse, TRUNCATED */
	BND_ROW_FOREIGN, /* 6: refuse, TAMPERED */
	BND_ROW_SLOT,	 /* 7: one bad slot: go on from S, repair the other */
	BND_ROW_NO_HEAD, /* 8: refuse, UNSAFE */
	BND_ROW_REMOVED, /* 9: refuse, TRUNCATED; never from bnd_head_row() */
};

enum bnd_row bnd_head_row(const struct bnd_head *h, const struct bnd_tail *t);

#endif
