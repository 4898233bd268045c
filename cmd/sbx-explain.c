/* sbx-explain.c: what a sandbox would be allowed, and who said so */
/* SPDX-License-Identifier: ISC */
/*
 * The policy is the one a run would come to now, by the same function.  First
 * what it means, in a few lines for people; then every key with its value, who
 * said so, and what it was before the floor of the mode narrowed it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "box-dial.h"
#include "box-effective.h"
#include "box-land.h"
#include "box-find.h"
#include "cmd.h"
#include "sbx-ask.h"
#include "sbx-explain.h"
#include "sbx-run.h"
#include "scope.h"
#include "state.h"

#define JSON_SIZE  (512u << 10)
#define VALUE_SIZE BND_BOX_TEXT_MAX

struct explain {
	enum bnd_mode mode;
	const char *profile;
	struct bnd_box_policy *p, *asked; /* with and without the floor */
	bool narrowed[BND_BOX_KEYS];
	uint8_t id[BND_HASH_LEN];
	char *value; /* VALUE_SIZE */
};

/* ---- what would run -------------------------------------------------------- */

static int
take_mode(const struct bnd_root *root, const struct opt_args *args,
    enum bnd_mode *m, struct bnd_err *err)
{
	const char *word = args->value[SBX_ID_MODE];
	struct bnd_state s;

	if (word == NULL) {
		/* What cannot be read is LOCKDOWN, as for a run. */
		if (bnd_state_load(root, &s, err) == -1)
			return -1;
		*m = s.effective;
		return 0;
	}
	if (bnd_mode_parse((struct bnd_str){ word, strlen(word) }, m))
		return 0;
	return bnd_fail(err, BND_E_INPUT, "not a mode: %.60s", word);
}

static int
load(struct explain *x, const struct bnd_root *root,
    const struct opt_args *args, struct bnd_box_pool *pool, struct bnd_err *err)
{
	const char *dir = args->value[SBX_ID_WORK];
	const char *whose = args->value[SBX_ID_FOR];
	struct bnd_box_user user = { 0 };
	SCOPED_FD int work = -1;
	struct bnd_box_ask ask = { .work = dir,
		.cwd_fd = AT_FDCWD,
		.user = whose != NULL ? &user : NULL };
	size_t len;

	x->profile = args->seen[SBX_ID_PROFILE] ? args->value[SBX_ID_PROFILE]
						: "default";
	x->p = bnd_box_pool_policy(pool, err);
	x->asked = bnd_box_pool_policy(pool, err);
	x->value = bnd_box_pool_take(pool, VALUE_SIZE, err);
	if (x->p == NULL || x->asked == NULL || x->value == NULL)
		return -1;
	if (whose != NULL && bnd_box_user_find(root, whose, &user, err) != 0)
		return -1;
	if (dir != NULL && bnd_find_work(ask.user, dir, &work, err) != 0)
		return -1;
	ask.work_fd = work;
	if (sbx_ask(args, pool, &ask, err) != 0 ||
	    bnd_box_effective(
		root, &ask, x->mode, pool, x->p, x->narrowed, err) != 0 ||
	    bnd_box_profile_load(root, &ask, pool, x->asked, err) != 0 ||
	    bnd_box_in_force(x->p, (unsigned)bnd_land_abi(), err) != 0 ||
	    bnd_box_profile_print(x->p, x->value, &len, err) != 0)
		return -1;
	bnd_box_policy_id((struct bnd_str){ x->value, len }, x->id);
	return 0;
}

/* ---- for people: what it means --------------------------------------------- */

static const char *
value_of(
    struct explain *x, const struct bnd_box_policy *p, enum bnd_box_key key)
{
	if (!bnd_box_value_print(p, key, x->value, VALUE_SIZE))
		return "(too long to show)";
	return x->value;
}

void
sbx_put(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s >= 0x20 && *s <= 0x7e)
			putchar(*s);
		else
			printf("\\x%02x", (unsigned char)*s);
}

/* "512M of memory", "any number of processes" */
static void
put_limit(struct explain *x, const char *gap, enum bnd_box_key key,
    const char *any, const char *of)
{
	if (x->p->num[key] == BND_BOX_TOP)
		printf("%s%s%s", gap, any, of);
	else
		printf("%s%s%s", gap, value_of(x, x->p, key), of);
}

/* The destinations with exactly these of the rights w and x. */
static size_t
put_binds(const struct bnd_box_policy *p, const char *label, unsigned rights)
{
	size_t n = 0;

	printf("  %-9s", label);
	for (size_t i = 0; i < p->binds; i++) {
		const struct bnd_box_bind *b = &p->bind[i];

		if ((b->rights & (BND_BIND_W | BND_BIND_X)) != rights)
			continue;
		printf("%s", n++ > 0 ? ", " : "");
		sbx_put(b->dst);
		if (strcmp(b->src, "$WORK") == 0)
			printf(" (--work)");
		else if (strcmp(b->src, b->dst) != 0) {
			printf(" (");
			sbx_put(b->src);
			printf(")");
		}
	}
	return n;
}

static void
put_files(struct explain *x)
{
	if (put_binds(x->p, "reads", 0) == 0)
		printf("nothing else");
	putchar('\n');
	if (put_binds(x->p, "runs", BND_BIND_X) == 0)
		printf("nothing");
	putchar('\n');
	if (x->p->num[BND_BOX_WX] == BND_WX_ALL &&
	    put_binds(x->p, "alters", BND_BIND_W | BND_BIND_X) > 0)
		printf(", and runs it\n");
	if (put_binds(x->p, "writes", BND_BIND_W) > 0)
		printf(", ");
	printf("scratch in /tmp, /var/tmp and /dev/shm: %s files\n",
	    value_of(x, x->p, BND_BOX_TMP));
}

