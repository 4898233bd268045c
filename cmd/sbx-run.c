/* sbx-run.c: one command in a sandbox no looser than the mode */
/* SPDX-License-Identifier: ISC */
#include "sbx-run.h"

#include <unistd.h>

#include "cmd.h"
#include "sign.h"

static const struct opt opts[] = {
	OPT_COMMON,
	{ "check", 0, NULL, "whether running sandboxes obey the mode", OPT_ANY,
	    SBX_ID_CHECK },
	{ "check-host", 0, NULL, "what this kernel can enforce, tried", OPT_ANY,
	    SBX_ID_CHECK_HOST },
	{ "compare", 0, NULL, "is profile A at most as loose as B", OPT_ANY,
	    SBX_ID_COMPARE },
	{ "die-with", 0, "FD", "end when this descriptor closes", OPT_ANY,
	    SBX_ID_DIE_WITH },
	{ "enforce", 0, NULL, "make running sandboxes obey the mode", OPT_ANY,
	    SBX_ID_ENFORCE },
	{ "explain", 0, NULL, "show the policy and where it comes from",
	    OPT_ANY, SBX_ID_EXPLAIN },
	{ "for", 0, "USER", "open files and directories with his rights",
	    OPT_ANY, SBX_ID_FOR },
	{ "gc", 0, NULL, "clean up after sandboxes that crashed", OPT_ANY,
	    SBX_ID_GC },
	{ "json", 'j', NULL, "print one JSON object", OPT_ANY, OPT_ID_JSON },
	{ "list", 0, NULL, "show running sandboxes", OPT_ANY, SBX_ID_LIST },
	{ "mem", 'm', "SIZE", "memory of all its processes", OPT_ANY,
	    SBX_ID_MEM },
	{ "meta", 0, "FILE", "write how it ended as isolate does", OPT_ANY,
	    SBX_ID_META },
	{ "mode", 0, "MODE", "with --explain, --enforce: as if in this mode",
	    OPT_ANY, SBX_ID_MODE },
	{ "pids", 'n', "N", "processes and threads at once", OPT_ANY,
	    SBX_ID_PIDS },
	{ "profile", 'p', "NAME", "what is allowed; with a slash: a file",
	    OPT_ANY, SBX_ID_PROFILE },
	{ "quiet", 'q', NULL, "print nothing but errors", OPT_ANY,
	    OPT_ID_QUIET },
	{ "result", 0, "FILE", "write how it ended as JSON; or fd:N", OPT_ANY,
	    SBX_ID_RESULT },
	{ "root", 'R', "DIR", "use DIR as /", OPT_ANY, OPT_ID_ROOT },
	{ "selftest", 0, NULL, "try escapes, outside and inside", OPT_ANY,
	    SBX_ID_SELFTEST },
	{ "set", 'k', "KEY=VALUE...", "tighten a key of the profile", OPT_ANY,
	    SBX_ID_SET },
	{ "time", 't', "TIME", "CPU time of all its processes", OPT_ANY,
	    SBX_ID_TIME },
	{ "verbose", 'v', NULL, "say what else is known", OPT_ANY,
	    OPT_ID_VERBOSE },
	{ "wall", 'w', "TIME", "time from start to end", OPT_ANY, SBX_ID_WALL },
	{ "work", 0, "DIR", "what $WORK of the profile stands for", OPT_ANY,
	    SBX_ID_WORK },
	{ NULL, 0, NULL, NULL, OPT_ANY, 0 },
};

static const struct opt_spec spec = {
	.prog = "sbx-run",
	.synopsis =
	    "sbx-run [-hjqVv] [--check] [--check-host] [--compare] [--die-with FD] "
	    "[--enforce] [--explain] [--for USER] [--gc] [-k KEY=VALUE] [--list] [-m SIZE] "
	    "[--meta FILE] [--mode MODE] [-n N] [-p NAME] [--result FILE] "
	    "[-R DIR] [--selftest] [-t TIME] [-w TIME] [--work DIR] "
	    "[COMMAND [ARG...] | A B]",
	.about = "Run one command in a sandbox that is never looser than the "
		 "mode.",
	.opts = opts,
	.command = true,
};

/* Options that are jobs of their own; at most one of them. */
static const struct {
	int id;
	sbx_verb *run;
	bool needs_root;
	unsigned operands;
} verbs[] = {
	{ SBX_ID_CHECK, sbx_check, true, 0 },
	{ SBX_ID_CHECK_HOST, sbx_check_host, true, 0 },
	{ SBX_ID_COMPARE, sbx_compare, false, 2 },
	{ SBX_ID_ENFORCE, sbx_enforce, true, 0 },
	{ SBX_ID_EXPLAIN, sbx_explain, false, 0 },
	{ SBX_ID_GC, sbx_gc, true, 0 },
	{ SBX_ID_LIST, sbx_list, true, 0 },
	{ SBX_ID_SELFTEST, sbx_selftest, true, 0 },
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

/* Which verb, VERBS for a command to run; -1: more than one was asked for. */
static int
choose(const struct opt_args *args, size_t *verb, struct bnd_err *err)
{
	*verb = VERBS;
	for (size_t i = 0; i < VERBS; i++) {
		if (!args->seen[verbs[i].id])
			continue;
		if (*verb != VERBS)
			return bnd_fail(
			    err, BND_E_INPUT, "two jobs at once (try --help)");
		*verb = i;
	}
	if (*verb == VERBS && args->command[0] == NULL)
		return bnd_fail(
		    err, BND_E_INPUT, "a command is missing (try --help)");
	return 0;
}

static int
run_verb(size_t verb, const struct opt_args *args, struct bnd_err *err)
{
	SCOPED_ROOT struct bnd_root root = { .fd = -1 };
	unsigned n = 0;

	while (n <= verbs[verb].operands && args->command[n] != NULL)
		n++;
	if (n != verbs[verb].operands) {
		cmd_warn(n > verbs[verb].operands ? "one word too many"
						  : "a word is missing");
		return 2;
	}
	if (verbs[verb].needs_root && geteuid() != 0 &&
	    !args->seen[OPT_ID_ROOT]) {
		cmd_warn("needs root");
		return bnd_kind_exit(BND_E_ROOT);
	}
	if (bnd_sign_init(err) == -1 ||
	    cmd_root(&root, args->value[OPT_ID_ROOT], err) == -1)
		return cmd_fail(err);
	return verbs[verb].run(&root, args, err);
}

int
main(int argc, char **argv)
{
	SCOPED_ROOT struct bnd_root root = { .fd = -1 };
	struct bnd_err err = { 0 };
	struct opt_args args;
	size_t verb;
	int status;

	cmd_start(spec.prog);
	status = opt_parse(&spec, argc, argv, &args, &err);
	if (status == 1)
		return cmd_end(0);
	if (status == -1 || choose(&args, &verb, &err) == -1) {
		cmd_warn_err(&err);
		return SBX_TROUBLE;
	}
	if (verb < VERBS)
		return cmd_end(run_verb(verb, &args, &err));
	if (bnd_sign_init(&err) == -1 ||
	    cmd_root(&root, args.value[OPT_ID_ROOT], &err) == -1) {
		cmd_warn_err(&err);
		return SBX_TROUBLE;
	}
	return sbx_go(&root, &args, &err);
}
