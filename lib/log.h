/* log.h: append one record to the event log (bnd-log(5)) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_LOG_H
#define BND_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "root.h"
#include "sign.h"
#include "text.h"

#define BND_LOG_DIR	    "var/lib/bnd/log"
#define BND_LOG_PIN	    "etc/bnd/log.pin"
#define BND_LOG_SPOOL	    "run/bnd/spool"

#define BND_LOG_DEADLINE_MS 2000

/* Characters of the reason of a freeze. */
#define BND_FROZEN_MAX	    100

/* A place in the chain: record seq and its link. */
struct bnd_mark {
	uint64_t seq;
	uint8_t link[BND_HASH_LEN];
	bool spooled; /* not on the chain yet; seq and link mean nothing */
};

enum bnd_log_need {
	BND_LOG_DURABLE,  /* on disk, or -1 and nothing was logged */
	BND_LOG_SPOOL_OK, /* on disk, else in the spool; -1 only if both fail */
};

struct bnd_event {
	const char *prog;    /* compiled in: "mode-set" */
	const char *ev;	     /* "mode.commit" */
	struct bnd_str body; /* valid JSON object (json.h) */
	enum bnd_log_need need;
	unsigned deadline_ms; /* for the log lock */
	/* Not at all after this CLOCK_BOOTTIME (BND_E_CEREMONY); 0: never mind. */
	uint64_t until_us;
};

/*
 * Append: lock, absorb the spool, check the tail,
 * announce the next key, write, sync, erase the old key.  Why a record could not be
 * made durable stands in err even when 0 is returned with mark->spooled.
 */
int bnd_log_append(const struct bnd_root *root, const struct bnd_event *event,
    struct bnd_mark *mark, struct bnd_err *err) BND_CHECK;

/*
 * What an append does before its own record: mend the tail, absorb the spool.
 * What is verified afterwards is what the next record will stand behind.
 */
int bnd_log_settle(const struct bnd_root *root, const char *prog,
    struct bnd_err *err) BND_CHECK;

/*
 * Begin the log: directory, lock, head, file 000001, record 0 (log.genesis)
 * and then the pin, which makes it final.  May be repeated until the pin
 * exists, never after.  approvers is the JSON array of approver entries.
 */
struct bnd_succeeds;
struct bnd_genesis {
	uint8_t id[BND_ID_LEN];
	struct bnd_str approvers;
	const struct bnd_succeeds *succeeds; /* of a successor, else NULL */
	const struct bnd_root *host; /* whose log it will be; NULL: root's */
};
int bnd_log_init(const struct bnd_root *root, const struct bnd_genesis *g,
    struct bnd_mark *mark, struct bnd_err *err) BND_CHECK;

/* True if the pin exists, so this host has (or had) a log. */
bool bnd_log_exists(const struct bnd_root *root);

#endif
