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
	size_t len; /* of text; 0: there is no file, which is an empty list */
	char text[BND_LIST_SIZE + 1];
	uint8_t digest[BND_HASH_LEN]; /* of the bytes that were parsed */
};

/*
 * Read once and parse those bytes, the list of root (NULL path: BND_LIST_PATH).
 * It must be a trusted file without bits of 0133 (else BND_E_UNSAFE and a note
 * E_FILE); a bad one is BND_E_INPUT.  file->report says all that is wrong, and
 * the list is empty then.  No file is no error.
 */
int bnd_listfile_read(const struct bnd_root *root, const char *path,
    struct bnd_listfile *file, struct bnd_err *err) BND_CHECK;

/* The same for any regular file of the caller's, as lint takes one. */
int bnd_listfile_lint(
    const char *path, struct bnd_listfile *file, struct bnd_err *err) BND_CHECK;

/* No list at all, which lets nothing by. */
void bnd_listfile_empty(struct bnd_listfile *file);
/* As if the file of that name held text; what is bad leaves it empty. */
int bnd_listfile_take(struct bnd_str text, const char *name,
    struct bnd_listfile *file, struct bnd_err *err) BND_CHECK;

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
 * What an apply uses: the file if it is good, else the copy accepted last, else
 * the empty list.  -1: the file was not used, err says why (exit 2 or 8), and
 * *wrong has every reason; *file is filled all the same.  Whoever has put a
 * good file in force calls bnd_accepted_store().
 */
int bnd_list_for_apply(const struct bnd_root *root, struct bnd_listfile *file,
    struct bnd_list_report *wrong, struct bnd_err *err) BND_CHECK;

/* Whether the file is not what was accepted last (a finding). */
bool bnd_list_is_edited(
    const struct bnd_root *root, const struct bnd_listfile *accepted);

#endif
