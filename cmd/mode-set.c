/* mode-set.c: show or change the mode: the spine */
/* SPDX-License-Identifier: ISC */
/*
 * Reads its arguments into one wish, and does that one thing.  Everything that
 * decides is in the library, so there is nothing here to get around.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "cmd.h"
#include "may.h"
#include "mode-change.h"
#include "mode-freeze.h"
#include "mode-init.h"
#include "mode-metrics.h"
#include "mode-show.h"
#include "opt.h"
#include "sign.h"
#include "state.h"
#include "transition.h"

enum {
	O_GET = OPT_ID_OWN,
	O_REQUIRE,
	O_MAY,
	O_AT_LEAST,
	O_CHECK,
	O_TRIP,
	O_FREEZE,
	O_UNFREEZE,
	O_BOOT,
	O_INIT,
	O_ENROLL,
	O_PERSON,
	O_KIND,
	O_KEY,
	O_SIG,
	O_PASSPHRASE_FD,
	O_CEREMONY,
	O_FOR,
	O_METRICS,
	O_REASON,
};

static const struct opt opts[] = {
	OPT_COMMON,
	{ "root", 'R', "DIR", "read below DIR instead of /", OPT_ANY,
	    OPT_ID_ROOT },
	{ "json", 'j', NULL, "answer in JSON", OPT_ANY, OPT_ID_JSON },
	{ "get", 'g', NULL, "print the mode and nothing else", OPT_ANY, O_GET },
	{ "require", 0, "MODE", "exit 0 if the mode is MODE or stricter",
	    OPT_ANY, O_REQUIRE },
	{ "may", 0, "REQUEST", "exit 0 if the mode allows REQUEST", OPT_ANY,
	    O_MAY },
	{ "at-least", 0, "MODE", "tighten to MODE if it is laxer", OPT_ROOT,
	    O_AT_LEAST },
	{ "check", 'c', NULL, "compare kernel, state and log", OPT_ROOT,
	    O_CHECK },
	{ "trip", 0, "WHAT", "LOCKDOWN at once, reading no configuration",
	    OPT_ROOT, O_TRIP },
	{ "freeze", 0, "REASON", "no loosening until a ceremony unfreezes",
	    OPT_ROOT, O_FREEZE },
	{ "unfreeze", 0, NULL, "loosening is possible again; takes a ceremony",
	    OPT_ROOT, O_UNFREEZE },
	{ "boot", 0, NULL, "set the mode of a host that has just booted",
	    OPT_ROOT, O_BOOT },
	{ "init", 0, NULL, "set bnd up on this host, once", OPT_ROOT, O_INIT },
	{ "enroll", 0, "NAME", "with --init: an approver", OPT_ROOT, O_ENROLL },
	{ "person", 0, "PERSON", "with --init: who holds the key", OPT_ROOT,
	    O_PERSON },
	{ "kind", 0, "KIND", "with --init: passphrase, raw, minisign or ssh",
	    OPT_ROOT, O_KIND },
	{ "key", 0, "FILE", "with --init: the public key", OPT_ROOT, O_KEY },
	{ "sig", 0, "FILE", "with --init: its signature", OPT_ROOT, O_SIG },
	{ "passphrase-fd", 0, "FD",
	    "with --init: read the passphrase there, do not ask", OPT_ROOT,
	    O_PASSPHRASE_FD },
	{ "ceremony", 0, "ID", "the ceremony that allows it", OPT_ROOT,
	    O_CEREMONY },
	{ "for", 0, "TIME", "loosen for so long only: 90s, 30m, 2h, 1d",
	    OPT_ROOT, O_FOR },
	{ "metrics", 0, "FILE", "with --check: metrics for node_exporter",
	    OPT_ROOT, O_METRICS },
	{ "reason", 'r', "TEXT", "why, for the record", OPT_ANY, O_REASON },
	{ NULL, 0, NULL, NULL, OPT_ROOT, 0 },
};

static const struct opt_spec spec = {
	.prog = "mode-set",
	.synopsis =
	    "mode-set [-j] [-R DIR]\n"
	    "       mode-set [-j] [-r TEXT] [--at-least] MODE\n"
	    "       mode-set [-j] [-r TEXT] [--for TIME | --ceremony ID] "
	    "MODE\n"
	    "       mode-set [-R DIR] -g | --require MODE | "
	    "--may REQUEST\n"
	    "       mode-set [-j] [--metrics FILE] -c\n"
	    "       mode-set [-j] --trip WHAT | --boot\n"
	    "       mode-set [-j] --freeze REASON\n"
	    "       mode-set [-j] [-r TEXT] [--ceremony ID] --unfreeze\n"
	    "       mode-set --init --enroll NAME --kind KIND "
	    "[--key FILE]\n"
	    "           [--passphrase-fd FD] [--person PERSON] [--sig FILE]",
	.about = "Show or change the mode of this host: OPEN, RESTRICTED, "
		 "TRUSTED, AIRGAP,\nCOLDROOM or LOCKDOWN, right is stricter.  "
		 "A laxer one takes a ceremony.",
	.opts = opts,
	.operands_max = 1,
};

static int
get(const struct bnd_root *root, const struct opt_args *args)
{
	struct bnd_state s;
	struct bnd_err err = { 0 };
	int rc = bnd_state_load(root, &s, &err);

	(void)args;
	puts(bnd_mode_name(s.effective));
	return rc == 0 ? 0 : cmd_fail(&err);
}

static int
require(const struct bnd_root *root, const struct opt_args *args)
{
	struct bnd_state s;
	struct bnd_err err = { 0 };
	enum bnd_mode m;

	if (mode_parse(args->value[O_REQUIRE], &m, &err) != 0 ||
	    bnd_state_load(root, &s, &err) != 0)
		return cmd_fail(&err);
	return s.phase != BND_LEAVING && s.mode >= m ? 0 : 1;
}

/* The mode may be unknown; then it is LOCKDOWN, and the reason is told. */
static int
may(const struct bnd_root *root, const struct opt_args *args)
{
	const char *request = args->value[O_MAY];
	struct bnd_state s;
	struct bnd_err err = { 0 };
	int rc = bnd_state_load(root, &s, &err);
	bool yes = bnd_may((struct bnd_str){ request, strlen(request) },
	    s.effective, getuid() == 0);

	if (rc != 0)
		cmd_warn_err(&err);
	return yes ? 0 : 1;
}

