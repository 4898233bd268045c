/* ceremony-open.h: a ceremony is asked for, and finished where it is ours */
/* SPDX-License-Identifier: ISC */
#ifndef CEREMONY_OPEN_H
#define CEREMONY_OPEN_H

#include <stdbool.h>

#include "entry.h"
#include "root.h"

struct open_wish {
	const char *mode;   /* request: the mode, or NULL */
	bool unfreeze;	    /* request: instead of a mode */
	const char *span;   /* request: how long, or NULL */
	const char *reason; /* or NULL */
	const char *finish; /* id of the ceremony to use, or NULL: open one */
	bool alone;	    /* revoke: one other person, a day's wait */
	struct entry_wish entry; /* enroll, revoke: who */
	bool json;
};

/* Each gives the exit status; an opened one's id goes to standard output. */
int ceremony_request(const struct bnd_root *root, const struct open_wish *wish);
int ceremony_enroll(const struct bnd_root *root, const struct open_wish *wish);
int ceremony_revoke(const struct bnd_root *root, const struct open_wish *wish);
int ceremony_drill(const struct bnd_root *root, const struct open_wish *wish);

#endif
