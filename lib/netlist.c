/* netlist.c: the list of exceptions, net.allow(5), as data */
/* SPDX-License-Identifier: ISC */
#include "netlist.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define ASIZE(a) (sizeof(a) / sizeof((a)[0]))

enum field {
	F_IF,
	F_FROM,
	F_TO,
	F_PROTO,
	F_SRC,
	F_DST,
	F_SPORT,
	F_DPORT,
	F_TYPE,
	FIELDS,
};
#define BIT(f) (1U << (f))

static const char *const field_names[FIELDS] = { "if", "from", "to", "proto",
	"src", "dst", "sport", "dport", "type" };

/* What a line consists of.  fields 0: LINK, and for bypass one word more. */
static const struct verb {
	const char *name;
	enum bnd_line_verb verb;
	enum bnd_mode laxest, strictest; /* of the modes it may name */
	unsigned fields, needs;
} verbs[] = {
	{ "vpn", BND_LINE_VPN, BND_TRUSTED, BND_TRUSTED, 0, 0 },
	{ "out", BND_LINE_OUT, BND_TRUSTED, BND_TRUSTED,
	    BIT(F_IF) | BIT(F_PROTO) | BIT(F_SRC) | BIT(F_DST) | BIT(F_SPORT) |
		BIT(F_DPORT) | BIT(F_TYPE),
	    BIT(F_IF) | BIT(F_PROTO) },
	{ "in", BND_LINE_IN, BND_RESTRICTED, BND_TRUSTED,
	    BIT(F_IF) | BIT(F_PROTO) | BIT(F_SRC) | BIT(F_DST) | BIT(F_SPORT) |
		BIT(F_DPORT) | BIT(F_TYPE),
	    BIT(F_PROTO) },
	{ "forward", BND_LINE_FORWARD, BND_RESTRICTED, BND_RESTRICTED,
	    BIT(F_FROM) | BIT(F_TO) | BIT(F_PROTO) | BIT(F_SRC) | BIT(F_DST) |
		BIT(F_SPORT) | BIT(F_DPORT) | BIT(F_TYPE),
	    BIT(F_FROM) | BIT(F_TO) | BIT(F_PROTO) },
	{ "dhcp", BND_LINE_DHCP, BND_TRUSTED, BND_TRUSTED, 0, 0 },
	{ "bypass", BND_LINE_BYPASS, BND_TRUSTED, BND_TRUSTED, 0, 0 },
};

static const char *const bypass_names[] = { "", "xdp", "tc", "xsk" };

/* The file being parsed, and the line in hand. */
struct parser {
	struct bnd_netlist *list;
	struct bnd_list_report *report;
	unsigned number;
	struct bnd_str text, rest;
	struct bnd_line line;
	unsigned seen;
	struct bnd_str value[FIELDS];
	unsigned errors; /* told before this line */
	/* columns of the links of every line, for what needs all lines */
	uint16_t in_col[BND_LIST_LINES], out_col[BND_LIST_LINES];
};

/* Something of the line in hand has been told. */
static bool
is_bad(const struct parser *p)
{
	return p->report->errors != p->errors;
}

