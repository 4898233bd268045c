/* box-proc.h: what files of /proc/N say of a process, strictly read */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_PROC_H
#define BND_BOX_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "text.h"

/*
 * Pure: proc(5).  Keys a newer kernel adds are passed over; one that is read
 * here must be there exactly once and be well-formed, or -1 (BND_E_CORRUPT).
 */
#define BND_PROC_CAPS 5 /* CapInh CapPrm CapEff CapBnd CapAmb */
struct bnd_proc_status {
	uint64_t uid[4], gid[4]; /* real, effective, saved, file system */
	uint64_t groups;	 /* how many */
	uint64_t caps[BND_PROC_CAPS];
	uint64_t no_new_privs, seccomp, filters, threads, tracer;
	uint64_t blocked, ignored, caught; /* signal n is bit n - 1 */
};
int bnd_proc_status(struct bnd_str text, struct bnd_proc_status *s,
    struct bnd_err *err) BND_CHECK;

/* A row of limits by the name in its first column; UINT64_MAX: unlimited. */
int bnd_proc_limit(struct bnd_str text, const char *name, uint64_t *soft,
    uint64_t *hard, struct bnd_err *err) BND_CHECK;

/*
 * The path of a hierarchy in cgroup: of v1 by its controllers as that file has
 * them ("cpu,cpuacct", "name=systemd"), of v2 by "".
 */
int bnd_proc_cgroup(struct bnd_str text, const char *controllers,
    struct bnd_str *path, struct bnd_err *err) BND_CHECK;

#endif
