/* accepted.h: the list file, and the copy of the one accepted last */
/* SPDX-License-Identifier: ISC */
#ifndef BND_ACCEPTED_H
#define BND_ACCEPTED_H

#include <stdbool.h>

#include "err.h"
#include "netlist.h"
#include "root.h"
#include "sign.h"

#define BND_LIST_PATH	  "etc/bnd/net.allow"
#define BND_ACCEPTED_PATH "run/bnd/net/list"

/* What a list file said.  Large: not for the stack. */
struct bnd_listfile {
	struct bnd_netlist list;
	struct bnd_list_report report;
	size_t len;
	char text[BND_LIST_SIZE + 1];
	uint8_t digest[BND_HASH_LEN]; /* of the bytes that were parsed */
};

/*
 * Read once and parse those bytes.  trusted asks for root's file without bits
 * of 0133 (BND_E_UNSAFE, one note E_FILE); else any regular file will do, as
 * for lint.  Never blocks, on a FIFO either.  A bad list is BND_E_INPUT with
 * file->report filled and the list empty.
 */
int bnd_listfile_read(const struct bnd_root *root, const char *path,
    bool trusted, struct bnd_listfile *file, struct bnd_err *err) BND_CHECK;

/*
 * The copy accepted last, which repair, hook and check use.  Always fills
 * *file: not there, cut, edited or unlike its digest is the empty list, and -1
 * says why (errnum ENOENT: never accepted).
 */
int bnd_accepted_load(const struct bnd_root *root, struct bnd_listfile *file,
    struct bnd_err *err) BND_CHECK;
int bnd_accepted_store(const struct bnd_root *root,
    const struct bnd_listfile *file, struct bnd_err *err) BND_CHECK;

/*
 * What an apply uses: the file if it is good (in_force), else the accepted copy,
 * else the empty list.  0: the file, or there is none and none was accepted.
 * -1: the file was not used; err and *edited say why (exit 2 or 8), *file is
 * filled all the same.
 */
int bnd_list_for_apply(const struct bnd_root *root, struct bnd_listfile *file,
    struct bnd_list_report *edited, struct bnd_err *err) BND_CHECK;

/* Whether the file differs from the accepted copy (a finding). */
bool bnd_list_edited(const struct bnd_root *root);

#endif