static unsigned
col_of(const struct parser *p, const char *at)
{
	return (unsigned)(at - p->text.p) + 1;
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
next(struct parser *p, struct bnd_str *word)
{
	return bnd_text_word(&p->rest, word);
}

static void
no_more(struct parser *p)
{
	struct bnd_str word;

	if (next(p, &word))
		bnd_list_say(p->report, BND_LIST_TOKEN, p->number,
		    col_of(p, word.p), "'%s' is a word too many",
		    show(word).text);
}

/* Whatever is wrong with a value is told at its byte. */
static void
flawed(struct parser *p, const struct bnd_flaw *flaw)
{
	bnd_list_say(p->report, flaw->code, p->number, col_of(p, flaw->at),
	    "%s", flaw->reason);
}

static bool
set_field(struct bnd_line *l, enum field f, struct bnd_str value,
    struct bnd_flaw *flaw)
{
	switch (f) {
	case F_IF:
		return bnd_netval_link(
		    value, l->verb == BND_LINE_OUT ? &l->out : &l->in, flaw);
	case F_FROM:
		return bnd_netval_link(value, &l->in, flaw);
	case F_TO:
		return bnd_netval_link(value, &l->out, flaw);
	case F_PROTO:
		return bnd_netval_proto(value, &l->proto, flaw);
	case F_SRC:
		return bnd_netval_prefix(value, &l->src, flaw);
	case F_DST:
		return bnd_netval_prefix(value, &l->dst, flaw);
	case F_SPORT:
		return bnd_netval_ports(value, &l->sport, flaw);
	case F_DPORT:
		return bnd_netval_ports(value, &l->dport, flaw);
	case F_TYPE:
		l->has_type = true;
		return bnd_netval_type(value, &l->type, flaw);
	case FIELDS:
		break;
	}
	return false;
}

static enum field
field_of(struct bnd_str name)
{
	for (enum field f = F_IF; f < FIELDS; f++)
		if (bnd_str_is(name, field_names[f]))
			return f;
	return FIELDS;
}

static void
field(struct parser *p, const struct verb *v, struct bnd_str word)
{
	const char *eq = memchr(word.p, '=', word.len);
	struct bnd_str name = word;
	struct bnd_flaw flaw;
	enum field f;

	if (eq == NULL) {
		bnd_list_say(p->report, BND_LIST_TOKEN, p->number,
		    col_of(p, word.p), "'%s' is not FIELD=VALUE",
		    show(word).text);
		return;
	}
	name.len = (size_t)(eq - word.p);
	f = field_of(name);
	if (f == FIELDS || (v->fields & BIT(f)) == 0) {
		bnd_list_say(p->report, BND_LIST_KEY, p->number,
		    col_of(p, word.p), "'%s' is not a field of %s lines",
		    show(name).text, v->name);
		return;
	}
	if ((p->seen & BIT(f)) != 0) {
		bnd_list_say(p->report, BND_LIST_DUP, p->number,
		    col_of(p, word.p), "%s stands here twice", field_names[f]);
		return;
	}
	p->seen |= BIT(f);
	p->value[f].p = eq + 1;
	p->value[f].len = word.len - name.len - 1;
	if (!set_field(&p->line, f, p->value[f], &flaw))
		flawed(p, &flaw);
}

static void
mode(struct parser *p, const struct verb *v)
{
	struct bnd_str word;

	if (!next(p, &word)) {
		bnd_list_say(p->report, BND_LIST_MODE, p->number,
		    (unsigned)p->text.len + 1, "the mode is missing");
		return;
	}
	if (!bnd_mode_parse_exact(word, &p->line.mode) ||
	    p->line.mode < v->laxest || p->line.mode > v->strictest)
		bnd_list_say(p->report, BND_LIST_MODE, p->number,
		    col_of(p, word.p),
		    "the mode of %s lines is %s%s%s, not '%s'", v->name,
		    bnd_mode_name(v->laxest),
		    v->laxest != v->strictest ? " or " : "",
		    v->laxest != v->strictest ? bnd_mode_name(v->strictest)
					      : "",
		    show(word).text);
}

/* ---- what the fields of a line must be together ------------------------------ */

static unsigned
value_col(const struct parser *p, enum field f)
{
	return col_of(p, p->value[f].p);
}

static bool
needs(struct parser *p, const struct verb *v, unsigned verb_col)
{
	unsigned missing = v->needs & ~p->seen;

	if (v->verb == BND_LINE_IN && p->line.mode == BND_TRUSTED)
		missing |= BIT(F_IF) & ~p->seen;
	if ((p->seen & (BIT(F_SPORT) | BIT(F_DPORT) | BIT(F_TYPE))) != 0)
		missing |= BIT(F_PROTO) & ~p->seen;
	for (enum field f = F_IF; f < FIELDS; f++)
		if ((missing & BIT(f)) != 0) {
			bnd_list_say(p->report, BND_LIST_NEED, p->number,
			    verb_col, "the line needs %s=", field_names[f]);
			return false;
		}
	if (v->verb == BND_LINE_OUT &&
	    (p->seen & (BIT(F_DST) | BIT(F_DPORT))) == 0) {
		bnd_list_say(p->report, BND_LIST_NEED, p->number, verb_col,
		    "the line needs dst= or dport=");
		return false;
	}
	return true;
}

static bool
suits_proto(struct parser *p)
{
	static const enum field ports[] = { F_SPORT, F_DPORT };

	for (size_t i = 0; i < ASIZE(ports); i++)
		if ((p->seen & BIT(ports[i])) != 0 &&
		    !bnd_proto_has_ports(p->line.proto)) {
			bnd_list_say(p->report, BND_LIST_PORT, p->number,
			    value_col(p, ports[i]),
			    "the protocol has no ports");
			return false;
		}
	if (p->line.has_type && !bnd_proto_has_type(p->line.proto)) {
		bnd_list_say(p->report, BND_LIST_TYPE, p->number,
		    value_col(p, F_TYPE), "the protocol has no type");
		return false;
	}
	return true;
}

/* The family that the protocol or the other address asks for. */
static bool
one_family(struct parser *p)
{
	const struct bnd_line *l = &p->line;
	unsigned want = l->proto == IPPROTO_ICMP ? 4
	    : l->proto == IPPROTO_ICMPV6	 ? 6
						 : 0;

	if (want != 0 && l->src.family != 0 && l->src.family != want) {
		bnd_list_say(p->report, BND_LIST_FAMILY, p->number,
		    value_col(p, F_SRC), "the protocol is one of IPv%u", want);
		return false;
	}
	if (want == 0)
		want = l->src.family;
	if (want != 0 && l->dst.family != 0 && l->dst.family != want) {
		bnd_list_say(p->report, BND_LIST_FAMILY, p->number,
		    value_col(p, F_DST), "the rest of the line is IPv%u", want);
		return false;
	}
	return true;
}

static bool
open_class(struct parser *p, enum field f, const struct bnd_prefix *addr)
{
	char text[BND_PREFIX_TEXT];

	if (addr->family == 0)
		return true;
	for (const struct bnd_class *c = bnd_classes; c->kind != BND_CLASS_NONE;
	     c++)
		if (c->kind == BND_CLASS_NEVER &&
		    bnd_prefix_inside(addr, &c->prefix)) {
			bnd_prefix_text(&c->prefix, text);
			bnd_list_say(p->report, BND_LIST_CLASS, p->number,
			    value_col(p, f), "no line opens addresses of %s",
			    text);
			return false;
		}
	return true;
}

/* A source port narrows nothing: whoever sends chooses it. */
static void
not_wide(struct parser *p, unsigned verb_col)
{
	static const enum field addrs[] = { F_SRC, F_DST };
	const struct bnd_prefix *addr[] = { &p->line.src, &p->line.dst };
	unsigned enough = BIT(F_SRC) | BIT(F_DST) | BIT(F_TYPE) | BIT(F_DPORT);

	if ((p->seen & enough) == 0)
		bnd_list_say(p->report, BND_LIST_WIDE, p->number, verb_col,
		    "nearly everything: add an address, dport or type");
	for (size_t i = 0; i < ASIZE(addrs); i++)
		if ((p->seen & BIT(F_DPORT)) == 0 && addr[i]->family != 0 &&
		    addr[i]->len == 0) {
			bnd_list_say(p->report, BND_LIST_WIDE, p->number,
			    value_col(p, addrs[i]),
			    "nearly everything: add a dport");
			return;
		}
}

static void
together(struct parser *p, const struct verb *v, unsigned verb_col)
{
	if (needs(p, v, verb_col) && suits_proto(p) && one_family(p) &&
	    open_class(p, F_SRC, &p->line.src) &&
	    open_class(p, F_DST, &p->line.dst))
		not_wide(p, verb_col);
}

static void
flow_line(struct parser *p, const struct verb *v, unsigned verb_col)
{
	struct bnd_str word;
	size_t n = p->list->lines;

	mode(p, v);
	while (next(p, &word))
		field(p, v, word);
	if (is_bad(p))
		return;
	together(p, v, verb_col);
	if (n == BND_LIST_LINES)
		return;
	for (enum field f = F_IF; f <= F_TO; f++)
		if ((p->seen & BIT(f)) != 0) {
			bool out =
			    f == F_TO || (f == F_IF && v->verb == BND_LINE_OUT);

			*(out ? &p->out_col[n] : &p->in_col[n]) =
			    (uint16_t)value_col(p, f);
		}
}

static void
bypass(struct parser *p)
{
	struct bnd_str word;

	if (!next(p, &word)) {
		bnd_list_say(p->report, BND_LIST_NEED, p->number,
		    (unsigned)p->text.len + 1,
		    "one of xdp, tc, xsk is missing");
		return;
	}
	for (enum bnd_bypass b = BND_BYPASS_XDP; b <= BND_BYPASS_XSK; b++)
		if (bnd_str_is(word, bypass_names[b])) {
			p->line.bypass = b;
			return;
		}
	bnd_list_say(p->report, BND_LIST_KEY, p->number, col_of(p, word.p),
	    "'%s' is not xdp, tc or xsk", show(word).text);
}

static void
link_line(struct parser *p, const struct verb *v)
{
	struct bnd_str word;
	struct bnd_flaw flaw;

	p->line.mode = v->strictest;
	if (!next(p, &word)) {
		bnd_list_say(p->report, BND_LIST_NEED, p->number,
		    (unsigned)p->text.len + 1, "the link is missing");
		return;
	}
	if (!bnd_netval_link(word, &p->line.out, &flaw)) {
		flawed(p, &flaw);
	} else if (v->verb == BND_LINE_VPN &&
	    !bnd_kind_is_vpn(p->line.out.kind)) {
		size_t skip = strlen(p->line.out.name);

		skip += p->line.out.kind[0] != '\0';
		bnd_list_say(p->report, BND_LIST_KIND, p->number,
		    col_of(p, word.p + skip),
		    "a vpn link is of kind wireguard, ovpn, tun, ppp, xfrm, vti or vti6");
	}
	if (v->verb == BND_LINE_BYPASS)
		bypass(p);
	no_more(p);
	if (p->list->lines < BND_LIST_LINES)
		p->out_col[p->list->lines] = (uint16_t)col_of(p, word.p);
}

/* A line with at least one word. */
static void
statement(struct parser *p, struct bnd_str first)
{
	if (bnd_str_is(first, "version")) {
		bnd_list_say(p->report, BND_LIST_VERSION, p->number,
		    col_of(p, first.p),
		    "version stands in the first line only");
		return;
	}
	for (size_t i = 0; i < ASIZE(verbs); i++)
		if (bnd_str_is(first, verbs[i].name)) {
			p->line.verb = verbs[i].verb;
			p->line.number = p->number;
			if (verbs[i].fields == 0)
				link_line(p, &verbs[i]);
			else
				flow_line(p, &verbs[i], col_of(p, first.p));
			return;
		}
	bnd_list_say(p->report, BND_LIST_KEY, p->number, col_of(p, first.p),
	    "'%s' does not begin a line", show(first).text);
}

/* ---- the file -------------------------------------------------------------- */

static bool
good_bytes(struct parser *p)
{
	bool good = true;

	if (p->text.len > BND_LIST_WIDTH) {
		bnd_list_say(p->report, BND_LIST_LINE, p->number,
		    BND_LIST_WIDTH + 1, "the line is longer than %d bytes",
		    BND_LIST_WIDTH);
		good = false;
	}
	for (size_t i = 0; i < p->text.len; i++) {
		char c = p->text.p[i];

		if ((c >= 0x20 && c <= 0x7e) || c == '\t')
			continue;
		bnd_list_say(p->report, BND_LIST_BYTE, p->number,
		    (unsigned)i + 1, "byte %s is not allowed",
		    show((struct bnd_str){ p->text.p + i, 1 }).text);
		return false;
	}
	return good;
}

static void
version(struct parser *p)
{
	static const char want[] = "version 1";
	size_t i = 0;

	if (bnd_str_is(p->text, want))
		return;
	while (i < p->text.len && i < strlen(want) && p->text.p[i] == want[i])
		i++;
	bnd_list_say(p->report, BND_LIST_VERSION, 1, (unsigned)i + 1,
	    "the first line is not '%s'", want);
}

/* False ends the parsing: what follows could not be understood. */
static bool
line(struct parser *p)
{
	struct bnd_str word;

	p->errors = p->report->errors;
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
	if (p->list->lines == BND_LIST_LINES) {
		bnd_list_say(p->report, BND_LIST_COUNT, p->number, 1,
		    "more than %d lines", BND_LIST_LINES);
		return false;
	}
	if (!is_bad(p))
		p->list->line[p->list->lines++] = p->line;
	return true;
}

/* Where byte number n of the text stands. */
static void
too_big(struct parser *p, struct bnd_str text)
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
	bnd_list_say(p->report, BND_LIST_SIZE_E, p->number, col,
	    "the file is longer than %d bytes", BND_LIST_SIZE);
}

