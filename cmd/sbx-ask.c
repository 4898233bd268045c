/* sbx-ask.c: short options are spellings of -k */
/* SPDX-License-Identifier: ISC */
#include "sbx-ask.h"

#include <string.h>

#include "sbx-run.h"

static const struct {
	int id;
	const char *key;
} spellings[] = {
	{ SBX_ID_MEM, "mem" },
	{ SBX_ID_PIDS, "pids" },
	{ SBX_ID_TIME, "time" },
	{ SBX_ID_WALL, "wall" },
};

#define SPELLINGS (sizeof(spellings) / sizeof(spellings[0]))

static const char *
spell(const char *key, const char *value, struct bnd_box_pool *pool,
    struct bnd_err *err)
{
	size_t key_len = strlen(key), value_len = strlen(value) + 1;
	char *text = bnd_box_pool_take(pool, key_len + 1 + value_len, err);

	if (text == NULL)
		return NULL;
	memcpy(text, key, key_len);
	text[key_len] = '=';
	memcpy(text + key_len + 1, value, value_len);
	return text;
}

int
sbx_ask(const struct opt_args *args, struct bnd_box_pool *pool,
    struct bnd_box_ask *ask, struct bnd_err *err)
{
	const char **option =
	    bnd_box_pool_array(pool, args->many_n + SPELLINGS, err);

	if (option == NULL)
		return -1;
	ask->profile = args->value[SBX_ID_PROFILE];
	ask->option = option;
	for (ask->options = 0; ask->options < args->many_n; ask->options++)
		option[ask->options] = args->many[ask->options];
	for (size_t i = 0; i < SPELLINGS; i++) {
		if (!args->seen[spellings[i].id])
			continue;
		option[ask->options] = spell(
		    spellings[i].key, args->value[spellings[i].id], pool, err);
		if (option[ask->options++] == NULL)
			return -1;
	}
	return 0;
}
