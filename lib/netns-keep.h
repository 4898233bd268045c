/* netns-keep.h: which network namespaces hold rules of ours, and what links had */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NETNS_KEEP_H
#define BND_NETNS_KEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "root.h"

/*
 * A directory each, 0700, with the files of snap.h, below this one.  Its name is
 * the cookie of the namespace (SO_NETNS_COOKIE, socket(7)) in 16 hex digits,
 * which the kernel gives to no other until the next boot: an inode comes again.
 */
#define BND_NETNS_DIR	   "run/bnd/net/ns"
#define BND_NETNS_DIR_SIZE (sizeof BND_NETNS_DIR + 17)

void bnd_netns_dir(uint64_t cookie, char dir[static BND_NETNS_DIR_SIZE]);

/* Before the first rule there; success also if it is kept already. */
int bnd_netns_keep(const struct bnd_root *root, uint64_t cookie,
    struct bnd_err *err) BND_CHECK;
bool bnd_netns_is_kept(const struct bnd_root *root, uint64_t cookie);
/* Links that are down by us. */
bool bnd_netns_has_files(const struct bnd_root *root, uint64_t cookie);
/* With what is in it; not being there is success. */
int bnd_netns_forget(const struct bnd_root *root, uint64_t cookie,
    struct bnd_err *err) BND_CHECK;

/* Whether any is; true also where that cannot be read. */
bool bnd_netns_any_kept(const struct bnd_root *root);
/* Forget all but those n: the others have ended. */
int bnd_netns_prune(const struct bnd_root *root, const uint64_t *cookie,
    size_t n, struct bnd_err *err) BND_CHECK;

#endif
