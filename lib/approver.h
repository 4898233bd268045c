/* approver.h: who may approve: an Ed25519 key, its holder, and its proof */
/* SPDX-License-Identifier: ISC */
#ifndef BND_APPROVER_H
#define BND_APPROVER_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "evidence.h"
#include "json.h"
#include "sign.h"
#include "text.h"

#define BND_NAME_MAX	    32
#define BND_APPROVERS_MAX   8 /* live at one time */
#define BND_APPROVER_ID_LEN 8
#define BND_ENROLL_MAX	    512 /* bytes of a bnd-enroll/1 text */
#define BND_ENTRY_MAX	    512 /* bytes of an entry as JSON */

/* One entry.  pop is the key's own signature over bnd_approver_text(). */
struct bnd_approver {
	char name[BND_NAME_MAX + 1];
	char person[BND_NAME_MAX + 1];
	struct bnd_public pub;
	struct bnd_evidence pop;
	uint8_t id[BND_APPROVER_ID_LEN]; /* of pub.key */
};

/* Names and persons: [a-z0-9][a-z0-9._-]*, at most BND_NAME_MAX bytes. */
bool bnd_name_is_valid(struct bnd_str s);

/* First bytes of BLAKE2b-256(key, bnd-approver-v1). */
void bnd_approver_id(const uint8_t key[static BND_KEY_LEN],
    uint8_t id[static BND_APPROVER_ID_LEN]);

/*
 * The bnd-enroll/1 text: what the new key signs to prove that somebody holds
 * it.  text takes BND_ENROLL_MAX + 1 bytes; a NUL is added.  Reading fills all
 * of *a but pop, and accepts exactly what writing makes.
 */
int bnd_approver_text(const struct bnd_approver *a,
    const uint8_t log_id[static BND_ID_LEN], char *text, size_t *len,
    struct bnd_err *err) BND_CHECK;
int bnd_approver_from_text(struct bnd_str text, struct bnd_approver *a,
    uint8_t log_id[static BND_ID_LEN], struct bnd_err *err) BND_CHECK;

/* The entry as it stands in genesis and approver.enroll. */
void bnd_approver_to_json(
    const struct bnd_approver *a, struct bnd_json *j, const char *key);
int bnd_approver_from_json(
    struct bnd_str json, struct bnd_approver *a, struct bnd_err *err) BND_CHECK;

/* The entry's pop, for this log. */
int bnd_approver_check(const struct bnd_approver *a,
    const uint8_t log_id[static BND_ID_LEN], struct bnd_err *err) BND_CHECK;

/* Distinct persons among the entries whose bit is set in mask. */
unsigned bnd_approver_persons(
    const struct bnd_approver *a, unsigned n, unsigned mask);

#endif
