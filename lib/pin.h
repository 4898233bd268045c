/* pin.h: the public pin, which record 0 a host's log begins with (bnd-log(5)) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_PIN_H
#define BND_PIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "record.h"
#include "sign.h"
#include "succeeds.h"
#include "text.h"

#define BND_PIN_MAX 12288

/* What the body of record 0 says of the log itself. */
struct bnd_begin {
	uint8_t id[BND_ID_LEN];
	bool has_host; /* hash of the machine-id */
	uint8_t host[BND_HASH_LEN];
	uint8_t k0[BND_KEY_LEN]; /* signed record 0 */
	bool attr; /* chattr +a took, so a file without it is a finding */
	struct bnd_str approvers; /* JSON array of 1 to 8, not looked into */
	bool succeeds;		  /* another log, after it was lost */
	struct bnd_succeeds from; /* that one */
};

/*
 * Record 0 as it must be, parsed from line: log.genesis, no record before it,
 * a body of exactly the keys of bnd-log(5), mode OPEN (of a successor
 * LOCKDOWN), seal 0, and a signature by its own k0.  BND_E_TAMPERED otherwise.
 */
int bnd_begin_read(struct bnd_str line, const struct bnd_record *r,
    struct bnd_begin *b, struct bnd_err *err) BND_CHECK;

struct bnd_pin {
	uint8_t id[BND_ID_LEN];
	uint8_t genesis[BND_HASH_LEN]; /* link of record 0 */
	size_t anchors;
	struct bnd_str anchor_lines;
	struct bnd_str line; /* record 0, without its LF */
	struct bnd_record record;
	struct bnd_begin begin;
};

/* A record that a pruned log begins after. */
struct bnd_pin_anchor {
	uint64_t seq;
	uint8_t link[BND_HASH_LEN];
	uint8_t nk[BND_KEY_LEN];
};

/*
 * text stays the caller's and is pointed into.  -1 with BND_E_INPUT for
 * anything but a pin whose copy of record 0 has the pinned link and id.  The
 * copy's signature is not checked: the link covers it, and the pin is trusted.
 */
int bnd_pin_parse(
    struct bnd_str text, struct bnd_pin *pin, struct bnd_err *err) BND_CHECK;
/*
 * What an append needs, of a pin that bnd_log_init() wrote: it proves nothing,
 * so record 0 is not parsed.  attr is told by the bytes "attr":true, which no
 * string of the log's grammar can hold.
 */
int bnd_pin_peek(struct bnd_str text, uint8_t id[static BND_ID_LEN], bool *attr,
    struct bnd_err *err) BND_CHECK;

bool bnd_pin_anchor(
    const struct bnd_pin *pin, size_t i, struct bnd_pin_anchor *a);

/* line has no LF. */
int bnd_pin_write(const uint8_t id[static BND_ID_LEN],
    const uint8_t genesis[static BND_HASH_LEN], struct bnd_str line, char *text,
    size_t size, size_t *len, struct bnd_err *err) BND_CHECK;

#endif