static void
put_reach(struct explain *x)
{
	const bool none = x->p->num[BND_BOX_NET] == BND_NET_NONE;

	printf("  reaches  %s\n",
	    bnd_dial_any(x->p) ? value_of(x, x->p, BND_BOX_ALLOW)
		: none	       ? "no network"
			       : "a loopback of its own, nothing outside");
}

static void
put_limits(struct explain *x)
{
	bool kill = x->p->num[BND_BOX_ON_TIGHTEN] == BND_ACT_KILL;
	bool over = x->p->num[BND_BOX_OUT_OVER] == BND_OVER_KILL;

	put_limit(x, "  gets     ", BND_BOX_MEM, "any amount", " of memory");
	put_limit(x, ", ", BND_BOX_SWAP, "any amount", " of swap");
	put_limit(x, ", ", BND_BOX_PIDS, "any number of", " processes");
	put_limit(x, ", ", BND_BOX_CPU, "all", " of the processors\n");
	put_limit(x, "  ends     after ", BND_BOX_WALL, "no time", "");
	put_limit(x, ", ", BND_BOX_TIME, "any", " of processor time");
	if (x->p->num[BND_BOX_IDLE] != BND_BOX_TOP)
		put_limit(x, ", ", BND_BOX_IDLE, "", " of doing nothing");
	if (over)
		put_limit(x, ", ", BND_BOX_OUT, "any", " of output\n");
	else
		put_limit(x, "; output beyond ", BND_BOX_OUT, "any amount",
		    " is dropped\n");
	printf("  is       %s when the mode gets too strict for it, %s\n",
	    kill ? "killed" : "frozen",
	    x->p->num[BND_BOX_LOG] == BND_BOX_LOG_ALL ? "logged"
						      : "not logged");
}

/* ---- for people: why ------------------------------------------------------- */

static void
put_key(struct explain *x, const struct bnd_box_keydef *k)
{
	for (size_t i = 0; i < bnd_box_value_lines(x->p, k->key); i++) {
		bool fits =
		    bnd_box_value_line(x->p, k->key, i, x->value, VALUE_SIZE);

		printf("%-11s%-20s", i == 0 ? k->name : "",
		    i == 0 ? x->p->origin[k->key] : "");
		sbx_put(fits ? x->value : "(too long to show)");
		if (x->narrowed[k->key] && i == 0) {
			printf("  <- ");
			sbx_put(value_of(x, x->asked, k->key));
			printf(" of %s", x->asked->origin[k->key]);
		}
		putchar('\n');
	}
}

static int
put_text(struct explain *x)
{
	char id[2 * BND_HASH_LEN + 1];

	bnd_text_to_hex(x->id, BND_HASH_LEN, id);
	sbx_put(x->profile);
	printf(" in %s, policy %s\n", bnd_mode_name(x->mode), id);
	put_files(x);
	put_reach(x);
	put_limits(x);
	printf("\n%-11s%-20s%s\n", "KEY", "SAID BY", "VALUE");
	for (const struct bnd_box_keydef *k = bnd_box_keys;
	     k->key != BND_BOX_NONE; k++)
		put_key(x, k);
	return 0;
}

/* ---- for programs ---------------------------------------------------------- */

static void
add_entries(
    struct explain *x, struct bnd_json *j, const struct bnd_box_keydef *k)
{
	bnd_json_open(j, "value", '[');
	for (size_t i = 0; i < bnd_box_value_lines(x->p, k->key); i++)
		if (bnd_box_value_line(x->p, k->key, i, x->value, VALUE_SIZE))
			bnd_json_str(j, NULL, x->value);
		else
			j->full = true;
	bnd_json_close(j, ']');
}

static void
add_key(struct explain *x, struct bnd_json *j, const struct bnd_box_keydef *k)
{
	if (!x->p->said[k->key])
		return;
	bnd_json_open(j, k->name, '{');
	if (k->repeats)
		add_entries(x, j, k);
	else
		bnd_json_str(j, "value", value_of(x, x->p, k->key));
	bnd_json_str(j, "origin", x->p->origin[k->key]);
	if (x->narrowed[k->key]) {
		bnd_json_str(j, "asked", value_of(x, x->asked, k->key));
		bnd_json_str(j, "asked_origin", x->asked->origin[k->key]);
	}
	bnd_json_close(j, '}');
}

static int
put_json(struct explain *x)
{
	SCOPED_FREE char *buf = malloc(JSON_SIZE);
	char id[2 * BND_HASH_LEN + 1];
	struct bnd_json j;

	bnd_text_to_hex(x->id, BND_HASH_LEN, id);
	bnd_json_begin(&j, buf, buf != NULL ? JSON_SIZE : 0);
	bnd_json_open(&j, NULL, '{');
	bnd_json_int(&j, "v", 1);
	bnd_json_str(&j, "profile", x->profile);
	bnd_json_str(&j, "mode", bnd_mode_name(x->mode));
	bnd_json_str(&j, "policy", id);
	bnd_json_open(&j, "keys", '{');
	for (const struct bnd_box_keydef *k = bnd_box_keys;
	     k->key != BND_BOX_NONE; k++)
		add_key(x, &j, k);
	bnd_json_close(&j, '}');
	bnd_json_close(&j, '}');
	return cmd_put_json(&j, 0);
}

int
sbx_explain(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	SCOPED_POOL struct bnd_box_pool pool = { 0 };
	struct explain x = { 0 };

	if (take_mode(root, args, &x.mode, err) != 0 ||
	    bnd_box_pool_make(&pool, err) != 0 ||
	    load(&x, root, args, &pool, err) != 0)
		return cmd_fail(err);
	return args->seen[OPT_ID_JSON] ? put_json(&x) : put_text(&x);
}
