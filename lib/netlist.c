/* netlist.c: the list of exceptions, net.allow(5), as data */
/* SPDX-License-Identifier: ISC */
#include "netlist.h"

#include <stdio.h>
#include <string.h>

#include "netlist-need.h"
#include "netlist-whole.h"
#include "netlist-words.h"

/* Something of the line in hand has been told. */
static bool
is_bad(const struct bnd_list_reader *p)
{
	return p->whole.report->errors != p->errors;
}

/* A word spelled so that no terminal obeys it, for a message. */
struct shown {
	char text[40];
};

static struct shown
show(struct bnd_str s)
{
	struct shown out = { 0 };

	bnd_text_show(s, out.text, sizeof(out.text));
	return out;
}

/* ---- one line -------------------------------------------------------------- */

static bool
next(struct bnd_list_reader *p, struct bnd_str *word)
{
	return bnd_text_word(&p->rest, word);
}

static void
no_more(struct bnd_list_reader *p)
{
	struct bnd_str word;

	if (next(p, &word))
		bnd_list_say(p->whole.report, BND_LIST_TOKEN, p->number,
		    bnd_list_col(p, word.p), "'%s' is a word too many",
		    show(word).text);
}

/* Whatever is wrong with a value is told at its byte. */
static void
flawed(struct bnd_list_reader *p, const struct bnd_flaw *flaw)
{
	bnd_list_say(p->whole.report, flaw->code, p->number,
	    bnd_list_col(p, flaw->at), "%s", flaw->reason);
}

static bool
set_field(struct bnd_line *l, enum bnd_list_field f, struct bnd_str value,
    struct bnd_flaw *flaw)
{
	switch (f) {
	case BND_FIELD_IF:
		return bnd_netval_link(
		    value, l->verb == BND_LINE_OUT ? &l->out : &l->in, flaw);
	case BND_FIELD_FROM:
		return bnd_netval_link(value, &l->in, flaw);
	case BND_FIELD_TO:
		return bnd_netval_link(value, &l->out, flaw);
	case BND_FIELD_PROTO:
		return bnd_netval_proto(value, &l->proto, flaw);
	case BND_FIELD_SRC:
		return bnd_netval_prefix(value, &l->src, flaw);
	case BND_FIELD_DST:
		return bnd_netval_prefix(value, &l->dst, flaw);
	case BND_FIELD_SPORT:
		return bnd_netval_ports(value, &l->sport, flaw);
	case BND_FIELD_DPORT:
		return bnd_netval_ports(value, &l->dport, flaw);
	case BND_FIELD_TYPE:
		l->has_type = true;
		return bnd_netval_type(value, &l->type, flaw);
	case BND_FIELDS:
		break;
	}
	return false;
}

static enum bnd_list_field
field_of(struct bnd_str name)
{
	for (enum bnd_list_field f = BND_FIELD_IF; f < BND_FIELDS; f++)
		if (bnd_str_is(name, bnd_list_fields[f]))
			return f;
	return BND_FIELDS;
}

static void
field(struct bnd_list_reader *p, const struct bnd_list_verb *v,
    struct bnd_str word)
{
	const char *eq = memchr(word.p, '=', word.len);
	struct bnd_str name = word;
	struct bnd_flaw flaw;
	enum bnd_list_field f;

	if (eq == NULL) {
		bnd_list_say(p->whole.report, BND_LIST_TOKEN, p->number,
		    bnd_list_col(p, word.p), "'%s' is not FIELD=VALUE",
		    show(word).text);
		return;
	}
	name.len = (size_t)(eq - word.p);
	f = field_of(name);
	if (f == BND_FIELDS || (v->fields & BND_FIELD_BIT(f)) == 0) {
		bnd_list_say(p->whole.report, BND_LIST_KEY, p->number,
		    bnd_list_col(p, word.p), "'%s' is not a field of %s lines",
		    show(name).text, v->name);
		return;
	}
	if ((p->seen & BND_FIELD_BIT(f)) != 0) {
		bnd_list_say(p->whole.report, BND_LIST_DUP, p->number,
		    bnd_list_col(p, word.p), "%s stands here twice",
		    bnd_list_fields[f]);
		return;
	}
	p->seen |= BND_FIELD_BIT(f);
	p->value[f].p = eq + 1;
	p->value[f].len = word.len - name.len - 1;
	if (!set_field(&p->line, f, p->value[f], &flaw))
		flawed(p, &flaw);
}

