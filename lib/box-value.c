/* box-value.c: strict words in */
/* SPDX-License-Identifier: ISC */
#include "box-value.h"

#include <string.h>

#include "box-allow.h"
#include "box-bind.h"
#include "box-calls.h"
#include "json.h"

#define FDS_MAX 1023

static int
no_more(struct bnd_str text, struct bnd_err *err)
{
	struct bnd_str word;

	if (bnd_text_word(&text, &word))
		return bnd_fail(err, BND_E_INPUT, "text after the value");
	return 0;
}

static int
bad(struct bnd_str word, const char *what, struct bnd_err *err)
{
	char shown[64];

	bnd_text_show(word, shown, sizeof(shown));
	return bnd_fail(err, BND_E_INPUT, "%s: \"%s\"", what, shown);
}

static const char *
number_form(enum bnd_box_unit unit)
{
	switch (unit) {
	case BND_UNIT_BYTES:
		return "not a size such as 64M";
	case BND_UNIT_MS:
		return "not a time such as 500ms, 60s or 8h";
	case BND_UNIT_CPU:
		return "not a share such as 150%";
	case BND_UNIT_NONE:
	case BND_UNIT_COUNT:
	case BND_UNIT_MODE:
		break;
	}
	return "not a number";
}

/* Nothing above what JSON can say (json.h): sums of two never overflow. */
static int
number(const struct bnd_box_keydef *k, enum bnd_box_unit unit,
    struct bnd_str word, uint64_t *out, struct bnd_err *err)
{
	if (!bnd_text_scaled(
		word, bnd_box_suffixes(unit), BND_JSON_NUMBER_MAX, out))
		return bad(word, number_form(unit), err);
	if (*out < k->least)
		return bad(word, "too small", err);
	return 0;
}

static int
parse_tmp(const struct bnd_box_keydef *k, struct bnd_str first,
    struct bnd_str *text, struct bnd_box_policy *p, struct bnd_err *err)
{
	static const struct bnd_box_keydef files = { .least = 16 };
	struct bnd_str second;

	if (!bnd_text_word(text, &second))
		return bnd_fail(
		    err, BND_E_INPUT, "a size and a number of files it takes");
	if (number(k, BND_UNIT_BYTES, first, &p->num[BND_BOX_TMP], err) != 0)
		return -1;
	return number(&files, BND_UNIT_BYTES, second, &p->tmp_inodes, err);
}

static int
parse_number(const struct bnd_box_keydef *k, struct bnd_str word,
    struct bnd_str *text, struct bnd_box_policy *p, struct bnd_err *err)
{
	enum bnd_mode m;

	if (k->unit == BND_UNIT_MODE) {
		if (!bnd_mode_parse(word, &m))
			return bad(word, "not a mode", err);
		p->num[k->key] = m;
		return 0;
	}
	if (k->key == BND_BOX_TMP)
		return parse_tmp(k, word, text, p, err);
	if (k->lattice == BND_LATTICE_MIN && bnd_str_is(word, "max")) {
		p->num[k->key] = BND_BOX_TOP;
		return 0;
	}
	return number(k, k->unit, word, &p->num[k->key], err);
}

static int
parse_word(const struct bnd_box_keydef *k, struct bnd_str word,
    struct bnd_box_policy *p, struct bnd_err *err)
{
	for (size_t i = 0; k->words[i] != NULL; i++) {
		if (!bnd_str_is(word, k->words[i]))
			continue;
		p->num[k->key] = i;
		return 0;
	}
	return bad(word, "no such value", err);
}

static bool
is_variable(struct bnd_str s)
{
	if (s.len == 0 || s.len >= BND_BOX_PATH ||
	    (s.p[0] >= '0' && s.p[0] <= '9'))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '_'))
			return false;
	}
	return true;
}

static bool
is_node(struct bnd_str s)
{
	static const char *const nodes[] = { "null", "zero", "full", "random",
		"urandom" };

	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		if (bnd_str_is(s, nodes[i]))
			return true;
	return false;
}

