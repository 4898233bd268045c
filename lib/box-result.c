/* box-result.c: how a run ended, for scripts: one line, one cause */
/* SPDX-License-Identifier: ISC */
#include "box-result.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "box-key.h"

#define EXIT_LIMIT     124
#define EXIT_TROUBLE   125
#define EXIT_NO_EXEC   126
#define EXIT_NOT_FOUND 127
#define EXIT_SIGNAL    128

enum how {
	HOW_TROUBLE = 0,
	HOW_EXITED,
	HOW_SIGNAL,
	HOW_LIMIT,
	HOW_EXEC,
};

/* The word, its exit status, and how isolate calls it. */
static const struct {
	const char *word;
	enum how how;
	const char *isolate;
} reasons[BND_WHYS] = {
	[BND_WHY_NONE] = { "none", HOW_TROUBLE, "XX" },
	[BND_WHY_EXITED] = { "exited", HOW_EXITED, "RE" },
	[BND_WHY_SIGNALED] = { "signaled", HOW_SIGNAL, "SG" },
	[BND_WHY_SECCOMP] = { "seccomp-kill", HOW_SIGNAL, "SG" },
	[BND_WHY_WALL] = { "wall-limit", HOW_LIMIT, "TO" },
	[BND_WHY_CPU] = { "cpu-limit", HOW_LIMIT, "TO" },
	[BND_WHY_IDLE] = { "idle-limit", HOW_LIMIT, "TO" },
	[BND_WHY_MEMORY] = { "memory-limit", HOW_LIMIT, "SG" },
	[BND_WHY_OUTPUT] = { "output-limit", HOW_LIMIT, "SG" },
	[BND_WHY_MODE] = { "mode-change", HOW_LIMIT, "XX" },
	[BND_WHY_CANCELLED] = { "cancelled", HOW_SIGNAL, "XX" },
	[BND_WHY_EXEC] = { "exec-error", HOW_EXEC, "XX" },
	[BND_WHY_REFUSED] = { "refused", HOW_TROUBLE, "XX" },
	[BND_WHY_SETUP] = { "setup-error", HOW_TROUBLE, "XX" },
	[BND_WHY_SETUP_TIME] = { "setup-timeout", HOW_TROUBLE, "XX" },
	[BND_WHY_STUCK] = { "kill-stuck", HOW_TROUBLE, "XX" },
	[BND_WHY_INTERNAL] = { "internal-error", HOW_TROUBLE, "XX" },
};

const char *
bnd_box_reason_word(enum bnd_box_reason r)
{
	return (size_t)r < BND_WHYS ? reasons[r].word : "none";
}

int
bnd_box_exit(const struct bnd_box_result *r)
{
	if ((size_t)r->reason >= BND_WHYS)
		return EXIT_TROUBLE;
	switch (reasons[r->reason].how) {
	case HOW_EXITED:
		return r->exit_code;
	case HOW_SIGNAL:
		return EXIT_SIGNAL + r->signal;
	case HOW_LIMIT:
		return EXIT_LIMIT;
	case HOW_EXEC:
		return r->errnum == ENOENT && !r->interpreter ? EXIT_NOT_FOUND
							      : EXIT_NO_EXEC;
	case HOW_TROUBLE:
		break;
	}
	return EXIT_TROUBLE;
}

/* ---- JSON ---- */

static void
put_u64(struct bnd_json *j, const char *key, bool has, uint64_t n)
{
	if (!has)
		bnd_json_null(j, key);
	else
		bnd_json_int(j, key,
		    (int64_t)(n < BND_JSON_NUMBER_MAX ? n
						      : BND_JSON_NUMBER_MAX));
}

static void
put_user(struct bnd_json *j, const struct bnd_box_user *user)
{
	if (user == NULL) {
		bnd_json_null(j, "for");
		return;
	}
	bnd_json_open(j, "for", '{');
	bnd_json_int(j, "uid", user->uid);
	bnd_json_int(j, "gid", user->gid);
	bnd_json_open(j, "groups", '[');
	for (size_t i = 0; i < user->groups; i++)
		bnd_json_int(j, NULL, user->group[i]);
	bnd_json_close(j, ']');
	bnd_json_close(j, '}');
}

static void
put_policy(struct bnd_json *j, const struct bnd_box_result *r)
{
	char hex[2 * BND_HASH_LEN + 1];

	bnd_text_to_hex(r->policy, BND_HASH_LEN, hex);
	bnd_json_str(j, "id", r->id);
	bnd_json_str(j, "mode", bnd_mode_name(r->mode));
	bnd_json_str(j, "profile", r->profile);
	if (bnd_is_zero(r->policy, BND_HASH_LEN))
		bnd_json_null(j, "policy");
	else
		bnd_json_str(j, "policy", hex);
	bnd_json_str(j, "argv0", r->argv0);
	put_user(j, r->user);
}

/* What became of the command, and why. */
static void
put_end(struct bnd_json *j, const struct bnd_box_result *r)
{
	bnd_json_str(j, "reason", bnd_box_reason_word(r->reason));
	bnd_json_int(j, "status", bnd_box_exit(r));
	put_u64(
	    j, "exit_code", r->ended && r->signal == 0, (uint64_t)r->exit_code);
	put_u64(j, "signal", r->signal != 0, (uint64_t)r->signal);
	if (r->stage != BND_STAGE_NONE)
		bnd_json_str(j, "stage", bnd_box_stage_word(r->stage));
	else
		bnd_json_null(j, "stage");
	bnd_json_int(j, "errno", r->errnum);
	bnd_json_str(j, "detail", r->detail);
	if (r->mode_then != BND_MODE_NONE)
		bnd_json_str(j, "mode_then", bnd_mode_name(r->mode_then));
	bnd_json_bool(j, "killed", r->killed);
}

