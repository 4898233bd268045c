/* netlist-note.c: what is wrong with a list, and where */
/* SPDX-License-Identifier: ISC */
#include "netlist-note.h"

#include <stdarg.h>
#include <stdio.h>

#define ASIZE(a) (sizeof(a) / sizeof((a)[0]))

static const char *const code_names[] = {
	[BND_LIST_OK] = "OK",
	[BND_LIST_BYTE] = "E_BYTE",
	[BND_LIST_LINE] = "E_LINE",
	[BND_LIST_SIZE_E] = "E_SIZE",
	[BND_LIST_COUNT] = "E_COUNT",
	[BND_LIST_EOF] = "E_EOF",
	[BND_LIST_VERSION] = "E_VERSION",
	[BND_LIST_KEY] = "E_KEY",
	[BND_LIST_TOKEN] = "E_TOKEN",
	[BND_LIST_DUP] = "E_DUP",
	[BND_LIST_MODE] = "E_MODE",
	[BND_LIST_NEED] = "E_NEED",
	[BND_LIST_LINK] = "E_LINK",
	[BND_LIST_KIND] = "E_KIND",
	[BND_LIST_PROTO] = "E_PROTO",
	[BND_LIST_ADDR] = "E_ADDR",
	[BND_LIST_PREFIX] = "E_PREFIX",
	[BND_LIST_HOSTBITS] = "E_HOSTBITS",
	[BND_LIST_FAMILY] = "E_FAMILY",
	[BND_LIST_CLASS] = "E_CLASS",
	[BND_LIST_PORT] = "E_PORT",
	[BND_LIST_RANGE] = "E_RANGE",
	[BND_LIST_TYPE] = "E_TYPE",
	[BND_LIST_WIDE] = "E_WIDE",
	[BND_LIST_FILE] = "E_FILE",
	[BND_LIST_W_DUP] = "W_DUP",
	[BND_LIST_INTERNAL] = "E_INTERNAL",
};

const char *
bnd_list_code_name(enum bnd_list_code code)
{
	return (size_t)code < ASIZE(code_names) ? code_names[code] : "OK";
}

bool
bnd_flaw(struct bnd_flaw *flaw, enum bnd_list_code code, const char *at,
    const char *fmt, ...)
{
	va_list ap;

	flaw->code = code;
	flaw->at = at;
	va_start(ap, fmt);
	(void)vsnprintf(flaw->reason, sizeof(flaw->reason), fmt, ap);
	va_end(ap);
	return false;
}

static bool
before(const struct bnd_list_note *a, const struct bnd_list_note *b)
{
	return a->line != b->line ? a->line < b->line : a->col < b->col;
}

static void
keep(struct bnd_list_report *r, const struct bnd_list_note *note)
{
	unsigned i = r->notes;

	if (note->code != BND_LIST_W_DUP)
		r->errors++;
	if (r->notes == BND_LIST_NOTES) {
		if (!before(note, &r->note[BND_LIST_NOTES - 1]))
			return;
		i = BND_LIST_NOTES - 1;
	} else {
		r->notes++;
	}
	for (; i > 0 && before(note, &r->note[i - 1]); i--)
		r->note[i] = r->note[i - 1];
	r->note[i] = *note;
}

void
bnd_list_say(struct bnd_list_report *r, enum bnd_list_code code, unsigned line,
    unsigned col, const char *fmt, ...)
{
	struct bnd_list_note note = { code, line, col, "" };
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(note.reason, sizeof(note.reason), fmt, ap);
	va_end(ap);
	keep(r, &note);
}

void
bnd_list_note_text(
    const struct bnd_list_note *note, const char *file, char *dst, size_t size)
{
	(void)snprintf(dst, size, "%s:%u:%u: %s", file, note->line, note->col,
	    note->reason);
}
