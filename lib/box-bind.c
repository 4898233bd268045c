/* box-bind.c: a destination shows one source, with rights */
/* SPDX-License-Identifier: ISC */
#include "box-bind.h"

#include <stdio.h>
#include <string.h>

static const struct {
	char letter;
	unsigned right;
} letters[] = {
	{ 'r', BND_BIND_R },
	{ 'w', BND_BIND_W | BND_BIND_OWN },
	{ 'x', BND_BIND_X },
	{ 'o', BND_BIND_OWN },
	{ 'R', BND_BIND_SUBMOUNTS },
	{ '?', BND_BIND_OPTIONAL },
};
#define LETTERS (sizeof(letters) / sizeof(letters[0]))

/* The root, and what the sandbox has of its own there. */
static const char *const reserved[] = { "/", "/proc", "/sys", "/dev" };

/* path is dir or lies below it; *rest is then what follows dir. */
static bool
lies_in(const char *path, const char *dir, const char **rest)
{
	size_t n = strcmp(dir, "/") == 0 ? 0 : strlen(dir);

	if (strncmp(path, dir, n) != 0 || (path[n] != '/' && path[n] != '\0'))
		return false;
	*rest = path + n;
	return true;
}

static bool
is_dots(const char *p, size_t n)
{
	return n == 0 || (n == 1 && p[0] == '.') ||
	    (n == 2 && p[0] == '.' && p[1] == '.');
}

bool
bnd_box_is_path(struct bnd_str s)
{
	if (s.len == 0 || s.p[0] != '/' || s.len >= BND_BOX_PATH)
		return false;
	if (s.len == 1)
		return true;
	for (size_t i = 0; i < s.len;) {
		size_t from = ++i;

		while (i < s.len && s.p[i] != '/') {
			if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
				return false;
			i++;
		}
		if (is_dots(s.p + from, i - from))
			return false;
	}
	return true;
}

#define WORK "$WORK"

/* $WORK, something below it, or a path. */
static bool
is_source(struct bnd_str s)
{
	if (bnd_text_take(&s, WORK))
		return s.len == 0 || (s.len > 1 && bnd_box_is_path(s));
	return bnd_box_is_path(s);
}

bool
bnd_box_bind_is_work(const struct bnd_box_bind *b)
{
	return b->src[0] == WORK[0];
}

/* Each letter at most once, and r among them. */
static bool
rights_of(struct bnd_str word, unsigned *rights)
{
	unsigned seen = 0;

	*rights = 0;
	for (size_t i = 0; i < word.len; i++) {
		size_t at = 0;

		while (at < LETTERS && letters[at].letter != word.p[i])
			at++;
		if (at == LETTERS || (seen & 1U << at) != 0)
			return false;
		seen |= 1U << at;
		*rights |= letters[at].right;
	}
	return (*rights & BND_BIND_R) != 0;
}

static int
check_dst(struct bnd_str dst, struct bnd_err *err)
{
	char path[BND_BOX_PATH];
	const char *rest;

	if (!bnd_box_is_path(dst) || !bnd_str_copy(dst, path, sizeof(path)))
		return bnd_fail(err, BND_E_INPUT,
		    "the destination must be an absolute path without . and ..");
	for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (i == 0 ? strcmp(path, "/") == 0
			   : lies_in(path, reserved[i], &rest))
			return bnd_fail(
			    err, BND_E_INPUT, "%s is the sandbox's own", path);
	return 0;
}

/* Where dst stands or would stand; whether it is there. */
static bool
find(const struct bnd_box_policy *p, const char *dst, size_t *at)
{
	for (*at = 0; *at < p->binds; (*at)++) {
		int order = strcmp(p->bind[*at].dst, dst);

		if (order >= 0)
			return order == 0;
	}
	return false;
}

static int
take_away(struct bnd_box_policy *p, struct bnd_str dst, struct bnd_err *err)
{
	char path[BND_BOX_PATH];
	size_t at;

	if (!bnd_str_copy(dst, path, sizeof(path)) || !find(p, path, &at))
		return bnd_fail(
		    err, BND_E_INPUT, "nothing is bound there to take away");
	p->binds--;
	memmove(p->bind + at, p->bind + at + 1,
	    (p->binds - at) * sizeof(p->bind[0]));
	return 0;
}

static int
put(struct bnd_box_policy *p, const struct bnd_box_bind *b,
    const struct bnd_box_pool *pool, struct bnd_err *err)
{
	size_t at;

	if (find(p, b->dst, &at)) {
		if (bnd_box_pool_is_new(pool, p->bind[at].dst))
			return bnd_fail(err, BND_E_INPUT,
			    "%s is a destination twice", b->dst);
	} else {
		if (p->binds == BND_BOX_BINDS)
			return bnd_fail(err, BND_E_INPUT, "more than %d binds",
			    BND_BOX_BINDS);
		memmove(p->bind + at + 1, p->bind + at,
		    (p->binds - at) * sizeof(p->bind[0]));
		p->binds++;
	}
	p->bind[at] = *b;
	return 0;
}

