/* net-seal.c: seal the network for a mode, check the seal, undo it */
/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accepted.h"
#include "cmd.h"
#include "opt.h"
#include "proc.h"
#include "scope.h"
#include "seal.h"
#include "sign.h"

#define JSON_SIZE (256u << 10)
#define LIST_MAX  64 /* members a reader of ours takes in one array */
#define SHOWN_MAX 8  /* findings for people, without -v */
#define TRIP_MS	  30000

enum {
	VERB_APPLY = 1,
	VERB_CHECK,
	VERB_HOOK,
	VERB_CAN,
	VERB_LINT,
};

enum {
	ID_DRY = OPT_ID_OWN,
	ID_TXN,
};

static const struct opt opts[] = {
	OPT_COMMON,
	{ "dry-run", 'n', NULL, "print the rules and change nothing", OPT_ANY,
	    ID_DRY },
	{ "json", 'j', NULL, "print one JSON object", OPT_ANY, OPT_ID_JSON },
	{ "quiet", 'q', NULL, "print nothing but errors", OPT_ANY,
	    OPT_ID_QUIET },
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
	{ "hook", "IFINDEX", "a link came or changed (udev)", OPT_ROOT,
	    VERB_HOOK },
	{ "can", "MODE", "whether this kernel can do it", OPT_ROOT, VERB_CAN },
	{ "lint", "[FILE]", "parse a list, touch nothing", OPT_ANY, VERB_LINT },
	{ NULL, NULL, NULL, OPT_ANY, 0 },
};

static const struct opt_spec spec = {
	.prog = "net-seal",
	.synopsis = "net-seal apply | check | hook | can | lint [-hjnqVv] "
		    "[-R DIR] [--txn ID] [MODE | IFINDEX | FILE]",
	.about = "Seal the network for a mode, and show that it is sealed.",
	.opts = opts,
	.verbs = verbs,
	.operands_max = 1,
};

/* ---- JSON ---- */

static const char *const family_keys[BND_FAMILIES] = { NULL, "inet", "arp",
	"bridge", "netdev" };

static void
json_used(struct bnd_json *j, const struct bnd_seal *s)
{
	char text[64] = "";
	size_t len = 0;

	for (enum bnd_family f = BND_INET; f < BND_FAMILIES; f++)
		if (s->family[f] == BND_LAYER_USED)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    "%s%s", len > 0 ? " " : "", family_keys[f]);
	if (s->egress == BND_LAYER_USED)
		len +=
		    (size_t)snprintf(text + len, sizeof(text) - len, " egress");
	if (s->link == BND_LAYER_USED)
		(void)snprintf(text + len, sizeof(text) - len, "%slinks",
		    len > 0 ? " " : "");
	bnd_json_str(j, "used", text);
}

static void
json_layers(struct bnd_json *j, const struct bnd_seal *s)
{
	bnd_json_open(j, "layers", '{');
	for (enum bnd_family f = BND_INET; f < BND_FAMILIES; f++)
		bnd_json_str(j, family_keys[f], bnd_layer_name(s->family[f]));
	bnd_json_str(j, "egress", bnd_layer_name(s->egress));
	bnd_json_str(j, "links", bnd_layer_name(s->link));
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

static void
json_report(struct bnd_json *j, const struct bnd_list_report *r)
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
	bnd_json_int(j, "links_down", s->downed);
	bnd_json_int(j, "links_up", s->raised);
	bnd_json_int(j, "cut_sockets", s->cut.sockets);
	bnd_json_int(j, "cut_flows", s->cut.flows);
	bnd_json_int(j, "rounds", s->rounds);
	if (s->list_digest[0] != '\0')
		bnd_json_str(j, "list", s->list_digest);
	bnd_json_int(j, "found", (int64_t)(s->findings.n + s->findings.lost));
	json_layers(j, s);
	bnd_json_open(j, "cut", '{');
	bnd_json_int(j, "sockets", s->cut.sockets);
	bnd_json_int(j, "flows", s->cut.flows);
	bnd_json_int(j, "failed", s->cut.failed);
	bnd_json_close(j, '}');
	json_notes(j, "findings", &s->findings);
	json_notes(j, "waiting", &s->waiting);
	json_notes(j, "uncovered", &s->uncovered);
	json_links(j, s);
	bnd_json_int(j, "links_all", (int64_t)s->links.n);
	json_report(j, &s->edited);
	bnd_json_close(j, '}');
}

