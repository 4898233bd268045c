/* netlist-whole.c: what only all lines of a list together can tell */
/* SPDX-License-Identifier: ISC */
#include "netlist-whole.h"

#include <string.h>

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
check_link(const struct bnd_list_whole *p, const struct bnd_line *l,
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
note_dup(const struct bnd_list_whole *p, size_t i)
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

void
bnd_list_check_whole(const struct bnd_list_whole *p)
{
	for (size_t i = 0; i < p->list->lines; i++) {
		const struct bnd_line *l = &p->list->line[i];

		check_link(p, l, &l->in, p->in_col[i]);
		check_link(p, l, &l->out, p->out_col[i]);
	}
	for (size_t i = 0; i < p->list->lines && p->report->errors == 0; i++)
		note_dup(p, i);
}
