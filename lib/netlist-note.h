/* netlist-note.h: what is wrong with a list, and where */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NETLIST_NOTE_H
#define BND_NETLIST_NOTE_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

#define BND_LIST_NOTES 320 /* messages kept; more are only counted */

enum bnd_list_code {
	BND_LIST_OK = 0,
	BND_LIST_BYTE,
	BND_LIST_LINE,
	BND_LIST_SIZE_E,
	BND_LIST_COUNT,
	BND_LIST_EOF,
	BND_LIST_VERSION,
	BND_LIST_KEY,
	BND_LIST_TOKEN,
	BND_LIST_DUP,
	BND_LIST_MODE,
	BND_LIST_NEED,
	BND_LIST_LINK,
	BND_LIST_KIND,
	BND_LIST_PROTO,
	BND_LIST_ADDR,
	BND_LIST_PREFIX,
	BND_LIST_HOSTBITS,
	BND_LIST_FAMILY,
	BND_LIST_CLASS,
	BND_LIST_PORT,
	BND_LIST_RANGE,
	BND_LIST_TYPE,
	BND_LIST_WIDE,
	BND_LIST_FILE,	/* the file cannot be trusted: exit 8 */
	BND_LIST_W_DUP, /* a note, no error */
	BND_LIST_INTERNAL,
};

/* "E_BYTE" and so on, for JSON and tests. */
const char *bnd_list_code_name(enum bnd_list_code code);

/* What is wrong with a value, and at which of its bytes. */
struct bnd_flaw {
	enum bnd_list_code code;
	const char *at;
	char reason[100];
};

/* Fill *flaw; always false. */
bool bnd_flaw(struct bnd_flaw *flaw, enum bnd_list_code code, const char *at,
    const char *fmt, ...) BND_PRINTF(4, 5);

struct bnd_list_note {
	enum bnd_list_code code;
	unsigned line, col; /* from 1, in bytes */
	char reason[100];   /* hostile bytes made harmless */
};

/* Large: not for the stack. */
struct bnd_list_report {
	unsigned errors; /* in all, kept or not */
	unsigned notes;	 /* kept below: errors and warnings, in file order */
	struct bnd_list_note note[BND_LIST_NOTES];
};

/* Keep the notes in the order of the file; the last give way when it is full. */
void bnd_list_say(struct bnd_list_report *r, enum bnd_list_code code,
    unsigned line, unsigned col, const char *fmt, ...) BND_PRINTF(5, 6);

/* "FILE:LINE:COL: reason" */
void bnd_list_note_text(
    const struct bnd_list_note *note, const char *file, char *dst, size_t size);

#endif
