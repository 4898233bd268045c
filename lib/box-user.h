/* box-user.h: for whom a run is: with whose rights its files are opened */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_USER_H
#define BND_BOX_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "err.h"
#include "root.h"

#define BND_USER_GROUPS 1024

struct bnd_box_user {
	uid_t uid; /* never 0 */
	gid_t gid;
	size_t groups;
	gid_t group[BND_USER_GROUPS]; /* gid among them, each once */
};

/*
 * NAME or UID of /etc/passwd, with the groups of /etc/group; or, for who is in
 * another directory, UID:GID[,GID...], and then nothing is read.  All digits are
 * a UID, whatever name there is.  Root is nobody's user: BND_E_INPUT, as are
 * names that are not there and more groups than BND_USER_GROUPS.
 */
int bnd_box_user_find(const struct bnd_root *root, const char *word,
    struct bnd_box_user *user, struct bnd_err *err) BND_CHECK;

bool bnd_box_user_has(const struct bnd_box_user *user, gid_t gid);

#endif
