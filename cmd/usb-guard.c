/* usb-guard.c: decide USB devices: one that came, or all of them */
/* SPDX-License-Identifier: ISC */
#include "usb-guard.h"

#include <unistd.h>

#include "cmd.h"
#include "sign.h"

static const struct opt opts[] = {
	OPT_COMMON,
	{ "add", 0, "DEV", "admit this device from now on", OPT_ROOT,
	    USB_ID_ADD },
	{ "dry-run", 'n', NULL, "say what would change, and change nothing",
	    OPT_ANY, USB_ID_DRY },
	{ "json", 'j', NULL, "print one JSON object", OPT_ANY, OPT_ID_JSON },
	{ "mode", 'm', "MODE", "as if this mode were in force", OPT_ANY,
	    USB_ID_MODE },
	{ "no-keyboard", 0, NULL, "LOCKDOWN may leave no keyboard", OPT_ANY,
	    USB_ID_NO_KEYBOARD },
	{ "port", 0, NULL, "admit it where it is now only", OPT_ANY,
	    USB_ID_PORT },
	{ "quiet", 'q', NULL, "print nothing but errors", OPT_ANY,
	    OPT_ID_QUIET },
	{ "remove", 0, "ID", "admit this identity no more", OPT_ROOT,
	    USB_ID_REMOVE },
	{ "repair", 0, NULL, "with --txn: take in no edited policy", OPT_ANY,
	    USB_ID_REPAIR },
	{ "root", 'R', "DIR", "use DIR as /", OPT_ANY, OPT_ID_ROOT },
	{ "save", 0, NULL, "admit exactly what is authorised now", OPT_ROOT,
	    USB_ID_SAVE },
	{ "txn", 0, "ID", "act for this transaction of mode-set", OPT_ANY,
	    USB_ID_TXN },
	{ "verbose", 'v', NULL, "say what else is known", OPT_ANY,
	    OPT_ID_VERBOSE },
	{ NULL, 0, NULL, NULL, OPT_ANY, 0 },
};

enum {
	VERB_HOOK = 1,
	VERB_APPLY,
	VERB_STATUS,
	VERB_CHECK,
	VERB_BASELINE,
	VERB_DIFF,
	VERB_LINT,
	VERB_EXPLAIN,
};

static const struct opt_verb verbs[] = {
	{ "hook", "add|remove DEVPATH", "a device came or went (udev)",
	    OPT_ROOT, VERB_HOOK },
	{ "apply", "[MODE]", "settle every device and read it back", OPT_ROOT,
	    VERB_APPLY },
	{ "status", "", "devices, verdicts and reasons", OPT_ROOT,
	    VERB_STATUS },
	{ "check", "[MODE]", "compare the kernel with the mode", OPT_ROOT,
	    VERB_CHECK },
	{ "baseline", "", "show or change what belongs here", OPT_ROOT,
	    VERB_BASELINE },
	{ "diff", "", "what belongs here beside what is here", OPT_ROOT,
	    VERB_DIFF },
	{ "lint", "[FILE...]", "parse rules, touch nothing", OPT_ANY,
	    VERB_LINT },
	{ "explain", "DEV|FILE", "what each mode says of a device, and why",
	    OPT_ANY, VERB_EXPLAIN },
	{ NULL, NULL, NULL, OPT_ANY, 0 },
};

static const struct opt_spec spec = {
	.prog = "usb-guard",
	.synopsis =
	    "usb-guard hook | apply | status | check | baseline | diff | lint "
	    "| explain [-hjnqVv] [-m MODE] [-R DIR] [--add DEV] "
	    "[--no-keyboard] [--port] [--remove ID] [--repair] [--save] "
	    "[--txn ID] [MODE | DEVPATH | DEV | FILE...]",
	.about = "Decide USB devices, and show what the kernel made of it.",
	.opts = opts,
	.verbs = verbs,
	.operands_max = OPT_OPERANDS,
};

static usb_verb *const run[] = {
	[VERB_HOOK] = usb_hook,
	[VERB_APPLY] = usb_apply,
	[VERB_STATUS] = usb_status,
	[VERB_CHECK] = usb_check,
	[VERB_BASELINE] = usb_baseline,
	[VERB_DIFF] = usb_diff,
	[VERB_LINT] = usb_lint,
	[VERB_EXPLAIN] = usb_explain,
};

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
	if (args.needs_root && geteuid() != 0 && !args.seen[OPT_ID_ROOT]) {
		cmd_warn("needs root");
		return bnd_kind_exit(BND_E_ROOT);
	}
	if (bnd_sign_init(&err) == -1 ||
	    cmd_root(&root, args.value[OPT_ID_ROOT], &err) == -1)
		return cmd_fail(&err);
	status = run[args.verb](&root, &args, &err);
	bnd_root_close(&root);
	return cmd_end(status);
}
