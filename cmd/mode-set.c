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
#include "mode-init.h"
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
	O_BOOT,
	O_INIT,
	O_ENROLL,
	O_PERSON,
	O_KIND,
	O_KEY,
	O_SIG,
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
	{ "boot", 0, NULL, "set the mode of a host that has just booted",
	    OPT_ROOT, O_BOOT },
	{ "init", 0, NULL, "set bnd up on this host, once", OPT_ROOT, O_INIT },
	{ "enroll", 0, "NAME", "with --init: an approver", OPT_ROOT, O_ENROLL },
	{ "person", 0, "PERSON", "with --init: who holds the key", OPT_ROOT,
	    O_PERSON },
	{ "kind", 0, "KIND", "with --init: raw", OPT_ROOT, O_KIND },
	{ "key", 0, "FILE", "with --init: the public key", OPT_ROOT, O_KEY },
	{ "sig", 0, "FILE", "with --init: its signature", OPT_ROOT, O_SIG },
	{ "reason", 'r', "TEXT", "why, for the record", OPT_ANY, O_REASON },
	{ NULL, 0, NULL, NULL, OPT_ROOT, 0 },
};

static const struct opt_spec spec = {
	.prog = "mode-set",
	.synopsis = "mode-set [-j] [-R DIR]\n"
		    "       mode-set [-j] [-r TEXT] [--at-least] MODE\n"
		    "       mode-set [-R DIR] -g | --require MODE | "
		    "--may REQUEST\n"
		    "       mode-set [-j] -c | --trip WHAT | --boot\n"
		    "       mode-set --init --enroll NAME --kind KIND "
		    "--key FILE\n"
		    "           [--person PERSON] [--sig FILE]",
	.about = "Show or change the mode of this host: OPEN, RESTRICTED, "
		 "TRUSTED, AIRGAP,\nCOLDROOM or LOCKDOWN, right is stricter.  "
		 "A laxer one takes a ceremony.",
	.opts = opts,
	.operands_max = 1,
};

/* Not one of these without being one alone. */
static const int jobs[] = { O_GET, O_REQUIRE, O_MAY, O_AT_LEAST, O_CHECK,
	O_TRIP, O_BOOT, O_INIT };

static int
parse_mode(const char *word, enum bnd_mode *m, struct bnd_err *err)
{
	char shown[40];
	struct bnd_str s = { word, strlen(word) };

	if (bnd_mode_parse(s, m))
		return 0;
	bnd_text_show(s, shown, sizeof(shown));
	return bnd_fail(err, BND_E_INPUT, "unknown mode \"%s\"", shown);
}

static int
get(const struct bnd_root *root)
{
	struct bnd_state s;
	struct bnd_err err = { 0 };
	int rc = bnd_state_load(root, &s, &err);

	puts(bnd_mode_name(s.effective));
	return rc == 0 ? 0 : cmd_fail(&err);
}

static int
require(const struct bnd_root *root, const char *word)
{
	struct bnd_state s;
	struct bnd_err err = { 0 };
	enum bnd_mode m;

	if (parse_mode(word, &m, &err) != 0 ||
	    bnd_state_load(root, &s, &err) != 0)
		return cmd_fail(&err);
	return s.phase != BND_LEAVING && s.mode >= m ? 0 : 1;
}

/* The mode may be unknown; then it is LOCKDOWN, and the reason is told. */
static int
may(const struct bnd_root *root, const char *request)
{
	struct bnd_state s;
	struct bnd_err err = { 0 };
	int rc = bnd_state_load(root, &s, &err);
	bool yes = bnd_may((struct bnd_str){ request, strlen(request) },
	    s.effective, getuid() == 0);

	if (rc != 0)
		cmd_warn_err(&err);
	return yes ? 0 : 1;
}

static int
check_reason(const char *why, struct bnd_err *err)
{
	size_t len = strlen(why);

	if (len > BND_WHY_MAX)
		return bnd_fail(err, BND_E_INPUT,
		    "a reason has at most %d characters", BND_WHY_MAX);
	for (size_t i = 0; i < len; i++) {
		if (why[i] < 0x20 || why[i] > 0x7e)
			return bnd_fail(err, BND_E_INPUT,
			    "a reason is printable ASCII on one line");
	}
	return 0;
}

static int
change(const struct bnd_root *root, const struct bnd_change *want, bool json)
{
	static struct bnd_outcome out;
	struct bnd_err err = { 0 };
	int rc = bnd_transition(root, want, &out, &err);

	return show_outcome(&out, rc, &err, json);
}