static int
put_json(struct bnd_json *j, int status)
{
	if (!bnd_json_end(j)) {
		cmd_warn("the answer is too long");
		return 2;
	}
	printf("%s\n", j->buf);
	return status;
}

/* ---- text ---- */

static void
show_notes(const char *what, const struct bnd_notes *n, size_t max)
{
	size_t shown = n->n < max ? n->n : max;

	for (size_t i = 0; i < shown; i++)
		printf(
		    "  %-10s %s: %s\n", what, n->note[i].code, n->note[i].text);
	if (n->n + n->lost > shown)
		printf("  %-10s and %zu more\n", what, n->n + n->lost - shown);
}

static void
show_layers(const struct bnd_seal *s)
{
	for (enum bnd_family f = BND_INET; f < BND_FAMILIES; f++)
		printf("  %-10s %s\n", family_keys[f],
		    bnd_layer_name(s->family[f]));
	printf("  %-10s %s\n", "egress", bnd_layer_name(s->egress));
	printf("  %-10s %s\n", "links", bnd_layer_name(s->link));
	for (size_t i = 0; i < s->links.n; i++) {
		const struct bnd_link *l = &s->links.v[i];

		printf("  %-10s %-15s %-10s %-4s %s%s\n", "link", l->id.name,
		    l->id.kind[0] != '\0' ? l->id.kind : "-",
		    l->real ? "real" : "soft",
		    bnd_link_is_up(l) ? "up" : "down",
		    l->carrier ? "" : ", no carrier");
	}
}

static void
show_seal(const struct bnd_seal *s, bool verbose)
{
	const char *on = "", *off = "";

	if (cmd_colour(stdout)) {
		on = s->sealed ? "\033[32m" : "\033[31m";
		off = "\033[0m";
	}
	printf("%s: %s%s%s\n", bnd_mode_name(s->mode), on,
	    s->sealed ? "in force, as the kernel says" : "NOT in force", off);
	if (verbose)
		show_layers(s);
	if (s->cut.sockets + s->cut.flows > 0)
		printf("  %-10s %u sockets, %u tracked flows\n", "cut",
		    s->cut.sockets, s->cut.flows);
	show_notes(
	    "finding", &s->findings, verbose ? BND_NOTES_MAX : SHOWN_MAX);
	show_notes("waiting", &s->waiting, verbose ? BND_NOTES_MAX : SHOWN_MAX);
	if (verbose)
		show_notes("uncovered", &s->uncovered, BND_NOTES_MAX);
}

static void
warn_report(const struct bnd_list_report *r, const char *file)
{
	char text[256];

	for (size_t i = 0; i < r->notes; i++) {
		bnd_list_note_text(&r->note[i], file, text, sizeof(text));
		fprintf(stderr, "%s\n", text);
	}
}