static void
mode(struct bnd_list_reader *p, const struct bnd_list_verb *v)
{
	struct bnd_str word;

	if (!next(p, &word)) {
		bnd_list_say(p->whole.report, BND_LIST_MODE, p->number,
		    (unsigned)p->text.len + 1, "the mode is missing");
		return;
	}
	if (!bnd_mode_parse_exact(word, &p->line.mode) ||
	    p->line.mode < v->laxest || p->line.mode > v->strictest)
		bnd_list_say(p->whole.report, BND_LIST_MODE, p->number,
		    bnd_list_col(p, word.p),
		    "the mode of %s lines is %s%s%s, not '%s'", v->name,
		    bnd_mode_name(v->laxest),
		    v->laxest != v->strictest ? " or " : "",
		    v->laxest != v->strictest ? bnd_mode_name(v->strictest)
					      : "",
		    show(word).text);
}

static void
flow_line(
    struct bnd_list_reader *p, const struct bnd_list_verb *v, unsigned verb_col)
{
	struct bnd_str word;
	size_t n = p->whole.list->lines;

	mode(p, v);
	while (next(p, &word))
		field(p, v, word);
	if (is_bad(p))
		return;
	bnd_list_need(p, v, verb_col);
	if (n == BND_LIST_LINES)
		return;
	for (enum bnd_list_field f = BND_FIELD_IF; f <= BND_FIELD_TO; f++)
		if ((p->seen & BND_FIELD_BIT(f)) != 0) {
			bool out = f == BND_FIELD_TO ||
			    (f == BND_FIELD_IF && v->verb == BND_LINE_OUT);

			*(out ? &p->whole.out_col[n] : &p->whole.in_col[n]) =
			    (uint16_t)bnd_list_col(p, p->value[f].p);
		}
}

static void
bypass(struct bnd_list_reader *p)
{
	struct bnd_str word;

	if (!next(p, &word)) {
		bnd_list_say(p->whole.report, BND_LIST_NEED, p->number,
		    (unsigned)p->text.len + 1,
		    "one of xdp, tc, xsk is missing");
		return;
	}
	for (enum bnd_bypass b = BND_BYPASS_XDP; b <= BND_BYPASS_XSK; b++)
		if (bnd_str_is(word, bnd_bypass_names[b])) {
			p->line.bypass = b;
			return;
		}
	bnd_list_say(p->whole.report, BND_LIST_KEY, p->number,
	    bnd_list_col(p, word.p), "'%s' is not xdp, tc or xsk",
	    show(word).text);
}

/* The kinds a verb takes, in words; NULL if it takes this one. */
static const char *
wrong_kind(enum bnd_line_verb verb, const char *kind)
{
	if (verb == BND_LINE_VPN && !bnd_kind_is_vpn(kind))
		return "a vpn link is of kind wireguard, ovpn, tun, ppp, xfrm, vti or vti6";
	if (verb == BND_LINE_BRIDGE && strcmp(kind, "bridge") != 0)
		return "what bridges is of kind bridge";
	return NULL;
}

static void
link_line(struct bnd_list_reader *p, const struct bnd_list_verb *v)
{
	struct bnd_str word;
	struct bnd_flaw flaw;
	const char *wrong;

	p->line.mode = v->strictest;
	if (!next(p, &word)) {
		bnd_list_say(p->whole.report, BND_LIST_NEED, p->number,
		    (unsigned)p->text.len + 1, "the link is missing");
		return;
	}
	if (!bnd_netval_link(word, &p->line.out, &flaw)) {
		flawed(p, &flaw);
	} else if ((wrong = wrong_kind(v->verb, p->line.out.kind)) != NULL) {
		size_t skip = strlen(p->line.out.name);

		skip += p->line.out.kind[0] != '\0';
		bnd_list_say(p->whole.report, BND_LIST_KIND, p->number,
		    bnd_list_col(p, word.p + skip), "%s", wrong);
	}
	if (v->verb == BND_LINE_BYPASS)
		bypass(p);
	no_more(p);
	if (p->whole.list->lines < BND_LIST_LINES)
		p->whole.out_col[p->whole.list->lines] =
		    (uint16_t)bnd_list_col(p, word.p);
}

