/* mode-show.c: what mode-set prints, for people and for programs */
/* SPDX-License-Identifier: ISC */
/*
 * Only what was read back is printed: the mode from the state that was
 * published after the read-back, each domain from its enforcer's own answer.
 */
#include "mode-show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "cmd.h"
#include "json-read.h"

#define OUTPUT_MAX 12288

static int
exit_of(int rc, const struct bnd_err *err)
{
	return rc == 0 ? 0 : bnd_kind_exit(err->kind);
}

/* Whether the kernel was seen to be in the mode of the outcome. */
static bool
is_shown(int rc, const struct bnd_err *err)
{
	return rc == 0 || err->kind != BND_E_UNVERIFIED;
}

static void
print_json(struct bnd_json *j)
{
	if (bnd_json_end(j))
		printf("%s\n", j->buf);
	else
		cmd_warn("the answer is too long");
}

static void
since_text(const struct bnd_state *s, char text[static BND_TIME_LEN + 1])
{
	bnd_clock_format((int64_t)s->at_us + s->offset_us, text);
}

static void
put_notes(const struct bnd_outcome *out, struct bnd_json *j)
{
	bnd_json_open(j, "notes", '[');
	for (unsigned i = 0; i < out->notes; i++)
		bnd_json_str(j, NULL, out->note[i]);
	bnd_json_close(j, ']');
}

static void
outcome_json(const struct bnd_outcome *out, int rc, const struct bnd_err *err)
{
	char buf[OUTPUT_MAX];
	struct bnd_json j;

	bnd_json_begin(&j, buf, sizeof(buf));
	bnd_json_open(&j, NULL, '{');
	bnd_json_int(&j, "exit", exit_of(rc, err));
	bnd_json_str(&j, "from", bnd_mode_name(out->from));
	if (is_shown(rc, err))
		bnd_json_str(&j, "mode", bnd_mode_name(out->mode));
	else
		bnd_json_null(&j, "mode");
	bnd_json_int(&j, "gen", (int64_t)out->gen);
	bnd_json_bool(&j, "logged", !out->unlogged);
	bnd_json_bool(&j, "audit", !out->no_audit);
	bnd_plan_to_json(&out->plan, &j);
	put_notes(out, &j);
	if (rc != 0)
		bnd_json_str(&j, "error", err->text);
	bnd_json_close(&j, '}');
	print_json(&j);
}

int
show_outcome(
    const struct bnd_outcome *out, int rc, const struct bnd_err *err, bool json)
{
	for (unsigned i = 0; i < out->notes; i++)
		cmd_warn("%s", out->note[i]);
	if (json)
		outcome_json(out, rc, err);
	else if (is_shown(rc, err) && (out->gen != 0 || rc == 0))
		printf("%s\n", bnd_mode_name(out->mode));
	return rc == 0 ? 0 : cmd_fail(err);
}

static void
put_deviations(const struct bnd_check *c, struct bnd_json *j)
{
	bnd_json_open(j, "deviations", '[');
	for (unsigned i = 0; i < c->n; i++)
		bnd_json_str(j, NULL, c->deviation[i]);
	bnd_json_close(j, ']');
	bnd_json_int(j, "unlisted", c->unlisted);
}

/* Seconds to the end of a bounded loosening, rounded up; 0 once it is over. */
static uint64_t
seconds_to(uint64_t until_us)
{
	struct bnd_now now;
	struct bnd_err err = { 0 };

	if (bnd_clock_now(&now, &err) != 0 || now.boot_us >= until_us)
		return 0;
	return (until_us - now.boot_us + 999999) / 1000000;
}

static void
put_until(const struct bnd_state *s, struct bnd_json *j)
{
	if (s->until_us == 0) {
		bnd_json_null(j, "until");
		return;
	}
	bnd_json_open(j, "until", '{');
	bnd_json_str(j, "mode", bnd_mode_name(s->until_mode));
	bnd_json_int(j, "seconds", (int64_t)seconds_to(s->until_us));
	bnd_json_close(j, '}');
}

