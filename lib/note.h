/* note.h: what was noticed on the way, collected: a code and a sentence each */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NOTE_H
#define BND_NOTE_H

#include <stddef.h>

#include "err.h"

#define BND_NOTES_MAX 64

/* Start as {0}.  What does not fit is counted, never silently dropped. */
struct bnd_notes {
	size_t n;
	size_t lost;
	struct {
		const char *code; /* a literal: "nft.missing" */
		char text[200];
	} note[BND_NOTES_MAX];
};

/* A longer text is cut with "...". */
void bnd_note(struct bnd_notes *notes, const char *code, const char *fmt, ...)
    BND_PRINTF(3, 4);

#endif
