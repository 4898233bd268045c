/* ceremony-show.c: what stands open, and who may approve */
/* SPDX-License-Identifier: ISC */
#include "ceremony-show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "clock.h"
#include "json.h"

#define JSON_SIZE 8192
#define HEX_ID	  (2 * BND_CHALLENGE_ID_LEN + 1)

void
show_what(const struct bnd_challenge *c, char what[static SHOW_WHAT])
{
	if (c->action == BND_ACTION_LOOSEN)
		(void)snprintf(what, SHOW_WHAT, "loosen %s to %s",
		    bnd_mode_name(c->from), bnd_mode_name(c->to));
	else
		(void)snprintf(what, SHOW_WHAT, "%s%s%s",
		    bnd_action_name(c->action),
		    c->subject[0] != '\0' ? " " : "", c->subject);
}

void
show_finish(const struct bnd_view *v, char how[static SHOW_WHAT])
{
	char id[HEX_ID];

	bnd_text_to_hex(v->id, sizeof(v->id), id);
	switch (v->c.action) {
	case BND_ACTION_LOOSEN:
		(void)snprintf(how, SHOW_WHAT, "mode-set --ceremony %s %s", id,
		    bnd_mode_name(v->c.to));
		break;
	case BND_ACTION_UNFREEZE:
		(void)snprintf(
		    how, SHOW_WHAT, "mode-set --unfreeze --ceremony %s", id);
		break;
	case BND_ACTION_SUCCEED:
		(void)snprintf(
		    how, SHOW_WHAT, "chain-keep succeed --ceremony %s", id);
		break;
	case BND_ACTION_ENROLL:
	case BND_ACTION_REVOKE:
	case BND_ACTION_DRILL:
	case BND_ACTION_NONE:
		(void)snprintf(how, SHOW_WHAT, "ceremony %s --finish %s",
		    bnd_action_name(v->c.action), id);
		break;
	}
}

static void
put_json(const struct bnd_json *whole, char *buf)
{
	struct bnd_json j = *whole;

	if (bnd_json_end(&j))
		puts(buf);
	else
		cmd_warn("too much to say in JSON");
}

/* ---- a ceremony ---- */

static const char *
phase(const struct bnd_view *v)
{
	if (v->expired)
		return "expired";
	if (v->have < v->c.need)
		return "approvals";
	return v->ripe_s > 0 ? "cooldown" : "ripe";
}

static void
progress_json(const struct bnd_view *v, struct bnd_json *j)
{
	char id[HEX_ID];

	bnd_text_to_hex(v->id, sizeof(v->id), id);
	bnd_json_str(j, "id", id);
	bnd_json_str(j, "action", bnd_action_name(v->c.action));
	bnd_json_str(j, "phase", phase(v));
	bnd_json_int(j, "have", (int64_t)v->have);
	bnd_json_int(j, "need", (int64_t)v->c.need);
	bnd_json_int(j, "cooldown_s", (int64_t)v->ripe_s);
	bnd_json_int(j, "left_s", (int64_t)v->left_s);
}

static void
say_progress(const struct bnd_view *v)
{
	char how[SHOW_WHAT];

	show_finish(v, how);
	if (v->expired)
		printf("it has run out\n");
	else if (v->have < v->c.need)
		printf("%u of %u persons have approved; %" PRIu64
		       " s left for the others\n",
		    v->have, v->c.need, v->left_s);
	else if (v->ripe_s > 0)
		printf("%u of %u persons have approved; in %" PRIu64 " s: %s\n",
		    v->have, v->c.need, v->ripe_s, how);
	else
		printf("%u of %u persons have approved; within %" PRIu64
		       " s: %s\n",
		    v->have, v->c.need, v->left_s, how);
}

void
show_progress(const struct bnd_view *v, bool json)
{
	char buf[JSON_SIZE];
	struct bnd_json j;

	if (!json) {
		say_progress(v);
		return;
	}
	bnd_json_begin(&j, buf, sizeof(buf));
	bnd_json_open(&j, NULL, '{');
	progress_json(v, &j);
	bnd_json_close(&j, '}');
	put_json(&j, buf);
}

static void
approvers_json(const struct bnd_view *v, struct bnd_json *j)
{
	bnd_json_open(j, "approvers", '[');
	for (unsigned i = 0; i < v->n; i++) {
		const struct bnd_approver *a = &v->approver[i];

		bnd_json_open(j, NULL, '{');
		bnd_json_str(j, "name", a->name);
		bnd_json_str(j, "person", a->person);
		bnd_json_str(j, "kind", bnd_key_kind_name(a->pub.kind));
		bnd_json_bool(j, "approved", v->approved[i]);
		bnd_json_close(j, '}');
	}
	bnd_json_close(j, ']');
}

static void
open_json(const struct bnd_view *v)
{
	char buf[JSON_SIZE];
	struct bnd_json j;

	bnd_json_begin(&j, buf, sizeof(buf));
	bnd_json_open(&j, NULL, '{');
	bnd_json_bool(&j, "open", v->is_open);
	if (v->is_open) {
		progress_json(v, &j);
		bnd_json_str(&j, "from", bnd_mode_name(v->c.from));
		bnd_json_str(&j, "to", bnd_mode_name(v->c.to));
		bnd_json_str(&j, "subject", v->c.subject);
		bnd_json_str(&j, "reason", v->c.reason);
		bnd_json_str(&j, "kinds", v->c.offline ? "offline" : "any");
		approvers_json(v, &j);
		bnd_json_bytes(&j, "text", (struct bnd_str){ v->text, v->len });
	}
	bnd_json_close(&j, '}');
	put_json(&j, buf);
}

