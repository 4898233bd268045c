/* netlist-print.c: a line of the list as it is written in a file */
/* SPDX-License-Identifier: ISC */
#include "netlist-print.h"

#include <stdio.h>
#include <string.h>

#include "netlist-words.h"

static void
field_text(const struct bnd_line *l, enum bnd_list_field f, char *dst)
{
	dst[0] = '\0';
	if (f == BND_FIELD_IF && l->verb != BND_LINE_FORWARD)
		bnd_link_text(l->verb == BND_LINE_OUT ? &l->out : &l->in, dst);
	else if (f == BND_FIELD_FROM && l->verb == BND_LINE_FORWARD)
		bnd_link_text(&l->in, dst);
	else if (f == BND_FIELD_TO && l->verb == BND_LINE_FORWARD)
		bnd_link_text(&l->out, dst);
	else if (f == BND_FIELD_PROTO)
		bnd_proto_text(l->proto, dst);
	else if (f == BND_FIELD_SRC && l->src.family != 0)
		bnd_prefix_text(&l->src, dst);
	else if (f == BND_FIELD_DST && l->dst.family != 0)
		bnd_prefix_text(&l->dst, dst);
	else if (f == BND_FIELD_SPORT)
		bnd_ports_text(&l->sport, dst);
	else if (f == BND_FIELD_DPORT)
		bnd_ports_text(&l->dport, dst);
	else if (f == BND_FIELD_TYPE && l->has_type)
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
	const struct bnd_list_verb *v = bnd_list_verbs;
	bool fits;

	while (v->verb != l->verb)
		if (++v == bnd_list_verbs + BND_LIST_VERBS)
			return false;
	dst[0] = '\0';
	fits = add(dst, size, v->name, " ", "");
	if (v->fields == 0) {
		bnd_link_text(&l->out, text);
		return fits &&
		    add(dst, size, text,
			l->bypass != BND_BYPASS_NONE ? " " : "",
			bnd_bypass_names[l->bypass]);
	}
	fits = fits && add(dst, size, bnd_mode_name(l->mode), "", "");
	for (enum bnd_list_field f = BND_FIELD_IF; f < BND_FIELDS; f++) {
		field_text(l, f, text);
		if (text[0] != '\0')
			fits = fits &&
			    add(dst, size, " ", bnd_list_fields[f], "=") &&
			    add(dst, size, text, "", "");
	}
	return fits;
}
