/* root.h: every path of ours is opened below a root descriptor */
/* SPDX-License-Identifier: ISC */
#ifndef BND_ROOT_H
#define BND_ROOT_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "err.h"

/*
 * The directory that stands for /.  owner is whom a trusted file must belong
 * to: 0 for the real root, the caller for a root of his own (-R).
 */
struct bnd_root {
	int fd;
	uid_t owner;
	bool real; /* it is the host's root, so the kernel may be changed */
};

/* dir NULL is the real root.  bnd_root_close() gives the descriptor back. */
int bnd_root_open(
    struct bnd_root *root, const char *dir, struct bnd_err *err) BND_CHECK;
void bnd_root_close(struct bnd_root *root);
#define SCOPED_ROOT __attribute__((cleanup(bnd_root_close)))

/*
 * Open path (relative, or absolute and then taken below the root) with
 * openat2(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
 * O_CLOEXEC, O_NOFOLLOW and O_NONBLOCK are added.  Returns a descriptor, or
 * -1 with err->errnum set (ENOENT tells "not there").
 */
int bnd_root_openat(const struct bnd_root *root, const char *path, int flags,
    mode_t mode, struct bnd_err *err) BND_CHECK;

/* The same for sysfs, whose entries are links: RESOLVE_IN_ROOT. */
int bnd_root_open_sysfs(const struct bnd_root *root, const char *path,
    int flags, struct bnd_err *err) BND_CHECK;

/*
 * Open a file that is believed: regular, root->owner's, no hard link, no bit of
 * forbidden (such as 0022) set, and every directory above it below the root
 * owned by root->owner (or 0) and not writable by group or others unless
 * sticky.  BND_E_UNSAFE otherwise.
 */
int bnd_root_open_trusted(const struct bnd_root *root, const char *path,
    mode_t forbidden, struct bnd_err *err) BND_CHECK;

/*
 * The same for a directory, whose entries are believed because nobody else can
 * add or take away one.
 */
int bnd_root_open_dir(const struct bnd_root *root, const char *path,
    struct bnd_err *err) BND_CHECK;

/* The check alone, on a descriptor; name is for the message. */
int bnd_root_check_file(const struct bnd_root *root, int fd, const char *name,
    mode_t forbidden, struct bnd_err *err) BND_CHECK;

/*
 * Make a directory (with missing parents, each with mode) and check that what
 * is there is a directory of root->owner without bits of 0022.
 */
int bnd_root_mkdir(const struct bnd_root *root, const char *path, mode_t mode,
    struct bnd_err *err) BND_CHECK;

#endif
