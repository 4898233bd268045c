/* sbx-enforce.c: --enforce and --check: running sandboxes and the mode */
/* SPDX-License-Identifier: ISC */
/*
 * mode-set runs both in every change (plan.h).  The answer is what was read
 * back; the record is written last and never waited for long.
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "box-enforce.h"
#include "cmd.h"
#include "json.h"
#include "log.h"
#include "sbx-run.h"

#define ANSWER_MAX 2048
#define RECORD_MS  1000

static const char *const did_words[] = { [BND_DID_KEPT] = "kept",
	[BND_DID_LOWERED] = "lowered",
	[BND_DID_FROZEN] = "frozen",
	[BND_DID_THAWED] = "thawed",
	[BND_DID_KILLED] = "killed" };

#define DIDS (sizeof(did_words) / sizeof(did_words[0]))

static void
put_acts(struct bnd_json *j, const struct bnd_box_acts *a)
{
	bnd_json_str(j, "mode", bnd_mode_name(a->mode));
	bnd_json_bool(j, "sealed", a->obeyed);
	bnd_json_bool(j, "possible", a->possible);
	bnd_json_int(j, "running", a->running);
	bnd_json_int(j, "stopped", a->stopped);
	for (size_t i = BND_DID_KEPT; i < DIDS; i++)
		bnd_json_int(j, did_words[i], a->did[i]);
}

static bool
has_acted(const struct bnd_box_acts *a)
{
	return a->did[BND_DID_LOWERED] + a->did[BND_DID_FROZEN] +
	    a->did[BND_DID_THAWED] + a->did[BND_DID_KILLED] >
	    0;
}

/* On the chain or in the spool; false: nowhere, or not on the chain yet. */
static bool
record(const struct bnd_root *root, const struct bnd_box_acts *a)
{
	char body[ANSWER_MAX];
	struct bnd_err err = { 0 };
	struct bnd_mark mark = { 0 };
	struct bnd_json j;
	struct bnd_event event = { .prog = cmd_prog,
		.ev = "sbx.enforce",
		.need = BND_LOG_SPOOL_OK,
		.deadline_ms = RECORD_MS };

	bnd_json_begin(&j, body, sizeof(body));
	bnd_json_open(&j, NULL, '{');
	put_acts(&j, a);
	if (a->why[0] != '\0')
		bnd_json_str(&j, "why", a->why);
	bnd_json_close(&j, '}');
	event.body = (struct bnd_str){ body, j.len };
	return bnd_json_end(&j) &&
	    bnd_log_append(root, &event, &mark, &err) == 0 && !mark.spooled;
}

static int
print_json(const struct bnd_box_acts *a, int status)
{
	char buf[ANSWER_MAX];
	struct bnd_json j;

	bnd_json_begin(&j, buf, sizeof(buf));
	bnd_json_open(&j, NULL, '{');
	put_acts(&j, a);
	bnd_json_int(&j, "exit", status);
	bnd_json_int(&j, "found", a->obeyed ? 0 : 1);
	bnd_json_open(&j, "findings", '[');
	if (!a->obeyed) {
		bnd_json_open(&j, NULL, '{');
		bnd_json_str(&j, "code", "sandbox");
		bnd_json_str(&j, "text", a->why);
		bnd_json_close(&j, '}');
	}
	bnd_json_close(&j, ']');
	bnd_json_close(&j, '}');
	return cmd_put_json(&j, status);
}

static int
print(const struct opt_args *args, const struct bnd_box_acts *a, int status)
{
	if (!a->obeyed)
		cmd_warn("%s", a->why);
	if (args->seen[OPT_ID_JSON])
		return print_json(a, status);
	if (args->seen[OPT_ID_QUIET])
		return status;
	printf("%s: %s; %u running, %u of them frozen", bnd_mode_name(a->mode),
	    !a->possible    ? "there is no sandbox"
		: a->obeyed ? "every sandbox is within it"
			    : "NOT IN FORCE",
	    a->running, a->stopped);
	for (size_t i = BND_DID_LOWERED; i < DIDS; i++)
		if (a->did[i] > 0)
			printf(", %u %s", a->did[i], did_words[i]);
	printf("\n");
	return status;
}

/*
 * What is to be stopped may be what keeps all processors busy, in as many
 * scheduling groups as it likes: run before all of that, for the moment it takes.
 * Where the kernel does not let us it takes longer.
 */
static void
hurry(void)
{
	const struct sched_param first = { .sched_priority = 1 };

	(void)sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &first);
}

static int
run(const struct bnd_root *root, const struct opt_args *args, bool look,
    struct bnd_err *err)
{
	const char *word = args->value[SBX_ID_MODE];
	enum bnd_mode m = BND_MODE_NONE;
	struct bnd_box_acts a;
	int status;

	hurry();
	cmd_lift_limits();
	if (!root->real)
		return bnd_fail(err, BND_E_INPUT,
		    "sandboxes run on the real root only (without -R)");
	if (word != NULL &&
	    !bnd_mode_parse((struct bnd_str){ word, strlen(word) }, &m))
		return bnd_fail(err, BND_E_INPUT, "unknown mode: %.60s", word);
	if ((look ? bnd_box_obeys : bnd_box_enforce)(root, m, &a, err) == -1)
		(void)snprintf(a.why, sizeof(a.why), "%s", err->text);
	if (!a.obeyed)
		status = bnd_kind_exit(look ? BND_E_DENIED : BND_E_ENFORCER);
	else
		status = bnd_kind_exit(a.no_state ? BND_E_CORRUPT : BND_E_NONE);
	if (has_acted(&a) && !record(root, &a) && status == 0)
		status = bnd_kind_exit(BND_E_UNLOGGED);
	return print(args, &a, status);
}

int
sbx_enforce(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	int status = run(root, args, false, err);

	return status == -1 ? cmd_fail(err) : status;
}

int
sbx_check(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	int status = run(root, args, true, err);

	return status == -1 ? cmd_fail(err) : status;
}
