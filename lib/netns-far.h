/* netns-far.h: a path through a file system of others, looked up by a child */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NETNS_FAR_H
#define BND_NETNS_FAR_H

#include <sys/types.h>

#include "err.h"

/* Start as {0} but for left_ms: what may be waited, in all. */
struct bnd_netns_far {
	unsigned left_ms;
	/* Its own. */
	pid_t pid;
	int sock;
};

/*
 * O_PATH of an absolute path without symlinks, of at most BND_NETNS_PATH - 1
 * bytes, as the mount namespace has it that the caller is in: end it before
 * that changes.  -1 with errno; ETIMEDOUT: whoever serves a file system on the
 * way does not answer, or no time is left.
 */
int bnd_netns_far_open(struct bnd_netns_far *f, const char *path) BND_CHECK;
void bnd_netns_far_end(struct bnd_netns_far *f);

#endif
