/* box-creds.h: ids, capabilities and filter of a child, each in one place */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_CREDS_H
#define BND_BOX_CREDS_H

#include "box-job.h"
#include "box-user.h"
#include "err.h"

/* Between clone and exec: no heap; 0, or -1 and errno. */

/* No groups, then gid, then uid: real, effective, saved and file system's. */
int bnd_creds_ids(uid_t uid, gid_t gid) BND_CHECK;
/* Empty bounding set; locked securebits: no root, no ambient set, no kept ones. */
int bnd_creds_bound(void) BND_CHECK;
/* Inheritable, permitted and effective set empty; the ambient one follows. */
int bnd_creds_strip(void) BND_CHECK;
/*
 * The supervisor's, once the payload runs: CAP_KILL is left, for the user
 * namespace belongs to the leased id and not to root; no execve has more.
 */
int bnd_creds_only_kill(void) BND_CHECK;
/*
 * His groups, gid and uid where files are concerned, no capability, and then what
 * the kernel says of them: EPERM if it is another thing.  For a task that ends.
 */
int bnd_creds_files(const struct bnd_box_user *user) BND_CHECK;
int bnd_creds_filter(const struct bnd_box_filter *f) BND_CHECK;

/*
 * For what calls a function that does not return behind a filter of ours:
 * AddressSanitizer would ask for the signal stack first, which is its death.
 */
#define BND_FILTERED __attribute__((no_sanitize_address))

#endif
