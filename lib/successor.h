/* successor.h: what a succession starts from, found by looking */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SUCCESSOR_H
#define BND_SUCCESSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "heir.h"
#include "pin.h"
#include "root.h"
#include "succeeds.h"
#include "verify.h"

struct bnd_pin_file {
	char text[BND_PIN_MAX];
	size_t len;
	struct bnd_pin pin;
	bool good; /* else missing (len 0) or malformed */
};

/* Under the state lock, while LOCKDOWN is in force. */
struct bnd_successor {
	const struct bnd_root *root;
	int lock;
	struct bnd_root nascent; /* fd -1: there is none */
	struct bnd_pin_file old, new;
	char why[BND_DETAIL_MAX]; /* the old log cannot go on, for people */
	struct bnd_verdict v;	  /* of the log looked at last */
	struct bnd_heir heir;	  /* what the old log proves */
};
struct bnd_successor *bnd_successor_take(
    const struct bnd_root *root, struct bnd_err *err) BND_CHECK;
void bnd_successor_release(struct bnd_successor **j);
#define SCOPED_SUCCESSOR __attribute__((cleanup(bnd_successor_release)))

/*
 * BND_E_DENIED if the host's log verifies, or lacks no more than a crash's
 * repair or a file's right owner and mode; else j->why says why not.
 */
int bnd_successor_check_need(
    struct bnd_successor *j, struct bnd_err *err) BND_CHECK;

/* What an earlier call has made: j->nascent and j->new, or none. */
int bnd_successor_look(struct bnd_successor *j, struct bnd_err *err) BND_CHECK;

/*
 * j->heir, from the old pin and log, wherever a crash has left that.
 * BND_E_DENIED for a log that was succeeded before.
 */
int bnd_successor_read_heir(
    struct bnd_successor *j, struct bnd_err *err) BND_CHECK;

/* Whether j->new says what j->heir proves. */
int bnd_successor_check(
    const struct bnd_successor *j, struct bnd_err *err) BND_CHECK;

/*
 * j->v: the successor verifies, approved or not.  A sync of it that failed is
 * forgiven then: it was read again from the disk, as mode-set --check does it
 * for the host's log.
 */
int bnd_successor_verify(
    struct bnd_successor *j, struct bnd_err *err) BND_CHECK;

/* The name that the old log's directory gets. */
#define BND_ASIDE_LEN 128
void bnd_successor_aside(
    const uint8_t id[static BND_ID_LEN], char path[static BND_ASIDE_LEN]);

bool bnd_successor_is_there(const struct bnd_root *root, const char *path);

#endif
