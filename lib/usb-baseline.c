/* usb-baseline.c: the devices that belong here, one line each */
/* SPDX-License-Identifier: ISC */
/*
 * One spelling a file: what is read prints again as the same bytes, so nothing
 * that was meant to bind a line can be passed over as something else.  It opens
 * with its format and closes with a line of its own, so a cut file is an error.
 */
#include "usb-baseline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "bnd-usb-baseline/1"
#define LAST "end"

enum { HEX_SHA256 = 64 };

struct reader {
	const char *name;
	struct bnd_str rest, line;
	unsigned number;
	struct bnd_err *err;
};

static int
wrong(const struct reader *r, const char *at, const char *what)
{
	return bnd_fail(r->err, BND_E_INPUT, "%s:%u:%zu: %s", r->name,
	    r->number, (size_t)(at - r->line.p) + 1, what);
}

/* ---- one line ------------------------------------------------------------ */

static bool
is_hex(struct bnd_str s)
{
	uint8_t bin[HEX_SHA256 / 2];

	return bnd_text_from_hex(s, bin, sizeof(bin));
}

static bool
is_identity(struct bnd_str s)
{
	return bnd_text_take(&s, "bnd1:") && is_hex(s);
}

static bool
read_kinds(struct bnd_str s, unsigned *kinds)
{
	char again[BND_USB_KINDS_SIZE];

	if (!bnd_usb_kinds_parse(s, kinds))
		return false;
	bnd_usb_kinds_print(*kinds, again, sizeof(again));
	return bnd_str_is(s, again);
}

/* "0000:00:14.0/1.2": a controller and ports. */
static bool
is_place(struct bnd_str s)
{
	const char *slash = s.len > 0 ? memrchr(s.p, '/', s.len) : NULL;

	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= 0x20 || s.p[i] > 0x7e)
			return false;
	if (slash == NULL || slash == s.p || s.len >= BND_USB_PLACE_MAX ||
	    slash + 1 == s.p + s.len)
		return false;
	for (const char *p = slash + 1; p < s.p + s.len; p++)
		if (*p != '.' && (*p < '0' || *p > '9'))
			return false;
	return true;
}

/* By its first word, or a misspelt port= would be taken for it. */
static bool
is_rule(struct bnd_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	return bnd_text_take(&s, "allow ") && s.len > 0 &&
	    s.p[s.len - 1] != ' ';
}

/* Up to the next blank, which is taken, too. */
static struct bnd_str
next_word(struct bnd_str *rest)
{
	const struct bnd_str word = bnd_str_until(*rest, ' ');

	*rest = bnd_str_from(*rest, word.len + (word.len < rest->len));
	return word;
}

/* The word "KEY..." without KEY; false if the next word is another. */
static bool
next_value(struct bnd_str *rest, const char *key, struct bnd_str *value)
{
	struct bnd_str from = *rest;

	if (!bnd_text_take(&from, key))
		return false;
	*value = next_word(&from);
	*rest = from;
	return true;
}

/* What may be there and may not: -1 if it is there and wrong. */
static int
read_options(struct reader *r, struct bnd_str *rest, struct bnd_usb_known *k)
{
	struct bnd_str v;

	if (next_value(rest, "report=", &v) &&
	    (!is_hex(v) || !bnd_str_copy(v, k->report, sizeof(k->report))))
		return wrong(r, v.p, "report= wants 64 hex digits");
	if (next_value(rest, "port=", &v) &&
	    (!is_place(v) || !bnd_str_copy(v, k->place, sizeof(k->place))))
		return wrong(r, v.p, "port= wants CONTROLLER/PORTS");
	return 0;
}

static int
read_known(struct reader *r, struct bnd_usb_known *k)
{
	struct bnd_str rest = r->line, v = next_word(&rest);

	if (!is_identity(v) ||
	    !bnd_str_copy(v, k->identity, sizeof(k->identity)))
		return wrong(r, v.p, "an identity is bnd1: and 64 hex digits");
	if (!next_value(&rest, "kinds=", &v))
		return wrong(r, rest.p, "kinds= belongs here");
	if (!read_kinds(v, &k->kinds))
		return wrong(r, v.p,
		    "kinds= wants words of bnd-usb(5), once "
		    "and in their order, or none");
	if (read_options(r, &rest, k) != 0)
		return -1;
	if (rest.len > 0 && !is_rule(rest))
		return wrong(r, rest.p,
		    "report=, port= or an allow rule "
		    "belongs here, in this order");
	if (r->line.p[r->line.len - 1] == ' ')
		return wrong(
		    r, r->line.p + r->line.len - 1, "a blank too many");
	k->rule = rest;
	k->number = r->number;
	return 0;
}

/* ---- the file ------------------------------------------------------------ */

/* The next line; a byte that no line holds is an error in it. */
static int
next_line(struct reader *r)
{
	bool whole = false;

	r->number++;
	if (!bnd_text_line(&r->rest, &r->line, &whole)) {
		r->line = r->rest;
		return wrong(
		    r, r->line.p, "the file ends without \"" LAST "\"");
	}
	for (size_t i = 0; i < r->line.len; i++)
		if (r->line.p[i] < 0x20 || r->line.p[i] > 0x7e)
			return wrong(r, r->line.p + i, "not printable ASCII");
	if (!whole)
		return wrong(r, r->line.p + r->line.len, "no newline");
	return 0;
}