static bool
same_link(const struct bnd_linkname *a, const struct bnd_linkname *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->kind, b->kind) == 0;
}

static bool
has_vpn(const struct bnd_netlist *list, const struct bnd_linkname *link)
{
	for (size_t i = 0; i < list->lines; i++)
		if (list->line[i].verb == BND_LINE_VPN &&
		    same_link(&list->line[i].out, link))
			return true;
	return false;
}

/*
 * Tunnels are for links that a vpn line names, and what comes in while TRUSTED
 * comes in by such a link: else a tunnel of anybody's making would do.
 */
static void
check_link(struct parser *p, const struct bnd_line *l,
    const struct bnd_linkname *link, unsigned col)
{
	if (link->name[0] == '\0' || has_vpn(p->list, link))
		return;
	if (bnd_kind_is_tunnel(link->kind))
		bnd_list_say(p->report, BND_LIST_KIND, l->number,
		    col + (unsigned)strlen(link->name) + 1,
		    "a tunnel needs a vpn line of its own");
	else if (l->verb == BND_LINE_IN && l->mode == BND_TRUSTED)
		bnd_list_say(p->report, BND_LIST_LINK, l->number, col,
		    "in TRUSTED, the link is one that a vpn line names");
}

static bool
ports_inside(const struct bnd_ports *a, const struct bnd_ports *b)
{
	for (unsigned i = 0; b->n > 0 && i < a->n; i++) {
		unsigned j = 0;

		while (j < b->n &&
		    (a->range[i].lo < b->range[j].lo ||
			a->range[i].hi > b->range[j].hi))
			j++;
		if (j == b->n)
			return false;
	}
	return b->n == 0 || a->n > 0;
}

