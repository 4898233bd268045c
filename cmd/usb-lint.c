/* usb-lint.c: rules and settings, parsed and looked over */
/* SPDX-License-Identifier: ISC */
#include "usb-guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "file.h"
#include "json.h"
#include "scope.h"
#include "usb-lint.h"
#include "usb-policy.h"

#define LINT_JSON  (512u << 10)
#define ERRORS_MAX 16 /* in JSON */

/* One run. */
struct lint {
	const struct bnd_root *root;
	struct bnd_usb_policy p; /* what is looked over */
	struct bnd_usb_lint found;
	bool quiet, json;
	bool bad;      /* an error: nothing would be in force */
	int status;    /* of the first of them */
	size_t errors; /* in error */
	char error[ERRORS_MAX][sizeof(((struct bnd_err *)0)->text)];
	char text[BND_USB_RULES_FILE_MAX];
};

/* The sentence has "file:line:col: " in front where it has a place. */
static void
take_error(struct lint *run, const struct bnd_err *err)
{
	char text[sizeof(err->text)];

	bnd_text_keep((struct bnd_str){ err->text, strlen(err->text) }, text,
	    sizeof(text));
	if (!run->bad)
		run->status = bnd_kind_exit(err->kind);
	run->bad = true;
	if (run->errors < ERRORS_MAX)
		memcpy(run->error[run->errors++], text, sizeof(text));
	if (!run->json && err->kind == BND_E_INPUT)
		fprintf(stderr, "%s\n", text);
	else if (!run->json)
		cmd_warn("%s", text);
}

/* ---- files that are named ---- */

/* usb.d/AIRGAP/x.rules are AIRGAP's rules, wherever that usb.d is. */
static enum bnd_mode
mode_of(const char *path)
{
	const char *slash = strrchr(path, '/'), *dir = slash;
	enum bnd_mode m = BND_MODE_NONE;

	while (dir != NULL && dir > path && dir[-1] != '/')
		dir--;
	if (slash != NULL &&
	    bnd_mode_parse_exact(
		(struct bnd_str){ dir, (size_t)(slash - dir) }, &m))
		return m;
	return BND_MODE_NONE;
}

/* Judged alone first: an error empties the set that it was to be added to. */
static int
take_file(struct lint *run, const char *path, struct bnd_err *err)
{
	SCOPED_USB_RULES struct bnd_usb_rules alone = { 0 };
	SCOPED_FD int fd = bnd_file_open_regular(path, err);
	struct bnd_usb_rules *set = &run->p.rules[mode_of(path)];
	struct bnd_str text = { run->text, 0 };
	char shown[256];

	if (fd < 0 ||
	    bnd_file_read_fd(
		fd, path, run->text, sizeof(run->text), &text.len, err) != 0)
		return -1;
	bnd_text_keep(
	    (struct bnd_str){ path, strlen(path) }, shown, sizeof(shown));
	if (bnd_usb_rules_add(&alone, shown, text, err) != 0)
		return -1;
	return bnd_usb_rules_add(set, shown, text, err);
}

static void
take_files(struct lint *run, const struct opt_args *args)
{
	for (unsigned i = 0; i < args->operands; i++) {
		struct bnd_err err = { 0 };

		if (take_file(run, args->operand[i], &err) != 0)
			take_error(run, &err);
	}
}

/* ---- what is installed ---- */

static void
take_installed(struct lint *run, const struct opt_args *args)
{
	struct bnd_err err = { 0 };

	if (bnd_usb_policy_load(run->root, &run->p, &err) != 0)
		take_error(run, &err);
	else if (!args->seen[USB_ID_NO_KEYBOARD])
		bnd_usb_lint_console(run->root, &run->p, &run->found);
}

/* ---- what is said of it ---- */

static void
json_warning(struct bnd_json *j, const struct bnd_usb_warning *w)
{
	bnd_json_open(j, NULL, '{');
	bnd_json_str(j, "code", w->code);
	if (w->rule != NULL) {
		bnd_json_str(j, "file", w->rule->file);
		bnd_json_int(j, "line", w->rule->line);
		bnd_json_int(j, "col", w->col);
	}
	bnd_json_str(j, "text", w->text);
	bnd_json_close(j, '}');
}

static int
put_json(const struct lint *run, int status)
{
	SCOPED_FREE char *buf = malloc(LINT_JSON);
	struct bnd_json j;

	if (buf == NULL) {
		cmd_warn("out of memory");
		return 2;
	}
	bnd_json_begin(&j, buf, LINT_JSON);
	bnd_json_open(&j, NULL, '{');
	bnd_json_int(&j, "exit", status);
	bnd_json_open(&j, "errors", '[');
	for (size_t i = 0; i < run->errors; i++)
		bnd_json_str(&j, NULL, run->error[i]);
	bnd_json_close(&j, ']');
	bnd_json_open(&j, "warnings", '[');
	for (size_t i = 0; i < run->found.n; i++)
		json_warning(&j, &run->found.w[i]);
	bnd_json_close(&j, ']');
	bnd_json_int(&j, "more", (int64_t)run->found.lost);
	bnd_json_close(&j, '}');
	return cmd_put_json(&j, status);
}

static void
put_text(const struct lint *run)
{
	for (size_t i = 0; i < run->found.n; i++) {
		const struct bnd_usb_warning *w = &run->found.w[i];

		if (w->rule != NULL)
			fprintf(stderr, "%s:%u:%u: ", w->rule->file,
			    w->rule->line, w->col);
		fprintf(stderr, "warning: %s (%s)\n", w->text, w->code);
	}
	if (run->found.lost > 0)
		fprintf(stderr, "%zu more warnings\n", run->found.lost);
}

static size_t
count_rules(const struct lint *run)
{
	size_t n = 0;

	for (int m = BND_MODE_NONE; m <= BND_MODE_LAST; m++)
		n += run->p.rules[m].n;
	return n;
}

/* Of what has an error nothing is in force, and nothing more is said. */
static int
report(struct lint *run, const struct opt_args *args)
{
	struct bnd_usb_buses buses;
	int status = run->status;

	if (!run->bad) {
		bnd_usb_buses(run->root, &buses);
		bnd_usb_lint(run->p.rules, &buses, &run->found);
		status = run->found.n > 0;
	}
	if (run->json)
		return put_json(run, status);
	if (!run->quiet)
		put_text(run);
	if (!run->bad && args->seen[OPT_ID_VERBOSE])
		printf("%zu rules\n", count_rules(run));
	return status;
}

int
usb_lint(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	SCOPED_FREE struct lint *run = calloc(1, sizeof(*run));
	int status;

	(void)err;
	if (run == NULL) {
		cmd_warn("out of memory");
		return 2;
	}
	run->root = root;
	run->quiet = args->seen[OPT_ID_QUIET];
	run->json = args->seen[OPT_ID_JSON];
	if (args->operands > 0)
		take_files(run, args);
	else
		take_installed(run, args);
	status = report(run, args);
	bnd_usb_policy_free(&run->p);
	return status;
}
