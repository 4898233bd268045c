/* net-show.c: what net-seal says, as one JSON object or for people */
/* SPDX-License-Identifier: ISC */
#include "net-show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accepted.h"
#include "cmd.h"
#include "scope.h"

#define LIST_MAX  64 /* members a reader of ours takes in one array */
#define SHOWN_MAX 8  /* findings for people, without -v */

/* ---- JSON ---- */

/* A layer of the seal as people and scripts know it. */
struct layer {
	const char *name;
	enum bnd_layer is;
};
#define LAYERS 10

static void
name_layers(const struct bnd_seal *s, struct layer layer[static LAYERS])
{
	const struct layer all[LAYERS] = {
		{ "inet", s->family[BND_INET] },
		{ "arp", s->family[BND_ARP] },
		{ "bridge", s->family[BND_BRIDGE] },
		{ "netdev", s->family[BND_NETDEV] },
		{ "egress", s->egress },
		{ "legacy", s->legacy },
		{ "links", s->link },
		{ "namespaces", s->namespaces },
		{ "radios", s->radio },
		{ "queues", s->queue },
	};

	memcpy(layer, all, sizeof(all));
}

static void
json_used(struct bnd_json *j, const struct bnd_seal *s)
{
	struct layer layer[LAYERS];
	char text[16 * LAYERS] = "";
	size_t len = 0;

	name_layers(s, layer);
	for (size_t i = 0; i < LAYERS; i++)
		if (layer[i].is == BND_LAYER_USED)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    "%s%s", len > 0 ? " " : "", layer[i].name);
	bnd_json_str(j, "used", text);
}

static void
json_layers(struct bnd_json *j, const struct bnd_seal *s)
{
	struct layer layer[LAYERS];

	name_layers(s, layer);
	bnd_json_open(j, "layers", '{');
	for (size_t i = 0; i < LAYERS; i++)
		bnd_json_str(j, layer[i].name, bnd_layer_name(layer[i].is));
	bnd_json_str(j, "flows", bnd_layer_name(s->flow));
	bnd_json_close(j, '}');
}

static void
json_links(struct bnd_json *j, const struct bnd_seal *s)
{
	bnd_json_open(j, "links", '[');
	for (size_t i = 0; i < s->links.n && i < LIST_MAX; i++) {
		const struct bnd_link *l = &s->links.v[i];

		bnd_json_open(j, NULL, '{');
		bnd_json_int(j, "index", l->id.index);
		bnd_json_str(j, "name", l->id.name);
		bnd_json_str(j, "kind", l->id.kind);
		bnd_json_bool(j, "real", l->real);
		bnd_json_bool(j, "up", bnd_link_is_up(l));
		bnd_json_bool(j, "carrier", l->carrier);
		bnd_json_close(j, '}');
	}
	bnd_json_close(j, ']');
}

static void
json_notes(struct bnd_json *j, const char *key, const struct bnd_notes *n)
{
	bnd_json_open(j, key, '[');
	for (size_t i = 0; i < n->n && i < LIST_MAX; i++) {
		bnd_json_open(j, NULL, '{');
		bnd_json_str(j, "code", n->note[i].code);
		bnd_json_str(j, "text", n->note[i].text);
		bnd_json_close(j, '}');
	}
	bnd_json_close(j, ']');
}

void
net_json_errors(struct bnd_json *j, const struct bnd_list_report *r)
{
	bnd_json_open(j, "errors", '[');
	for (size_t i = 0; i < r->notes; i++) {
		bnd_json_open(j, NULL, '{');
		bnd_json_str(j, "code", bnd_list_code_name(r->note[i].code));
		bnd_json_int(j, "line", r->note[i].line);
		bnd_json_int(j, "col", r->note[i].col);
		bnd_json_str(j, "reason", r->note[i].reason);
		bnd_json_close(j, '}');
	}
	bnd_json_close(j, ']');
}

