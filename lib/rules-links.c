/* rules-links.c: the links there are, and which of them a mode takes */
/* SPDX-License-Identifier: ISC */
#include "rules-links.h"

#include <string.h>

#include "rules-stack.h"

/* Both words of a name; most differ in the first byte. */
static bool
is_called(const struct bnd_rules_link *link, const struct bnd_linkname *name)
{
	return link->name[0] == name->name[0] &&
	    strcmp(link->name, name->name) == 0 &&
	    strcmp(link->kind, name->kind) == 0;
}

const struct bnd_rules_link *
bnd_rules_find(const struct bnd_rules_in *in, const struct bnd_linkname *name)
{
	for (size_t i = 0; i < in->links; i++)
		if (is_called(&in->link[i], name))
			return &in->link[i];
	return NULL;
}

size_t
bnd_rules_lines(const struct bnd_rules_in *in)
{
	return in->list != NULL ? in->list->lines : 0;
}

static bool
named(const struct bnd_rules_in *in, enum bnd_line_verb verb,
    const struct bnd_rules_link *link)
{
	for (size_t i = 0; i < bnd_rules_lines(in); i++) {
		const struct bnd_line *l = &in->list->line[i];

		if (l->verb == verb && is_called(link, &l->out))
			return true;
	}
	return false;
}

bool
bnd_rules_is_vpn(
    const struct bnd_rules_in *in, const struct bnd_rules_link *link)
{
	return bnd_kind_is_vpn(link->kind) && named(in, BND_LINE_VPN, link);
}

bool
bnd_rules_is_lo(const struct bnd_rules_link *link)
{
	return link->index == BND_LO_INDEX;
}

/* Lines may name it for packets of this host that leave; NULL, or why not. */
static const char *
why_no_carrier(const struct bnd_rules_in *in, const struct bnd_rules_link *link)
{
	struct bnd_places below;

	if (bnd_kind_is_tunnel(link->kind))
		return "a tunnel needs a vpn line of its own";
	return bnd_rules_places(in, link, &below);
}

bool
bnd_rules_is_carrier(
    const struct bnd_rules_in *in, const struct bnd_rules_link *link)
{
	return !bnd_rules_is_lo(link) &&
	    (named(in, BND_LINE_OUT, link) || named(in, BND_LINE_DHCP, link)) &&
	    why_no_carrier(in, link) == NULL;
}

/* The link is there and one the mode takes: NULL. */
static const char *
why_unusable(const struct bnd_rules_in *in, const struct bnd_linkname *name)
{
	const struct bnd_rules_link *link;

	if (name->name[0] == '\0')
		return NULL;
	link = bnd_rules_find(in, name);
	if (link == NULL)
		return "it is not there, or of another kind";
	if (in->mode != BND_TRUSTED || bnd_rules_is_vpn(in, link))
		return NULL;
	return why_no_carrier(in, link);
}

const char *
bnd_rules_why_waiting(const struct bnd_rules_in *in,
    const struct bnd_line *line, const struct bnd_linkname **link)
{
	bool used = in->mode == BND_TRUSTED || in->mode == BND_RESTRICTED;
	const char *why;

	*link = &line->out;
	if (!used || line->mode < in->mode)
		return NULL;
	if (in->mode == BND_RESTRICTED && line->verb != BND_LINE_IN &&
	    line->verb != BND_LINE_FORWARD && line->verb != BND_LINE_BRIDGE)
		return NULL;
	if (line->verb == BND_LINE_BYPASS)
		return bnd_rules_find(in, &line->out) != NULL
		    ? NULL
		    : "it is not there, or of another kind";
	why = why_unusable(in, &line->out);
	if (why == NULL) {
		*link = &line->in;
		why = why_unusable(in, &line->in);
	}
	return why;
}

bool
bnd_rules_waiting(const struct bnd_rules_in *in, const struct bnd_line *line)
{
	const struct bnd_linkname *link;

	return bnd_rules_why_waiting(in, line, &link) != NULL;
}

bool
bnd_rules_is_judged(
    const struct bnd_rules_in *in, const struct bnd_rules_link *link)
{
	if (bnd_rules_is_lo(link))
		return in->mode == BND_LOCKDOWN;
	return in->mode != BND_TRUSTED || !bnd_rules_is_vpn(in, link);
}
