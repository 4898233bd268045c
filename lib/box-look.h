/* box-look.h: what is read of one child of a sandbox, from the host's side */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_LOOK_H
#define BND_BOX_LOOK_H

#include <sys/types.h>

#include "box-policy.h"
#include "box-proc.h"
#include "err.h"

#define BND_LOOK_MAX   (256u << 10) /* of one file; mountinfo is the longest */
#define BND_LOOK_FDS   (BND_BOX_FDS + 5)

/* user mnt pid net ipc uts cgroup time, as links of /proc/N: "ns/user". */
#define BND_SPACES     8
#define BND_SPACE_TIME 7
extern const char *const bnd_spaces[BND_SPACES];

struct bnd_look {
	const char *who; /* "payload", "init" */
	int dir;	 /* /proc/N, the caller's to close */
	struct bnd_proc_status status;
	uint64_t ns[BND_SPACES]; /* inode numbers */
	size_t fds;
	int fd[BND_LOOK_FDS]; /* more of them are an error */
};

/* who is set before. */
int bnd_look_open(struct bnd_look *l, pid_t pid, struct bnd_err *err) BND_CHECK;
/* status, ns and fd of it; buf takes BND_LOOK_MAX, as below. */
int bnd_look(struct bnd_look *l, char *buf, struct bnd_err *err) BND_CHECK;

/* One file, whole; it lasts as long as buf holds it. */
int bnd_look_file(int dir, const char *file, char *buf, size_t size,
    struct bnd_str *text, struct bnd_err *err) BND_CHECK;

/* Where /proc/N/ns/X leads; name is below dir. */
int bnd_look_space(
    int dir, const char *name, uint64_t *inode, struct bnd_err *err) BND_CHECK;

#endif
