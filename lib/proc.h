/* proc.h: run a helper that can neither hang nor inherit */
/* SPDX-License-Identifier: ISC */
#ifndef BND_PROC_H
#define BND_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "err.h"
#include "text.h"

/*
 * path is absolute, argv ends with NULL.  The helper gets a clean environment
 * (PATH=/usr/sbin:/usr/bin:/sbin:/bin, LC_ALL=C), stdin from input (or
 * /dev/null), stdout and stderr in pipes, no other descriptor, default signal
 * dispositions and mask.  At the deadline it is killed.
 */
struct bnd_proc {
	const char *path;
	const char *const *argv;
	struct bnd_str input;
	unsigned deadline_ms;
	/* results */
	char *out; /* the caller's buffer, NUL added */
	size_t out_size, out_len;
	char errtext[256]; /* first line of stderr, made safe to show */
	int status;	   /* exit status, or 128 + signal */
	bool timed_out, out_full;
};

/* 0 if the helper ran and ended, whatever its status; -1 if it did not. */
int bnd_proc_run(struct bnd_proc *p, struct bnd_err *err) BND_CHECK;

/* Who is asking, as the kernel says. */
#define BND_WHO_TTY 32
struct bnd_who {
	pid_t pid;
	uid_t uid;
	bool has_auid, has_ses;
	unsigned auid, ses;
	char tty[BND_WHO_TTY]; /* the controlling one, "pts/3"; or empty */
};
void bnd_proc_who(struct bnd_who *who);

#endif
