/* spool.h: records that could not be made durable yet (bnd-log(5), SPOOL) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SPOOL_H
#define BND_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "record.h"
#include "root.h"
#include "sign.h"

#define BND_SPOOL_MAX	   (1024 * 1024)
#define BND_SPOOL_LINE_MAX 4096
#define BND_SPOOL_LOCK_MS  50

/* What stands in a line of the spool; h chains it to the one before. */
struct bnd_spooled {
	uint8_t h[BND_HASH_LEN];
	struct bnd_now time; /* boot is this one */
	struct bnd_by by;
	char ev[BND_WORD_MAX + 1];
	bool has_maybe; /* its sync failed, so it may be on the chain */
	uint8_t maybe[BND_HASH_LEN]; /* link it would have there */
	struct bnd_str body;
};

/*
 * Append an entry; the body is cut to fit into a late record.  A fragment that
 * a killed writer left is cut off.  Past BND_SPOOL_MAX the last entry becomes
 * log.suppressed, a count.
 */
int bnd_spool_add(const struct bnd_root *root, const struct bnd_spooled *e,
    struct bnd_err *err) BND_CHECK;

/*
 * Reading it under the log lock, in order.  Entries that were absorbed before
 * are passed over: they are marked, or stand up to the one whose h is done.
 */
struct bnd_spool {
	const struct bnd_root *root;
	int fd;			  /* -1: there is nothing */
	uint64_t size, at, entry; /* entry: where the one just read begins */
	uint8_t h[BND_HASH_LEN];  /* of the entry just read */
	uint8_t before[BND_HASH_LEN]; /* the one before that */
	uint64_t lost; /* lines that no entry of this boot's chain are */
	int error;     /* errno of a read that failed */
	char line[BND_SPOOL_LINE_MAX];
};

int bnd_spool_open(const struct bnd_root *root, const uint8_t *done,
    struct bnd_spool *sp, struct bnd_err *err) BND_CHECK;
/* more is false at the end; e->body points into sp. */
int bnd_spool_next(struct bnd_spool *sp, struct bnd_spooled *e, bool *more,
    struct bnd_err *err) BND_CHECK;
/*
 * While a record is being made of the entry others may add to the spool; then
 * it is marked, and read on, under the lock again.
 */
void bnd_spool_pause(struct bnd_spool *sp);
int bnd_spool_mark(struct bnd_spool *sp, struct bnd_err *err) BND_CHECK;
/* All of it is. */
int bnd_spool_empty(struct bnd_spool *sp, struct bnd_err *err) BND_CHECK;
void bnd_spool_close(struct bnd_spool *sp);
#define SCOPED_SPOOL __attribute__((cleanup(bnd_spool_close)))

/* A spool of this root, made, opened and locked; for bnd_log_init() too. */
int bnd_spool_lock(
    const struct bnd_root *root, bool make, struct bnd_err *err) BND_CHECK;

#endif
