/* logdir.h: the log's files, opened by descriptor and checked there */
/* SPDX-License-Identifier: ISC */
#ifndef BND_LOGDIR_H
#define BND_LOGDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "root.h"
#include "sign.h"

#define BND_LOG_LOCK	 "var/lib/bnd/log/lock"
#define BND_LOG_HEAD	 "head" /* names in the directory */
#define BND_LOG_NAME_LEN 16
#define BND_LOG_DEGRADED "run/bnd/degraded"

/* "000001.jsonl" */
void bnd_logdir_name(uint32_t file, char name[static BND_LOG_NAME_LEN]);

/* The directory: the owner's, nothing for others.  -1 if it is not there. */
int bnd_logdir_open(const struct bnd_root *root, struct bnd_err *err) BND_CHECK;

/*
 * A file in it, for reading and writing (flags adds O_APPEND and the like):
 * regular, the owner's, one link, no bit of forbidden.  BND_E_UNSAFE for what
 * is there and is not so, BND_E_TRUNCATED for what is not there.
 */
int bnd_logdir_file(const struct bnd_root *root, int dir, const char *name,
    int flags, mode_t forbidden, struct bnd_err *err) BND_CHECK;
#define BND_LOG_FORBIDDEN  0137 /* of NNNNNN.jsonl: 0600 or 0640 */
#define BND_HEAD_FORBIDDEN 0177

/* Make one with exactly this mode, whatever the umask; it must be new. */
int bnd_logdir_make(int dir, const char *name, int flags, mode_t mode,
    struct bnd_err *err) BND_CHECK;

/* The append-only attribute: what the kernel says, not what was asked. */
bool bnd_logdir_is_append_only(int fd);
void bnd_logdir_append_only(int fd, bool on);

/* Take the log lock (a leaf: under it nothing else is waited for). */
int bnd_logdir_lock(const struct bnd_root *root,
    const uint8_t id[static BND_ID_LEN], bool exclusive, unsigned deadline_ms,
    struct bnd_err *err) BND_CHECK;

/*
 * After a sync failed nobody knows what is on the disk: no append until the
 * whole log was verified and the mark removed.
 */
bool bnd_logdir_is_degraded(const struct bnd_root *root);
void bnd_logdir_degrade(const struct bnd_root *root);
/* Let the next reader see the disk, not what the kernel has of it. */
void bnd_logdir_uncache(const struct bnd_root *root);
/* Take the mark away: all of it was read again and is proven. */
int bnd_logdir_restore(
    const struct bnd_root *root, struct bnd_err *err) BND_CHECK;

#endif
