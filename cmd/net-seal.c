/* net-seal.c: seal the network for a mode, check the seal, undo it */
/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accepted.h"
#include "cmd.h"
#include "net-record.h"
#include "net-show.h"
#include "net-table.h"
#include "net-try.h"
#include "netlist-print.h"
#include "opt.h"
#include "scope.h"
#include "seal-may.h"
#include "seal.h"
#include "sign.h"
#include "trip.h"
#include "uncovered.h"

enum {
	VERB_APPLY = 1,
	VERB_CHECK,
	VERB_HOOK,
	VERB_PROBE,
	VERB_CAN,
	VERB_LINT,
	VERB_TRY,
	VERB_CONFIRM,
};

enum {
	ID_DRY = OPT_ID_OWN,
	ID_TXN,
	ID_FOR,
	ID_REPAIR,
};

static const struct opt opts[] = {
	OPT_COMMON,
	{ "dry-run", 'n', NULL, "print the rules and change nothing", OPT_ANY,
	    ID_DRY },
	{ "for", 0, "TIME", "try for so long: 60s, 10m at most", OPT_ANY,
	    ID_FOR },
	{ "json", 'j', NULL, "print one JSON object", OPT_ANY, OPT_ID_JSON },
	{ "quiet", 'q', NULL, "print nothing but errors", OPT_ANY,
	    OPT_ID_QUIET },
	{ "repair", 0, NULL, "with --txn: take in no edited list", OPT_ANY,
	    ID_REPAIR },
	{ "root", 'R', "DIR", "use DIR as / (own namespaces only)", OPT_ANY,
	    OPT_ID_ROOT },
	{ "txn", 0, "ID", "act for this transaction of mode-set", OPT_ANY,
	    ID_TXN },
	{ "verbose", 'v', NULL, "say what else is known", OPT_ANY,
	    OPT_ID_VERBOSE },
	{ NULL, 0, NULL, NULL, OPT_ANY, 0 },
};

static const struct opt_verb verbs[] = {
	{ "apply", "[MODE]", "enforce the mode and read it back", OPT_ROOT,
	    VERB_APPLY },
	{ "check", "[MODE]", "compare the kernel with the mode", OPT_ROOT,
	    VERB_CHECK },
	{ "hook", "IFINDEX", "a link (or radio) came or changed (udev)",
	    OPT_ROOT, VERB_HOOK },
	{ "probe", "", "send packets at the seal; none may pass", OPT_ROOT,
	    VERB_PROBE },
	{ "can", "MODE", "whether this kernel can do it", OPT_ROOT, VERB_CAN },
	{ "lint", "[FILE]", "parse a list, touch nothing", OPT_ANY, VERB_LINT },
	{ "try", "FILE", "a list, for a while", OPT_ROOT, VERB_TRY },
	{ "confirm", "", "keep the list that is tried", OPT_ROOT,
	    VERB_CONFIRM },
	{ NULL, NULL, NULL, OPT_ANY, 0 },
};

static const struct opt_spec spec = {
	.prog = "net-seal",
	.synopsis =
	    "net-seal apply | check | hook | probe | can | lint | try | "
	    "confirm [-hjnqVv] [-R DIR] [--for TIME] [--repair] "
	    "[--txn ID] [MODE | IFINDEX | FILE]",
	.about = "Seal the network for a mode, and show that it is sealed.",
	.opts = opts,
	.verbs = verbs,
	.operands_max = 1,
};

/* ---- verbs ---- */

static int
mode_operand(
    const struct opt_args *args, enum bnd_mode *mode, struct bnd_err *err)
{
	const char *word = args->operand[0];

	*mode = BND_MODE_NONE;
	if (args->operands == 0)
		return 0;
	if (bnd_mode_parse((struct bnd_str){ word, strlen(word) }, mode))
		return 0;
	return bnd_fail(err, BND_E_INPUT, "unknown mode: %.60s", word);
}

static int
print_text(void *ctx, const char *text)
{
	return fputs(text, ctx) == EOF ? -1 : 0;
}

static int
report(const struct opt_args *args, const struct bnd_seal *s)
{
	const struct net_how how = { .json = args->seen[OPT_ID_JSON],
		.quiet = args->seen[OPT_ID_QUIET],
		.verbose = args->seen[OPT_ID_VERBOSE],
		.whole = args->verb == VERB_CHECK };

	return net_report(s, &how);
}

