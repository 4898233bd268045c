/* pen.c: rows for people: a kind, a text, colour and folds on a terminal */
/* SPDX-License-Identifier: ISC */
#include "pen.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd.h"
#include "text.h"

#define INDENT	  13 /* where the text of a row begins */
#define NARROWEST 40 /* a terminal that is less is not folded for */

struct pen
pen_take(void)
{
	struct pen p = { .colour = cmd_colour(stdout) };
	struct winsize ws;

	if (isatty(STDOUT_FILENO) &&
	    ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 &&
	    ws.ws_col >= NARROWEST)
		p.width = ws.ws_col;
	return p;
}

void
pen_write(const struct pen *p, enum ink ink, const char *text, int len)
{
	static const char *const code[] = { "", "\033[32m", "\033[1;31m",
		"\033[33m", "\033[2m" };

	if (p->colour && ink != INK_NONE)
		printf("%s%.*s\033[0m", code[ink], len, text);
	else
		printf("%.*s", len, text);
}

/* As much of text as a line takes, whole words if there are any. */
static size_t
fold(const struct pen *p, const char *text)
{
	size_t len = strlen(text), room = p->width - INDENT, at;

	if (p->width == 0 || len <= room)
		return len;
	for (at = room; at > 0 && text[at] != ' '; at--)
		;
	return at > 0 ? at : room;
}

void
pen_row(const struct pen *p, enum ink ink, const char *what, const char *text)
{
	char plain[ROW_MAX], label[16];
	const char *rest = plain;
	size_t n;

	bnd_text_keep(
	    (struct bnd_str){ text, strlen(text) }, plain, sizeof(plain));
	(void)snprintf(label, sizeof(label), "%-10s", what);
	fputs("  ", stdout);
	pen_write(p, ink, label, (int)strlen(label));
	do {
		n = fold(p, rest);
		printf(" %.*s\n", (int)n, rest);
		rest += n;
		while (*rest == ' ')
			rest++;
		if (*rest != '\0')
			printf("%*s", INDENT - 1, "");
	} while (*rest != '\0');
}
