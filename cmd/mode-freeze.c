/* mode-freeze.c: no loosening from here on, and how that ends */
/* SPDX-License-Identifier: ISC */
#include "mode-freeze.h"

#include <inttypes.h>
#include <stdio.h>

#include "cmd.h"
#include "freeze.h"
#include "json.h"
#include "mode-change.h"
#include "mode-hold.h"
#include "state.h"
#include "watch.h"

#define ANSWER_MAX 512

/* What readers of the state go by now, whatever was asked for. */
static void
print_json(const struct bnd_state *s, int status)
{
	char buf[ANSWER_MAX];
	struct bnd_json j;

	bnd_json_begin(&j, buf, sizeof(buf));
	bnd_json_open(&j, NULL, '{');
	bnd_json_int(&j, "exit", status);
	bnd_json_str(&j, "mode", bnd_mode_name(s->effective));
	if (s->frozen[0] != '\0')
		bnd_json_str(&j, "frozen", s->frozen);
	else
		bnd_json_null(&j, "frozen");
	bnd_json_close(&j, '}');
	if (bnd_json_end(&j))
		printf("%s\n", buf);
}

static int
answer(const struct bnd_root *root, int rc, struct bnd_err *err, bool json)
{
	struct bnd_state s;
	struct bnd_err why = { 0 };
	int loaded = bnd_state_load(root, &s, &why);

	if (loaded != 0 && rc == 0) {
		*err = why;
		rc = -1;
	}
	if (json)
		print_json(&s, rc == 0 ? 0 : bnd_kind_exit(err->kind));
	else if (s.frozen[0] != '\0')
		printf("frozen: %s\n", s.frozen);
	else if (loaded == 0)
		printf("not frozen\n");
	return rc == 0 ? 0 : cmd_fail(err);
}

int
mode_freeze(const struct bnd_root *root, const char *reason, bool json)
{
	struct bnd_err err = { 0 };
	int rc = bnd_freeze(root, reason, &err);

	return answer(root, rc, &err, json);
}

/* One that was held, or one that is held here and now. */
static int
find_ceremony(const struct bnd_root *root, const struct mode_thaw *wish,
    uint8_t id[static BND_CHALLENGE_ID_LEN], struct bnd_err *err)
{
	const struct bnd_ask ask = { .action = BND_ACTION_UNFREEZE,
		.reason = wish->why };

	if (wish->ceremony != NULL)
		return mode_parse_id(wish->ceremony, id, err);
	if (mode_hold_can())
		return mode_hold(root, &ask, id, err);
	return bnd_fail(err, BND_E_DENIED,
	    "unfreezing takes a ceremony, and there is no terminal to ask at: "
	    "begin with ceremony request --unfreeze");
}

int
mode_unfreeze(const struct bnd_root *root, const struct mode_thaw *wish)
{
	uint8_t id[BND_CHALLENGE_ID_LEN];
	struct bnd_err err = { 0 };

	if (find_ceremony(root, wish, id, &err) != 0)
		return cmd_fail(&err);
	return answer(root, bnd_unfreeze(root, id, &err), &err, wish->json);
}

void
mode_watch(const struct bnd_root *root)
{
	struct bnd_watched seen;
	struct bnd_err err = { 0 };
	int rc = root->real ? bnd_watch(root, &seen, &err) : 0;

	if (root->real && seen.step != BND_STEP_NONE)
		cmd_warn("the wall clock was stepped by %+" PRId64 " s: %s",
		    bnd_watch_seconds(seen.by_us), bnd_step_name(seen.step));
	if (rc != 0)
		cmd_warn_err(&err);
}