static struct mode_wish
wish_of(const struct opt_args *args)
{
	return (struct mode_wish){
		.mode = args->operands > 0 ? args->operand[0] : NULL,
		.at_least = args->value[O_AT_LEAST],
		.trip = args->value[O_TRIP],
		.ceremony = args->value[O_CEREMONY],
		.span = args->value[O_FOR],
		.why = args->value[O_REASON],
		.json = args->seen[OPT_ID_JSON],
	};
}

static int
change(const struct bnd_root *root, const struct opt_args *args)
{
	const struct mode_wish wish = wish_of(args);

	return mode_change(root, &wish);
}

static int
boot(const struct bnd_root *root, const struct opt_args *args)
{
	static struct bnd_outcome out;
	struct bnd_err err = { 0 };
	int rc = bnd_boot(root, &out, &err);

	return show_outcome(&out, rc, &err, args->seen[OPT_ID_JSON]);
}

/* Never set up: told so, and left alone. */
static int
check_set_up(const struct bnd_root *root, struct bnd_err *err)
{
	if (!bnd_is_virgin(root))
		return 0;
	return bnd_fail(err, BND_E_CORRUPT,
	    "bnd was never set up on this host (mode-set --init)");
}

static int
check(const struct bnd_root *root, const struct opt_args *args)
{
	static struct bnd_check c;
	static struct bnd_outcome out;
	struct bnd_err err = { 0 };
	int rc = 0, status = 0;

	if (check_set_up(root, &err) != 0)
		return cmd_fail(&err);
	if (root->real)
		status = mode_return(root);
	if (status != 0)
		return status;
	bnd_check(root, BND_CHECK_KERNEL | BND_CHECK_LOG, &c);
	if (c.n > 0 && root->real)
		rc = bnd_check_act(root, &c, &out, &err);
	status = show_check(&c, &out, rc, &err, args->seen[OPT_ID_JSON]);
	if (args->seen[O_METRICS] &&
	    mode_metrics(root, args->value[O_METRICS], &c,
		out.mode != BND_MODE_NONE ? out.mode : c.state.effective,
		&err) != 0)
		return cmd_fail(&err);
	return status;
}

static int
status(const struct bnd_root *root, const struct opt_args *args)
{
	static struct bnd_check c;
	static struct bnd_view v;
	struct bnd_err err = { 0 };
	bool whole = geteuid() == 0 && root->real;

	if (check_set_up(root, &err) != 0)
		return cmd_fail(&err);
	bnd_check(root, whole ? BND_CHECK_KERNEL : 0, &c);
	whole = whole && bnd_ceremony_look(root, &v, &err) == 0;
	return show_status(&c, whole ? &v : NULL, args->seen[OPT_ID_JSON]);
}

static int
freeze(const struct bnd_root *root, const struct opt_args *args)
{
	return mode_freeze(
	    root, args->value[O_FREEZE], args->seen[OPT_ID_JSON]);
}

static int
unfreeze(const struct bnd_root *root, const struct opt_args *args)
{
	const struct mode_thaw wish = {
		.ceremony = args->value[O_CEREMONY],
		.why = args->value[O_REASON],
		.json = args->seen[OPT_ID_JSON],
	};

	return mode_unfreeze(root, &wish);
}

