/* box-cghost.h: which cgroup hierarchies this host has, and where we are in them */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_CGHOST_H
#define BND_BOX_CGHOST_H

#include <stddef.h>

#include "box-policy.h"
#include "err.h"

/* What a sandbox needs of cgroups, each on v2 or v1 or nowhere (sbx-run(1)). */
enum bnd_cg_facility {
	BND_CG_NONE = 0,
	BND_CG_MEMORY,
	BND_CG_SWAP,
	BND_CG_PIDS,
	BND_CG_CPU,
	BND_CG_USAGE, /* of the CPU */
	BND_CG_FACILITIES,
};
const char *bnd_cg_facility_name(enum bnd_cg_facility f);
#define BND_CG_BIT(f)	   (1U << (f))

#define BND_CG_HIERARCHIES 8
#define BND_CG_TREE	   "bnd-sbx" /* the parent of every v2 leaf */

/* Found once a run: by name where they always are, else by one pass of mountinfo. */
struct bnd_cg_host {
	int v2;	  /* directory of the v2 hierarchy */
	int tree; /* bnd-sbx in it: one write to its cgroup.kill ends all */
	char v2_path[BND_BOX_PATH];
	size_t n; /* v1 hierarchies that a limit needs */
	struct {
		char name[32]; /* as /proc/self/cgroup has it: "cpu,cpuacct" */
		int dir;       /* our own path of it */
		char path[BND_BOX_PATH];
		unsigned rows; /* facilities it serves */
	} v1[BND_CG_HIERARCHIES];
	unsigned has2, has1; /* a bit per facility */
};
/*
 * BND_E_SYS if there is no v2; a missing controller is told by has2 and has1
 * only.  Makes bnd-sbx, and has v2 hand the controllers down to it.
 */
int bnd_cg_find(struct bnd_cg_host *host, struct bnd_err *err) BND_CHECK;
void bnd_cg_forget(struct bnd_cg_host *host);

/* For tests: the tree below any directory, and what it came to serve. */
int bnd_cg_hand_down(
    int v2, int *tree, unsigned *has2, struct bnd_err *err) BND_CHECK;

#endif