static void
put_used(struct bnd_json *j, const struct bnd_box_result *r)
{
	const struct bnd_cg_used *u = &r->used;

	put_u64(j, "setup_ms", true, r->setup_ms);
	put_u64(j, "wall_ms", r->started, r->wall_ms);
	put_u64(j, "cpu_ms", u->has_cpu, u->cpu_us / 1000);
	put_u64(j, "mem_peak", u->has_mem, u->mem_peak);
	put_u64(j, "pids_peak", u->has_pids, u->pids_peak);
	bnd_json_open(j, "events", '{');
	put_u64(j, "oom_kill", u->has_oom, u->oom_kill);
	put_u64(j, "pids_max", u->has_pids_max, u->pids_max);
	bnd_json_close(j, '}');
	bnd_json_str(j, "output",
	    r->out_lost > 0 && !r->truncated ? "lost"
		: r->truncated		     ? "truncated"
					     : "complete");
	put_u64(j, "out_bytes", true, r->out_bytes);
	put_u64(j, "out_lost", true, r->out_lost);
}

/* What the relay says it did, and what it was to dial. */
static void
put_net(struct bnd_json *j, const struct bnd_box_result *r)
{
	char text[BND_BOX_PAIR + BND_DIAL_TEXT], addr[BND_DIAL_TEXT];

	if (r->dials == NULL) {
		bnd_json_null(j, "net");
		return;
	}
	bnd_json_open(j, "net", '{');
	put_u64(j, "connections", true, r->net.connections);
	put_u64(j, "refused", true, r->net.refused);
	put_u64(j, "failed", true, r->net.failed);
	put_u64(j, "bytes_out", true, r->net.out);
	put_u64(j, "bytes_in", true, r->net.in);
	bnd_json_open(j, "pinned", '[');
	for (size_t i = 0; i < r->dials->n; i++) {
		bnd_dial_text(&r->dials->at[i], addr);
		(void)snprintf(
		    text, sizeof(text), "%s %s", r->dials->at[i].pair, addr);
		bnd_json_str(j, NULL, text);
	}
	bnd_json_close(j, ']');
	bnd_json_close(j, '}');
}

/* Only what was compared: of a run that never was there is nothing to say. */
static void
put_enforced(struct bnd_json *j, const struct bnd_box_result *r)
{
	if (!r->seen.complete) {
		bnd_json_null(j, "enforced");
		return;
	}
	bnd_json_open(j, "enforced", '{');
	bnd_box_seen_json(&r->seen, j);
	bnd_json_close(j, '}');
}

static void
put_narrowed(struct bnd_json *j, const struct bnd_box_result *r)
{
	bnd_json_open(j, "narrowed", '[');
	for (const struct bnd_box_keydef *k = bnd_box_keys;
	     k->key != BND_BOX_NONE; k++)
		if (r->narrowed[k->key])
			bnd_json_str(j, NULL, k->name);
	bnd_json_close(j, ']');
}

bool
bnd_box_result_json(
    const struct bnd_box_result *r, char *buf, size_t size, size_t *len)
{
	struct bnd_json j;

	bnd_json_begin(&j, buf, size);
	bnd_json_open(&j, NULL, '{');
	bnd_json_int(&j, "v", 1);
	put_policy(&j, r);
	put_end(&j, r);
	put_used(&j, r);
	put_net(&j, r);
	put_enforced(&j, r);
	put_narrowed(&j, r);
	bnd_json_str(&j, "missing", r->missing);
	bnd_json_str(&j, "cleanup", r->cleanup[0] != '\0' ? r->cleanup : "ok");
	bnd_json_close(&j, '}');
	if (!bnd_json_end(&j) || j.len + 1 >= size)
		return false;
	memcpy(buf + j.len, "\n", 2);
	*len = j.len + 1;
	return true;
}

/* ---- isolate's file ---- */

struct lines {
	char *buf;
	size_t size, len;
	bool full;
};

static void BND_PRINTF(2, 3) line(struct lines *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->buf + l->len, l->size - l->len, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= l->size - l->len)
		l->full = true;
	else
		l->len += (size_t)n;
}

static void
put_seconds(struct lines *l, const char *key, uint64_t ms)
{
	line(l, "%s:%" PRIu64 ".%03" PRIu64 "\n", key, ms / 1000, ms % 1000);
}

bool
bnd_box_result_meta(
    const struct bnd_box_result *r, char *buf, size_t size, size_t *len)
{
	struct lines l = { .buf = buf, .size = size };
	char why[sizeof(r->detail) * 4];

	if (r->used.has_cpu)
		put_seconds(&l, "time", r->used.cpu_us / 1000);
	if (r->started)
		put_seconds(&l, "time-wall", r->wall_ms);
	if (r->used.has_mem)
		line(&l, "cg-mem:%" PRIu64 "\n", r->used.mem_peak / 1024);
	if (r->used.has_oom && r->used.oom_kill > 0)
		line(&l, "cg-oom-killed:1\n");
	if (r->ended && r->signal == 0)
		line(&l, "exitcode:%d\n", r->exit_code);
	if (r->signal != 0)
		line(&l, "exitsig:%d\n", r->signal);
	if (r->killed)
		line(&l, "killed:1\n");
	/* isolate has no status for success. */
	if (r->reason != BND_WHY_EXITED || r->exit_code != 0)
		line(&l, "status:%s\nmessage:%s\n", reasons[r->reason].isolate,
		    bnd_box_reason_word(r->reason));
	bnd_text_show(
	    (struct bnd_str){ r->detail, strlen(r->detail) }, why, sizeof(why));
	if (why[0] != '\0')
		line(&l, "detail:%s\n", why);
	*len = l.len;
	return !l.full;
}