static int
init(const struct bnd_root *root, const struct opt_args *args)
{
	const struct entry_wish wish = {
		.name = args->value[O_ENROLL],
		.person = args->value[O_PERSON],
		.kind = args->value[O_KIND],
		.key = args->value[O_KEY],
		.sig = args->value[O_SIG],
		.passphrase_fd = args->value[O_PASSPHRASE_FD],
	};

	return mode_init(root, &wish);
}

/* READS the state alone: no libsodium, so that scripts may ask often. */
enum manner {
	READS = 1,
	WATCHES,      /* looks whether the clock was stepped, and then works */
	WATCHES_LAST, /* is not to wait for that */
	WORKS,
};

/* One of these, or a MODE, or nothing: then the mode is shown. */
static const struct job {
	int option;
	enum manner manner;
	int (*run)(const struct bnd_root *root, const struct opt_args *args);
} jobs[] = {
	{ O_GET, READS, get },
	{ O_REQUIRE, READS, require },
	{ O_MAY, READS, may },
	{ O_TRIP, WATCHES_LAST, change },
	{ O_AT_LEAST, WATCHES_LAST, change },
	{ O_CHECK, WATCHES, check },
	{ O_FREEZE, WATCHES_LAST, freeze },
	{ O_UNFREEZE, WATCHES, unfreeze },
	{ O_BOOT, WATCHES_LAST, boot },
	{ O_INIT, WORKS, init },
};
#define JOBS (sizeof(jobs) / sizeof(jobs[0]))

static const struct job to_mode = { 0, WATCHES, change };
static const struct job to_show = { 0, WORKS, status };

/* Options that mean something only with one of two others, or with a MODE. */
#define MODE 0
static const struct {
	int option, needs, or_needs;
	const char *say;
} parts[] = {
	{ O_ENROLL, O_INIT, O_INIT, "--enroll belongs to --init" },
	{ O_PERSON, O_INIT, O_INIT, "--person belongs to --init" },
	{ O_KIND, O_INIT, O_INIT, "--kind belongs to --init" },
	{ O_KEY, O_INIT, O_INIT, "--key belongs to --init" },
	{ O_SIG, O_INIT, O_INIT, "--sig belongs to --init" },
	{ O_PASSPHRASE_FD, O_INIT, O_INIT,
	    "--passphrase-fd belongs to --init" },
	{ O_CEREMONY, MODE, O_UNFREEZE,
	    "--ceremony needs the MODE that was approved, or --unfreeze" },
	{ O_FOR, MODE, MODE, "--for needs a MODE" },
	{ O_METRICS, O_CHECK, O_CHECK, "--metrics belongs to --check" },
};

static bool
is_given(const struct opt_args *args, int option)
{
	return option == MODE ? args->operands > 0 : args->seen[option];
}

static int
check_usage(const struct opt_args *args, struct bnd_err *err)
{
	unsigned n = args->operands;

	for (size_t i = 0; i < JOBS; i++)
		n += args->seen[jobs[i].option];
	if (n > 1)
		return bnd_fail(
		    err, BND_E_INPUT, "one thing at a time (try --help)");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		bool there = is_given(args, parts[i].needs) ||
		    is_given(args, parts[i].or_needs);

		if (args->seen[parts[i].option] && !there)
			return bnd_fail(err, BND_E_INPUT, "%s", parts[i].say);
	}
	return 0;
}

static const struct job *
job_of(const struct opt_args *args)
{
	for (size_t i = 0; i < JOBS; i++)
		if (args->seen[jobs[i].option])
			return &jobs[i];
	return args->operands > 0 ? &to_mode : &to_show;
}

static int
run(const struct bnd_root *root, const struct opt_args *args)
{
	const struct job *job = job_of(args);
	struct bnd_err err = { 0 };
	int status;

	if ((args->needs_root || args->operands > 0) && root->real &&
	    geteuid() != 0)
		return cmd_fail(&(struct bnd_err){
		    .kind = BND_E_ROOT, .text = "only root can do this" });
	if (job->manner != READS && bnd_sign_init(&err) != 0)
		return cmd_fail(&err);
	if (job->manner == WATCHES)
		mode_watch(root);
	status = job->run(root, args);
	if (job->manner == WATCHES_LAST)
		mode_watch(root);
	return status;
}

int
main(int argc, char **argv)
{
	struct bnd_err err = { 0 };
	struct opt_args args;
	SCOPED_ROOT struct bnd_root root = { .fd = -1 };
	int rc;

	cmd_start("mode-set");
	cmd_lift_limits();
	rc = opt_parse(&spec, argc, argv, &args, &err);
	if (rc > 0)
		return cmd_end(0);
	if (rc < 0 || check_usage(&args, &err) != 0 ||
	    cmd_root(&root, args.value[OPT_ID_ROOT], &err) != 0)
		return cmd_fail(&err);
	return cmd_end(run(&root, &args));
}
