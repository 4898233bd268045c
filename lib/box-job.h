/* box-job.h: all that init and payload need, made before they exist */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_JOB_H
#define BND_BOX_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "box-policy.h"

struct bnd_box_user;

/* A detached mount and where it goes (box-src.h makes them). */
#define BND_BOX_TREES 80
struct bnd_box_tree {
	int fd;		 /* of open_tree(); inherited by the init */
	const char *dst; /* absolute, canonical */
	unsigned rights; /* enum bnd_box_right */
	bool dir, idmap;
	bool device; /* a node of dev: the one kind of mount without nodev */
};

/* Instructions of a filter, as the kernel takes them. */
struct bnd_box_filter {
	const void *code; /* struct sock_filter[len], not freed by the job */
	unsigned short len;
};

/* v2 leaf, and a `tasks` descriptor for each v1 hierarchy that is joined. */
#define BND_BOX_JOINS 8

/*
 * Between clone and exec there is no heap, no stdio, no exit(): the children
 * read this struct in their copy of the supervisor's memory, nothing else.
 */
struct bnd_box_job {
	const struct bnd_box_policy *policy;
	uid_t init_id;	  /* B: the init's id on the host, owner and group */
	uid_t payload_id; /* B+1 */
	uid_t uid;	  /* u, g: what the payload sees itself as; never 0 */
	gid_t gid;
	const struct bnd_box_user
	    *user; /* whose rights open sources, or NULL */
	size_t trees;
	struct bnd_box_tree tree[BND_BOX_TREES];
	unsigned links; /* the host's into /usr: a bit each (box-root.h) */
	const char *const *argv; /* argv[0] is looked up along PATH of envp */
	const char *const *envp;
	const char *cwd;
	struct bnd_box_filter filter, seal;
	int stdio[3]; /* the payload's 0, 1, 2 */
	int cgroup;   /* v2 leaf directory for CLONE_INTO_CGROUP */
	size_t joins;
	int join[BND_BOX_JOINS];
	/* Made by bnd_box_start(), SEQPACKET, the children's ends: */
	int status; /* notes; a byte releases the init; EOF: the supervisor died */
	volatile uint32_t *at; /* [2], shared: stage of init, of payload */
	bool relay;	       /* there is one, which needs a listener */
	int hand;	       /* it goes this way (box-listen.h); -1 without */
	int go;		  /* the payload's: a byte releases it, EOF gives up */
	int landlock_abi; /* the kernel's; the policy's minimum was met */
};

#endif