/* A line with at least one word. */
static void
statement(struct bnd_list_reader *p, struct bnd_str first)
{
	if (bnd_str_is(first, "version")) {
		bnd_list_say(p->whole.report, BND_LIST_VERSION, p->number,
		    bnd_list_col(p, first.p),
		    "version stands in the first line only");
		return;
	}
	for (size_t i = 0; i < BND_LIST_VERBS; i++)
		if (bnd_str_is(first, bnd_list_verbs[i].name)) {
			p->line.verb = bnd_list_verbs[i].verb;
			p->line.number = p->number;
			if (bnd_list_verbs[i].fields == 0)
				link_line(p, &bnd_list_verbs[i]);
			else
				flow_line(p, &bnd_list_verbs[i],
				    bnd_list_col(p, first.p));
			return;
		}
	bnd_list_say(p->whole.report, BND_LIST_KEY, p->number,
	    bnd_list_col(p, first.p), "'%s' does not begin a line",
	    show(first).text);
}

/* ---- the file -------------------------------------------------------------- */

static bool
good_bytes(struct bnd_list_reader *p)
{
	bool good = true;

	if (p->text.len > BND_LIST_WIDTH) {
		bnd_list_say(p->whole.report, BND_LIST_LINE, p->number,
		    BND_LIST_WIDTH + 1, "the line is longer than %d bytes",
		    BND_LIST_WIDTH);
		good = false;
	}
	for (size_t i = 0; i < p->text.len; i++) {
		char c = p->text.p[i];

		if ((c >= 0x20 && c <= 0x7e) || c == '\t')
			continue;
		bnd_list_say(p->whole.report, BND_LIST_BYTE, p->number,
		    (unsigned)i + 1, "byte %s is not allowed",
		    show((struct bnd_str){ p->text.p + i, 1 }).text);
		return false;
	}
	return good;
}

static void
version(struct bnd_list_reader *p)
{
	static const char want[] = "version 1";
	size_t i = 0;

	if (bnd_str_is(p->text, want))
		return;
	while (i < p->text.len && i < strlen(want) && p->text.p[i] == want[i])
		i++;
	bnd_list_say(p->whole.report, BND_LIST_VERSION, 1, (unsigned)i + 1,
	    "the first line is not '%s'", want);
}

/* False ends the parsing: what follows could not be understood. */
static bool
line(struct bnd_list_reader *p)
{
	struct bnd_str word;

	p->errors = p->whole.report->errors;
	p->seen = 0;
	p->line = (struct bnd_line){ 0 };
	p->rest = p->text;
	if (!good_bytes(p))
		return true;
	if (p->number == 1) {
		version(p);
		return !is_bad(p);
	}
	if ((p->text.len > 0 && p->text.p[0] == '#') || !next(p, &word))
		return true;
	statement(p, word);
	if (p->whole.list->lines == BND_LIST_LINES) {
		bnd_list_say(p->whole.report, BND_LIST_COUNT, p->number, 1,
		    "more than %d lines", BND_LIST_LINES);
		return false;
	}
	if (!is_bad(p))
		p->whole.list->line[p->whole.list->lines++] = p->line;
	return true;
}

/* Where byte number n of the text stands. */
static void
too_big(struct bnd_list_reader *p, struct bnd_str text)
{
	unsigned col = 1;

	p->number = 1;
	for (size_t i = 0; i < BND_LIST_SIZE; i++) {
		col++;
		if (text.p[i] == '\n') {
			p->number++;
			col = 1;
		}
	}
	bnd_list_say(p->whole.report, BND_LIST_SIZE_E, p->number, col,
	    "the file is longer than %d bytes", BND_LIST_SIZE);
}

static void
lines(struct bnd_list_reader *p, struct bnd_str text)
{
	bool whole = true;

	while (bnd_text_line(&text, &p->text, &whole)) {
		p->number++;
		if (!whole)
			bnd_list_say(p->whole.report, BND_LIST_EOF, p->number,
			    (unsigned)p->text.len + 1,
			    "the last line does not end");
		if (!line(p))
			return;
	}
	if (p->number == 0)
		bnd_list_say(p->whole.report, BND_LIST_VERSION, 1, 1,
		    "the file is empty");
	bnd_list_check_whole(&p->whole);
}

int
bnd_netlist_parse(struct bnd_str text, struct bnd_netlist *list,
    struct bnd_list_report *report)
{
	struct bnd_list_reader p = { .whole = {
					 .list = list, .report = report } };

	report->errors = report->notes = 0;
	list->lines = 0;
	if (text.len > BND_LIST_SIZE)
		too_big(&p, text);
	else
		lines(&p, text);
	if (report->errors == 0)
		return 0;
	list->lines = 0;
	return -1;
}
