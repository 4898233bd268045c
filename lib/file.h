/* file.h: bounded reads, files replaced whole, writes that reached the disk */
/* SPDX-License-Identifier: ISC */
#ifndef BND_FILE_H
#define BND_FILE_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "err.h"
#include "root.h"

/*
 * A file that somebody names, wherever it is and whosever: not waited for, and
 * not read if it is no regular file (BND_E_UNSAFE).  A descriptor, or -1.
 */
int bnd_file_open_regular(const char *path, struct bnd_err *err) BND_CHECK;

/*
 * Read a descriptor to its end into buf, at most size bytes; a longer file is
 * BND_E_INPUT, never cut.  name is for the message.
 */
int bnd_file_read_fd(int fd, const char *name, char *buf, size_t size,
    size_t *len, struct bnd_err *err) BND_CHECK;

/* Open with bnd_root_open_trusted() and read. */
int bnd_file_read(const struct bnd_root *root, const char *path,
    mode_t forbidden, char *buf, size_t size, size_t *len,
    struct bnd_err *err) BND_CHECK;

/* All of it, through EINTR and short writes. */
int bnd_file_write_all(int fd, const char *name, const void *buf, size_t len,
    struct bnd_err *err) BND_CHECK;

/*
 * Replace path by len bytes: temporary file of a random name made with its
 * final mode (O_EXCL, whatever the umask), fsync, rename, fsync of the
 * directory.  On -1 the old file stands, unless the text says "replaced,
 * durability unknown".
 */
int bnd_file_replace(const struct bnd_root *root, const char *path,
    const void *buf, size_t len, mode_t mode, struct bnd_err *err) BND_CHECK;

/* The same with mode and group of what stood there before. */
int bnd_file_replace_like(const struct bnd_root *root, const char *path,
    const void *buf, size_t len, const struct stat *was,
    struct bnd_err *err) BND_CHECK;

/* fsync the directory that holds path. */
int bnd_file_sync_dir(const struct bnd_root *root, const char *path,
    struct bnd_err *err) BND_CHECK;

/*
 * Give from another name, which nothing has yet, and sync both directories.
 * errnum tells: ENOENT there is no from, EEXIST there is something at to.
 */
int bnd_file_move(const struct bnd_root *root, const char *from, const char *to,
    struct bnd_err *err) BND_CHECK;

/* Remove path and sync its directory; not being there is success. */
int bnd_file_unlink(const struct bnd_root *root, const char *path,
    struct bnd_err *err) BND_CHECK;

#endif
