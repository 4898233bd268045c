/* net-show.c: what net-seal says, as one JSON object or for people */
/* SPDX-License-Identifier: ISC */
#include "net-show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accepted.h"
#include "cmd.h"
#include "net-table.h"
#include "scope.h"

#define LIST_MAX 64 /* members a reader of ours takes in one array */

/* ---- JSON ---- */

static void
json_used(struct bnd_json *j, const struct bnd_seal *s)
{
	struct net_layer layer[NET_LAYERS];
	char text[16 * NET_LAYERS] = "";
	size_t len = 0;

	net_layers(s, layer);
	for (size_t i = 0; i < NET_LAYERS; i++)
		if (layer[i].is == BND_LAYER_USED)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    "%s%s", len > 0 ? " " : "", layer[i].name);
	bnd_json_str(j, "used", text);
}

static void
json_layers(struct bnd_json *j, const struct bnd_seal *s)
{
	struct net_layer layer[NET_LAYERS];

	net_layers(s, layer);
	bnd_json_open(j, "layers", '{');
	for (size_t i = 0; i < NET_LAYERS; i++)
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
	bnd_json_str(j, "probe", s->leaks ? "leaks" : bnd_layer_name(s->probe));
	bnd_json_int(j, "probe_ms", s->probe_ms);
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
	bnd_json_open(j, "namespaces", '{');
	bnd_json_int(j, "seen", s->abroad_seen);
	bnd_json_int(j, "sealed", s->abroad);
	bnd_json_close(j, '}');
	json_notes(j, "findings", &s->findings);
	json_notes(j, "waiting", &s->waiting);
	json_notes(j, "uncovered", &s->uncovered);
	json_links(j, s);
	bnd_json_int(j, "links_all", (int64_t)s->links.n);
	net_json_errors(j, &s->edited);
	bnd_json_close(j, '}');
}

/* ---- people ---- */

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
		return cmd_put_json(&j, status);
	}
	if (!how->quiet)
		net_table(s,
		    &(struct net_look){
			.whole = how->whole, .verbose = how->verbose });
	return status;
}
