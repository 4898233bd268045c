/* box-cgroup.h: the leaves of one run: made, limited, joined, removed */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_CGROUP_H
#define BND_BOX_CGROUP_H

#include <stddef.h>

#include "box-cghost.h"
#include "box-job.h"
#include "box-policy.h"
#include "err.h"

/*
 * v2 bnd-sbx/N always, v1 bnd-sbx-N below our own path where a row needs it: all
 * made for this run, so that every counter begins at 0.
 */
struct bnd_cg {
	int leaf;		 /* v2; -1 if it is gone (bnd_cg_open) */
	char name[BND_BOX_PATH]; /* of the leaf, below bnd-sbx */
	size_t n;
	struct {
		int dir, tasks;
		char name[32];
		char path[BND_BOX_PATH];
		unsigned rows;
	} v1[BND_CG_HIERARCHIES];
	unsigned v2_rows; /* facilities served by the v2 leaf */
};

/*
 * Make the leaves, write the limits and read them back before anybody joins.
 * BND_E_SYS or BND_E_INPUT name the facility that is missing or differs.  What
 * an earlier run left there is removed; the lease says that nobody is in it.
 */
int bnd_cg_make(const struct bnd_cg_host *host, unsigned lease,
    const struct bnd_box_policy *p, struct bnd_cg *cg,
    struct bnd_err *err) BND_CHECK;
/*
 * The leaf of its relay, which is v2's alone and has no limits: bnd-sbx/Nr.  To
 * be closed, and removed, like any other.
 */
int bnd_cg_make_relay(const struct bnd_cg_host *host, unsigned lease,
    struct bnd_cg *cg, struct bnd_err *err) BND_CHECK;
/* The one of a run that is not ours: 1 open, 0 there is none, -1. */
int bnd_cg_open_relay(const struct bnd_cg_host *host, unsigned lease,
    struct bnd_cg *cg, struct bnd_err *err) BND_CHECK;
/*
 * Where the leaves of such a run will be, for its lease: known, and so written
 * down, before the first of them is made.
 */
void bnd_cg_plan(const struct bnd_cg_host *host, unsigned lease,
    const struct bnd_box_policy *p, char path[static 8][BND_BOX_PATH],
    size_t *n);
/* The descriptors for the job. */
void bnd_cg_join(const struct bnd_cg *cg, struct bnd_box_job *job);

/*
 * Of a run that is not ours: by the paths its lease names (gc, enforce).  One
 * that is gone is left out; one that is no leaf of ours is BND_E_CORRUPT.
 */
int bnd_cg_open(const struct bnd_cg_host *host, unsigned lease,
    char path[static 8][BND_BOX_PATH], size_t n, struct bnd_cg *cg,
    struct bnd_err *err) BND_CHECK;
/* Any child of bnd-sbx, whoever made it: 1 open, 0 it is gone, -1. */
int bnd_cg_open_name(const struct bnd_cg_host *host, const char *name,
    struct bnd_cg *cg, struct bnd_err *err) BND_CHECK;
/* Remove the leaves; all processes must be gone. */
int bnd_cg_remove(const struct bnd_cg_host *host, struct bnd_cg *cg,
    struct bnd_err *err) BND_CHECK;
void bnd_cg_close(struct bnd_cg *cg);

#endif
