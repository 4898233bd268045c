/* box-find.h: the sources of binds by their names, for root or for a user */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_FIND_H
#define BND_BOX_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "box-path.h"
#include "box-policy.h"
#include "box-user.h"
#include "err.h"

struct bnd_find {
	const struct bnd_box_policy *p;
	int work, cwd;			 /* $WORK, or -1; the caller's place */
	const struct bnd_box_user *user; /* or NULL */
	char *missing; /* optional ones that are not there; or NULL */
	size_t size;
	/* What the user could open himself, of each bind: as in bnd_path. */
	struct {
		int fd, above;
		bool missing;
	} found[BND_BOX_BINDS];
};

void bnd_find_begin(struct bnd_find *f);
void bnd_find_end(struct bnd_find *f);

/* A bind of $WORK: there is none without --work. */
bool bnd_find_is_absent(const struct bnd_find *f, const struct bnd_box_bind *b);

/*
 * For a user, before the rest, by a task that has his rights (box-task.h): arg
 * is the bnd_find.  What is not there and what he may not use as the bind says
 * get one answer, errnum ENOENT, or are absent if that is optional.
 */
int bnd_find_all(void *arg, struct bnd_err *err) BND_CHECK;

/* The source of b, which is one of p->bind; 1: there is none, and may be. */
int bnd_find(struct bnd_find *f, const struct bnd_box_bind *b,
    struct bnd_path *at, struct bnd_err *err) BND_CHECK;

/*
 * $WORK, by its name as whoever calls us wrote it; as the user, if there is one,
 * with the same one answer.
 */
int bnd_find_work(const struct bnd_box_user *user, const char *path, int *fd,
    struct bnd_err *err) BND_CHECK;

#endif
