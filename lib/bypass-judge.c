/* bypass-judge.c: which by-passes a mode can live with */
/* SPDX-License-Identifier: ISC */
#include "bypass-judge.h"

#include <stdio.h>
#include <string.h>

static const char *
kind_name(enum bnd_bypass kind)
{
	static const char *const names[] = { "tap", "xdp", "tc", "xsk" };

	return names[kind];
}

static bool
names(const struct bnd_netlist *list, enum bnd_bypass kind,
    const struct bnd_link *l)
{
	size_t i;

	for (i = 0; i < list->lines; i++) {
		const struct bnd_line *line = &list->line[i];

		if (line->verb == BND_LINE_BYPASS && line->bypass == kind &&
		    strcmp(line->out.name, l->id.name) == 0 &&
		    strcmp(line->out.kind, l->id.kind) == 0)
			return true;
	}
	return false;
}

static bool
is_lo(const struct bnd_link *l)
{
	return l->id.index == BND_LO_INDEX;
}

/* Where it is not known which link, all that could be must be named. */
static bool
listed(const struct bnd_netlist *list, enum bnd_bypass kind,
    const struct bnd_links *links, const struct bnd_link *l)
{
	size_t i;

	if (l != NULL)
		return names(list, kind, l);
	for (i = 0; i < links->n; i++)
		if (bnd_link_is_up(&links->v[i]) && !is_lo(&links->v[i]) &&
		    !names(list, kind, &links->v[i]))
			return false;
	return true;
}

static void
describe(const struct bnd_bypass_seen *s, const struct bnd_link *l, char *dst,
    size_t size)
{
	const char *where = l != NULL	 ? l->id.name
	    : s->kind == BND_BYPASS_NONE ? "any link"
					 : "a link not known";

	if (!s->socket)
		(void)snprintf(dst, size, "on %s", where);
	else if (s->by.pid == 0)
		(void)snprintf(dst, size, "on %s, uid %u", where, s->uid);
	else
		(void)snprintf(dst, size, "on %s, uid %u, pid %d (%s)", where,
		    s->uid, (int)s->by.pid, s->by.comm);
}

/* Whether the mode cannot live with it. */
static bool
offends(const struct bnd_bypass_seen *s, enum bnd_mode mode,
    const struct bnd_netlist *list, const struct bnd_links *links,
    const struct bnd_link *l)
{
	if (s->kind == BND_BYPASS_NONE || (l != NULL && !bnd_link_is_up(l)))
		return false;
	if (mode == BND_TRUSTED)
		return !listed(list, s->kind, links, l);
	return mode >= BND_AIRGAP && l != NULL && l->real;
}

bool
bnd_bypass_judge(const struct bnd_bypasses *b, enum bnd_mode mode,
    const struct bnd_netlist *list, const struct bnd_links *links,
    struct bnd_notes *findings, struct bnd_notes *uncovered)
{
	bool good = true;
	char text[160];
	size_t i;

	for (i = 0; i < b->n; i++) {
		const struct bnd_bypass_seen *s = &b->seen[i];
		const struct bnd_link *l = bnd_links_find(links, s->index);

		describe(s, l, text, sizeof text);
		if (offends(s, mode, list, links, l)) {
			bnd_note(findings, "bypass", "%s %s",
			    kind_name(s->kind), text);
			good = false;
		} else {
			bnd_note(uncovered, kind_name(s->kind), "%s", text);
		}
	}
	if (b->more) {
		bnd_note(
		    findings, "bypass", "more than %d of them", BND_BYPASS_MAX);
		good = false;
	}
	if (b->no_xsk && mode >= BND_TRUSTED)
		bnd_note(uncovered, "xsk",
		    "this kernel tells nothing of AF_XDP sockets");
	return good;
}

bool
bnd_flowtables_judge(const struct bnd_flowtables *f, enum bnd_mode mode,
    struct bnd_notes *findings, struct bnd_notes *uncovered)
{
	bool good = true;
	size_t i;

	for (i = 0; i < f->n; i++) {
		const struct bnd_flowtable *t = &f->v[i];
		bool past = t->hardware || t->priority <= BND_RULES_FRAMES;

		if (mode == BND_TRUSTED && past) {
			bnd_note(findings, "bypass", "flowtable %s on %s%s",
			    t->name, t->links,
			    t->hardware ? ", in hardware" : "");
			good = false;
		} else {
			bnd_note(uncovered, "flowtable", "%s on %s", t->name,
			    t->links);
		}
	}
	if (f->more) {
		bnd_note(findings, "bypass", "more than %d flowtables",
		    BND_FLOWTABLES_MAX);
		good = mode != BND_TRUSTED;
	}
	return good;
}
