/* record.h: one log record <-> one line of bytes (bnd-log(5), RECORD LINE) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_RECORD_H
#define BND_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"
#include "err.h"
#include "json.h"
#include "sign.h"
#include "text.h"

#define BND_RECORD_MAX 4096 /* bytes of a line, its LF included */
#define BND_SEQ_MAX    ((UINT64_C(1) << 53) - 1)
#define BND_WORD_MAX   32 /* event names and program names */

/* Who wrote it, as the kernel says. */
struct bnd_by {
	char prog[BND_WORD_MAX + 1];
	uint32_t pid, uid;
	bool has_auid, has_ses;
	uint32_t auid, ses;
};

struct bnd_record {
	uint64_t seq;
	uint8_t prev[BND_HASH_LEN];
	struct bnd_now time;
	char ev[BND_WORD_MAX + 1];
	struct bnd_by by;
	uint8_t dh[BND_HASH_LEN];
	uint8_t nk[BND_KEY_LEN];
	uint8_t sig[BND_SIG_LEN];
	bool redacted; /* salt and body are null */
	uint8_t salt[BND_ID_LEN];
	struct bnd_str body; /* of the line; a valid JSON object */
	size_t m_len;	     /* leading bytes that are signed */
	size_t link_len;     /* leading bytes that the link covers */
};

/*
 * Read a line without its LF: the grammar and nothing else.  -1 with
 * BND_E_TAMPERED names the field and the byte.  r->body points into line.
 */
int bnd_record_parse(
    struct bnd_str line, struct bnd_record *r, struct bnd_err *err) BND_CHECK;

/* Of a line that was parsed. */
void bnd_record_link(struct bnd_str line, const struct bnd_record *r,
    uint8_t link[static BND_HASH_LEN]);
bool bnd_record_signed_by(struct bnd_str line, const struct bnd_record *r,
    const uint8_t pk[static BND_KEY_LEN]);
/* The body is the one dh commits to; false if it is redacted. */
bool bnd_record_body_is_whole(const struct bnd_record *r);

/*
 * Write a line with its LF from all fields of *r but dh and sig, which it
 * fills, signed by seed and its own public half pk.  It parses back what it
 * wrote.  line takes BND_RECORD_MAX bytes; r->body points into it afterwards.
 */
int bnd_record_write(struct bnd_record *r,
    const uint8_t seed[static BND_SEED_LEN],
    const uint8_t pk[static BND_KEY_LEN], char *line, size_t *len,
    struct bnd_err *err) BND_CHECK;

/*
 * The longest body that fits into a line, and into one that is spooled first.
 */
#define BND_BODY_MAX	  3456
#define BND_BODY_LATE_MAX 3072

/*
 * Copy body, a valid object, into out (size_max + 1 bytes), replacing the
 * longest members by {"trunc":{"len":n,"h":"..."}} until it fits into
 * size_max bytes, and every member that nests deeper than depth_max levels,
 * body included.
 */
int bnd_body_fit(struct bnd_str body, size_t size_max, unsigned depth_max,
    char *out, size_t *len, struct bnd_err *err) BND_CHECK;

/* An event name: words of a-z joined by dots. */
bool bnd_ev_is_valid(struct bnd_str s);

/* "by" alone, for the spool: written, and taken off the front of *s. */
void bnd_by_put(struct bnd_json *j, const char *key, const struct bnd_by *by);
bool bnd_by_take(struct bnd_str *s, struct bnd_by *by);

/* RFC 3339 with six digits of fraction and Z, as bnd_clock_format() writes. */
bool bnd_time_parse(struct bnd_str s, int64_t *real_us);

#endif
