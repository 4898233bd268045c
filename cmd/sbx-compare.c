/* sbx-compare.c: which of two profiles is tighter, key by key */
/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "box-lattice.h"
#include "box-load.h"
#include "cmd.h"
#include "sbx-explain.h"
#include "sbx-run.h"
#include "scope.h"

#define JSON_SIZE  (512u << 10)
#define VALUE_SIZE BND_BOX_TEXT_MAX

struct two {
	const char *name[2];
	struct bnd_box_policy *p[2];
	char *value[2];
};

static int
load_two(struct two *t, const struct bnd_root *root,
    const struct opt_args *args, struct bnd_box_pool *pool, struct bnd_err *err)
{
	for (size_t i = 0; i < 2; i++) {
		struct bnd_box_ask ask = { .profile = args->command[i],
			.work_fd = 0, /* its binds count */
			.cwd_fd = AT_FDCWD };

		t->name[i] = args->command[i];
		t->p[i] = bnd_box_pool_policy(pool, err);
		t->value[i] = bnd_box_pool_take(pool, VALUE_SIZE, err);
		if (t->p[i] == NULL || t->value[i] == NULL ||
		    bnd_box_profile_load(root, &ask, pool, t->p[i], err) != 0)
			return -1;
	}
	return 0;
}

static void
print_values(struct two *t, enum bnd_box_key key)
{
	for (size_t i = 0; i < 2; i++)
		if (!bnd_box_value_print(t->p[i], key, t->value[i], VALUE_SIZE))
			snprintf(t->value[i], VALUE_SIZE, "(too long to show)");
}

static void
compare_text(struct two *t, enum bnd_box_order all)
{
	sbx_put(t->name[0]);
	printf(" is %s%s ", bnd_box_order_word(all),
	    all == BND_BOX_EQUAL	      ? " to"
		: all == BND_BOX_INCOMPARABLE ? " with"
					      : " than");
	sbx_put(t->name[1]);
	putchar('\n');
	for (const struct bnd_box_keydef *k = bnd_box_keys;
	     k->key != BND_BOX_NONE; k++) {
		enum bnd_box_order o =
		    bnd_box_compare_key(t->p[0], t->p[1], k->key);

		if (o == BND_BOX_EQUAL)
			continue;
		print_values(t, k->key);
		printf("%-11s%-13s", k->name, bnd_box_order_word(o));
		sbx_put(t->value[0]);
		printf("  |  ");
		sbx_put(t->value[1]);
		putchar('\n');
	}
}

static int
compare_json(struct two *t, enum bnd_box_order all, int status)
{
	SCOPED_FREE char *buf = malloc(JSON_SIZE);
	struct bnd_json j;

	bnd_json_begin(&j, buf, buf != NULL ? JSON_SIZE : 0);
	bnd_json_open(&j, NULL, '{');
	bnd_json_int(&j, "v", 1);
	bnd_json_str(&j, "a", t->name[0]);
	bnd_json_str(&j, "b", t->name[1]);
	bnd_json_str(&j, "order", bnd_box_order_word(all));
	bnd_json_open(&j, "keys", '{');
	for (const struct bnd_box_keydef *k = bnd_box_keys;
	     k->key != BND_BOX_NONE; k++) {
		if (k->lattice == BND_LATTICE_FREE)
			continue;
		print_values(t, k->key);
		bnd_json_open(&j, k->name, '{');
		bnd_json_str(&j, "order",
		    bnd_box_order_word(
			bnd_box_compare_key(t->p[0], t->p[1], k->key)));
		bnd_json_str(&j, "a", t->value[0]);
		bnd_json_str(&j, "b", t->value[1]);
		bnd_json_close(&j, '}');
	}
	bnd_json_close(&j, '}');
	bnd_json_close(&j, '}');
	return cmd_put_json(&j, status);
}

int
sbx_compare(const struct bnd_root *root, const struct opt_args *args,
    struct bnd_err *err)
{
	SCOPED_POOL struct bnd_box_pool pool = { 0 };
	struct two t = { 0 };
	enum bnd_box_order all;
	int status;

	if (bnd_box_pool_make(&pool, err) != 0 ||
	    load_two(&t, root, args, &pool, err) != 0)
		return cmd_fail(err);
	all = bnd_box_compare(t.p[0], t.p[1]);
	status = all == BND_BOX_EQUAL || all == BND_BOX_TIGHTER ? 0 : 1;
	if (args->seen[OPT_ID_JSON])
		return compare_json(&t, all, status);
	if (!args->seen[OPT_ID_QUIET])
		compare_text(&t, all);
	return status;
}
