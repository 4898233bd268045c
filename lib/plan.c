/* plan.c: the enforcers of a transition, as a table */
/* SPDX-License-Identifier: ISC */
/*
 * An enforcer is believed only as far as it can be checked from here: it must
 * end by itself and in time, its status must be one that means "in force", its
 * answer must be well-formed and name the mode that was asked for, and a
 * second process that did not do the work must say the same.  Whatever is
 * short of that is a failure, "not available" included: a mode that is not
 * enforced is not entered.
 */
#include "plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json-read.h"
#include "knob.h"
#include "proc.h"
#include "scope.h"
#include "state.h"

#define OUTPUT_MAX  65536
#define SCALAR_MAX  96 /* longer values of an answer are for people */
#define NET_MS	    8000
#define USB_MS	    45000 /* all have 30 s, then 6 to be looked at (usb-apply.h) */
#define SBX_MS	    6000 /* five passes, each may wait for its dead */
#define ARGV_LEN    8
#define FINDING_LEN 256

const struct bnd_enforcer bnd_enforcers[] = {
	{ "net", "/usr/sbin/net-seal", { "apply", "check", false }, NULL, NULL,
	    NET_MS, BND_BEFORE_PUBLISH },
	{ "usb", "/usr/sbin/usb-guard", { "apply", "check", false }, NULL, NULL,
	    USB_MS, BND_AFTER_PUBLISH },
	{ "sbx", "/usr/bin/sbx-run", { "--enforce", "--check", true }, NULL,
	    NULL, SBX_MS, BND_AFTER_PUBLISH },
	{ "knobs", NULL, { NULL, NULL, false }, bnd_knob_apply, bnd_knob_check,
	    0, BND_BEFORE_PUBLISH },
	{ NULL, NULL, { NULL, NULL, false }, NULL, NULL, 0,
	    BND_BEFORE_PUBLISH },
};

static bool
is_scalar(struct bnd_str v)
{
	return v.len > 0 && v.len <= SCALAR_MAX && v.p[0] != '{' &&
	    v.p[0] != '[';
}

/* What of an answer goes into the record: its scalars, as many as fit. */
static void
keep_scalars(struct bnd_str answer, struct bnd_result *res)
{
	char name[33];
	struct bnd_json j;
	struct bnd_str key, val;

	bnd_json_begin(&j, res->json, sizeof(res->json));
	bnd_json_open(&j, NULL, '{');
	for (size_t i = 0; bnd_json_at(answer, i, &key, &val); i++) {
		if (is_scalar(val) && bnd_str_copy(key, name, sizeof(name)) &&
		    strcmp(name, "exit") != 0)
			bnd_json_raw(&j, name, val);
	}
	bnd_json_int(&j, "exit", res->status);
	bnd_json_close(&j, '}');
	if (!bnd_json_end(&j))
		(void)snprintf(
		    res->json, sizeof(res->json), "{\"exit\":%d}", res->status);
}

/* 9: no state to go by, so LOCKDOWN was applied; the answer names the mode. */
static bool
status_holds(int status)
{
	return status == 0 || status == 1 || status == 2 || status == 8 ||
	    status == 9 || status == 15;
}

static void
say(struct bnd_result *res, const char *why)
{
	(void)snprintf(res->why, sizeof(res->why), "%.199s", why);
}

/* Each finding as "code: text", cut to what there is room for. */
static void
keep_findings(struct bnd_str answer, struct bnd_result *res)
{
	struct bnd_str list, one, key;
	char code[32], text[FINDING_LEN];
	uint64_t all = 0;

	if (!bnd_json_get(answer, "findings", &list))
		return;
	for (size_t i = 0;
	     res->found < BND_FOUND_MAX && bnd_json_at(list, i, &key, &one);
	     i++) {
		if (bnd_json_get_str(one, "code", code, sizeof(code)) &&
		    bnd_json_get_str(one, "text", text, sizeof(text)))
			(void)snprintf(res->found_text[res->found++],
			    BND_FOUND_LEN, "%s: %.*s", code, BND_FOUND_LEN - 34,
			    text);
	}
	if (bnd_json_get_u64(answer, "found", &all) && all > res->found)
		res->more = (unsigned)all - res->found;
}