static void
put_state(const struct bnd_check *c, struct bnd_json *j)
{
	static const char *const phases[] = { [BND_PHASE_NONE] = "none",
		[BND_STABLE] = "stable",
		[BND_ENTERING] = "entering",
		[BND_LEAVING] = "leaving" };
	const struct bnd_state *s = &c->state;
	char since[BND_TIME_LEN + 1];

	bnd_json_bool(j, "valid", c->state_ok);
	bnd_json_str(j, "mode", bnd_mode_name(s->mode));
	bnd_json_str(j, "effective", bnd_mode_name(s->effective));
	if (!c->state_ok)
		return;
	since_text(s, since);
	bnd_json_str(j, "phase", phases[s->phase]);
	bnd_json_int(j, "gen", (int64_t)s->gen);
	bnd_json_str(j, "since", since);
	bnd_json_str(j, "why", s->why);
	put_until(s, j);
	if (s->frozen[0] != '\0')
		bnd_json_str(j, "frozen", s->frozen);
	else
		bnd_json_null(j, "frozen");
}

static void
put_ceremony(const struct bnd_view *v, struct bnd_json *j)
{
	char hex[2 * BND_CHALLENGE_ID_LEN + 1];

	if (!v->is_open || v->expired) {
		bnd_json_null(j, "ceremony");
		return;
	}
	bnd_text_to_hex(v->id, sizeof(v->id), hex);
	bnd_json_open(j, "ceremony", '{');
	bnd_json_str(j, "id", hex);
	bnd_json_str(j, "action", bnd_action_name(v->c.action));
	bnd_json_str(j, "to", bnd_mode_name(v->c.to));
	bnd_json_int(j, "need", v->c.need);
	bnd_json_int(j, "have", v->have);
	bnd_json_int(j, "cooldown", (int64_t)v->ripe_s);
	bnd_json_int(j, "seconds", (int64_t)v->left_s);
	bnd_json_close(j, '}');
}

static void
check_json(const struct bnd_check *c, const struct bnd_view *v,
    const struct bnd_outcome *out, int status)
{
	char buf[OUTPUT_MAX];
	struct bnd_json j;

	bnd_json_begin(&j, buf, sizeof(buf));
	bnd_json_open(&j, NULL, '{');
	bnd_json_int(&j, "exit", status);
	put_state(c, &j);
	if (v != NULL)
		put_ceremony(v, &j);
	bnd_plan_to_json(&c->plan, &j);
	put_deviations(c, &j);
	if (c->log_read)
		bnd_json_int(&j, "log", c->log_exit);
	if (out != NULL) {
		bnd_json_str(&j, "act", bnd_mode_name(c->act));
		if (status == bnd_kind_exit(BND_E_UNVERIFIED))
			bnd_json_null(&j, "now");
		else
			bnd_json_str(&j, "now", bnd_mode_name(out->mode));
		put_notes(out, &j);
	}
	bnd_json_close(&j, '}');
	print_json(&j);
}

/* Nothing is wrong then, but people wonder why nothing can be loosened. */
static void
print_frozen(const struct bnd_state *s)
{
	if (s->frozen[0] != '\0')
		printf("frozen   %s\n", s->frozen);
}

static void
print_deviations(const struct bnd_check *c)
{
	for (unsigned i = 0; i < c->n; i++)
		printf("deviation: %s\n", c->deviation[i]);
	if (c->unlisted > 0)
		printf("and %u more\n", c->unlisted);
}

/* A deviation is "no" (1), whatever was done about it; trouble is worse. */
int
show_check(const struct bnd_check *c, const struct bnd_outcome *out, int rc,
    const struct bnd_err *err, bool json)
{
	int status = c->n > 0 ? 1 : 0;

	if (rc != 0 && bnd_kind_exit(err->kind) > 15)
		status = bnd_kind_exit(err->kind);
	if (json) {
		check_json(c, NULL, out, status);
		return status;
	}
	print_frozen(&c->state);
	print_deviations(c);
	if (c->n == 0)
		printf("%s: kernel, state and log agree\n",
		    bnd_mode_name(c->state.mode));
	else if (c->act != BND_MODE_NONE && is_shown(rc, err))
		printf("%s is in force now\n", bnd_mode_name(out->mode));
	if (rc != 0)
		cmd_warn_err(err);
	return status;
}