/* Scalars first: those are what mode-set puts into its record. */
static void
json_seal(struct bnd_json *j, const struct bnd_seal *s)
{
	bnd_json_open(j, NULL, '{');
	bnd_json_str(j, "mode", bnd_mode_name(s->mode));
	bnd_json_bool(j, "sealed", s->sealed);
	bnd_json_int(j, "exit", bnd_seal_exit(s));
	json_used(j, s);
	bnd_json_int(j, "links_down", s->downed);
	bnd_json_int(j, "links_up", s->raised);
	bnd_json_int(j, "cut_sockets", s->cut.sockets);
	bnd_json_int(j, "cut_flows", s->cut.flows);
	bnd_json_int(j, "rounds", s->rounds);
	if (s->list_digest[0] != '\0')
		bnd_json_str(j, "list", s->list_digest);
	if (s->trying)
		bnd_json_int(j, "trying", (int64_t)s->try_left_s);
	bnd_json_int(j, "found", (int64_t)(s->findings.n + s->findings.lost));
	json_layers(j, s);
	bnd_json_open(j, "cut", '{');
	bnd_json_int(j, "sockets", s->cut.sockets);
	bnd_json_int(j, "flows", s->cut.flows);
	bnd_json_int(j, "failed", s->cut.failed);
	bnd_json_close(j, '}');
	json_notes(j, "findings", &s->findings);
	json_notes(j, "waiting", &s->waiting);
	json_notes(j, "uncovered", &s->uncovered);
	json_links(j, s);
	bnd_json_int(j, "links_all", (int64_t)s->links.n);
	net_json_errors(j, &s->edited);
	bnd_json_close(j, '}');
}

int
net_put_json(struct bnd_json *j, int status)
{
	if (!bnd_json_end(j)) {
		cmd_warn("the answer is too long");
		return 2;
	}
	printf("%s\n", j->buf);
	return status;
}

/* ---- text ---- */

void
net_show_notes(const char *what, const struct bnd_notes *n, size_t max)
{
	size_t shown = n->n < max ? n->n : max;

	for (size_t i = 0; i < shown; i++)
		printf(
		    "  %-10s %s: %s\n", what, n->note[i].code, n->note[i].text);
	if (n->n + n->lost > shown)
		printf("  %-10s and %zu more\n", what, n->n + n->lost - shown);
}

static void
show_layers(const struct bnd_seal *s)
{
	struct layer layer[LAYERS];

	name_layers(s, layer);
	for (size_t i = 0; i < LAYERS; i++)
		printf(
		    "  %-10s %s\n", layer[i].name, bnd_layer_name(layer[i].is));
	for (size_t i = 0; i < s->links.n; i++) {
		const struct bnd_link *l = &s->links.v[i];

		printf("  %-10s %-15s %-10s %-4s %s%s\n", "link", l->id.name,
		    l->id.kind[0] != '\0' ? l->id.kind : "-",
		    l->real ? "real" : "soft",
		    bnd_link_is_up(l) ? "up" : "down",
		    l->carrier ? "" : ", no carrier");
	}
}

static void
show_seal(const struct bnd_seal *s, bool verbose)
{
	const char *on = "", *off = "";

	if (cmd_colour(stdout)) {
		on = s->sealed ? "\033[32m" : "\033[31m";
		off = "\033[0m";
	}
	printf("%s: %s%s%s\n", bnd_mode_name(s->mode), on,
	    s->sealed ? "in force, as the kernel says" : "NOT in force", off);
	if (verbose)
		show_layers(s);
	if (s->cut.sockets + s->cut.flows > 0)
		printf("  %-10s %u sockets, %u tracked flows\n", "cut",
		    s->cut.sockets, s->cut.flows);
	if (s->trying)
		printf(
		    "  %-10s a list, for %llu s: net-seal confirm keeps it\n",
		    "trying", (unsigned long long)s->try_left_s);
	net_show_notes(
	    "finding", &s->findings, verbose ? BND_NOTES_MAX : SHOWN_MAX);
	net_show_notes(
	    "waiting", &s->waiting, verbose ? BND_NOTES_MAX : SHOWN_MAX);
	if (verbose)
		net_show_notes("uncovered", &s->uncovered, BND_NOTES_MAX);
}

void
net_warn_errors(const struct bnd_list_report *r, const char *file)
{
	char text[256];

	for (size_t i = 0; i < r->notes; i++) {
		bnd_list_note_text(&r->note[i], file, text, sizeof(text));
		fprintf(stderr, "%s\n", text);
	}
}

int
net_report(const struct bnd_seal *s, const struct net_how *how)
{
	SCOPED_FREE char *buf = malloc(NET_JSON_SIZE);
	int status = bnd_seal_exit(s);
	struct bnd_json j;

	if (s->worst.kind != BND_E_NONE)
		cmd_warn_err(&s->worst);
	net_warn_errors(&s->edited, "/" BND_LIST_PATH);
	if (how->json && buf != NULL) {
		bnd_json_begin(&j, buf, NET_JSON_SIZE);
		json_seal(&j, s);
		return net_put_json(&j, status);
	}
	if (!how->quiet)
		show_seal(s, how->verbose);
	return status;
}