static int
apply(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_seal *s, struct bnd_err *err)
{
	struct bnd_seal_order order = { .txn = args->value[ID_TXN],
		.repair = args->seen[ID_REPAIR],
		.parent = getppid() };

	if (mode_operand(args, &order.mode, err) == -1)
		return cmd_fail(err);
	if (args->seen[ID_DRY])
		return bnd_seal_preview(
			   root, order.mode, print_text, stdout, err) == -1
		    ? cmd_fail(err)
		    : 0;
	if ((order.mode == BND_MODE_NONE) != (order.txn == NULL)) {
		cmd_warn("MODE and --txn come together, from mode-set");
		return 2;
	}
	if (bnd_seal_may_touch(root, err) == -1 ||
	    bnd_seal_apply(root, &order, s, err) == -1)
		return cmd_fail(err);
	net_record_all(root, s);
	return report(args, s);
}

static int
check(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_seal *s, struct bnd_err *err)
{
	struct bnd_seal_order order = { .txn = args->value[ID_TXN],
		.repair = args->seen[ID_REPAIR],
		.parent = getppid() };

	if (mode_operand(args, &order.mode, err) == -1 ||
	    bnd_seal_check(root, &order, s, err) == -1)
		return cmd_fail(err);
	return report(args, s);
}

static int
hook(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_seal *s, struct bnd_err *err)
{
	const char *word = args->operands > 0 ? args->operand[0] : "";
	uint64_t index = 0;
	int status;

	if (strcmp(word, "radio") != 0 &&
	    (!bnd_text_u64(
		 (struct bnd_str){ word, strlen(word) }, INT32_MAX, &index) ||
		index == 0)) {
		cmd_warn("not the index of a link: %s", word);
		return 2;
	}
	if (bnd_seal_may_touch(root, err) == -1 ||
	    bnd_seal_hook(root, (unsigned)index, s, err) == -1)
		return cmd_fail(err);
	net_record_all(root, s);
	status = report(args, s);
	if (s->tripped)
		(void)trip(args->value[OPT_ID_ROOT],
		    net_has_finding(s, "uplink") ? "uplink" : "radio");
	return status;
}

static int
probe(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_seal *s, struct bnd_err *err)
{
	int status;

	if (bnd_seal_may_touch(root, err) == -1 ||
	    bnd_seal_probe(root, s, err) == -1)
		return cmd_fail(err);
	net_record_all(root, s);
	status = report(args, s);
	if (s->tripped)
		(void)trip(args->value[OPT_ID_ROOT], "leak");
	return status;
}

static int
can(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_seal *s, struct bnd_err *err)
{
	enum bnd_mode mode;

	if (args->operands == 0) {
		cmd_warn("which mode?");
		return 2;
	}
	if (mode_operand(args, &mode, err) == -1 ||
	    bnd_seal_can(mode, s, err) == -1)
		return cmd_fail(err);
	if (mode >= BND_TRUSTED)
		bnd_uncovered_mounts(root, &s->uncovered);
	if (args->seen[OPT_ID_JSON])
		return report(args, s);
	if (!args->seen[OPT_ID_QUIET])
		printf(
		    "%s: %s\n", bnd_mode_name(mode), s->sealed ? "yes" : "no");
	if (!args->seen[OPT_ID_QUIET]) {
		net_table_notes("lacks", &s->findings, BND_NOTES_MAX);
		net_table_notes("warning", &s->uncovered, BND_NOTES_MAX);
	}
	return bnd_seal_exit(s);
}

/* ---- try ---- */

/* A list that is bad is told as lint tells it. */
static int
refused(const struct opt_args *args, const struct bnd_seal *s, const char *file,
    const struct bnd_err *err)
{
	SCOPED_FREE char *buf = malloc(NET_JSON_SIZE);
	int status = bnd_kind_exit(err->kind);
	struct bnd_json j;

	if (args->seen[OPT_ID_JSON] && buf != NULL) {
		bnd_json_begin(&j, buf, NET_JSON_SIZE);
		bnd_json_open(&j, NULL, '{');
		bnd_json_int(&j, "exit", status);
		bnd_json_str(&j, "why", err->text);
		net_json_errors(&j, &s->edited);
		bnd_json_close(&j, '}');
		return cmd_put_json(&j, status);
	}
	net_warn_errors(&s->edited, file);
	return s->edited.notes > 0 ? status : cmd_fail(err);
}

