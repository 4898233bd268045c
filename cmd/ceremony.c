/* ceremony.c: the approvers' side: keys anywhere, ceremonies on the host */
/* SPDX-License-Identifier: ISC */
/*
 * keygen and sign need nothing of a host and no privilege.  The other verbs
 * work on the host's log as root; what they may do is decided by signatures on
 * it, not by who calls them.  Nothing here changes the mode.
 */
#include <stddef.h>
#include <unistd.h>

#include "ceremony-approve.h"
#include "ceremony-key.h"
#include "ceremony-open.h"
#include "ceremony-show.h"
#include "cmd.h"
#include "opt.h"
#include "sign.h"

enum {
	V_KEYGEN = 1,
	V_SIGN,
	V_REQUEST,
	V_SHOW,
	V_APPROVE,
	V_CANCEL,
	V_ENROLL,
	V_REVOKE,
	V_LIST,
	V_DRILL,
	V_END,
};

enum {
	O_KEY = OPT_ID_OWN,
	O_KIND,
	O_PERSON,
	O_SIG,
	O_NAME,
	O_PASSPHRASE_FD,
	O_REASON,
	O_FOR,
	O_UNFREEZE,
	O_ALONE,
	O_FINISH,
	O_TEXT,
	O_END,
};

static const struct opt opts[] = {
	OPT_COMMON,
	{ "alone", 0, NULL, "revoke: by one other person, after a day",
	    OPT_ROOT, O_ALONE },
	{ "finish", 0, "ID", "use what was approved", OPT_ROOT, O_FINISH },
	{ "for", 0, "TIME", "request: loosen for so long only: 30m, 2h",
	    OPT_ROOT, O_FOR },
	{ "json", 'j', NULL, "answer in JSON", OPT_ROOT, OPT_ID_JSON },
	{ "key", 'k', "FILE", "sign: the secret key; enroll: the public one",
	    OPT_ANY, O_KEY },
	{ "kind", 0, "KIND", "enroll: passphrase, raw, minisign or ssh",
	    OPT_ROOT, O_KIND },
	{ "name", 'n', "NAME", "approve: whose approval it is", OPT_ROOT,
	    O_NAME },
	{ "passphrase-fd", 0, "FD", "take the passphrase from a descriptor",
	    OPT_ROOT, O_PASSPHRASE_FD },
	{ "person", 0, "PERSON", "enroll: who holds the key", OPT_ROOT,
	    O_PERSON },
	{ "reason", 'r', "TEXT", "why, for approvers and the record", OPT_ROOT,
	    O_REASON },
	{ "sig", 's', "FILE", "a signature; - is standard input", OPT_ROOT,
	    O_SIG },
	{ "text", 't', NULL, "show: the text to sign and nothing else",
	    OPT_ROOT, O_TEXT },
	{ "unfreeze", 0, NULL, "request: the end of a freeze", OPT_ROOT,
	    O_UNFREEZE },
	{ NULL, 0, NULL, NULL, OPT_ANY, 0 },
};

static const struct opt_verb verbs[] = {
	{ "keygen", "FILE", "make a key of kind raw", OPT_ANY, V_KEYGEN },
	{ "sign", "[TEXTFILE]", "sign a challenge or an enrolment", OPT_ANY,
	    V_SIGN },
	{ "request", "[MODE]", "ask for a laxer mode", OPT_ROOT, V_REQUEST },
	{ "show", "", "show what stands open", OPT_ROOT, V_SHOW },
	{ "approve", "ID", "say yes to it", OPT_ROOT, V_APPROVE },
	{ "cancel", "ID", "end it, which is free", OPT_ROOT, V_CANCEL },
	{ "enroll", "[NAME]", "let a new approver in", OPT_ROOT, V_ENROLL },
	{ "revoke", "[NAME]", "send an approver's key away", OPT_ROOT,
	    V_REVOKE },
	{ "list", "", "show who may approve", OPT_ROOT, V_LIST },
	{ "drill", "", "let every key sign, and change nothing", OPT_ROOT,
	    V_DRILL },
	{ NULL, NULL, NULL, OPT_ANY, 0 },
};

static const struct opt_spec spec = {
	.prog = "ceremony",
	.synopsis =
	    "ceremony keygen FILE\n"
	    "       ceremony sign -k FILE [TEXTFILE]\n"
	    "       ceremony request [-r TEXT] [--for TIME] MODE\n"
	    "       ceremony request [-r TEXT] --unfreeze\n"
	    "       ceremony show [-j] [-t]\n"
	    "       ceremony approve [-j] [-n NAME] [-s FILE | "
	    "--passphrase-fd FD] ID\n"
	    "       ceremony cancel ID\n"
	    "       ceremony enroll [-r TEXT] --kind KIND [--person PERSON]\n"
	    "           [-k FILE] [-s FILE] [--passphrase-fd FD] NAME\n"
	    "       ceremony revoke [-r TEXT] [--alone] NAME\n"
	    "       ceremony drill [-r TEXT]\n"
	    "       ceremony enroll | revoke | drill [-j] --finish ID\n"
	    "       ceremony list [-j]",
	.about = "What approvers do: make a key, sign what is asked, say yes "
		 "or no, and decide\nwho else may.",
	.opts = opts,
	.verbs = verbs,
	.operands_max = 1,
};

#define BIT(o) (UINT64_C(1) << (o))

