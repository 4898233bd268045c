/* usb-lex.c: where the parser stands, what it takes, and what it says */
/* SPDX-License-Identifier: ISC */
#include "usb-lex.h"

#include <string.h>

unsigned
bnd_lex_column(const struct bnd_lex *at)
{
	return (unsigned)(at->rest.p - at->start) + 1;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool
bnd_lex_sees(const struct bnd_lex *at, char c)
{
	return at->rest.len > 0 && *at->rest.p == c;
}

bool
bnd_lex_takes(struct bnd_lex *at, char c)
{
	if (!bnd_lex_sees(at, c))
		return false;
	at->rest = bnd_str_from(at->rest, 1);
	return true;
}

bool
bnd_lex_blanks(struct bnd_lex *at)
{
	const char *was = at->rest.p;

	while (at->rest.len > 0 && is_blank(*at->rest.p))
		at->rest = bnd_str_from(at->rest, 1);
	return at->rest.p != was;
}

bool
bnd_lex_ends(const struct bnd_lex *at)
{
	return at->rest.len == 0;
}

/* What stands here up to the next blank is not what it should be. */
int
bnd_lex_complain(
    const struct bnd_lex *at, const char *what, struct bnd_err *err)
{
	struct bnd_str word = at->rest;
	char shown[64];

	for (size_t i = 0; i < word.len; i++)
		if (is_blank(word.p[i]))
			word.len = i;
	bnd_text_show(word, shown, sizeof(shown));
	if (bnd_lex_ends(at))
		return bnd_fail(err, BND_E_INPUT,
		    "%s:%u:%u: %s, but nothing follows", at->name, at->line,
		    bnd_lex_column(at), what);
	return bnd_fail(err, BND_E_INPUT, "%s:%u:%u: %s: \"%s\"", at->name,
	    at->line, bnd_lex_column(at), what, shown);
}

int
bnd_lex_too_long(const struct bnd_lex *at, struct bnd_err *err)
{
	return bnd_fail(err, BND_E_INPUT, "%s:%u:%u: too much for one line",
	    at->name, at->line, bnd_lex_column(at));
}

struct bnd_str
bnd_lex_word(struct bnd_lex *at, const char *more)
{
	struct bnd_str word = { at->rest.p, 0 };

	while (!bnd_lex_ends(at)) {
		char c = *at->rest.p;

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c != '\0' && strchr(more, c) != NULL)))
			break;
		at->rest = bnd_str_from(at->rest, 1);
		word.len++;
	}
	return word;
}

/* ---- values ---- */

static bool
takes_hex(struct bnd_lex *at, unsigned digits, unsigned *n)
{
	*n = 0;
	if (at->rest.len < digits)
		return false;
	for (unsigned i = 0; i < digits; i++) {
		char c = at->rest.p[i];
		const char *set = "0123456789abcdef";
		const char *digit;

		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		digit = c != '\0' ? strchr(set, c) : NULL;
		if (digit == NULL)
			return false;
		*n = *n << 4 | (unsigned)(digit - set);
	}
	at->rest = bnd_str_from(at->rest, digits);
	return true;
}

static bool
reads_id(struct bnd_lex *at, struct bnd_usb_value *v)
{
	unsigned vendor = 0, product = 0;

	if (bnd_lex_takes(at, '*')) {
		v->id.stars = 2;
		return bnd_lex_takes(at, ':') && bnd_lex_takes(at, '*');
	}
	if (!takes_hex(at, 4, &vendor) || !bnd_lex_takes(at, ':'))
		return false;
	v->id.vendor = (uint16_t)vendor;
	if (bnd_lex_takes(at, '*')) {
		v->id.stars = 1;
		return true;
	}
	if (!takes_hex(at, 4, &product))
		return false;
	v->id.product = (uint16_t)product;
	return true;
}

static bool
reads_iface(struct bnd_lex *at, struct bnd_usb_value *v)
{
	unsigned n;

	if (!takes_hex(at, 2, &n) || !bnd_lex_takes(at, ':'))
		return false;
	v->iface.class = (uint8_t)n;
	if (bnd_lex_takes(at, '*')) {
		v->iface.stars = 2;
		return bnd_lex_takes(at, ':') && bnd_lex_takes(at, '*');
	}
	if (!takes_hex(at, 2, &n) || !bnd_lex_takes(at, ':'))
		return false;
	v->iface.subclass = (uint8_t)n;
	if (bnd_lex_takes(at, '*')) {
		v->iface.stars = 1;
		return true;
	}
	if (!takes_hex(at, 2, &n))
		return false;
	v->iface.protocol = (uint8_t)n;
	return true;
}

/* A value that is all or nothing is complained about from its beginning. */
static int
take_whole(struct bnd_lex *at, struct bnd_usb_value *v,
    bool (*reads)(struct bnd_lex *at, struct bnd_usb_value *v),
    const char *what, struct bnd_err *err)
{
	struct bnd_lex was = *at;

	if (reads(at, v) &&
	    (bnd_lex_ends(at) || is_blank(*at->rest.p) ||
		bnd_lex_sees(at, '}') || bnd_lex_sees(at, '#')))
		return 0;
	*at = was;
	return bnd_lex_complain(at, what, err);
}

int
bnd_lex_id(struct bnd_lex *at, struct bnd_usb_value *v, struct bnd_err *err)
{
	return take_whole(
	    at, v, reads_id, "expected vvvv:pppp, vvvv:* or *:*", err);
}

int
bnd_lex_iface(struct bnd_lex *at, struct bnd_usb_value *v, struct bnd_err *err)
{
	return take_whole(
	    at, v, reads_iface, "expected cc:ss:pp, cc:ss:* or cc:*:*", err);
}

/* \" \\ \xHH: USBGuard's lexer takes more, what it unquotes is no more. */
static int
take_escape(struct bnd_lex *at, char *c, struct bnd_err *err)
{
	struct bnd_lex was = *at;
	unsigned n;

	at->rest = bnd_str_from(at->rest, 1);
	if (bnd_lex_takes(at, '"')) {
		*c = '"';
	} else if (bnd_lex_takes(at, '\\')) {
		*c = '\\';
	} else if (bnd_lex_takes(at, 'x') && takes_hex(at, 2, &n)) {
		*c = (char)n;
	} else {
		*at = was;
		return bnd_lex_complain(
		    at, "expected \\\", \\\\ or \\xHH", err);
	}
	return 0;
}

int
bnd_lex_string(struct bnd_lex *at, struct bnd_usb_value *v, struct bnd_err *err)
{
	struct bnd_lex was = *at;
	size_t n = 0;
	char *to;

	if (!bnd_lex_takes(at, '"'))
		return bnd_lex_complain(
		    at, "expected a string in double quotes", err);
	to = at->arena->p;
	while (!bnd_lex_takes(at, '"')) {
		if (bnd_lex_ends(at))
			return bnd_lex_complain(
			    &was, "a string without its closing quote", err);
		if (n == at->arena->left)
			return bnd_lex_too_long(at, err);
		if (!bnd_lex_sees(at, '\\')) {
			to[n++] = *at->rest.p;
			at->rest = bnd_str_from(at->rest, 1);
		} else if (take_escape(at, &to[n++], err) != 0) {
			return -1;
		}
	}
	v->str = (struct bnd_str){ bnd_usb_arena_take(at->arena, n), n };
	return v->str.p != NULL ? 0 : bnd_lex_too_long(at, err);
}
