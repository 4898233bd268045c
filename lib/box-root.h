/* box-root.h: the root of a sandbox, built in its init */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_ROOT_H
#define BND_BOX_ROOT_H

#include "box-job.h"
#include "box-layout.h"
#include "box-stage.h"

/*
 * In the init, no heap: tmpfs root and scratch, mount points below the root's
 * descriptor, the trees moved there, made files of /etc, /dev, proc (the
 * detached procfs; -1: none, and no /dev/fd), pivot, root read-only.  0, or -1
 * with note's errnum and arg (the index of the tree, or one of BND_ROOT_*).  The
 * host's root is still mounted on top of the new one, where no path leads.
 */
int bnd_root_build(
    const struct bnd_box_job *job, int procfs, struct bnd_box_note *note);

/* Let go of it.  Once, and before anything is run: it takes the topmost. */
int bnd_root_leave(struct bnd_box_note *note);

/* What arg means when it is no tree. */
enum bnd_root_part {
	BND_ROOT_PRIVATE = 1000,
	BND_ROOT_TMPFS,
	BND_ROOT_SCRATCH,
	BND_ROOT_DEV,
	BND_ROOT_PROC,
	BND_ROOT_ETC,
	BND_ROOT_LINKS,
	BND_ROOT_PIVOT,
	BND_ROOT_READONLY,
	BND_ROOT_LEAVE,
};
const char *bnd_root_part_name(unsigned arg);

#endif
