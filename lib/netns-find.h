/* netns-find.h: every other network namespace there is, as open descriptors */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NETNS_FIND_H
#define BND_NETNS_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "netns-far.h"
#include "note.h"

#define BND_NETNS_MAX  16384 /* of either kind in one pass */
#define BND_NETNS_NAME 160

struct bnd_netns_one {
	int fd;
	bool silent; /* not reached: nobody answered */
	uint64_t inode;
	char name[BND_NETNS_NAME]; /* "net:[4026532177], pid 12", for people */
};

/* Inodes of namespaces.  Start as {0}. */
struct bnd_ns_set {
	uint64_t *v;
	size_t size, n;
};

/* What a pass found, each once.  Start as {0}, but for at and skip. */
struct bnd_netns_list {
	int host; /* the host's own, open: it is never found */
	struct bnd_netns_one *v;
	size_t n;
	bool all;	       /* whoever asks may see every process */
	bool blind;	       /* some there may be could not be looked at */
	struct bnd_notes *why; /* where that is said, or NULL */
	/* What it is busy with, for whoever watches; and what to leave out. */
	char *at; /* BND_NETNS_NAME bytes, or NULL */
	const uint64_t *skip;
	size_t skips;
	struct bnd_netns_far far; /* its left_ms is the caller's */
	/* Its own. */
	struct bnd_ns_set seen;
	struct bnd_netns_one *mnt, *lost;
	size_t mnts, losts;
	dev_t nsfs;
	int proc;
};
void bnd_netns_list_free(struct bnd_netns_list *l);
#define SCOPED_NETNS_LIST __attribute__((cleanup(bnd_netns_list_free)))

/*
 * Of every thread of every process, of every descriptor a process holds, and of
 * every nsfs mount of every mount namespace that is found the same way; what
 * belongs to a user namespace that is not below ours is not ours.  It enters
 * those mount namespaces and comes back: for a process of one thread, whose
 * limit of descriptors is high enough.  -1: could not be looked for at all.
 */
int bnd_netns_find(struct bnd_netns_list *l, struct bnd_err *err) BND_CHECK;

/* False if it was there already, or if there is no memory. */
bool bnd_ns_set_add(struct bnd_ns_set *s, uint64_t inode);
bool bnd_ns_set_has(const struct bnd_ns_set *s, uint64_t inode);

#endif