static bool
addr_inside(const struct bnd_prefix *a, const struct bnd_prefix *b)
{
	return b->family == 0 || (a->family != 0 && bnd_prefix_inside(a, b));
}

static bool
link_inside(const struct bnd_linkname *a, const struct bnd_linkname *b)
{
	return b->name[0] == '\0' || same_link(a, b);
}

/* Whatever a allows, b allows. */
static bool
line_inside(const struct bnd_line *a, const struct bnd_line *b)
{
	return a->verb == b->verb && a->mode <= b->mode &&
	    a->bypass == b->bypass && a->proto == b->proto &&
	    (!b->has_type || (a->has_type && a->type == b->type)) &&
	    link_inside(&a->in, &b->in) && link_inside(&a->out, &b->out) &&
	    addr_inside(&a->src, &b->src) && addr_inside(&a->dst, &b->dst) &&
	    ports_inside(&a->sport, &b->sport) &&
	    ports_inside(&a->dport, &b->dport);
}

static void
note_dup(struct parser *p, size_t i)
{
	const struct bnd_netlist *list = p->list;

	for (size_t j = 0; j < list->lines; j++)
		if (j != i && line_inside(&list->line[i], &list->line[j]) &&
		    (j < i || !line_inside(&list->line[j], &list->line[i]))) {
			bnd_list_say(p->report, BND_LIST_W_DUP,
			    list->line[i].number, 1,
			    "line %u allows this already",
			    list->line[j].number);
			return;
		}
}

