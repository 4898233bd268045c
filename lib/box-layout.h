/* box-layout.h: what is where in the root of a sandbox (pure) */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_LAYOUT_H
#define BND_BOX_LAYOUT_H

#include "box-job.h"

/* Where scratch is, and the directory of its tmpfs that is there; sorted. */
#define BND_LAYOUT_SCRATCHES 3
struct bnd_layout_scratch {
	const char *at, *name;
};
extern const struct bnd_layout_scratch bnd_layout_scratch[BND_LAYOUT_SCRATCHES];

/* A tree is at path or above it: nothing there is ours; one is above it. */
bool bnd_layout_is_covered(const struct bnd_box_job *job, const char *path);
bool bnd_layout_is_below(const struct bnd_box_job *job, const char *path);

/*
 * Pure: the mounts the finished root has, for attestation: one line of
 * mountinfo each, told by mount point, type, and the flags it must have.
 */
struct bnd_root_mount {
	char at[BND_BOX_PATH];
	const char *fstype; /* NULL: as the source's */
	bool ro, nosuid, nodev, noexec;
	bool recursive; /* submounts of it may follow, no looser */
};
#define BND_ROOT_MOUNTS 128
size_t bnd_root_plan(const struct bnd_box_job *job,
    struct bnd_root_mount plan[static BND_ROOT_MOUNTS]);

/* Of job->links, bit i: /NAME is a link to usr/NAME. */
#define BND_ROOT_LINKS_N 6
extern const char *const bnd_root_links[BND_ROOT_LINKS_N];

/*
 * Trees and scratch directories, merged: each comes behind what is above it.
 * An index below job->trees, or that plus one of scratch; a tree at the very
 * place of a scratch directory takes it.  The job's trees are sorted.
 */
size_t bnd_layout_order(
    const struct bnd_box_job *job, size_t order[static BND_ROOT_MOUNTS]);

#endif
