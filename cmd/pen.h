/* pen.h: rows for people: a kind, a text, colour and folds on a terminal */
/* SPDX-License-Identifier: ISC */
#ifndef PEN_H
#define PEN_H

#include <stdbool.h>

#define ROW_MAX 480

enum ink {
	INK_NONE = 0,
	INK_GOOD,
	INK_BAD,
	INK_WARN,
	INK_DIM,
};

struct pen {
	bool colour;
	unsigned width; /* 0: rows are not folded */
};

/* For stdout: neither colour nor folds if that is no terminal. */
struct pen pen_take(void);
void pen_write(const struct pen *p, enum ink ink, const char *text, int len);
/* "  what       text", folded below itself, hostile bytes made harmless. */
void pen_row(
    const struct pen *p, enum ink ink, const char *what, const char *text);

#endif