/* What only all lines together can tell. */
static void
finish(struct parser *p)
{
	for (size_t i = 0; i < p->list->lines; i++) {
		const struct bnd_line *l = &p->list->line[i];

		check_link(p, l, &l->in, p->in_col[i]);
		check_link(p, l, &l->out, p->out_col[i]);
	}
	for (size_t i = 0; i < p->list->lines && p->report->errors == 0; i++)
		note_dup(p, i);
}

static void
lines(struct parser *p, struct bnd_str text)
{
	bool whole = true;

	while (bnd_text_line(&text, &p->text, &whole)) {
		p->number++;
		if (!whole)
			bnd_list_say(p->report, BND_LIST_EOF, p->number,
			    (unsigned)p->text.len + 1,
			    "the last line does not end");
		if (!line(p))
			return;
	}
	if (p->number == 0)
		bnd_list_say(
		    p->report, BND_LIST_VERSION, 1, 1, "the file is empty");
	finish(p);
}

int
bnd_netlist_parse(struct bnd_str text, struct bnd_netlist *list,
    struct bnd_list_report *report)
{
	struct parser p = { .list = list, .report = report };

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

/* ---- printing -------------------------------------------------------------- */

static void
field_text(const struct bnd_line *l, enum field f, char *dst)
{
	dst[0] = '\0';
	if (f == F_IF && l->verb != BND_LINE_FORWARD)
		bnd_link_text(l->verb == BND_LINE_OUT ? &l->out : &l->in, dst);
	else if (f == F_FROM && l->verb == BND_LINE_FORWARD)
		bnd_link_text(&l->in, dst);
	else if (f == F_TO && l->verb == BND_LINE_FORWARD)
		bnd_link_text(&l->out, dst);
	else if (f == F_PROTO)
		bnd_proto_text(l->proto, dst);
	else if (f == F_SRC && l->src.family != 0)
		bnd_prefix_text(&l->src, dst);
	else if (f == F_DST && l->dst.family != 0)
		bnd_prefix_text(&l->dst, dst);
	else if (f == F_SPORT)
		bnd_ports_text(&l->sport, dst);
	else if (f == F_DPORT)
		bnd_ports_text(&l->dport, dst);
	else if (f == F_TYPE && l->has_type)
		(void)snprintf(dst, BND_PORTS_TEXT, "%u", l->type);
}

static bool
add(char *dst, size_t size, const char *a, const char *b, const char *c)
{
	size_t len = strlen(dst);
	int n = snprintf(dst + len, size - len, "%s%s%s", a, b, c);

	return n >= 0 && (size_t)n < size - len;
}

bool
bnd_line_print(const struct bnd_line *l, char *dst, size_t size)
{
	char text[BND_PORTS_TEXT];
	const struct verb *v = verbs;
	bool fits;

	while (v->verb != l->verb)
		if (++v == verbs + ASIZE(verbs))
			return false;
	dst[0] = '\0';
	fits = add(dst, size, v->name, " ", "");
	if (v->fields == 0) {
		bnd_link_text(&l->out, text);
		return fits &&
		    add(dst, size, text,
			l->bypass != BND_BYPASS_NONE ? " " : "",
			bypass_names[l->bypass]);
	}
	fits = fits && add(dst, size, bnd_mode_name(l->mode), "", "");
	for (enum field f = F_IF; f < FIELDS; f++) {
		field_text(l, f, text);
		if (text[0] != '\0')
			fits = fits &&
			    add(dst, size, " ", field_names[f], "=") &&
			    add(dst, size, text, "", "");
	}
	return fits;
}