/* What people are told: its first finding, its message, or what we know. */
static void
say_why(struct bnd_result *res, const struct bnd_proc *p, const char *otherwise)
{
	if (res->found > 0)
		say(res, res->found_text[0]);
	else
		say(res, p->errtext[0] != '\0' ? p->errtext : otherwise);
}

/* Judge what a program that ended in time has answered. */
static void
judge(const struct bnd_plan *plan, const struct bnd_proc *p,
    struct bnd_result *res)
{
	struct bnd_str answer = { p->out, p->out_len };
	enum bnd_mode mode;
	char word[16];
	bool sealed = false;

	while (answer.len > 0 && answer.p[answer.len - 1] == '\n')
		answer.len--;
	if (p->out_full || !bnd_json_valid(answer)) {
		say(res,
		    p->errtext[0] != '\0' ? p->errtext
					  : "gave no usable answer");
		return;
	}
	keep_scalars(answer, res);
	keep_findings(answer, res);
	if (!status_holds(p->status) ||
	    !bnd_json_get_bool(answer, "sealed", &sealed) || !sealed) {
		say_why(res, p, "says it is not in force");
		return;
	}
	if (!bnd_json_get_str(answer, "mode", word, sizeof(word)) ||
	    !bnd_mode_parse_exact(
		(struct bnd_str){ word, strlen(word) }, &mode) ||
	    mode < plan->mode || (plan->exact && mode != plan->mode)) {
		say(res, "says another mode is in force");
		return;
	}
	res->in_force = true;
	res->finding = p->status != 0;
	if (res->finding)
		say_why(res, p, "in force, with a finding");
}

/* In a transaction the mode is told; without one it is the state's. */
static void
line_of(const struct bnd_enforcer *e, const struct bnd_plan *plan, bool apply,
    const char *argv[static ARGV_LEN])
{
	size_t n = 0;

	argv[n++] = e->program;
	argv[n++] = apply ? e->verb.apply : e->verb.check;
	if (plan->txn != NULL && e->verb.options) {
		argv[n++] = "--mode";
		argv[n++] = bnd_mode_name(plan->mode);
	} else if (plan->txn != NULL) {
		argv[n++] = bnd_mode_name(plan->mode);
		argv[n++] = "--txn";
		argv[n++] = plan->txn;
		if (plan->repair)
			argv[n++] = "--repair";
	}
	argv[n] = "--json";
}

static void
run_program(const struct bnd_enforcer *e, const struct bnd_plan *plan,
    bool apply, struct bnd_result *res)
{
	const char *argv[ARGV_LEN] = { NULL };
	SCOPED_FREE char *out = malloc(OUTPUT_MAX);
	struct bnd_err err = { 0 };
	struct bnd_proc p = { .path = e->program,
		.argv = argv,
		.deadline_ms = e->deadline_ms,
		.out = out,
		.out_size = OUTPUT_MAX };

	if (out == NULL) {
		say(res, "out of memory");
		return;
	}
	line_of(e, plan, apply, argv);
	if (bnd_proc_run(&p, &err) != 0) {
		res->status = -1;
		say(res, err.text);
		return;
	}
	res->status = p.status;
	(void)snprintf(res->json, sizeof(res->json), "{\"exit\":%d}", p.status);
	if (p.timed_out)
		say(res, "did not end in time and was killed");
	else
		judge(plan, &p, res);
}

static void
run_function(const struct bnd_root *root, const struct bnd_plan *plan,
    int (*f)(const struct bnd_root *root, const struct bnd_plan *plan,
	struct bnd_result *res, struct bnd_err *err),
    struct bnd_result *res)
{
	struct bnd_err err = { 0 };

	if (f(root, plan, res, &err) == 0)
		return;
	res->in_force = false;
	say(res, err.text);
}

static void
run_one(const struct bnd_root *root, size_t i, const struct bnd_plan *plan,
    bool apply, struct bnd_result *res)
{
	const struct bnd_enforcer *e = &bnd_enforcers[i];

	*res = (struct bnd_result){ .json = "{}" };
	if (e->program != NULL)
		run_program(e, plan, apply, res);
	else
		run_function(root, plan, apply ? e->apply : e->check, res);
}