static int
try(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_seal *s, struct bnd_err *err)
{
	const char *file = args->operand[0];

	if (args->operands == 0) {
		cmd_warn("which list?");
		return 2;
	}
	if (bnd_seal_may_touch(root, err) == -1)
		return cmd_fail(err);
	if (net_try(root, file, args->value[ID_FOR], s, err) == -1)
		return refused(args, s, file, err);
	return report(args, s);
}

static int
confirm(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_seal *s, struct bnd_err *err)
{
	if (args->operands > 0) {
		cmd_warn("what is being tried is confirmed, no file");
		return 2;
	}
	if (bnd_seal_may_touch(root, err) == -1 ||
	    net_confirm(root, s, err) == -1)
		return cmd_fail(err);
	return report(args, s);
}

/* ---- lint ---- */

static void
json_lint(struct bnd_json *j, const struct bnd_listfile *f, int status)
{
	char line[BND_LIST_WIDTH + 1];

	bnd_json_open(j, NULL, '{');
	bnd_json_int(j, "exit", status);
	net_json_errors(j, &f->report);
	bnd_json_open(j, "lines", '[');
	for (size_t i = 0; i < f->list.lines; i++)
		if (bnd_line_print(&f->list.line[i], line, sizeof(line)))
			bnd_json_str(j, NULL, line);
	bnd_json_close(j, ']');
	bnd_json_close(j, '}');
}

static int
read_list(const struct bnd_root *root, const char *name, struct bnd_listfile *f,
    struct bnd_err *err)
{
	int r;

	if (name != NULL)
		r = bnd_listfile_lint(name, f, err);
	else
		r = bnd_listfile_read(root, NULL, f, err);
	return r == -1 ? bnd_kind_exit(err->kind) : 0;
}

static int
lint(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	SCOPED_FREE struct bnd_listfile *f = calloc(1, sizeof(*f));
	SCOPED_FREE char *buf = malloc(NET_JSON_SIZE);
	const char *name = args->operands > 0 ? args->operand[0] : NULL;
	struct bnd_json j;
	int status;

	if (f == NULL || buf == NULL) {
		cmd_warn("out of memory");
		return 2;
	}
	status = read_list(root, name, f, err);
	if (args->seen[OPT_ID_JSON]) {
		bnd_json_begin(&j, buf, NET_JSON_SIZE);
		json_lint(&j, f, status);
		return cmd_put_json(&j, status);
	}
	if (name == NULL)
		name = "/" BND_LIST_PATH;
	net_warn_errors(&f->report, name);
	if (status != 0 && f->report.notes == 0)
		cmd_warn_err(err);
	if (status == 0 && args->seen[OPT_ID_VERBOSE])
		printf("%s: %zu lines\n", name, f->list.lines);
	return status;
}

static int
run(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	SCOPED_FREE struct bnd_seal *s = calloc(1, sizeof(*s));
	int status = 2;

	if (s == NULL) {
		cmd_warn("out of memory");
		return 2;
	}
	if (args->verb == VERB_APPLY)
		status = apply(root, args, s, err);
	else if (args->verb == VERB_CHECK)
		status = check(root, args, s, err);
	else if (args->verb == VERB_HOOK)
		status = hook(root, args, s, err);
	else if (args->verb == VERB_PROBE)
		status = probe(root, args, s, err);
	else if (args->verb == VERB_CAN)
		status = can(root, args, s, err);
	else if (args->verb == VERB_TRY)
		status = try(root, args, s, err);
	else if (args->verb == VERB_CONFIRM)
		status = confirm(root, args, s, err);
	else
		status = lint(root, args, err);
	status = cmd_end(status);
	bnd_seal_free(s);
	return status;
}

int
main(int argc, char **argv)
{
	struct bnd_root root = { .fd = -1 };
	struct bnd_err err = { 0 };
	struct opt_args args;
	int status;

	cmd_start(spec.prog);
	cmd_lift_limits();
	status = opt_parse(&spec, argc, argv, &args, &err);
	if (status == 1)
		return cmd_end(0);
	if (status == -1)
		return cmd_fail(&err);
	if (args.needs_root && geteuid() != 0 && !args.seen[OPT_ID_ROOT] &&
	    !args.seen[ID_DRY]) {
		cmd_warn("needs root");
		return bnd_kind_exit(BND_E_ROOT);
	}
	if (bnd_sign_init(&err) == -1 ||
	    cmd_root(&root, args.value[OPT_ID_ROOT], &err) == -1)
		return cmd_fail(&err);
	status = run(&root, &args, &err);
	bnd_root_close(&root);
	return cmd_end(status);
}
