/* box-cgfile.h: the small files of a cgroup, below its directory */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_CGFILE_H
#define BND_BOX_CGFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "text.h"

/* More than any file that is asked for here holds. */
#define BND_CG_TEXT 4096

bool bnd_cg_file_has(int dir, const char *name);
/* One write(2), as the kernel wants it. */
int bnd_cg_file_write(
    int dir, const char *name, const char *text, struct bnd_err *err) BND_CHECK;
/* Whole, terminated, without its last LF. */
int bnd_cg_file_read(int dir, const char *name, char buf[static BND_CG_TEXT],
    struct bnd_err *err) BND_CHECK;

/* The same of a file that is open, any number of times; name is for errors. */
int bnd_cg_file_read_fd(int fd, const char *name, char buf[static BND_CG_TEXT],
    struct bnd_err *err) BND_CHECK;

/* The number behind "key " in a file of such lines; a NULL key: its only one. */
int bnd_cg_file_u64(int dir, const char *name, const char *key, uint64_t *n,
    struct bnd_err *err) BND_CHECK;

/* Whether word is one of those text holds. */
bool bnd_cg_has_word(const char *text, const char *word);

#endif
