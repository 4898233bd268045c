/* scratch.h: a root of the test's own, removed afterwards */
/* SPDX-License-Identifier: ISC */
#ifndef TEST_SCRATCH_H
#define TEST_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "root.h"

struct scratch {
	char dir[64];
	struct bnd_root root;
};

static inline int
scratch_remove_one(
    const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static inline void
scratch_remove(struct scratch *s)
{
	bnd_root_close(&s->root);
	nftw(s->dir, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Aborts the test if there is no room for one. */
static inline void
scratch_make_in(struct scratch *s, const char *where)
{
	struct bnd_err err = { 0 };

	snprintf(s->dir, sizeof(s->dir), "%s/bnd-test.XXXXXX", where);
	if (mkdtemp(s->dir) == NULL ||
	    bnd_root_open(&s->root, s->dir, &err) != 0) {
		printf("Bail out! no scratch directory: %s\n", err.text);
		exit(2);
	}
}

static inline void
scratch_make(struct scratch *s)
{
	scratch_make_in(s, "/tmp");
}

/* Where a sync costs nothing, if there is such a place. */
static inline void
scratch_make_fast(struct scratch *s)
{
	scratch_make_in(s, access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
}

#endif
