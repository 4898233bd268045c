/* ledger.h: what the chain says so far, and the rules each record must obey */
/* SPDX-License-Identifier: ISC */
#ifndef BND_LEDGER_H
#define BND_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "log.h"
#include "mode.h"
#include "sign.h"

#define BND_APPROVERS_MAX 8
#define BND_NAME_MAX	  32

enum bnd_key_kind {
	BND_KEY_NONE = 0,
	BND_KEY_PASSPHRASE,
	BND_KEY_RAW,
	BND_KEY_MINISIGN,
	BND_KEY_SSH,
};

struct bnd_approver {
	char name[BND_NAME_MAX + 1];
	char person[BND_NAME_MAX + 1];
	enum bnd_key_kind kind;
	uint8_t key[BND_KEY_LEN];
	uint8_t id[8]; /* BLAKE2b-256(key, bnd-approver-v1), first 8 bytes */
	uint64_t enrolled_seq;
};

/*
 * The state of the chain after some record; constant size.  Filled record by
 * record by the verifier, read by mode-set to decide (ceremony.md 8).
 */
struct bnd_ledger {
	uint8_t log_id[BND_ID_LEN];
	enum bnd_mode mode;
	uint64_t gen;
	struct bnd_mark at;   /* the record that made this gen */
	struct bnd_mark last; /* the last record */
	enum bnd_mode lockdown_from;
	bool frozen;
	struct bnd_approver approver[BND_APPROVERS_MAX];
	unsigned approvers;
	unsigned loosenings;
	char boot[33];
	uint64_t boot_us;
	bool pending; /* an intent without an answer */
	struct {
		char txn[33];
		enum bnd_mode from, to;
		bool has_auth;
	} intent;
	struct {
		bool is_open;
		bool used;
		uint8_t id[8];	      /* of the challenge */
		char text[1025];      /* the challenge as signed */
		unsigned approved;    /* bit i: approver[i] signed */
		uint64_t last_us;     /* boot time of the last approval */
	} ceremony;
};

#endif
