/* box-record.c: sandboxes in the event log */
/* SPDX-License-Identifier: ISC */
#include "box-record.h"

#include <string.h>

#include "box-stage.h"
#include "log.h"

#define BODY_SIZE 8192 /* names at worst six bytes for one; the log cuts */
#define START_MS  5000 /* many may start at once */

static const char prog[] = "sbx-run";

struct body {
	struct bnd_json j;
	char buf[BODY_SIZE];
};

static void
begin(struct body *b, const char *id)
{
	bnd_json_begin(&b->j, b->buf, sizeof(b->buf));
	bnd_json_open(&b->j, NULL, '{');
	bnd_json_str(&b->j, "id", id);
}

static int
end(struct body *b, const struct bnd_root *root, const char *ev,
    enum bnd_log_need need, struct bnd_err *err)
{
	struct bnd_event event = { .prog = prog,
		.ev = ev,
		.need = need,
		.deadline_ms =
		    need == BND_LOG_DURABLE ? START_MS : BND_LOG_DEADLINE_MS };
	struct bnd_mark mark = { 0 };

	bnd_json_close(&b->j, '}');
	if (!bnd_json_end(&b->j))
		return bnd_fail(err, BND_E_INPUT, "%s: too long", ev);
	event.body = (struct bnd_str){ b->buf, b->j.len };
	return bnd_log_append(root, &event, &mark, err);
}

static void
put_what(struct body *b, const struct bnd_box_result *r)
{
	char hex[2 * BND_HASH_LEN + 1];

	bnd_text_to_hex(r->policy, BND_HASH_LEN, hex);
	bnd_json_str(&b->j, "mode", bnd_mode_name(r->mode));
	bnd_json_str(&b->j, "profile", r->profile);
	bnd_json_str(&b->j, "policy", hex);
	bnd_json_str(&b->j, "argv0", r->argv0);
	if (r->user != NULL)
		bnd_json_int(&b->j, "for", r->user->uid);
}

int
bnd_box_record_start(const struct bnd_root *root,
    const struct bnd_box_result *r, unsigned lease, struct bnd_err *err)
{
	struct body b;

	begin(&b, r->id);
	put_what(&b, r);
	bnd_json_int(&b.j, "lease", lease);
	return end(&b, root, "sbx.start", BND_LOG_DURABLE, err);
}

static void
put_counter(struct body *b, const char *key, bool has, uint64_t n)
{
	if (has)
		bnd_json_int(&b->j, key,
		    (int64_t)(n < BND_JSON_NUMBER_MAX ? n
						      : BND_JSON_NUMBER_MAX));
}

int
bnd_box_record_end(const struct bnd_root *root, const struct bnd_box_result *r,
    struct bnd_err *err)
{
	struct body b;

	begin(&b, r->id);
	bnd_json_str(&b.j, "reason", bnd_box_reason_word(r->reason));
	bnd_json_int(&b.j, "status", bnd_box_exit(r));
	put_counter(&b, "signal", r->signal != 0, (uint64_t)r->signal);
	bnd_json_str(&b.j, "mode",
	    bnd_mode_name(
		r->mode_then != BND_MODE_NONE ? r->mode_then : r->mode));
	put_counter(&b, "wall_ms", true, r->wall_ms);
	put_counter(&b, "cpu_ms", r->used.has_cpu, r->used.cpu_us / 1000);
	put_counter(&b, "mem_peak", r->used.has_mem, r->used.mem_peak);
	put_counter(&b, "oom_kill", r->used.has_oom, r->used.oom_kill);
	put_counter(&b, "out_bytes", true, r->out_bytes);
	if (r->cleanup[0] != '\0')
		bnd_json_str(&b.j, "cleanup", r->cleanup);
	return end(&b, root, "sbx.end", BND_LOG_SPOOL_OK, err);
}

int
bnd_box_record_refuse(const struct bnd_root *root,
    const struct bnd_box_result *r, struct bnd_err *err)
{
	struct body b;

	begin(&b, r->id);
	put_what(&b, r);
	bnd_json_str(&b.j, "reason", bnd_box_reason_word(r->reason));
	bnd_json_str(&b.j, "stage", bnd_box_stage_word(r->stage));
	bnd_json_str(&b.j, "why", r->detail);
	return end(&b, root, "sbx.refuse", BND_LOG_SPOOL_OK, err);
}

int
bnd_box_record_aborted(const struct bnd_root *root,
    const struct bnd_lease_text *was, unsigned lease, struct bnd_err *err)
{
	struct body b;

	begin(&b, was->id);
	bnd_json_str(&b.j, "reason", "aborted");
	bnd_json_str(&b.j, "mode", bnd_mode_name(was->mode));
	bnd_json_str(&b.j, "argv0", was->argv0);
	bnd_json_int(&b.j, "lease", lease);
	bnd_json_int(&b.j, "supervisor", was->sup);
	return end(&b, root, "sbx.end", BND_LOG_SPOOL_OK, err);
}

int
bnd_box_record_orphan(
    const struct bnd_root *root, const char *leaf, struct bnd_err *err)
{
	struct body b;

	begin(&b, "");
	bnd_json_str(&b.j, "reason", "aborted");
	bnd_json_str(&b.j, "cgroup", leaf);
	return end(&b, root, "sbx.end", BND_LOG_SPOOL_OK, err);
}