static int
report(const struct opt_args *args, const struct bnd_seal *s)
{
	SCOPED_FREE char *buf = malloc(JSON_SIZE);
	int status = bnd_seal_exit(s);
	struct bnd_json j;

	if (s->worst.kind != BND_E_NONE)
		cmd_warn_err(&s->worst);
	warn_report(&s->edited, "/" BND_LIST_PATH);
	if (args->seen[OPT_ID_JSON] && buf != NULL) {
		bnd_json_begin(&j, buf, JSON_SIZE);
		json_seal(&j, s);
		return put_json(&j, status);
	}
	if (!args->seen[OPT_ID_QUIET])
		show_seal(s, args->seen[OPT_ID_VERBOSE]);
	return status;
}

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
apply(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_seal *s, struct bnd_err *err)
{
	struct bnd_seal_order order = { .txn = args->value[ID_TXN],
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
	return report(args, s);
}

static int
check(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_seal *s, struct bnd_err *err)
{
	struct bnd_seal_order order = { .txn = args->value[ID_TXN],
		.parent = getppid() };

	if (mode_operand(args, &order.mode, err) == -1 ||
	    bnd_seal_check(root, &order, s, err) == -1)
		return cmd_fail(err);
	return report(args, s);
}

/* The lock of the net is given back by now, so that mode-set can apply. */
static void
trip(const char *dir)
{
	const char *unit[] = { "systemctl", "start", "--no-block",
		"bnd-trip@uplink.service", NULL };
	const char *direct[] = { "mode-set", "--trip", "uplink", NULL, NULL,
		NULL };
	struct bnd_proc p = { .path = BND_SBIN "/mode-set",
		.argv = direct,
		.deadline_ms = TRIP_MS };
	struct bnd_err err = { 0 };
	char out[256];

	p.out = out;
	p.out_size = sizeof(out);
	if (dir != NULL) {
		direct[3] = "-R";
		direct[4] = dir;
	} else if (access("/run/systemd/system", F_OK) == 0) {
		p.path = "/usr/bin/systemctl";
		p.argv = unit;
	}
	if (bnd_proc_run(&p, &err) == -1)
		cmd_warn_err(&err);
	else if (p.status != 0)
		cmd_warn("%s: exit %d: %s", p.path, p.status, p.errtext);
}

static int
hook(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_seal *s, struct bnd_err *err)
{
	const char *word = args->operands > 0 ? args->operand[0] : "";
	uint64_t index = 0;
	int status;

	if (!bnd_text_u64(
		(struct bnd_str){ word, strlen(word) }, INT32_MAX, &index) ||
	    index == 0) {
		cmd_warn("not the index of a link: %s", word);
		return 2;
	}
	if (bnd_seal_may_touch(root, err) == -1 ||
	    bnd_seal_hook(root, (unsigned)index, s, err) == -1)
		return cmd_fail(err);
	status = report(args, s);
	if (s->tripped)
		trip(args->value[OPT_ID_ROOT]);
	return status;
}

static int
can(const struct opt_args *args, struct bnd_seal *s, struct bnd_err *err)
{
	enum bnd_mode mode;

	if (args->operands == 0) {
		cmd_warn("which mode?");
		return 2;
	}
	if (mode_operand(args, &mode, err) == -1 ||
	    bnd_seal_can(mode, s, err) == -1)
		return cmd_fail(err);
	if (args->seen[OPT_ID_JSON])
		return report(args, s);
	if (!args->seen[OPT_ID_QUIET])
		printf(
		    "%s: %s\n", bnd_mode_name(mode), s->sealed ? "yes" : "no");
	if (!args->seen[OPT_ID_QUIET])
		show_notes("lacks", &s->findings, BND_NOTES_MAX);
	return bnd_seal_exit(s);
}

/* ---- lint ---- */

static void
json_lint(struct bnd_json *j, const struct bnd_listfile *f, int status)
{
	char line[BND_LIST_WIDTH + 1];

	bnd_json_open(j, NULL, '{');
	bnd_json_int(j, "exit", status);
	json_report(j, &f->report);
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
	SCOPED_FREE char *buf = malloc(JSON_SIZE);
	const char *name = args->operands > 0 ? args->operand[0] : NULL;
	struct bnd_json j;
	int status;

	if (f == NULL || buf == NULL) {
		cmd_warn("out of memory");
		return 2;
	}
	status = read_list(root, name, f, err);
	if (args->seen[OPT_ID_JSON]) {
		bnd_json_begin(&j, buf, JSON_SIZE);
		json_lint(&j, f, status);
		return put_json(&j, status);
	}
	if (name == NULL)
		name = "/" BND_LIST_PATH;
	warn_report(&f->report, name);
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
	else if (args->verb == VERB_CAN)
		status = can(args, s, err);
	else
		status = lint(root, args, err);
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