/* Apply, and let somebody who did not do it look. */
static bool
apply_and_look(const struct bnd_root *root, size_t i, struct bnd_plan *plan)
{
	struct bnd_result *res = &plan->res[i], look;

	plan->ran[i] = true;
	run_one(root, i, plan, true, res);
	if (!res->in_force)
		return false;
	run_one(root, i, plan, false, &look);
	if (look.in_force)
		return true;
	res->in_force = false;
	(void)snprintf(res->why, sizeof(res->why),
	    "the read-back disagrees: %.150s", look.why);
	return false;
}

bool
bnd_plan_enforce(const struct bnd_root *root, struct bnd_plan *plan)
{
	bool all = true;

	for (size_t i = 0; bnd_enforcers[i].name != NULL; i++)
		all = apply_and_look(root, i, plan) && all;
	return all;
}

static size_t
count(void)
{
	size_t n = 0;

	while (bnd_enforcers[n].name != NULL)
		n++;
	return n;
}

/* Somebody asks for more, or that nothing be loosened: not one step further. */
static bool
is_turned(const struct bnd_root *root, const struct bnd_plan *plan,
    enum bnd_step_when when)
{
	char why[BND_FROZEN_MAX + 1];

	return bnd_request_strictest(root) > plan->mode ||
	    (when == BND_BEFORE_PUBLISH && bnd_request_freeze(root, why));
}

/* Who comes after the publication says before it that nothing has slipped. */
static bool
assert_left(const struct bnd_root *root, size_t i, struct bnd_plan *plan)
{
	enum bnd_mode to = plan->mode;
	bool exact = plan->exact, good;

	plan->mode = plan->from;
	plan->exact = false;
	good = apply_and_look(root, i, plan);
	plan->mode = to;
	plan->exact = exact;
	return good;
}

static bool
relax_one(const struct bnd_root *root, size_t i, struct bnd_plan *plan,
    enum bnd_step_when when)
{
	if (bnd_enforcers[i].loosen_when == when)
		return apply_and_look(root, i, plan);
	return when != BND_BEFORE_PUBLISH || assert_left(root, i, plan);
}

bool
bnd_plan_relax(const struct bnd_root *root, struct bnd_plan *plan,
    enum bnd_step_when when, bool *turned)
{
	*turned = is_turned(root, plan, when);
	for (size_t i = count(); i-- > 0 && !*turned;) {
		if (!relax_one(root, i, plan, when))
			return false;
		*turned = is_turned(root, plan, when);
	}
	return !*turned;
}

bool
bnd_plan_check(const struct bnd_root *root, struct bnd_plan *plan)
{
	bool all = true;

	for (size_t i = 0; bnd_enforcers[i].name != NULL; i++) {
		plan->ran[i] = true;
		run_one(root, i, plan, false, &plan->res[i]);
		all = all && plan->res[i].in_force;
	}
	return all;
}

void
bnd_plan_to_json(const struct bnd_plan *plan, struct bnd_json *j)
{
	bnd_json_open(j, "enforced", '{');
	for (size_t i = 0; bnd_enforcers[i].name != NULL; i++) {
		const char *json = plan->res[i].json;

		if (plan->ran[i] && plan->res[i].in_force)
			bnd_json_raw(j, bnd_enforcers[i].name,
			    (struct bnd_str){ json, strlen(json) });
	}
	bnd_json_close(j, '}');
}

void
bnd_plan_failed_to_json(const struct bnd_plan *plan, struct bnd_json *j)
{
	bnd_json_open(j, NULL, '[');
	for (size_t i = 0; bnd_enforcers[i].name != NULL; i++) {
		if (plan->ran[i] && !plan->res[i].in_force)
			bnd_json_str(j, NULL, bnd_enforcers[i].name);
	}
	bnd_json_close(j, ']');
}

void
bnd_plan_why(const struct bnd_plan *plan, char *text, size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; bnd_enforcers[i].name != NULL; i++) {
		if (!plan->ran[i] || plan->res[i].in_force)
			continue;
		(void)snprintf(text, size, "%s: %s", bnd_enforcers[i].name,
		    plan->res[i].why);
		return;
	}
}