static int
read_lines(struct reader *r, struct bnd_usb_baseline *b)
{
	if (next_line(r) != 0)
		return -1;
	if (!bnd_str_is(r->line, HEAD))
		return wrong(r, r->line.p, "the first line must be " HEAD);
	for (;;) {
		if (next_line(r) != 0)
			return -1;
		if (bnd_str_is(r->line, LAST))
			break;
		if (b->n == BND_USB_BASELINE_LINES)
			return wrong(r, r->line.p, "more than 1024 devices");
		if (read_known(r, &b->known[b->n]) != 0)
			return -1;
		b->n++;
	}
	if (r->rest.len > 0)
		return wrong(
		    r, r->line.p + r->line.len, "lines behind \"" LAST "\"");
	return 0;
}

int
bnd_usb_baseline_parse(const char *name, struct bnd_str text,
    struct bnd_usb_baseline *b, struct bnd_err *err)
{
	struct reader r = { .name = name, .err = err };

	*b = (struct bnd_usb_baseline){ 0 };
	if (text.len > BND_USB_BASELINE_MAX)
		return bnd_fail(err, BND_E_INPUT,
		    "%s:1:1: longer than %d bytes", name, BND_USB_BASELINE_MAX);
	b->text = malloc(text.len + 1);
	b->known = calloc(BND_USB_BASELINE_LINES, sizeof(*b->known));
	if (b->text == NULL || b->known == NULL) {
		bnd_usb_baseline_free(b);
		return bnd_fail_errno(err, "cannot read %s", name);
	}
	if (text.len > 0)
		memcpy(b->text, text.p, text.len);
	b->text[text.len] = '\0';
	r.rest = (struct bnd_str){ b->text, text.len };
	if (read_lines(&r, b) == 0)
		return 0;
	bnd_usb_baseline_free(b);
	return -1;
}

void
bnd_usb_baseline_free(struct bnd_usb_baseline *b)
{
	free(b->known);
	free(b->text);
	*b = (struct bnd_usb_baseline){ 0 };
}

/* ---- what is in it ------------------------------------------------------- */

/*
 * A line with a place is for one device at that place.  Of the others' places
 * nothing is known here: each of them is taken to hold a line without one.
 */
const struct bnd_usb_known *
bnd_usb_baseline_find(const struct bnd_usb_baseline *b,
    const struct bnd_usb_device *d, bool *taken)
{
	const struct bnd_usb_known *here = NULL, *anywhere = NULL;
	size_t all = 0, free_ones = 0;

	*taken = false;
	for (size_t i = 0; i < b->n; i++) {
		const struct bnd_usb_known *k = &b->known[i];

		if (strcmp(k->identity, d->identity) != 0)
			continue;
		all++;
		if (k->place[0] == '\0') {
			free_ones++;
			anywhere = anywhere != NULL ? anywhere : k;
		} else if (here == NULL && strcmp(k->place, d->place) == 0) {
			here = k;
		}
	}
	if (here == NULL && anywhere == NULL)
		return NULL;
	*taken = d->twins >= (here != NULL ? all : free_ones);
	if (*taken)
		return NULL;
	return here != NULL ? here : anywhere;
}

const struct bnd_usb_known *
bnd_usb_baseline_of(const struct bnd_usb_baseline *b, const char *identity)
{
	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->known[i].identity, identity) == 0)
			return &b->known[i];
	return NULL;
}

void
bnd_usb_known_learn(
    const struct bnd_usb_device *d, bool with_place, struct bnd_usb_known *k)
{
	*k = (struct bnd_usb_known){ .kinds = d->seen.kinds };
	memcpy(k->identity, d->identity, sizeof(k->identity));
	if (d->seen.has_report)
		memcpy(k->report, d->seen.report, sizeof(k->report));
	if (with_place)
		memcpy(k->place, d->place, sizeof(k->place));
}

/* ---- printing ------------------------------------------------------------ */

static bool
add(char *text, size_t size, size_t *len, struct bnd_str s)
{
	if (s.len >= size - *len)
		return false;
	if (s.len > 0)
		memcpy(text + *len, s.p, s.len);
	*len += s.len;
	text[*len] = '\0';
	return true;
}

static bool
add_text(char *text, size_t size, size_t *len, const char *s)
{
	return add(text, size, len, (struct bnd_str){ s, strlen(s) });
}

/* " KEYvalue", if there is one. */
static bool
add_value(
    char *text, size_t size, size_t *len, const char *key, const char *value)
{
	return value[0] == '\0' ||
	    (add_text(text, size, len, key) &&
		add_text(text, size, len, value));
}

bool
bnd_usb_known_print(const struct bnd_usb_known *k, char *line, size_t size)
{
	char kinds[BND_USB_KINDS_SIZE];
	size_t n = 0;

	bnd_usb_kinds_print(k->kinds, kinds, sizeof(kinds));
	return add_text(line, size, &n, k->identity) &&
	    add_value(line, size, &n, " kinds=", kinds) &&
	    add_value(line, size, &n, " report=", k->report) &&
	    add_value(line, size, &n, " port=", k->place) &&
	    (k->rule.len == 0 ||
		(is_rule(k->rule) && add_text(line, size, &n, " ") &&
		    add(line, size, &n, k->rule)));
}

bool
bnd_usb_baseline_print(
    const struct bnd_usb_baseline *b, char *text, size_t size, size_t *len)
{
	*len = 0;
	if (size == 0 || !add_text(text, size, len, HEAD "\n"))
		return false;
	for (size_t i = 0; i < b->n; i++) {
		if (!bnd_usb_known_print(
			&b->known[i], text + *len, size - *len))
			return false;
		*len += strlen(text + *len);
		if (!add_text(text, size, len, "\n"))
			return false;
	}
	return add_text(text, size, len, LAST "\n");
}