static int
set(const struct bnd_root *root, const struct opt_args *args)
{
	struct bnd_change want = { .why = args->value[O_REASON] };
	struct bnd_err err = { 0 };

	if (parse_mode(args->operand[0], &want.to, &err) != 0 ||
	    (want.why != NULL && check_reason(want.why, &err) != 0))
		return cmd_fail(&err);
	return change(root, &want, args->seen[OPT_ID_JSON]);
}

static int
at_least(const struct bnd_root *root, const struct opt_args *args)
{
	struct bnd_change want = { .why = args->value[O_REASON] };
	struct bnd_state s;
	struct bnd_err err = { 0 };

	if (parse_mode(args->value[O_AT_LEAST], &want.to, &err) != 0 ||
	    (want.why != NULL && check_reason(want.why, &err) != 0))
		return cmd_fail(&err);
	if (bnd_state_load(root, &s, &err) == 0) {
		if (s.phase == BND_STABLE && s.effective == s.mode &&
		    s.mode >= want.to)
			return 0;
		/* Never a loosening, and what others began is finished. */
		want.to = bnd_mode_max(want.to, s.effective);
	}
	return change(root, &want, args->seen[OPT_ID_JSON]);
}

/* Whatever WHAT is made of: it is cut and spelled, never a reason to fail. */
static int
trip(const struct bnd_root *root, const struct opt_args *args)
{
	char what[BND_WHY_MAX - 8], why[BND_WHY_MAX];
	struct bnd_change want = {
		.to = BND_LOCKDOWN, .bare = true, .why = why
	};

	bnd_text_show((struct bnd_str){ args->value[O_TRIP],
			  strlen(args->value[O_TRIP]) },
	    what, sizeof(what));
	(void)snprintf(why, sizeof(why), "trip: %s", what);
	return change(root, &want, args->seen[OPT_ID_JSON]);
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
	int rc = 0;

	if (check_set_up(root, &err) != 0)
		return cmd_fail(&err);
	bnd_check(root, BND_CHECK_KERNEL | BND_CHECK_LOG, &c);
	if (c.n > 0 && root->real)
		rc = bnd_check_act(root, &c, &out, &err);
	return show_check(&c, &out, rc, &err, args->seen[OPT_ID_JSON]);
}

static int
status(const struct bnd_root *root, const struct opt_args *args)
{
	static struct bnd_check c;
	struct bnd_err err = { 0 };

	if (check_set_up(root, &err) != 0)
		return cmd_fail(&err);
	bnd_check(
	    root, geteuid() == 0 && root->real ? BND_CHECK_KERNEL : 0, &c);
	return show_status(&c, args->seen[OPT_ID_JSON]);
}

static int
init(const struct bnd_root *root, const struct opt_args *args)
{
	const struct mode_init wish = {
		.name = args->value[O_ENROLL],
		.person = args->value[O_PERSON],
		.kind = args->value[O_KIND],
		.key = args->value[O_KEY],
		.sig = args->value[O_SIG],
	};

	return mode_init(root, &wish);
}

static int
check_usage(const struct opt_args *args, struct bnd_err *err)
{
	unsigned n = args->operands;

	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++)
		n += args->seen[jobs[i]];
	if (n > 1)
		return bnd_fail(
		    err, BND_E_INPUT, "one thing at a time (try --help)");
	for (int i = O_ENROLL; i <= O_SIG; i++) {
		if (args->seen[i] && !args->seen[O_INIT])
			return bnd_fail(err, BND_E_INPUT,
			    "an option that belongs to --init (try --help)");
	}
	return 0;
}

static int
run(const struct bnd_root *root, const struct opt_args *args)
{
	struct bnd_err err = { 0 };

	if (args->seen[O_GET])
		return get(root);
	if (args->seen[O_REQUIRE])
		return require(root, args->value[O_REQUIRE]);
	if (args->seen[O_MAY])
		return may(root, args->value[O_MAY]);
	if ((args->needs_root || args->operands > 0) && root->real &&
	    geteuid() != 0)
		return cmd_fail(&(struct bnd_err){
		    .kind = BND_E_ROOT, .text = "only root can do this" });
	if (bnd_sign_init(&err) != 0)
		return cmd_fail(&err);
	if (args->seen[O_TRIP])
		return trip(root, args);
	if (args->seen[O_AT_LEAST])
		return at_least(root, args);
	if (args->seen[O_CHECK])
		return check(root, args);
	if (args->seen[O_BOOT])
		return boot(root, args);
	if (args->seen[O_INIT])
		return init(root, args);
	return args->operands > 0 ? set(root, args) : status(root, args);
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
