/* chain-keep.c: the log's upkeep, which changes no mode */
/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "adopt.h"
#include "cmd.h"
#include "opt.h"
#include "scope.h"
#include "sign.h"
#include "succeed.h"
#include "text.h"

enum {
	V_SUCCEED = 1,
};

enum {
	O_CEREMONY = OPT_ID_OWN,
	O_REASON,
};

static const struct opt opts[] = {
	OPT_COMMON,
	{ "ceremony", 'c', "ID", "finish the one that was held", OPT_ROOT,
	    O_CEREMONY },
	{ "json", 'j', NULL, "answer in JSON", OPT_ANY, OPT_ID_JSON },
	{ "reason", 'r', "TEXT", "why, for the approvers", OPT_ANY, O_REASON },
	{ NULL, 0, NULL, NULL, OPT_ROOT, 0 },
};

static const struct opt_verb verbs[] = {
	{ "succeed", "", "begin a new log after one that cannot go on",
	    OPT_ROOT, V_SUCCEED },
	{ NULL, NULL, NULL, OPT_ROOT, 0 },
};

static const struct opt_spec spec = {
	.prog = "chain-keep",
	.synopsis = "chain-keep succeed [-j] [-c ID] [-r TEXT]",
	.about = "Keep the event log of this host going.",
	.opts = opts,
	.verbs = verbs,
};

/* What the approvers are to know, the text that they sign among it. */
static int
show_begun_json(const struct bnd_succession *s)
{
	char buf[8192], id[2 * BND_CHALLENGE_ID_LEN + 1];
	struct bnd_json j;

	bnd_text_to_hex(s->id, sizeof(s->id), id);
	bnd_json_begin(&j, buf, sizeof(buf));
	bnd_json_open(&j, NULL, '{');
	bnd_json_str(&j, "ceremony", id);
	bnd_json_b64(&j, "log", s->log_id, sizeof(s->log_id));
	bnd_succeeds_to_json(&s->from, &j, "succeeds");
	bnd_json_int(&j, "approvers", s->approvers);
	bnd_json_bytes(&j, "text", (struct bnd_str){ s->text, s->len });
	bnd_json_close(&j, '}');
	if (!bnd_json_end(&j))
		return 2;
	puts(buf);
	return 0;
}

static int
show_begun(const struct bnd_succession *s, bool json)
{
	char id[2 * BND_CHALLENGE_ID_LEN + 1];

	if (json)
		return show_begun_json(s);
	bnd_text_to_hex(s->id, sizeof(s->id), id);
	fwrite(s->text, 1, s->len, stdout);
	cmd_warn("the log cannot go on: %s", s->why);
	cmd_warn("the old log is proven up to record %" PRIu64
		 "; its %u live approvers stay",
	    s->from.mark.seq, s->approvers);
	cmd_warn("LOCKDOWN will be left for %s or stricter%s",
	    bnd_mode_name(s->from.mode),
	    s->from.frozen ? ", once the freeze is ended" : "");
	cmd_warn("let them sign this text (ceremony approve %s), then run "
		 "chain-keep succeed --ceremony %s",
	    id, id);
	return 0;
}

static int
finish(const struct bnd_root *root,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], bool json)
{
	char link[BND_B64_LEN(BND_HASH_LEN) + 1];
	struct bnd_err err = { 0 };
	struct bnd_mark mark;

	if (bnd_adopt(root, id, &mark, &err) != 0)
		return cmd_fail(&err);
	bnd_text_to_b64(mark.link, BND_HASH_LEN, link);
	if (json)
		printf("{\"genesis\":\"%s\"}\n", link);
	else
		printf("genesis %s\n", link);
	cmd_warn("a new log was begun; write its genesis down, and keep the "
		 "old one");
	return 0;
}

static int
begin(const struct bnd_root *root, const char *reason, bool json)
{
	static const uint8_t none[BND_CHALLENGE_ID_LEN];
	static struct bnd_succession s;
	struct bnd_err err = { 0 };

	if (bnd_succeed_begin(root, reason, &s, &err) != 0)
		return cmd_fail(&err);
	if (s.approved)
		return finish(root, none, json);
	return show_begun(&s, json);
}

static int
succeed(const struct bnd_root *root, const struct opt_args *args)
{
	uint8_t id[BND_CHALLENGE_ID_LEN];
	const char *hex = args->value[O_CEREMONY];
	bool json = args->seen[OPT_ID_JSON];

	if (hex == NULL)
		return begin(root, args->value[O_REASON], json);
	if (args->seen[O_REASON] ||
	    !bnd_text_from_hex(
		(struct bnd_str){ hex, strlen(hex) }, id, sizeof(id)))
		return cmd_fail(&(struct bnd_err){ .kind = BND_E_INPUT,
		    .text = "--ceremony takes 16 hex digits and no --reason" });
	return finish(root, id, json);
}

int
main(int argc, char **argv)
{
	struct bnd_err err = { 0 };
	struct opt_args args;
	SCOPED_ROOT struct bnd_root root = { .fd = -1 };
	int rc;

	cmd_start("chain-keep");
	cmd_lift_limits();
	rc = opt_parse(&spec, argc, argv, &args, &err);
	if (rc > 0)
		return cmd_end(0);
	if (rc < 0 || cmd_root(&root, NULL, &err) != 0)
		return cmd_end(cmd_fail(&err));
	if (geteuid() != 0)
		return cmd_end(cmd_fail(&(struct bnd_err){
		    .kind = BND_E_ROOT, .text = "only root can do this" }));
	if (bnd_sign_init(&err) != 0)
		return cmd_end(cmd_fail(&err));
	return cmd_end(succeed(&root, &args));
}