/* What an answer has to say besides "yes": its values that are not nothing. */
static void
print_details(const char *json)
{
	struct bnd_str key, val;
	struct bnd_str answer = { json, strlen(json) };

	for (size_t i = 0; bnd_json_at(answer, i, &key, &val); i++) {
		if (bnd_str_is(key, "mode") || bnd_str_is(key, "sealed") ||
		    bnd_str_is(key, "exit") || bnd_str_is(val, "0") ||
		    bnd_str_is(val, "\"\"") || bnd_json_is_null(val))
			continue;
		printf("; %.*s %.*s", (int)key.len, key.p,
		    (int)val.len - 2 * (val.p[0] == '"'),
		    val.p + (val.p[0] == '"'));
	}
}

static void
print_domain(const char *name, const struct bnd_result *res, bool ran)
{
	bool bold = cmd_colour(stdout);

	printf("%-8s ", name);
	if (!ran) {
		printf("not read: that takes root\n");
	} else if (res->in_force) {
		printf("in force");
		print_details(res->json);
		printf("\n");
	} else {
		printf("%sNOT IN FORCE%s: %s\n", bold ? "\033[1m" : "",
		    bold ? "\033[m" : "", res->why);
	}
}

/* "90 s", "30 min", "2 h": rounded up. */
static void
span_text(uint64_t s, char text[static 24])
{
	if (s < 120)
		(void)snprintf(text, 24, "%" PRIu64 " s", s);
	else if (s < 7200)
		(void)snprintf(text, 24, "%" PRIu64 " min", (s + 59) / 60);
	else
		(void)snprintf(text, 24, "%" PRIu64 " h", (s + 3599) / 3600);
}

static void
print_limits(const struct bnd_state *s)
{
	char span[24];

	if (s->until_us != 0) {
		span_text(seconds_to(s->until_us), span);
		printf("until    %s again in %s\n",
		    bnd_mode_name(s->until_mode), span);
	}
	print_frozen(s);
}

/* What people who come by can do about it. */
static void
print_ceremony(const struct bnd_view *v)
{
	char hex[2 * BND_CHALLENGE_ID_LEN + 1];

	if (!v->is_open || v->expired)
		return;
	bnd_text_to_hex(v->id, sizeof(v->id), hex);
	printf("ceremony %s, %s", hex, bnd_action_name(v->c.action));
	if (v->c.action == BND_ACTION_LOOSEN)
		printf(" to %s", bnd_mode_name(v->c.to));
	printf(": %u of %u approvals", v->have, v->c.need);
	if (v->have >= v->c.need && v->ripe_s > 0)
		printf(", cool-down for %" PRIu64 " s", v->ripe_s);
	printf(", over in %" PRIu64 " s\n", v->left_s);
}

int
show_status(const struct bnd_check *c, const struct bnd_view *v, bool json)
{
	const struct bnd_state *s = &c->state;
	int status = !c->state_ok ? 9 : c->n > 0 ? 1 : 0;
	char since[BND_TIME_LEN + 1];

	if (json) {
		check_json(c, v, NULL, status);
		return status;
	}
	printf("%s", bnd_mode_name(s->mode));
	if (s->effective != s->mode)
		printf(" (%s is being entered)", bnd_mode_name(s->effective));
	if (c->state_ok) {
		since_text(s, since);
		printf(" since %s, generation %" PRIu64 "\n", since, s->gen);
		if (s->why[0] != '\0')
			printf("why      %s\n", s->why);
		print_limits(s);
		if (v != NULL)
			print_ceremony(v);
	} else {
		printf("\n");
	}
	for (size_t i = 0; bnd_enforcers[i].name != NULL; i++)
		print_domain(
		    bnd_enforcers[i].name, &c->plan.res[i], c->plan.ran[i]);
	print_deviations(c);
	return status;
}
