/* usb-parse.c: one line in USBGuard's grammar becomes a rule, or an error */
/* SPDX-License-Identifier: ISC */
#include "usb-parse.h"

#include <string.h>

#include "usb-lex.h"

/* ---- conditions ---- */

static int parse_attributes(
    struct bnd_lex *at, bool blank_before, struct bnd_err *err);

/*
 * The direction of doubt: in an allow rule a condition that is true speaks for
 * the device; one that is negated, or in a none-of, when it is false.
 */
static enum bnd_usb_target
direction(const struct bnd_lex *at, const struct bnd_usb_value *v)
{
	bool favours = at->rule->target == BND_USB_RULE_ALLOW;

	favours ^= v->cond.negated;
	favours ^= at->rule->set[BND_USB_BY_IF].op == BND_USB_NONE_OF;
	return favours ? BND_USB_RULE_ALLOW : BND_USB_RULE_BLOCK;
}

static int
take_query(struct bnd_lex *at, struct bnd_usb_value *v, struct bnd_err *err)
{
	struct bnd_lex in = *at;
	bool asks = false;

	v->cond.query = bnd_usb_arena_take(at->arena, sizeof(*v->cond.query));
	if (v->cond.query == NULL)
		return bnd_lex_too_long(at, err);
	*v->cond.query = (struct bnd_usb_rule){
		.target = direction(at, v), .file = at->name, .line = at->line
	};
	in.rule = v->cond.query;
	in.rest = v->cond.arg;
	in.in_query = true;
	v->cond.arg = (struct bnd_str){ 0 };
	if (parse_attributes(&in, false, err) != 0)
		return -1;
	for (int by = 0; by < BND_USB_BYS; by++)
		asks |= in.rule->set[by].n > 0;
	return asks ? 0 : bnd_lex_complain(&in, "a query asks something", err);
}

/* Times and numbers that nobody reads; but a terminal may get to see them. */
static int
keep_argument(struct bnd_lex *at, struct bnd_usb_value *v, struct bnd_err *err)
{
	struct bnd_lex in = *at;
	struct bnd_str arg = v->cond.arg;
	char *kept = bnd_usb_arena_take(at->arena, arg.len);

	if (kept == NULL)
		return bnd_lex_too_long(at, err);
	for (in.rest = arg; !bnd_lex_ends(&in);
	     in.rest = bnd_str_from(in.rest, 1))
		if (*in.rest.p < 0x20 || *in.rest.p > 0x7e)
			return bnd_lex_complain(
			    &in, "not a printable character", err);
	v->cond.arg.p = memcpy(kept, arg.p, arg.len);
	return 0;
}

static int
take_argument(struct bnd_lex *at, struct bnd_usb_value *v, struct bnd_err *err)
{
	struct bnd_str arg;

	arg = bnd_str_until(bnd_str_from(at->rest, 1), ')');
	if (arg.len + 1 >= at->rest.len)
		return bnd_lex_complain(
		    at, "an argument without its closing )", err);
	if (v->cond.word <= BND_USB_IF_FALSE)
		return bnd_lex_complain(
		    at, "this condition has no argument", err);
	if (arg.len == 0)
		return bnd_lex_complain(at, "an argument that is empty", err);
	v->cond.arg = arg;
	at->rest = bnd_str_from(at->rest, arg.len + 2);
	return 0;
}

static int
take_cond(struct bnd_lex *at, struct bnd_usb_value *v, struct bnd_err *err)
{
	struct bnd_lex was;
	struct bnd_str word;
	size_t i = 0;

	v->cond.negated = bnd_lex_takes(at, '!');
	was = *at;
	word = bnd_lex_word(at, "-0123456789");
	while (i < BND_USB_IFS &&
	    !bnd_str_is(word, bnd_usb_cond_name((enum bnd_usb_cond)i)))
		i++;
	if (i == BND_USB_IFS)
		return bnd_lex_complain(&was, "unknown condition", err);
	v->cond.word = (enum bnd_usb_cond)i;
	if (bnd_lex_sees(at, '(') && take_argument(at, v, err) != 0)
		return -1;
	if (v->cond.arg.p == NULL)
		return i == BND_USB_IF_ALLOWED || i == BND_USB_IF_LOCALTIME
		    ? bnd_lex_complain(
			  &was, "this condition needs an argument", err)
		    : 0;
	if (i == BND_USB_IF_ALLOWED)
		return take_query(at, v, err);
	return keep_argument(at, v, err);
}

/* ---- attributes ---- */

static int (*const take_value[BND_USB_BYS])(
    struct bnd_lex *at, struct bnd_usb_value *v, struct bnd_err *err) = {
	[BND_USB_BY_ID] = bnd_lex_id,
	[BND_USB_BY_SERIAL] = bnd_lex_string,
	[BND_USB_BY_NAME] = bnd_lex_string,
	[BND_USB_BY_HASH] = bnd_lex_string,
	[BND_USB_BY_PARENT] = bnd_lex_string,
	[BND_USB_BY_PORT] = bnd_lex_string,
	[BND_USB_BY_IFACE] = bnd_lex_iface,
	[BND_USB_BY_IF] = take_cond,
	[BND_USB_BY_CONNECT] = bnd_lex_string,
	[BND_USB_BY_LABEL] = bnd_lex_string,
};

static int
append(struct bnd_lex *at, enum bnd_usb_by by, struct bnd_usb_value ***end,
    struct bnd_err *err)
{
	struct bnd_usb_value *v = bnd_usb_arena_take(at->arena, sizeof(*v));

