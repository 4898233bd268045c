/* note.c: what was noticed on the way, collected: a code and a sentence each */
/* SPDX-License-Identifier: ISC */
#include "note.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
bnd_note(struct bnd_notes *notes, const char *code, const char *fmt, ...)
{
	const size_t size = sizeof notes->note[0].text;
	va_list ap;
	char *text;
	int n;

	if (notes->n == BND_NOTES_MAX) {
		notes->lost++;
		return;
	}
	text = notes->note[notes->n].text;
	va_start(ap, fmt);
	n = vsnprintf(text, size, fmt, ap);
	va_end(ap);
	if (n < 0)
		text[0] = '\0';
	else if ((size_t)n >= size)
		memcpy(text + size - 4, "...", 4);
	notes->note[notes->n++].code = code;
}
