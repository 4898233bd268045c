/* net-table.c: what net-seal says, for people */
/* SPDX-License-Identifier: ISC */
/*
 * Read at three in the morning: is it tight, and if not, what is to be typed?
 * So the verdict comes first, then what is wrong, then the command, and only
 * then what holds.  Every row stands for itself: it begins with its kind, so
 * that grep finds it.  Names of links are somebody else's bytes.
 */
#include "net-table.h"

#include <stdio.h>
#include <string.h>

#include "pen.h"

#define SHOWN_MAX 8 /* findings, lines that wait, links */

void
net_layers(const struct bnd_seal *s, struct net_layer layer[static NET_LAYERS])
{
	const struct net_layer all[NET_LAYERS] = {
		{ "inet", s->family[BND_INET],
		    "IPv4 and IPv6: in, out and forwarded" },
		{ "arp", s->family[BND_ARP], "ARP" },
		{ "bridge", s->family[BND_BRIDGE], "bridged frames" },
		{ "netdev", s->family[BND_NETDEV], "whatever frame comes in" },
		{ "egress", s->egress, "whatever frame goes out" },
		{ "legacy", s->legacy, "IPv4 and IPv6, a second engine" },
		{ "links", s->link, "all of it: real links are down" },
		{ "namespaces", s->namespaces, "real links held elsewhere" },
		{ "radios", s->radio, "radios, switched off" },
		{ "queues", s->queue, "what was queued before" },
		{ "probe", s->probe, "packets, sent to see them stopped" },
	};

	memcpy(layer, all, sizeof(all));
}

/* "code: text"; of a row called waiting the code says nothing more. */
static void
note_row(const struct pen *p, enum ink ink, const char *what,
    const struct bnd_notes *n, size_t i, bool brief)
{
	bool same = strcmp(n->note[i].code, what) == 0;
	char text[ROW_MAX], *bytecode;

	(void)snprintf(text, sizeof(text), "%s%s%s",
	    same ? "" : n->note[i].code, same ? "" : ": ", n->note[i].text);
	/* Which rule it is says more than what it is compiled to. */
	bytecode = strstr(text, " [");
	if (brief && bytecode != NULL && strstr(text, "rule ") != NULL)
		*bytecode = '\0';
	pen_row(p, ink, what, text);
}

static void
rows(const struct pen *p, enum ink ink, const char *what,
    const struct bnd_notes *n, size_t max)
{
	size_t shown = n->n < max ? n->n : max;
	char text[64];

	for (size_t i = 0; i < shown; i++)
		note_row(p, ink, what, n, i, max < BND_NOTES_MAX);
	if (n->n + n->lost > shown) {
		(void)snprintf(
		    text, sizeof(text), "and %zu more", n->n + n->lost - shown);
		pen_row(p, ink, what, text);
	}
}

/* ---- what to type ---- */

/* By what a code begins with. */
static const struct hint {
	const char *code, *command;
	bool with_mode;
	const char *why;
} hints[] = {
	{ "state", "mode-set --check", false, "says what is wrong with it" },
	{ "list", "mode-set ", true, "takes the file in as it is now" },
	{ "list", "net-seal try /etc/bnd/net.allow", false, "for a minute" },
	{ "bypass", "man net.allow", false, "how TRUSTED accepts a by-pass" },
	{ "lacks", "net-seal can ", true, "what this kernel lacks" },
	{ NULL, NULL, false, NULL },
};

static bool
begins(const char *code, const char *with)
{
	return strncmp(code, with, strlen(with)) == 0;
}

static bool
has(const struct bnd_seal *s, const char *code)
{
	for (size_t i = 0; i < s->findings.n; i++)
		if (begins(s->findings.note[i].code, code))
			return true;
	return false;
}

static void
type(const struct pen *p, const char *command, const char *arg, const char *why)
{
	char text[ROW_MAX], line[80];

	(void)snprintf(line, sizeof(line), "%s%s", command, arg);
	(void)snprintf(text, sizeof(text), "%-31s  %s", line, why);
	pen_row(p, INK_GOOD, "type", text);
}

static void
show_hints(const struct pen *p, const struct bnd_seal *s)
{
	char mode[16] = "";

	for (size_t i = 0; bnd_mode_name(s->mode)[i] != '\0' && i < 15; i++)
		mode[i] = (char)(bnd_mode_name(s->mode)[i] | 0x20);
	if (!s->sealed && !s->unusable) {
		type(p, "mode-set ", mode,
		    has(s, "list") ? "puts it back, with the list file as it is"
				   : "puts it back and reads it again");
		if (has(s, "list"))
			type(p, "net-seal apply", "",
			    "puts it back, with the list accepted last");
		if (s->mode < BND_AIRGAP)
			type(p, "mode-set ", "airgap",
			    "is safe at once: loopback only");
		else if (s->mode < BND_LOCKDOWN)
			type(p, "mode-set ", "lockdown", "if that is no help");
	}
	for (const struct hint *h = hints; h->code != NULL; h++)
		if (has(s, h->code) && (s->sealed || !begins(h->code, "list")))
			type(p, h->command, h->with_mode ? mode : "", h->why);
}

/* ---- what holds, and the links ---- */

