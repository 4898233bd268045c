/* usb-parse.c: one line in USBGuard's grammar becomes a rule, or an error */
/* SPDX-License-Identifier: ISC */
#include "usb-parse.h"

#include <stdalign.h>
#include <string.h>

static const char *const targets[] = {
	[BND_USB_RULE_ALLOW] = "allow",
	[BND_USB_RULE_BLOCK] = "block",
	[BND_USB_RULE_REJECT] = "reject",
};
static const char *const ops[] = {
	[BND_USB_EQUALS] = "equals",
	[BND_USB_ALL_OF] = "all-of",
	[BND_USB_ONE_OF] = "one-of",
	[BND_USB_NONE_OF] = "none-of",
	[BND_USB_EQUALS_ORDERED] = "equals-ordered",
	[BND_USB_MATCH_ALL] = "match-all",
};
static const char *const bys[BND_USB_BYS] = {
	[BND_USB_BY_ID] = "id",
	[BND_USB_BY_SERIAL] = "serial",
	[BND_USB_BY_NAME] = "name",
	[BND_USB_BY_HASH] = "hash",
	[BND_USB_BY_PARENT] = "parent-hash",
	[BND_USB_BY_PORT] = "via-port",
	[BND_USB_BY_IFACE] = "with-interface",
	[BND_USB_BY_IF] = "if",
	[BND_USB_BY_CONNECT] = "with-connect-type",
	[BND_USB_BY_LABEL] = "label",
};
static const char *const conds[BND_USB_IFS] = {
	[BND_USB_IF_TRUE] = "true",
	[BND_USB_IF_FALSE] = "false",
	[BND_USB_IF_ALLOWED] = "allowed-matches",
	[BND_USB_IF_LOCALTIME] = "localtime",
	[BND_USB_IF_RANDOM] = "random",
	[BND_USB_IF_APPLIED] = "rule-applied",
	[BND_USB_IF_EVALUATED] = "rule-evaluated",
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *
name_of(const char *const *table, size_t n, size_t i)
{
	return i < n && table[i] != NULL ? table[i] : "?";
}

const char *
bnd_usb_target_name(enum bnd_usb_target target)
{
	return name_of(targets, COUNT(targets), target);
}

const char *
bnd_usb_op_name(enum bnd_usb_op op)
{
	return name_of(ops, COUNT(ops), op);
}

const char *
bnd_usb_by_name(enum bnd_usb_by by)
{
	return name_of(bys, COUNT(bys), by);
}

const char *
bnd_usb_cond_name(enum bnd_usb_cond cond)
{
	return name_of(conds, COUNT(conds), cond);
}

void *
bnd_usb_arena_take(struct bnd_usb_arena *arena, size_t size)
{
	size_t whole = (size + alignof(max_align_t) - 1) /
	    alignof(max_align_t) * alignof(max_align_t);
	void *p = arena->p;

	if (whole < size || whole > arena->left)
		return NULL;
	arena->p += whole;
	arena->left -= whole;
	return p;
}

/* ---- where the parser stands, and what it says ---- */

struct place {
	const char *name;
	unsigned line;
	const char *start; /* of the line */
	struct bnd_str rest;
	struct bnd_usb_arena *arena;
	struct bnd_usb_rule *rule;
	bool in_query;
};

static unsigned
column(const struct place *at)
{
	return (unsigned)(at->rest.p - at->start) + 1;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
sees(const struct place *at, char c)
{
	return at->rest.len > 0 && *at->rest.p == c;
}

static bool
takes(struct place *at, char c)
{
	if (!sees(at, c))
		return false;
	at->rest = bnd_str_from(at->rest, 1);
	return true;
}

static bool
takes_blanks(struct place *at)
{
	const char *was = at->rest.p;

	while (at->rest.len > 0 && is_blank(*at->rest.p))
		at->rest = bnd_str_from(at->rest, 1);
	return at->rest.p != was;
}

static bool
ends(const struct place *at)
{
	return at->rest.len == 0;
}

/* What stands here up to the next blank is not what it should be. */
static int
complain(const struct place *at, const char *what, struct bnd_err *err)
{
	struct bnd_str word = at->rest;
	char shown[64];

	for (size_t i = 0; i < word.len; i++)
		if (is_blank(word.p[i]))
			word.len = i;
	bnd_text_show(word, shown, sizeof(shown));
	if (ends(at))
		return bnd_fail(err, BND_E_INPUT,
		    "%s:%u:%u: %s, but nothing follows", at->name, at->line,
		    column(at), what);
	return bnd_fail(err, BND_E_INPUT, "%s:%u:%u: %s: \"%s\"", at->name,
	    at->line, column(at), what, shown);
}

static int
too_long(const struct place *at, struct bnd_err *err)
{
	return bnd_fail(err, BND_E_INPUT, "%s:%u:%u: too much for one line",
	    at->name, at->line, column(at));
}

/* ---- values ---- */

static bool
takes_hex(struct place *at, unsigned digits, unsigned *n)
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
reads_id(struct place *at, struct bnd_usb_value *v)
{
	unsigned vendor = 0, product = 0;

	if (takes(at, '*')) {
		v->id.stars = 2;
		return takes(at, ':') && takes(at, '*');
	}
	if (!takes_hex(at, 4, &vendor) || !takes(at, ':'))
		return false;
	v->id.vendor = (uint16_t)vendor;
	if (takes(at, '*')) {
		v->id.stars = 1;
		return true;
	}
	if (!takes_hex(at, 4, &product))
		return false;
	v->id.product = (uint16_t)product;
	return true;
}

static bool
reads_iface(struct place *at, struct bnd_usb_value *v)
{
	unsigned n;

	if (!takes_hex(at, 2, &n) || !takes(at, ':'))
		return false;
	v->iface.class = (uint8_t)n;
	if (takes(at, '*')) {
		v->iface.stars = 2;
		return takes(at, ':') && takes(at, '*');
	}
	if (!takes_hex(at, 2, &n) || !takes(at, ':'))
		return false;
	v->iface.subclass = (uint8_t)n;
	if (takes(at, '*')) {
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
take_whole(struct place *at, struct bnd_usb_value *v,
    bool (*reads)(struct place *at, struct bnd_usb_value *v), const char *what,
    struct bnd_err *err)
{
	struct place was = *at;

	if (reads(at, v) &&
	    (ends(at) || is_blank(*at->rest.p) || sees(at, '}') ||
		sees(at, '#')))
		return 0;
	*at = was;
	return complain(at, what, err);
}

static int
take_id(struct place *at, struct bnd_usb_value *v, struct bnd_err *err)
{
	return take_whole(
	    at, v, reads_id, "expected vvvv:pppp, vvvv:* or *:*", err);
}

static int
take_iface(struct place *at, struct bnd_usb_value *v, struct bnd_err *err)
{
	return take_whole(
	    at, v, reads_iface, "expected cc:ss:pp, cc:ss:* or cc:*:*", err);
}

/* \" \\ \xHH: USBGuard's lexer takes more, what it unquotes is no more. */
static int
take_escape(struct place *at, char *c, struct bnd_err *err)
{
	struct place was = *at;
	unsigned n;

	at->rest = bnd_str_from(at->rest, 1);
	if (takes(at, '"')) {
		*c = '"';
	} else if (takes(at, '\\')) {
		*c = '\\';
	} else if (takes(at, 'x') && takes_hex(at, 2, &n)) {
		*c = (char)n;
	} else {
		*at = was;
		return complain(at, "expected \\\", \\\\ or \\xHH", err);
	}
	return 0;
}

static int
take_string(struct place *at, struct bnd_usb_value *v, struct bnd_err *err)
{
	struct place was = *at;
	size_t n = 0;
	char *to;

	if (!takes(at, '"'))
		return complain(at, "expected a string in double quotes", err);
	to = at->arena->p;
	while (!takes(at, '"')) {
		if (ends(at))
			return complain(
			    &was, "a string without its closing quote", err);
		if (n == at->arena->left)
			return too_long(at, err);
		if (!sees(at, '\\')) {
			to[n++] = *at->rest.p;
			at->rest = bnd_str_from(at->rest, 1);
		} else if (take_escape(at, &to[n++], err) != 0) {
			return -1;
		}
	}
	v->str = (struct bnd_str){ bnd_usb_arena_take(at->arena, n), n };
	return v->str.p != NULL ? 0 : too_long(at, err);
}

/* ---- conditions ---- */

static int parse_attributes(
    struct place *at, bool blank_before, struct bnd_err *err);

static struct bnd_str
take_word(struct place *at, const char *more)
{
	struct bnd_str word = { at->rest.p, 0 };

	while (!ends(at)) {
		char c = *at->rest.p;

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c != '\0' && strchr(more, c) != NULL)))
			break;
		at->rest = bnd_str_from(at->rest, 1);
		word.len++;
	}
	return word;
}

/*
 * The direction of doubt: in an allow rule a condition that is true speaks for
 * the device; one that is negated, or in a none-of, when it is false.
 */
static enum bnd_usb_target
direction(const struct place *at, const struct bnd_usb_value *v)
{
	bool favours = at->rule->target == BND_USB_RULE_ALLOW;

	favours ^= v->cond.negated;
	favours ^= at->rule->set[BND_USB_BY_IF].op == BND_USB_NONE_OF;
	return favours ? BND_USB_RULE_ALLOW : BND_USB_RULE_BLOCK;
}

static int
take_query(struct place *at, struct bnd_usb_value *v, struct bnd_err *err)
{
	struct place in = *at;

	v->cond.query = bnd_usb_arena_take(at->arena, sizeof(*v->cond.query));
	if (v->cond.query == NULL)
		return too_long(at, err);
	*v->cond.query = (struct bnd_usb_rule){
		.target = direction(at, v), .file = at->name, .line = at->line
	};
	in.rule = v->cond.query;
	in.rest = v->cond.arg;
	in.in_query = true;
	v->cond.arg = (struct bnd_str){ 0 };
	return parse_attributes(&in, false, err);
}

/* Times and numbers that nobody reads; but a terminal may get to see them. */
static int
keep_argument(struct place *at, struct bnd_usb_value *v, struct bnd_err *err)
{
	struct place in = *at;
	struct bnd_str arg = v->cond.arg;
	char *kept = bnd_usb_arena_take(at->arena, arg.len);

	if (kept == NULL)
		return too_long(at, err);
	for (in.rest = arg; !ends(&in); in.rest = bnd_str_from(in.rest, 1))
		if (*in.rest.p < 0x20 || *in.rest.p > 0x7e)
			return complain(&in, "not a printable character", err);
	v->cond.arg.p = memcpy(kept, arg.p, arg.len);
	return 0;
}

static int
take_argument(struct place *at, struct bnd_usb_value *v, struct bnd_err *err)
{
	struct bnd_str arg;

	arg = bnd_str_until(bnd_str_from(at->rest, 1), ')');
	if (arg.len + 1 >= at->rest.len)
		return complain(at, "an argument without its closing )", err);
	if (v->cond.word <= BND_USB_IF_FALSE)
		return complain(at, "this condition has no argument", err);
	if (arg.len == 0)
		return complain(at, "an argument that is empty", err);
	v->cond.arg = arg;
	at->rest = bnd_str_from(at->rest, arg.len + 2);
	return 0;
}

static int
take_cond(struct place *at, struct bnd_usb_value *v, struct bnd_err *err)
{
	struct place was;
	struct bnd_str word;
	size_t i = 0;

	if (at->in_query)
		return complain(at, "a query has no conditions", err);
	v->cond.negated = takes(at, '!');
	was = *at;
	word = take_word(at, "-0123456789");
	while (i < BND_USB_IFS && !bnd_str_is(word, conds[i]))
		i++;
	if (i == BND_USB_IFS)
		return complain(&was, "unknown condition", err);
	v->cond.word = (enum bnd_usb_cond)i;
	if (sees(at, '(') && take_argument(at, v, err) != 0)
		return -1;
	if (v->cond.arg.p == NULL)
		return i == BND_USB_IF_ALLOWED || i == BND_USB_IF_LOCALTIME
		    ? complain(&was, "this condition needs an argument", err)
		    : 0;
	if (i == BND_USB_IF_ALLOWED)
		return take_query(at, v, err);
	return keep_argument(at, v, err);
}

/* ---- attributes ---- */

static int (*const take_value[BND_USB_BYS])(
    struct place *at, struct bnd_usb_value *v, struct bnd_err *err) = {
	[BND_USB_BY_ID] = take_id,
	[BND_USB_BY_SERIAL] = take_string,
	[BND_USB_BY_NAME] = take_string,
	[BND_USB_BY_HASH] = take_string,
	[BND_USB_BY_PARENT] = take_string,
	[BND_USB_BY_PORT] = take_string,
	[BND_USB_BY_IFACE] = take_iface,
	[BND_USB_BY_IF] = take_cond,
	[BND_USB_BY_CONNECT] = take_string,
	[BND_USB_BY_LABEL] = take_string,
};

static int
append(struct place *at, enum bnd_usb_by by, struct bnd_usb_value ***end,
    struct bnd_err *err)
{
	struct bnd_usb_value *v = bnd_usb_arena_take(at->arena, sizeof(*v));

	if (v == NULL)
		return too_long(at, err);
	*v = (struct bnd_usb_value){ .col = column(at) };
	**end = v;
	*end = &v->next;
	at->rule->set[by].n++;
	return take_value[by](at, v, err);
}

/* A word is an operator only where a set follows. */
static int
take_op(struct place *at, enum bnd_usb_op *op, struct bnd_err *err)
{
	struct place was = *at;
	struct bnd_str word = take_word(at, "-");
	size_t i = 0;

	if (word.len == 0 || !takes_blanks(at) || !sees(at, '{')) {
		*at = was;
		return 0;
	}
	while (i < COUNT(ops) && !bnd_str_is(word, ops[i]))
		i++;
	if (i == COUNT(ops))
		return complain(&was, "unknown operator", err);
	*op = (enum bnd_usb_op)i;
	return 0;
}

static int
take_values(struct place *at, enum bnd_usb_by by, struct bnd_err *err)
{
	struct bnd_usb_value **end = &at->rule->set[by].first;
	struct place was;

	if (take_op(at, &at->rule->set[by].op, err) != 0)
		return -1;
	was = *at;
	if (!takes(at, '{'))
		return append(at, by, &end, err);
	takes_blanks(at);
	if (sees(at, '}'))
		return complain(&was, "a set without values", err);
	do {
		if (ends(at))
			return complain(&was, "a set without its }", err);
		if (append(at, by, &end, err) != 0)
			return -1;
	} while (takes_blanks(at) && !sees(at, '}'));
	if (takes(at, '}'))
		return 0;
	return complain(ends(at) ? &was : at,
	    ends(at) ? "a set without its }" : "expected a blank or }", err);
}

static int
take_attribute(struct place *at, struct bnd_err *err)
{
	struct place was = *at;
	struct bnd_str word = take_word(at, "-");
	size_t by = 0;

	while (by < BND_USB_BYS && !bnd_str_is(word, bys[by]))
		by++;
	if (by == BND_USB_BYS)
		return complain(&was, "unknown attribute", err);
	if (at->rule->set[by].n > 0)
		return complain(&was, "given a second time", err);
	if (!takes_blanks(at) && !ends(at))
		return complain(at, "expected a blank", err);
	at->rule->set[by].col = column(&was);
	return take_values(at, (enum bnd_usb_by)by, err);
}

static bool
begins_id(const struct place *at)
{
	struct place in = *at;

	take_word(&in, "*0123456789");
	return sees(&in, ':');
}

static int
take_leading_id(struct place *at, struct bnd_err *err)
{
	struct bnd_usb_set *set = &at->rule->set[BND_USB_BY_ID];
	struct bnd_usb_value **end = &set->first;

	set->col = column(at);
	return append(at, BND_USB_BY_ID, &end, err);
}

/* Everything behind the target, or in the brackets of a query. */
static int
parse_attributes(struct place *at, bool blank_before, struct bnd_err *err)
{
	bool first = true;

	for (;;) {
		bool blank = takes_blanks(at);

		if (ends(at) || sees(at, '#'))
			return 0;
		if (!blank && (blank_before || !first))
			return complain(at, "expected a blank", err);
		if (first && begins_id(at)) {
			if (take_leading_id(at, err) != 0)
				return -1;
		} else if (take_attribute(at, err) != 0) {
			return -1;
		}
		first = false;
	}
}

static int
take_target(struct place *at, struct bnd_err *err)
{
	struct place was = *at;
	struct bnd_str word = take_word(at, "-");

	for (size_t i = BND_USB_RULE_ALLOW; i < COUNT(targets); i++) {
		if (bnd_str_is(word, targets[i])) {
			at->rule->target = (enum bnd_usb_target)i;
			return 0;
		}
	}
	return complain(&was, "expected allow, block or reject", err);
}

/* Bytes that no line has, wherever they stand. */
static int
check_bytes(struct place *at, struct bnd_err *err)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *what;
	} bad[] = {
		{ "\xef\xbb\xbf", 3, "a byte order mark" },
		{ "", 1, "a NUL byte" },
		{ "\r", 1, "a carriage return" },
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		struct place in = *at;
		const char *p = NULL;

		if (i > 0)
			p = memchr(at->rest.p, bad[i].bytes[0], at->rest.len);
		else if (at->line == 1 && at->rest.len >= bad[i].len &&
		    memcmp(at->rest.p, bad[i].bytes, bad[i].len) == 0)
			p = at->rest.p;
		if (p == NULL)
			continue;
		in.rest = (struct bnd_str){ p, bad[i].len };
		return complain(&in, bad[i].what, err);
	}
	return 0;
}

int
bnd_usb_parse(const char *name, unsigned line, struct bnd_str text,
    struct bnd_usb_arena *arena, struct bnd_usb_rule *r, struct bnd_err *err)
{
	struct place at = { .name = name,
		.line = line,
		.start = text.p,
		.rest = text,
		.arena = arena,
		.rule = r };

	*r = (struct bnd_usb_rule){ .file = name, .line = line };
	if (text.len > BND_USB_LINE_MAX)
		return bnd_fail(err, BND_E_INPUT,
		    "%s:%u:%u: the line is longer than %u bytes", name, line,
		    BND_USB_LINE_MAX + 1, BND_USB_LINE_MAX);
	if (text.len == 0)
		return 0;
	if (check_bytes(&at, err) != 0)
		return -1;
	takes_blanks(&at);
	if (ends(&at) || sees(&at, '#'))
		return 0;
	if (take_target(&at, err) != 0)
		return -1;
	return parse_attributes(&at, true, err);
}
