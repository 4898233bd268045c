/* box-lease.h: two ids of our own, and the record that outlives a crash */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_LEASE_H
#define BND_BOX_LEASE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "box-lease-text.h"
#include "err.h"
#include "root.h"

#define BND_BOX_DIR    "run/bnd/sbx" /* /run/bnd/sbx/N: never unlinked */
#define BND_BOX_USER   "bnd-sbx"     /* whose range in /etc/subuid, subgid */
#define BND_BOX_LEASES 1024
#define BND_BOX_IDS    (2 * BND_BOX_LEASES)

struct bnd_lease {
	unsigned n; /* 0 to BND_BOX_LEASES - 1 */
	uid_t base; /* B; the payload has base + 1 */
	int fd;	    /* holds the flock: dying gives the lease back, dirty */
};

/*
 * The ids of /etc/subuid and /etc/subgid for bnd-sbx: the same 2048 in both,
 * none of them anybody else's.
 */
int bnd_lease_range(
    const struct bnd_root *root, uid_t *first, struct bnd_err *err) BND_CHECK;

/*
 * Take a free one, from a rotating hint on; a dirty one is cleaned first by
 * clean (box-gc.h; was is NULL for garbage), and passed over if that fails.
 * BND_E_BUSY: there is none.
 */
typedef int bnd_lease_clean(const struct bnd_root *root,
    const struct bnd_lease *lease, const struct bnd_lease_text *was,
    struct bnd_err *err);
int bnd_lease_take(const struct bnd_root *root, bnd_lease_clean *clean,
    struct bnd_lease *lease, struct bnd_err *err) BND_CHECK;

/* Lock lease n if nobody holds it: 1 held now, 0 somebody's, -1. */
int bnd_lease_try(const struct bnd_root *root, unsigned n,
    struct bnd_lease *lease, struct bnd_err *err) BND_CHECK;

/* The numbers that have a file; none if nobody ever ran one. */
int bnd_lease_numbers(const struct bnd_root *root,
    bool has[static BND_BOX_LEASES], struct bnd_err *err) BND_CHECK;
/* Open lease n to read what it says, without its lock; errnum ENOENT. */
int bnd_lease_look(
    const struct bnd_root *root, unsigned n, struct bnd_err *err) BND_CHECK;

/*
 * Replace what it says; read it (empty: 1, garbage: -1 BND_E_CORRUPT).  A
 * reader without the lock may come in the middle of a write: he looks again.
 */
int bnd_lease_write(const struct bnd_lease *lease,
    const struct bnd_lease_text *t, struct bnd_err *err) BND_CHECK;
int bnd_lease_read(
    int fd, struct bnd_lease_text *t, struct bnd_err *err) BND_CHECK;
/* The leaves that garbage still names; none if it cannot be read. */
size_t bnd_lease_leaves(
    int fd, char path[static BND_LEASE_PATHS][BND_BOX_PATH]);
/* Truncate, and close: the end of a run that left nothing. */
int bnd_lease_free(struct bnd_lease *lease, struct bnd_err *err) BND_CHECK;

/* Start time of a process, 0 if there is none (proc(5), field 22). */
uint64_t bnd_lease_started(pid_t pid);

#endif