/* What belongs to a verb: the operand, and options of its own. */
static const struct {
	unsigned least, most;
	uint64_t options;
} fits[V_END] = {
	[V_KEYGEN] = { 1, 1, 0 },
	[V_SIGN] = { 0, 1, BIT(O_KEY) },
	[V_REQUEST] = { 0, 1, BIT(O_REASON) | BIT(O_FOR) | BIT(O_UNFREEZE) },
	[V_SHOW] = { 0, 0, BIT(OPT_ID_JSON) | BIT(O_TEXT) },
	[V_APPROVE] = { 1, 1,
	    BIT(OPT_ID_JSON) | BIT(O_NAME) | BIT(O_SIG) |
		BIT(O_PASSPHRASE_FD) },
	[V_CANCEL] = { 1, 1, 0 },
	[V_ENROLL] = { 0, 1,
	    BIT(OPT_ID_JSON) | BIT(O_REASON) | BIT(O_KIND) | BIT(O_PERSON) |
		BIT(O_KEY) | BIT(O_SIG) | BIT(O_PASSPHRASE_FD) |
		BIT(O_FINISH) },
	[V_REVOKE] = { 0, 1,
	    BIT(OPT_ID_JSON) | BIT(O_REASON) | BIT(O_ALONE) | BIT(O_FINISH) },
	[V_LIST] = { 0, 0, BIT(OPT_ID_JSON) },
	[V_DRILL] = { 0, 0, BIT(OPT_ID_JSON) | BIT(O_REASON) | BIT(O_FINISH) },
};

static const char *
name_of(int option)
{
	for (const struct opt *o = opts; o->name != NULL; o++)
		if (o->id == option)
			return o->name;
	return "?";
}

static int
check_usage(const struct opt_args *args, struct bnd_err *err)
{
	const char *verb = verbs[args->verb - 1].name;

	if (args->operands < fits[args->verb].least)
		return bnd_fail(err, BND_E_INPUT, "%s needs %s (try --help)",
		    verb, verbs[args->verb - 1].args);
	if (args->operands > fits[args->verb].most)
		return bnd_fail(err, BND_E_INPUT, "%s takes no operand", verb);
	for (int o = 1; o < O_END; o++)
		if (args->seen[o] && (fits[args->verb].options & BIT(o)) == 0)
			return bnd_fail(err, BND_E_INPUT,
			    "%s takes no --%s (try --help)", verb, name_of(o));
	if (args->seen[O_FINISH] &&
	    (args->operands > 0 || args->seen[O_REASON] || args->seen[O_KIND] ||
		args->seen[O_ALONE]))
		return bnd_fail(err, BND_E_INPUT,
		    "--finish ID says it all: nothing beside it");
	return 0;
}

static struct open_wish
wish_of(const struct opt_args *args, const char *operand)
{
	return (struct open_wish){
		.mode = operand,
		.unfreeze = args->seen[O_UNFREEZE],
		.span = args->value[O_FOR],
		.reason = args->value[O_REASON],
		.finish = args->value[O_FINISH],
		.alone = args->seen[O_ALONE],
		.entry = { .name = operand,
		    .person = args->value[O_PERSON],
		    .kind = args->value[O_KIND],
		    .key = args->value[O_KEY],
		    .sig = args->value[O_SIG],
		    .passphrase_fd = args->value[O_PASSPHRASE_FD] },
		.json = args->seen[OPT_ID_JSON],
	};
}

/* On the host, as root. */
static int
run_host(const struct bnd_root *root, const struct opt_args *args,
    const char *operand)
{
	const struct open_wish wish = wish_of(args, operand);
	const struct approve_wish yes = {
		.id = operand,
		.name = args->value[O_NAME],
		.sig = args->value[O_SIG],
		.passphrase_fd = args->value[O_PASSPHRASE_FD],
		.json = args->seen[OPT_ID_JSON],
	};

	switch (args->verb) {
	case V_REQUEST:
		return ceremony_request(root, &wish);
	case V_SHOW:
		return show_open(root, args->seen[O_TEXT], wish.json);
	case V_APPROVE:
		return ceremony_approve(root, &yes);
	case V_CANCEL:
		return ceremony_cancel(root, operand);
	case V_ENROLL:
		return ceremony_enroll(root, &wish);
	case V_REVOKE:
		return ceremony_revoke(root, &wish);
	case V_DRILL:
		return ceremony_drill(root, &wish);
	default:
		return show_list(root, wish.json);
	}
}

static int
run(const struct opt_args *args, struct bnd_err *err)
{
	const char *operand = args->operands > 0 ? args->operand[0] : NULL;
	SCOPED_ROOT struct bnd_root root = { .fd = -1 };

	if (args->verb == V_KEYGEN)
		return key_make(operand, err) == 0 ? 0 : cmd_fail(err);
	if (args->verb == V_SIGN)
		return key_sign(args->value[O_KEY], operand, err) == 0
		    ? 0
		    : cmd_fail(err);
	if (geteuid() != 0)
		(void)bnd_fail(err, BND_E_ROOT, "only root can do this");
	if (geteuid() != 0 || bnd_sign_init(err) != 0 ||
	    cmd_root(&root, NULL, err) != 0)
		return cmd_fail(err);
	return run_host(&root, args, operand);
}

int
main(int argc, char **argv)
{
	struct opt_args args;
	struct bnd_err err = { 0 };
	int rc;

	cmd_start("ceremony");
	if (cmd_keep_secrets(&err) != 0)
		return cmd_fail(&err);
	rc = opt_parse(&spec, argc, argv, &args, &err);
	if (rc > 0)
		return cmd_end(0);
	if (rc < 0 || check_usage(&args, &err) != 0)
		return cmd_end(cmd_fail(&err));
	return cmd_end(run(&args, &err));
}
