/* box-path.h: from a name to the object, by no link that somebody planted */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_PATH_H
#define BND_BOX_PATH_H

#include <sys/stat.h>

#include "err.h"

/* An object, O_PATH, and of what is no directory the one it was found in. */
struct bnd_path {
	int fd, above;
	struct stat st;
};

/*
 * From the directory from, or from / if path is absolute.  A link is followed
 * if it is root's, in a directory that only root can write, and then by its
 * text; any other and ".." are refused (DENIED, INPUT).  Nothing is opened but
 * O_PATH, so neither a FIFO nor an automount at its end is waited for.  errnum
 * ENOENT: there is none.
 */
int bnd_path_open(int from, const char *path, struct bnd_path *at,
    struct bnd_err *err) BND_CHECK;
/* The same of what somebody typed, in which ".." is the directory above. */
int bnd_path_open_up(int from, const char *path, struct bnd_path *at,
    struct bnd_err *err) BND_CHECK;
void bnd_path_close(struct bnd_path *at);
#define SCOPED_PATH __attribute__((cleanup(bnd_path_close)))

#endif