static void
show_layers(const struct pen *p, const struct bnd_seal *s)
{
	static const enum ink inks[] = { INK_DIM, INK_GOOD, INK_WARN, INK_BAD };
	struct net_layer layer[NET_LAYERS];
	char text[ROW_MAX], unused[ROW_MAX] = "";
	size_t len = 0;

	net_layers(s, layer);
	for (size_t i = 0; i < NET_LAYERS; i++) {
		if (layer[i].is == BND_LAYER_UNUSED) {
			len +=
			    (size_t)snprintf(unused + len, sizeof(unused) - len,
				"%s%s", len > 0 ? " " : "", layer[i].name);
			continue;
		}
		(void)snprintf(text, sizeof(text), "%-10s  %-6s  %s",
		    layer[i].name, bnd_layer_name(layer[i].is), layer[i].stops);
		pen_row(p, inks[layer[i].is], "layer", text);
	}
	if (len > 0) {
		(void)snprintf(text, sizeof(text), "not needed: %s", unused);
		pen_row(p, INK_DIM, "layer", text);
	}
}

static enum ink
link_ink(const struct bnd_seal *s, const struct bnd_link *l)
{
	if (!l->real || !bnd_link_is_up(l))
		return INK_DIM;
	return s->mode >= BND_AIRGAP ? INK_BAD : INK_NONE;
}

static void
show_link(
    const struct pen *p, const struct bnd_seal *s, const struct bnd_link *l)
{
	char text[ROW_MAX];
	const char *how = "";

	if (bnd_link_is_uplink(l))
		how = ", uplink";
	else if (bnd_link_is_up(l) && !l->carrier)
		how = ", no carrier";
	(void)snprintf(text, sizeof(text), "%-15s  %-9s  %-4s  %s%s",
	    l->id.name, l->id.kind[0] != '\0' ? l->id.kind : "-",
	    l->real ? "real" : "soft", bnd_link_is_up(l) ? "up" : "down", how);
	pen_row(p, link_ink(s, l), "link", text);
}

/* Real ones first, up before down; of the others as many as there is room. */
static void
show_links(const struct pen *p, const struct bnd_seal *s, size_t max)
{
	size_t shown = 0, all = 0;
	char text[80];

	for (int rank = 0; rank < 4; rank++) {
		for (size_t i = 0; i < s->links.n; i++) {
			const struct bnd_link *l = &s->links.v[i];
			int is =
			    (l->real ? 0 : 2) + (bnd_link_is_up(l) ? 0 : 1);

			if (is != rank ||
			    (l->id.index == BND_LO_INDEX && max != SIZE_MAX))
				continue;
			all++;
			if (shown == max)
				continue;
			shown++;
			show_link(p, s, l);
		}
	}
	if (all > shown) {
		(void)snprintf(text, sizeof(text),
		    "and %zu more: net-seal check -v", all - shown);
		pen_row(p, INK_DIM, "link", text);
	}
}

/* One row of codes; -v has the sentences. */
static void
show_uncovered(const struct pen *p, const struct bnd_seal *s)
{
	const struct bnd_notes *n = &s->uncovered;
	char text[ROW_MAX] = "";
	size_t len = 0;

	for (size_t i = 0; i < n->n; i++) {
		size_t before = 0;

		while (strcmp(n->note[before].code, n->note[i].code) != 0)
			before++;
		if (before == i && len + 40 < sizeof(text))
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    "%s%s", len > 0 ? ", " : "", n->note[i].code);
	}
	if (len == 0)
		return;
	(void)snprintf(text + len, sizeof(text) - len, ": net-seal check -v");
	pen_row(p, INK_DIM, "uncovered", text);
}

static void
show_whole(const struct pen *p, const struct bnd_seal *s, bool verbose)
{
	static const char *const passes[] = { [BND_OPEN] = "everything",
		[BND_RESTRICTED] =
		    "all that goes out; in and through what is listed",
		[BND_TRUSTED] = "loopback, listed flows, listed VPN links",
		[BND_AIRGAP] = "loopback",
		[BND_COLDROOM] = "loopback",
		[BND_LOCKDOWN] = "nothing" };

	pen_row(p, INK_NONE, "lets by", passes[s->mode]);
	if (s->mode > BND_OPEN)
		show_layers(p, s);
	show_links(p, s, verbose ? SIZE_MAX : SHOWN_MAX);
	rows(p, INK_WARN, "waiting", &s->waiting,
	    verbose ? BND_NOTES_MAX : SHOWN_MAX);
	if (verbose)
		rows(p, INK_DIM, "uncovered", &s->uncovered, BND_NOTES_MAX);
	else
		show_uncovered(p, s);
}

/* ---- all of it ---- */

void
net_table(const struct bnd_seal *s, const struct net_look *look)
{
	const struct pen p = pen_take();
	const size_t max = look->verbose ? BND_NOTES_MAX : SHOWN_MAX;
	char text[120];

	printf("%s: ", bnd_mode_name(s->mode));
	(void)snprintf(text, sizeof(text), "%s",
	    s->sealed ? "in force, as the kernel says" : "NOT in force");
	pen_write(&p, s->sealed ? INK_GOOD : INK_BAD, text, (int)strlen(text));
	putchar('\n');
	rows(&p, INK_BAD, "finding", &s->findings, max);
	if (s->trying) {
		(void)snprintf(text, sizeof(text),
		    "a list, for %llu s: net-seal confirm keeps it",
		    (unsigned long long)s->try_left_s);
		pen_row(&p, INK_WARN, "trying", text);
	}
	if (look->whole)
		show_hints(&p, s);
	if (s->cut.sockets + s->cut.flows > 0) {
		(void)snprintf(text, sizeof(text),
		    "%u sockets, %u tracked flows", s->cut.sockets,
		    s->cut.flows);
		pen_row(&p, INK_NONE, "cut", text);
	}
	if (look->whole || look->verbose)
		show_whole(&p, s, look->verbose);
	else
		rows(&p, INK_WARN, "waiting", &s->waiting, max);
}

void
net_table_notes(const char *what, const struct bnd_notes *n, size_t max)
{
	const struct pen p = pen_take();

	rows(&p, INK_NONE, what, n, max);
}
