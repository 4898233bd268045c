/* box-profile.c: lines that only tighten */
/* SPDX-License-Identifier: ISC */
#include "box-profile.h"

#include <stdio.h>
#include <string.h>

#include "box-bind.h"
#include "box-lattice.h"

#define SHOWN 64 /* of a value in a message */

/* A text that is being read. */
struct reader {
	struct bnd_box_source source;
	struct bnd_box_pool *pool;
	struct bnd_box_policy *p;
	struct bnd_box_policy *was; /* before its first line */
	bool seen[BND_BOX_KEYS];
	unsigned line;
	char at[BND_BOX_ORIGIN]; /* "judge.sbx:7" */
};

bool
bnd_box_is_profile_name(struct bnd_str s)
{
	if (s.len == 0 || s.len >= BND_BOX_NAME)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			c == '_' || c == '-'))
			return false;
	}
	return true;
}

static void
locate(struct reader *r)
{
	if (r->source.unnumbered)
		snprintf(r->at, sizeof(r->at), "%.60s", r->source.name);
	else
		snprintf(
		    r->at, sizeof(r->at), "%.50s:%u", r->source.name, r->line);
}

static int
fail_at(const char *name, unsigned line, const char *what, struct bnd_err *err)
{
	return bnd_fail(err, BND_E_INPUT, "%s:%u: %s", name, line, what);
}

/* Bytes that no profile has, wherever they stand. */
static const char *
flaw_of(struct bnd_str line)
{
	if (bnd_text_take(&line, "\xef\xbb\xbf"))
		return "a byte order mark";
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.p[i];

		if (c == '\0')
			return "a NUL byte";
		if (c == '\r')
			return "a carriage return: lines end with LF alone";
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return "a control character";
	}
	return NULL;
}

/* The next line that says something; 1, or 0 at the end. */
static int
next_line(const char *name, struct bnd_str *text, unsigned *number,
    struct bnd_str *key, struct bnd_str *value, struct bnd_err *err)
{
	struct bnd_str line;
	const char *flaw;
	bool whole;

	while (bnd_text_line(text, &line, &whole)) {
		++*number;
		flaw = whole ? flaw_of(line)
			     : "the last line does not end with LF";
		if (flaw != NULL)
			return fail_at(name, *number, flaw, err);
		if (!bnd_text_word(&line, key) || key->p[0] == '#')
			continue;
		*value = line;
		while (value->len > 0 &&
		    (value->p[0] == ' ' || value->p[0] == '\t'))
			*value = bnd_str_from(*value, 1);
		return 1;
	}
	return 0;
}

int
bnd_box_profile_base(const char *name, struct bnd_str text,
    char base[static BND_BOX_NAME], struct bnd_err *err)
{
	struct bnd_str key, value, word;
	unsigned line = 0;
	int rc;

	base[0] = '\0';
	while ((rc = next_line(name, &text, &line, &key, &value, err)) == 1) {
		if (!bnd_str_is(key, "base"))
			continue;
		if (base[0] != '\0')
			return fail_at(name, line, "base: given twice", err);
		if (!bnd_text_word(&value, &word) ||
		    !bnd_box_is_profile_name(word) ||
		    !bnd_str_copy(word, base, BND_BOX_NAME))
			return fail_at(
			    name, line, "base: not the name of a profile", err);
	}
	return rc;
}

/* The value; of bind the entry at that path. */
static void
show(const struct bnd_box_policy *p, enum bnd_box_key key, const char *path,
    char shown[static SHOWN])
{
	const struct bnd_box_bind *b =
	    path != NULL ? bnd_box_bind_at(p, path) : NULL;
	char text[BND_BOX_TEXT_MAX / 16];
	bool fits;

	if (path == NULL)
		fits = bnd_box_value_print(p, key, text, sizeof(text));
	else if (b != NULL)
		fits = bnd_box_bind_print(b, text, sizeof(text));
	else
		fits = snprintf(text, sizeof(text), "nothing there") > 0;
	if (!fits)
		snprintf(text, sizeof(text), "a long list");
	bnd_text_show((struct bnd_str){ text, strlen(text) }, shown, SHOWN);
}

int
bnd_box_fail_looser(const struct bnd_box_policy *p,
    const struct bnd_box_policy *was, enum bnd_box_key key, struct bnd_err *err)
{
	const char *path =
	    key == BND_BOX_BIND ? bnd_box_binds_beyond(p, was) : NULL;
	char now[SHOWN], then[SHOWN];

	show(p, key, path, now);
	show(was, key, path, then);
	return bnd_fail(err, BND_E_DENIED, "%s: %s %s is looser than %s of %s",
	    p->origin[key], bnd_box_key_of(key)->name, now, then,
	    was->origin[key]);
}

static int
take_value(struct reader *r, const struct bnd_box_keydef *k,
    struct bnd_str value, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	char shown[sizeof(why.text)];
	enum bnd_box_order order;

	if (r->seen[k->key] && !k->repeats)
		return bnd_fail(
		    err, BND_E_INPUT, "%s: %s: given twice", r->at, k->name);
	if (bnd_box_value_parse(k, value, r->pool, r->p, &why) != 0) {
		bnd_text_keep((struct bnd_str){ why.text, strlen(why.text) },
		    shown, sizeof(shown));
		return bnd_fail(
		    err, why.kind, "%s: %s: %s", r->at, k->name, shown);
	}
	r->p->said[k->key] = true;
	r->seen[k->key] = true;
	memcpy(r->p->origin[k->key], r->at, sizeof(r->at));
	if (!r->was->said[k->key])
		return 0;
	order = bnd_box_compare_key(r->p, r->was, k->key);
	if (order == BND_BOX_LOOSER || order == BND_BOX_INCOMPARABLE)
		return bnd_box_fail_looser(r->p, r->was, k->key, err);
	return 0;
}

