/* box-mounts.h: a line of mountinfo */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_MOUNTS_H
#define BND_BOX_MOUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

#define BND_MOUNT_PATH 4096

/* proc_pid_mountinfo(5); paths decoded, the others point into the line. */
struct bnd_mount_line {
	uint64_t id, parent;
	struct bnd_str device; /* "8:17" */
	char root[BND_MOUNT_PATH], point[BND_MOUNT_PATH];
	struct bnd_str options; /* of the mount: "ro,nosuid" */
	struct bnd_str fstype;
	bool shared; /* has a propagation field: shared, master ... */
};

/* False: not such a line, or a path in it is too long or holds a NUL. */
bool bnd_mount_parse(struct bnd_str line, struct bnd_mount_line *m);

/* Whether options, separated by commas, have word. */
bool bnd_mount_has(struct bnd_str options, const char *word);

#endif