/* A path, or the name of something anywhere. */
static bool
is_protected(struct bnd_str s)
{
	if (s.len > 0 && s.p[0] == '/')
		return bnd_box_is_path(s);
	if (s.len == 0 || s.len >= BND_BOX_PATH || bnd_str_is(s, ".") ||
	    bnd_str_is(s, ".."))
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == '/')
			return false;
	return true;
}

static const struct {
	enum bnd_box_key key;
	bool (*is)(struct bnd_str word);
	const char *what;
} members[] = {
	{ BND_BOX_DEV, is_node, "not null, zero, full, random or urandom" },
	{ BND_BOX_PASS_ENV, is_variable, "not the name of a variable" },
	{ BND_BOX_DENY, bnd_call_known, "not the name of a system call" },
	{ BND_BOX_HIDE, bnd_box_is_path, "not an absolute canonical path" },
	{ BND_BOX_PROTECT, is_protected, "neither a path nor a name" },
};

/* Into its place; false if it is there, or if the set is full. */
static int
insert(struct bnd_box_names *set, const char *word, struct bnd_err *err)
{
	size_t at = 0;
	int order = 1;

	while (at < set->n && (order = strcmp(set->at[at], word)) < 0)
		at++;
	if (at < set->n && order == 0)
		return bnd_fail(err, BND_E_INPUT, "%.80s is there twice", word);
	if (set->n == BND_BOX_NAMES)
		return bnd_fail(
		    err, BND_E_INPUT, "more than %d words", BND_BOX_NAMES);
	memmove(
	    set->at + at + 1, set->at + at, (set->n - at) * sizeof(set->at[0]));
	set->at[at] = word;
	set->n++;
	return 0;
}

static int
add_name(const struct bnd_box_keydef *k, struct bnd_str word,
    struct bnd_box_pool *pool, struct bnd_box_policy *p, struct bnd_err *err)
{
	char pair[BND_BOX_PAIR];
	const char *kept;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (members[i].key == k->key && !members[i].is(word))
			return bad(word, members[i].what, err);
	if (k->key == BND_BOX_ALLOW) {
		if (bnd_box_pair(word, pair, err) != 0)
			return bad(word, err->text, err);
		word = (struct bnd_str){ pair, strlen(pair) };
	}
	kept = bnd_box_pool_put(pool, word, err);
	return kept != NULL ? insert(bnd_box_set(p, k->key), kept, err) : -1;
}

static int
add_group(struct bnd_str word, struct bnd_box_policy *p, struct bnd_err *err)
{
	for (size_t i = 0; bnd_box_groups[i] != NULL; i++) {
		if (!bnd_str_is(word, bnd_box_groups[i]))
			continue;
		if ((p->calls & 1U << i) != 0)
			return bad(word, "there twice", err);
		p->calls |= 1U << i;
		return 0;
	}
	return bad(word, "no such group", err);
}

static int
add_fd(struct bnd_str word, struct bnd_box_policy *p, struct bnd_err *err)
{
	size_t at = 0;
	uint64_t n;

	if (!bnd_text_u64(word, FDS_MAX, &n) || n < 3)
		return bad(word, "not a descriptor from 3 to 1023", err);
	while (at < p->fds_n && p->fds[at] < (int)n)
		at++;
	if (at < p->fds_n && p->fds[at] == (int)n)
		return bad(word, "there twice", err);
	if (p->fds_n == BND_BOX_FDS)
		return bnd_fail(
		    err, BND_E_INPUT, "more than %d descriptors", BND_BOX_FDS);
	memmove(
	    p->fds + at + 1, p->fds + at, (p->fds_n - at) * sizeof(p->fds[0]));
	p->fds[at] = (int)n;
	p->fds_n++;
	return 0;
}

static int
parse_set(const struct bnd_box_keydef *k, struct bnd_str word,
    struct bnd_str *text, struct bnd_box_pool *pool, struct bnd_box_policy *p,
    struct bnd_err *err)
{
	struct bnd_box_names *set = bnd_box_set(p, k->key);