static void
say_requester(const struct bnd_requester *r)
{
	printf("asked for by uid %" PRIu32, r->uid);
	if (r->has_auid)
		printf(" (logged in as %" PRIu32 ")", r->auid);
	printf(" on %s\n", r->tty[0] != '\0' ? r->tty : "no terminal");
}

static void
say_open(const struct bnd_view *v)
{
	char id[HEX_ID], what[SHOW_WHAT];

	bnd_text_to_hex(v->id, sizeof(v->id), id);
	show_what(&v->c, what);
	printf("ceremony %s: %s\n", id, what);
	if (v->c.for_s != 0)
		printf("for %" PRIu64 " s only\n", v->c.for_s);
	if (v->c.reason[0] != '\0')
		printf("reason: %s\n", v->c.reason);
	say_requester(&v->c.requester);
	for (unsigned i = 0; i < v->n; i++) {
		const struct bnd_approver *a = &v->approver[i];
		bool may =
		    !v->c.offline || bnd_key_kind_is_offline(a->pub.kind);

		printf("  %-16s %-10s %-16s %s\n", a->name,
		    bnd_key_kind_name(a->pub.kind), a->person,
		    v->approved[i] ? "approved"
			: may	   ? "-"
				   : "not a kind that was asked for");
	}
	say_progress(v);
}

int
show_open(const struct bnd_root *root, bool text, bool json)
{
	static struct bnd_view v;
	struct bnd_err err = { 0 };

	if (bnd_ceremony_look(root, &v, &err) != 0)
		return cmd_fail(&err);
	if (json)
		open_json(&v);
	else if (!v.is_open)
		cmd_warn("no ceremony is open");
	else if (text)
		fwrite(v.text, 1, v.len, stdout);
	else
		say_open(&v);
	return v.is_open ? 0 : 1;
}

/* ---- approvers ---- */

static void
when_json(struct bnd_json *j, const char *key, uint64_t seq, int64_t real_us)
{
	char t[BND_TIME_LEN + 1];

	bnd_clock_format(real_us, t);
	bnd_json_open(j, key, '{');
	bnd_json_int(j, "seq", (int64_t)seq);
	bnd_json_str(j, "t", t);
	bnd_json_close(j, '}');
}

static void
list_json(const struct bnd_view *v)
{
	char buf[JSON_SIZE], id[2 * BND_APPROVER_ID_LEN + 1];
	struct bnd_json j;

	bnd_json_begin(&j, buf, sizeof(buf));
	bnd_json_open(&j, NULL, '{');
	bnd_json_open(&j, "approvers", '[');
	for (unsigned i = 0; i < v->n; i++) {
		const struct bnd_approver *a = &v->approver[i];
		const struct bnd_key_use *u = &v->use[i];

		bnd_text_to_hex(a->id, sizeof(a->id), id);
		bnd_json_open(&j, NULL, '{');
		bnd_json_str(&j, "name", a->name);
		bnd_json_str(&j, "person", a->person);
		bnd_json_str(&j, "kind", bnd_key_kind_name(a->pub.kind));
		bnd_json_str(&j, "id", id);
		bnd_json_b64(&j, "key", a->pub.key, sizeof(a->pub.key));
		when_json(&j, "enrolled", u->enrolled, u->enrolled_us);
		when_json(&j, "worked", u->worked, u->worked_us);
		bnd_json_close(&j, '}');
	}
	bnd_json_close(&j, ']');
	bnd_json_close(&j, '}');
	put_json(&j, buf);
}

/* Days are enough for people: 2026-11-22. */
static void
say_day(int64_t real_us, char day[static 11])
{
	char t[BND_TIME_LEN + 1];

	bnd_clock_format(real_us, t);
	(void)snprintf(day, 11, "%.10s", t);
}

static void
say_list(const struct bnd_view *v)
{
	char id[2 * BND_APPROVER_ID_LEN + 1], enrolled[11], worked[11];

	printf("%-16s %-10s %-16s %-16s %-10s %s\n", "NAME", "KIND", "PERSON",
	    "KEY", "ENROLLED", "WORKED");
	for (unsigned i = 0; i < v->n; i++) {
		const struct bnd_approver *a = &v->approver[i];

		bnd_text_to_hex(a->id, sizeof(a->id), id);
		say_day(v->use[i].enrolled_us, enrolled);
		say_day(v->use[i].worked_us, worked);
		printf("%-16s %-10s %-16s %-16s %-10s %s\n", a->name,
		    bnd_key_kind_name(a->pub.kind), a->person, id, enrolled,
		    worked);
	}
}

int
show_list(const struct bnd_root *root, bool json)
{
	static struct bnd_view v;
	struct bnd_err err = { 0 };

	if (bnd_ceremony_look(root, &v, &err) != 0)
		return cmd_fail(&err);
	if (json)
		list_json(&v);
	else
		say_list(&v);
	return 0;
}