int
bnd_box_bind_parse(struct bnd_str text, struct bnd_box_pool *pool,
    struct bnd_box_policy *p, struct bnd_err *err)
{
	struct bnd_str rights, src, dst, more;
	struct bnd_box_bind b = { 0 };

	if (!bnd_text_word(&text, &rights) || !bnd_text_word(&text, &src))
		return bnd_fail(err, BND_E_INPUT, "rights and a path it takes");
	if (!bnd_text_word(&text, &dst))
		dst = src;
	if (bnd_text_word(&text, &more))
		return bnd_fail(err, BND_E_INPUT, "text after the destination");
	if (bnd_str_is(rights, "-"))
		return take_away(p, dst, err);
	if (!rights_of(rights, &b.rights))
		return bnd_fail(err, BND_E_INPUT,
		    "rights are r and any of w x o R ?, each once");
	if (!is_source(src))
		return bnd_fail(err, BND_E_INPUT,
		    "the source must be $WORK, below it, or an absolute path "
		    "without . and ..");
	if (check_dst(dst, err) != 0)
		return -1;
	b.src = bnd_box_pool_put(pool, src, err);
	b.dst = src.p == dst.p ? b.src : bnd_box_pool_put(pool, dst, err);
	return b.src != NULL && b.dst != NULL ? put(p, &b, pool, err) : -1;
}

bool
bnd_box_bind_print(const struct bnd_box_bind *b, char *buf, size_t size)
{
	char rights[LETTERS + 1];
	size_t n = 0;
	int len;

	for (size_t i = 0; i < LETTERS; i++)
		/* w says o. */
		if ((b->rights & letters[i].right) == letters[i].right &&
		    !(letters[i].letter == 'o' && (b->rights & BND_BIND_W)))
			rights[n++] = letters[i].letter;
	rights[n] = '\0';
	if (strcmp(b->src, b->dst) == 0)
		len = snprintf(buf, size, "%s %s", rights, b->src);
	else
		len = snprintf(buf, size, "%s %s %s", rights, b->src, b->dst);
	return len >= 0 && (size_t)len < size;
}

const struct bnd_box_bind *
bnd_box_bind_at(const struct bnd_box_policy *p, const char *path)
{
	const struct bnd_box_bind *deepest = NULL;
	size_t most = 0;

	for (size_t i = 0; i < p->binds; i++) {
		size_t len = strlen(p->bind[i].dst);
		const char *rest;

		if (len > most && lies_in(path, p->bind[i].dst, &rest)) {
			most = len;
			deepest = &p->bind[i];
		}
	}
	return deepest;
}

/* Whether two sources, each with what follows it, are one path. */
static bool
same_path(const char *a, const char *a_rest, const char *b, const char *b_rest)
{
	size_t na = strcmp(a, "/") == 0 ? 0 : strlen(a);
	size_t nb = strcmp(b, "/") == 0 ? 0 : strlen(b);

	if (na < nb)
		return same_path(b, b_rest, a, a_rest);
	/* a is the longer one: b's rest has what b lacks. */
	return strncmp(a, b, nb) == 0 &&
	    strncmp(a + nb, b_rest, na - nb) == 0 &&
	    strcmp(a_rest, b_rest + (na - nb)) == 0;
}

static bool
within_at(const struct bnd_box_policy *a, const struct bnd_box_policy *b,
    const char *path)
{
	const struct bnd_box_bind *mine = bnd_box_bind_at(a, path);
	const struct bnd_box_bind *theirs = bnd_box_bind_at(b, path);
	const char *my_rest, *their_rest;

	if (mine == NULL)
		return true;
	return theirs != NULL && (mine->rights & ~theirs->rights) == 0 &&
	    lies_in(path, mine->dst, &my_rest) &&
	    lies_in(path, theirs->dst, &their_rest) &&
	    same_path(mine->src, my_rest, theirs->src, their_rest);
}

/*
 * Between two destinations nothing changes: for any path the deeper of the two
 * destinations above it shows the same two sources, so these points are all.
 */
const char *
bnd_box_binds_beyond(
    const struct bnd_box_policy *a, const struct bnd_box_policy *b)
{
	if (!b->said[BND_BOX_BIND])
		return NULL;
	if (!a->said[BND_BOX_BIND])
		return "/";
	for (size_t i = 0; i < a->binds; i++)
		if (!within_at(a, b, a->bind[i].dst))
			return a->bind[i].dst;
	for (size_t i = 0; i < b->binds; i++)
		if (!within_at(a, b, b->bind[i].dst))
			return b->bind[i].dst;
	return NULL;
}