	if (set != NULL)
		set->n = 0;
	else if (k->key == BND_BOX_SYSCALLS)
		p->calls = 0;
	else
		p->fds_n = 0;
	if (k->key != BND_BOX_SYSCALLS && bnd_str_is(word, "none"))
		return 0;
	do {
		int rc = set != NULL ? add_name(k, word, pool, p, err)
		    : k->key == BND_BOX_SYSCALLS ? add_group(word, p, err)
						 : add_fd(word, p, err);

		if (rc != 0)
			return -1;
	} while (bnd_text_word(text, &word));
	if (k->key == BND_BOX_SYSCALLS && (p->calls & BND_CALLS_BASE) == 0)
		return bnd_fail(
		    err, BND_E_INPUT, "without @base nothing can run");
	return 0;
}

/* NAME=VALUE, the value to the end of the line, in the place of NAME. */
static int
parse_env(struct bnd_str text, struct bnd_box_pool *pool,
    struct bnd_box_policy *p, struct bnd_err *err)
{
	struct bnd_str name = bnd_str_until(text, '=');
	const char *kept;

	if (name.len == text.len || !is_variable(name))
		return bad(name, "not NAME=VALUE", err);
	if (text.p[text.len - 1] == ' ' || text.p[text.len - 1] == '\t')
		return bnd_fail(err, BND_E_INPUT, "a blank at the end");
	for (size_t i = 0; i < p->env.n; i++) {
		if (strncmp(p->env.at[i], name.p, name.len + 1) != 0)
			continue;
		if (bnd_box_pool_is_new(pool, p->env.at[i]))
			return bad(name, "given twice", err);
		p->env.n--;
		memmove(p->env.at + i, p->env.at + i + 1,
		    (p->env.n - i) * sizeof(p->env.at[0]));
		break;
	}
	kept = bnd_box_pool_put(pool, text, err);
	return kept != NULL ? insert(&p->env, kept, err) : -1;
}

static int
parse_free(const struct bnd_box_keydef *k, struct bnd_str word,
    struct bnd_box_pool *pool, struct bnd_box_policy *p, struct bnd_err *err)
{
	if (k->key == BND_BOX_VERSION)
		return bnd_str_is(word, "1") ? 0 : bad(word, "not 1", err);
	if (k->key == BND_BOX_BASE) /* bnd_box_profile_base() has read it */
		return 0;
	if (!bnd_box_is_path(word))
		return bad(word, "not an absolute canonical path", err);
	p->cwd = bnd_box_pool_put(pool, word, err);
	return p->cwd != NULL ? 0 : -1;
}

static int
parse_words(const struct bnd_box_keydef *k, struct bnd_str word,
    struct bnd_str *text, struct bnd_box_pool *pool, struct bnd_box_policy *p,
    struct bnd_err *err)
{
	switch (k->lattice) {
	case BND_LATTICE_MIN:
	case BND_LATTICE_MAX:
		return parse_number(k, word, text, p, err);
	case BND_LATTICE_ORDER:
		return parse_word(k, word, p, err);
	case BND_LATTICE_SUBSET:
	case BND_LATTICE_SUPERSET:
		return parse_set(k, word, text, pool, p, err);
	case BND_LATTICE_FREE:
	case BND_LATTICE_MAP:
		break;
	}
	return parse_free(k, word, pool, p, err);
}

int
bnd_box_value_parse(const struct bnd_box_keydef *k, struct bnd_str text,
    struct bnd_box_pool *pool, struct bnd_box_policy *p, struct bnd_err *err)
{
	struct bnd_str rest = text, word;

	if (!bnd_text_word(&rest, &word))
		return bnd_fail(err, BND_E_INPUT, "the value is missing");
	if (k->key == BND_BOX_BIND)
		return bnd_box_bind_parse(text, pool, p, err);
	if (k->key == BND_BOX_ENV)
		return parse_env(bnd_str_from(text, (size_t)(word.p - text.p)),
		    pool, p, err);
	if (parse_words(k, word, &rest, pool, p, err) != 0)
		return -1;
	return no_more(rest, err);
}