	if (v == NULL)
		return bnd_lex_too_long(at, err);
	*v = (struct bnd_usb_value){ .col = bnd_lex_column(at) };
	**end = v;
	*end = &v->next;
	at->rule->set[by].n++;
	return take_value[by](at, v, err);
}

/* A word is an operator only where a set follows. */
static int
take_op(struct bnd_lex *at, enum bnd_usb_op *op, struct bnd_err *err)
{
	struct bnd_lex was = *at;
	struct bnd_str word = bnd_lex_word(at, "-");
	size_t i = 0;

	if (word.len == 0 || !bnd_lex_blanks(at) || !bnd_lex_sees(at, '{')) {
		*at = was;
		return 0;
	}
	while (i < BND_USB_OPS &&
	    !bnd_str_is(word, bnd_usb_op_name((enum bnd_usb_op)i)))
		i++;
	if (i == BND_USB_OPS)
		return bnd_lex_complain(&was, "unknown operator", err);
	*op = (enum bnd_usb_op)i;
	return 0;
}

static int
take_values(struct bnd_lex *at, enum bnd_usb_by by, struct bnd_err *err)
{
	struct bnd_usb_value **end = &at->rule->set[by].first;
	struct bnd_lex was;

	if (take_op(at, &at->rule->set[by].op, err) != 0)
		return -1;
	was = *at;
	if (!bnd_lex_takes(at, '{'))
		return append(at, by, &end, err);
	bnd_lex_blanks(at);
	if (bnd_lex_sees(at, '}'))
		return bnd_lex_complain(&was, "a set without values", err);
	do {
		if (bnd_lex_ends(at))
			return bnd_lex_complain(
			    &was, "a set without its }", err);
		if (append(at, by, &end, err) != 0)
			return -1;
	} while (bnd_lex_blanks(at) && !bnd_lex_sees(at, '}'));
	if (bnd_lex_takes(at, '}'))
		return 0;
	return bnd_lex_complain(bnd_lex_ends(at) ? &was : at,
	    bnd_lex_ends(at) ? "a set without its }" : "expected a blank or }",
	    err);
}

static int
take_attribute(struct bnd_lex *at, struct bnd_err *err)
{
	struct bnd_lex was = *at;
	struct bnd_str word = bnd_lex_word(at, "-");
	size_t by = 0;

	while (by < BND_USB_BYS &&
	    !bnd_str_is(word, bnd_usb_by_name((enum bnd_usb_by)by)))
		by++;
	if (by == BND_USB_BYS)
		return bnd_lex_complain(&was, "unknown attribute", err);
	if (at->in_query && by == BND_USB_BY_IF)
		return bnd_lex_complain(&was, "a query has no conditions", err);
	if (at->rule->set[by].n > 0)
		return bnd_lex_complain(&was, "given a second time", err);
	if (!bnd_lex_blanks(at) && !bnd_lex_ends(at))
		return bnd_lex_complain(at, "expected a blank", err);
	at->rule->set[by].col = bnd_lex_column(&was);
	return take_values(at, (enum bnd_usb_by)by, err);
}

static bool
begins_id(const struct bnd_lex *at)
{
	struct bnd_lex in = *at;

	bnd_lex_word(&in, "*0123456789");
	return bnd_lex_sees(&in, ':');
}

static int
take_leading_id(struct bnd_lex *at, struct bnd_err *err)
{
	struct bnd_usb_set *set = &at->rule->set[BND_USB_BY_ID];
	struct bnd_usb_value **end = &set->first;

	set->col = bnd_lex_column(at);
	return append(at, BND_USB_BY_ID, &end, err);
}

/* Everything behind the target, or in the brackets of a query. */
static int
parse_attributes(struct bnd_lex *at, bool blank_before, struct bnd_err *err)
{
	bool first = true;

	for (;;) {
		bool blank = bnd_lex_blanks(at);

		if (bnd_lex_ends(at) || bnd_lex_sees(at, '#'))
			return 0;
		if (!blank && (blank_before || !first))
			return bnd_lex_complain(at, "expected a blank", err);
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
take_target(struct bnd_lex *at, struct bnd_err *err)
{
	struct bnd_lex was = *at;
	struct bnd_str word = bnd_lex_word(at, "-");

	for (int i = BND_USB_RULE_ALLOW; i <= BND_USB_RULE_REJECT; i++) {
		enum bnd_usb_target target = (enum bnd_usb_target)i;

		if (bnd_str_is(word, bnd_usb_target_name(target))) {
			at->rule->target = target;
			return 0;
		}
	}
	return bnd_lex_complain(&was, "expected allow, block or reject", err);
}

/* Bytes that no line has, wherever they stand. */
static int
check_bytes(struct bnd_lex *at, struct bnd_err *err)
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

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct bnd_lex in = *at;
		const char *p = NULL;

		if (i > 0)
			p = memchr(at->rest.p, bad[i].bytes[0], at->rest.len);
		else if (at->line == 1 && at->rest.len >= bad[i].len &&
		    memcmp(at->rest.p, bad[i].bytes, bad[i].len) == 0)
			p = at->rest.p;
		if (p == NULL)
			continue;
		in.rest = (struct bnd_str){ p, bad[i].len };
		return bnd_lex_complain(&in, bad[i].what, err);
	}
	return 0;
}

int
bnd_usb_parse(const char *name, unsigned line, struct bnd_str text,
    struct bnd_usb_arena *arena, struct bnd_usb_rule *r, struct bnd_err *err)
{
	struct bnd_lex at = { .name = name,
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
	bnd_lex_blanks(&at);
	if (bnd_lex_ends(&at) || bnd_lex_sees(&at, '#'))
		return 0;
	if (take_target(&at, err) != 0)
		return -1;
	return parse_attributes(&at, true, err);
}