static int
take_key(struct reader *r, struct bnd_str key, struct bnd_str value,
    struct bnd_err *err)
{
	const struct bnd_box_keydef *k = bnd_box_key_named(key);
	char shown[SHOWN];

	if (!r->source.unnumbered)
		locate(r);
	if (k == NULL) {
		bnd_text_show(key, shown, sizeof(shown));
		return bnd_fail(
		    err, BND_E_INPUT, "%s: no such key: %s", r->at, shown);
	}
	if ((k->places & (unsigned)r->source.place) == 0)
		return bnd_fail(err, BND_E_INPUT, "%s: %s does not stand here",
		    r->at, k->name);
	return take_value(r, k, value, err);
}

/* What p is now is what no line may loosen. */
static int
begin(struct reader *r, struct bnd_err *err)
{
	locate(r);
	r->pool->mark = r->pool->used;
	r->was = bnd_box_pool_policy(r->pool, err);
	if (r->was == NULL)
		return -1;
	*r->was = *r->p;
	return 0;
}

int
bnd_box_profile_read(const struct bnd_box_source *source, struct bnd_str text,
    struct bnd_box_pool *pool, struct bnd_box_policy *p, struct bnd_err *err)
{
	struct reader r = { .source = *source, .pool = pool, .p = p };
	struct bnd_str key, value;
	int rc;

	if (begin(&r, err) != 0)
		return -1;
	while ((rc = next_line(
		    source->name, &text, &r.line, &key, &value, err)) == 1)
		if (take_key(&r, key, value, err) != 0)
			return -1;
	return rc;
}

int
bnd_box_profile_parse(const char *name, struct bnd_str text,
    struct bnd_box_pool *pool, struct bnd_box_policy *p, struct bnd_err *err)
{
	const struct bnd_box_source source = { .name = name,
		.place = BND_PLACE_TEXT };

	*p = (struct bnd_box_policy){ 0 };
	return bnd_box_profile_read(&source, text, pool, p, err);
}

int
bnd_box_profile_options(const char *const *option, size_t n,
    struct bnd_box_pool *pool, struct bnd_box_policy *p, struct bnd_err *err)
{
	struct reader r = {
		.source = { "-k", BND_PLACE_OPTION, true },
		.pool = pool,
		.p = p,
	};

	if (n > 0 && begin(&r, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct bnd_str all = { option[i], strlen(option[i]) };
		struct bnd_str key = bnd_str_until(all, '=');
		const char *flaw = flaw_of(all);

		if (flaw != NULL)
			return bnd_fail(err, BND_E_INPUT, "-k: %s", flaw);
		if (key.len == all.len)
			return bnd_fail(err, BND_E_INPUT,
			    "-k %.60s: not KEY=VALUE", option[i]);
		if (take_key(&r, key, bnd_str_from(all, key.len + 1), err) != 0)
			return -1;
	}
	return 0;
}

static void
fill_set(struct bnd_box_policy *p, const struct bnd_box_policy *fill,
    enum bnd_box_key key)
{
	if (bnd_box_set(p, key) != NULL)
		*bnd_box_set(p, key) = *bnd_box_set_of(fill, key);
	else if (key == BND_BOX_SYSCALLS)
		p->calls = fill->calls;
	else if (key == BND_BOX_FDS_KEY) {
		memcpy(p->fds, fill->fds, sizeof(p->fds));
		p->fds_n = fill->fds_n;
	}
}

static void
fill_key(struct bnd_box_policy *p, const struct bnd_box_policy *fill,
    enum bnd_box_key key)
{
	p->num[key] = fill->num[key];
	if (key == BND_BOX_TMP)
		p->tmp_inodes = fill->tmp_inodes;
	else if (key == BND_BOX_CWD)
		p->cwd = fill->cwd;
	else if (key == BND_BOX_ENV)
		p->env = fill->env;
	else if (key == BND_BOX_BIND) {
		memcpy(p->bind, fill->bind, sizeof(p->bind));
		p->binds = fill->binds;
	} else
		fill_set(p, fill, key);
	p->said[key] = true;
	memcpy(p->origin[key], fill->origin[key], BND_BOX_ORIGIN);
}

void
bnd_box_profile_fill(
    struct bnd_box_policy *p, const struct bnd_box_policy *fill)
{
	for (const struct bnd_box_keydef *k = bnd_box_keys;
	     k->key != BND_BOX_NONE; k++)
		if (!p->said[k->key] && fill->said[k->key])
			fill_key(p, fill, k->key);
}

int
bnd_box_profile_print(const struct bnd_box_policy *p,
    char buf[static BND_BOX_TEXT_MAX], size_t *len, struct bnd_err *err)
{
	*len = 0;
	for (const struct bnd_box_keydef *k = bnd_box_keys;
	     k->key != BND_BOX_NONE; k++) {
		for (size_t i = 0; i < bnd_box_value_lines(p, k->key); i++) {
			size_t room = BND_BOX_TEXT_MAX - *len;
			size_t name = strlen(k->name);

			if (room < name + 3)
				return bnd_fail(
				    err, BND_E_INPUT, "the policy is too long");
			memcpy(buf + *len, k->name, name);
			buf[*len + name] = ' ';
			*len += name + 1;
			if (!bnd_box_value_line(
				p, k->key, i, buf + *len, room - name - 2))
				return bnd_fail(
				    err, BND_E_INPUT, "the policy is too long");
			*len += strlen(buf + *len);
			buf[(*len)++] = '\n';
		}
	}
	return 0;
}
