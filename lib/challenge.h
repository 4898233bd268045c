/* challenge.h: the text that approvers read and sign */
/* SPDX-License-Identifier: ISC */
#ifndef BND_CHALLENGE_H
#define BND_CHALLENGE_H

#include <stdbool.h>
#include <stdint.h>

#include "approver.h"
#include "clock.h"
#include "err.h"
#include "log.h"
#include "mode.h"
#include "sign.h"
#include "text.h"

#define BND_CHALLENGE_MAX     1024 /* bytes of the text */
#define BND_CHALLENGE_ID_LEN  8
#define BND_CHALLENGE_SUBJECT 128
#define BND_CHALLENGE_REASON  200
#define BND_TTY_MAX	      32
#define BND_CHALLENGE_FOR_MAX (7 * 24 * 3600) /* s of a bounded loosening */

enum bnd_action {
	BND_ACTION_NONE = 0,
	BND_ACTION_LOOSEN,
	BND_ACTION_ENROLL,
	BND_ACTION_REVOKE,
	BND_ACTION_UNFREEZE,
	BND_ACTION_SUCCEED,
	BND_ACTION_DRILL,
};

struct bnd_requester {
	bool has_auid, has_ses;
	uint32_t auid, uid, ses;
	char tty[BND_TTY_MAX + 1]; /* "pts/3"; empty if there is none */
};

/*
 * A bnd-ceremony/1 text as a struct.  from and to are the chain's mode, but
 * for BND_ACTION_LOOSEN, where to is laxer.  subject is empty for loosen,
 * unfreeze and drill; for enroll bnd_challenge_subject_enroll(), for revoke
 * the key's id in hex, for succeed "<log id> <seq> <link>" of the old log.
 */
struct bnd_challenge {
	uint8_t log_id[BND_ID_LEN];
	enum bnd_action action;
	enum bnd_mode from, to;
	char subject[BND_CHALLENGE_SUBJECT + 1];
	uint64_t for_s; /* bounded loosening, 0 if it is not */
	uint64_t gen;
	char boot[BND_BOOT_ID_LEN + 1];
	struct bnd_mark base; /* the record that made gen */
	uint64_t opened_us;
	unsigned need;
	bool offline; /* kinds offline: raw, minisign, ssh only */
	uint64_t cooldown_s;
	struct bnd_requester requester;
	char reason[BND_CHALLENGE_REASON + 1]; /* printable; may be empty */
	uint8_t nonce[BND_HASH_LEN];
};

const char *bnd_action_name(enum bnd_action action);

/*
 * Struct to text and back; text takes BND_CHALLENGE_MAX + 1 bytes, a NUL is
 * added.  One spelling for each challenge: unpack accepts exactly what pack
 * makes.  Pack refuses what no ceremony may ask (to not laxer, no need, a
 * reason that is not printable ASCII or has a blank at an end).
 */
int bnd_challenge_pack(const struct bnd_challenge *c, char *text, size_t *len,
    struct bnd_err *err) BND_CHECK;
int bnd_challenge_unpack(struct bnd_str text, struct bnd_challenge *c,
    struct bnd_err *err) BND_CHECK;

/*
 * Its id: the first bytes of BLAKE2b-256(text, bnd-ceremony-v1).  In hex it
 * is "auth", "open" and the directory name.  The phrase that is typed is
 * "downgrade AIRGAP to TRUSTED 7K3M": 20 bits of the same hash.
 */
void bnd_challenge_id(
    struct bnd_str text, uint8_t id[static BND_CHALLENGE_ID_LEN]);
#define BND_CHALLENGE_PHRASE 64
void bnd_challenge_phrase(const struct bnd_challenge *c, struct bnd_str text,
    char phrase[static BND_CHALLENGE_PHRASE]);

/* "ID NAME PERSON KIND": approvers sign whom they let in, not only a number. */
void bnd_challenge_subject_enroll(const struct bnd_approver *a,
    char subject[static BND_CHALLENGE_SUBJECT + 1]);

#endif
