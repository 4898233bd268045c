/* net-record.c: what net-seal writes into the event log */
/* SPDX-License-Identifier: ISC */
#include "net-record.h"

#include <string.h>

#include "cmd.h"
#include "json.h"
#include "log.h"

#define RECORD_MS	250
#define RECORD_SIZE	3072
#define RECORD_FINDINGS 10

void
net_record(const struct bnd_root *root, struct bnd_seal *s, const char *ev,
    const char *what)
{
	char body[RECORD_SIZE];
	struct bnd_event event = { .prog = cmd_prog,
		.ev = ev,
		.need = BND_LOG_SPOOL_OK,
		.deadline_ms = RECORD_MS };
	struct bnd_err err = { 0 };
	struct bnd_mark mark;
	struct bnd_json j;

	bnd_json_begin(&j, body, sizeof(body));
	bnd_json_open(&j, NULL, '{');
	if (what != NULL)
		bnd_json_str(&j, "what", what);
	bnd_json_str(&j, "mode", bnd_mode_name(s->mode));
	bnd_json_bool(&j, "sealed", s->sealed);
	bnd_json_str(&j, "list", s->list_digest);
	bnd_json_int(&j, "found", (int64_t)(s->findings.n + s->findings.lost));
	bnd_json_open(&j, "findings", '[');
	for (size_t i = 0; i < s->findings.n && i < RECORD_FINDINGS; i++)
		bnd_json_str(&j, NULL, s->findings.note[i].text);
	bnd_json_close(&j, ']');
	bnd_json_close(&j, '}');
	event.body = (struct bnd_str){ body, j.len };
	if (!bnd_json_end(&j) ||
	    bnd_log_append(root, &event, &mark, &err) == -1 || mark.spooled) {
		s->unlogged = true;
		cmd_warn("%s is not on the log: %s", ev, err.text);
	}
}

bool
net_has_finding(const struct bnd_seal *s, const char *code)
{
	for (size_t i = 0; i < s->findings.n; i++)
		if (strcmp(s->findings.note[i].code, code) == 0)
			return true;
	return false;
}

/* An apply of a transaction is in mode-set's own record. */
void
net_record_all(const struct bnd_root *root, struct bnd_seal *s)
{
	if (s->drifted)
		net_record(root, s, "net.drift", NULL);
	if (s->drifted && s->sealed)
		net_record(root, s, "net.repair", NULL);
	if (s->tripped && net_has_finding(s, "uplink"))
		net_record(root, s, "net.uplink", NULL);
	if (s->try_ended)
		net_record(root, s, "net.try", "ended");
	if (s->accepted)
		net_record(root, s, "net.list", NULL);
	if (net_has_finding(s, "probe"))
		net_record(root, s, "net.probe", NULL);
	if (net_has_finding(s, "bypass"))
		net_record(root, s, "net.bypass", NULL);
}
