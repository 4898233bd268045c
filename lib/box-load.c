/* box-load.c: the chain of a profile, each file checked before it is read */
/* SPDX-License-Identifier: ISC */
#include "box-load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "box-bind.h"
#include "box-builtin.h"
#include "box-task.h"
#include "clock.h"
#include "file.h"
#include "scope.h"

#define WRITABLE     0022
#define NAME_MAX_LEN (BND_BOX_NAME + 4)

/* One profile of a chain; the first is what was asked for. */
struct link {
	char name[BND_BOX_NAME]; /* empty: a file of somebody's own */
	char shown[64];
	struct bnd_str text;
	bool builtin;
};

struct chain {
	struct link link[BND_BOX_CHAIN + 1];
	size_t n;
};

/* As long as it is, up to the most a profile may be. */
static int
read_text(int fd, const char *name, struct bnd_box_pool *pool,
    struct bnd_str *text, struct bnd_err *err)
{
	char *at = bnd_box_pool_take(pool, BND_BOX_TEXT_MAX, err);

	if (at == NULL ||
	    bnd_file_read_fd(fd, name, at, BND_BOX_TEXT_MAX, &text->len, err) !=
		0)
		return -1;
	text->p = at;
	pool->used -= BND_BOX_TEXT_MAX - text->len;
	return 0;
}

int
bnd_box_text(const struct bnd_root *root, const char *path,
    struct bnd_box_pool *pool, struct bnd_str *text, struct bnd_err *err)
{
	SCOPED_FD int fd = bnd_root_open_trusted(root, path, WRITABLE, err);

	return fd >= 0 ? read_text(fd, path, pool, text, err) : -1;
}

struct own {
	const struct bnd_box_ask *ask;
	struct bnd_box_pool *pool;
	struct link *l;
};

/* Somebody's own: no link, his own, and nobody else's to write. */
static int
own_text(void *arg, struct bnd_err *err)
{
	const struct own *o = arg;
	const struct bnd_root self = { .fd = -1,
		.owner = o->ask->user != NULL ? o->ask->user->uid : geteuid() };
	SCOPED_FD int fd = openat(o->ask->cwd_fd, o->ask->profile,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return bnd_fail_errno(err, "cannot open %s", o->l->shown);
	if (bnd_root_check_file(&self, fd, o->l->shown, WRITABLE, err) != 0)
		return -1;
	return read_text(fd, o->l->shown, o->pool, &o->l->text, err);
}

static int
own_file(const struct bnd_box_ask *ask, struct bnd_box_pool *pool,
    struct link *l, struct bnd_err *err)
{
	struct bnd_str name = { ask->profile, strlen(ask->profile) };
	struct own o = { ask, pool, l };

	bnd_text_show(name, l->shown, sizeof(l->shown));
	if (ask->user == NULL)
		return own_text(&o, err);
	return bnd_task_run(ask->user, own_text, &o, l->shown,
	    bnd_clock_ms() + BND_TASK_MS, err);
}

static int
system_text(const struct bnd_root *root, struct bnd_box_pool *pool,
    struct link *l, struct bnd_err *err)
{
	const char *builtin = bnd_box_builtin(l->name);
	char path[sizeof(BND_BOX_PROFILE_DIR) + 1 + NAME_MAX_LEN];
	struct bnd_err why = { 0 };

	snprintf(path, sizeof(path), BND_BOX_PROFILE_DIR "/%s.sbx", l->name);
	snprintf(l->shown, sizeof(l->shown), "%s.sbx", l->name);
	if (bnd_box_text(root, path, pool, &l->text, &why) == 0)
		return 0;
	if (why.errnum != ENOENT)
		return bnd_fail(err, why.kind, "%s", why.text);
	if (builtin == NULL)
		return bnd_fail(err, BND_E_INPUT,
		    "no profile %s: /%s is not there", l->name, path);
	snprintf(l->shown, sizeof(l->shown), "%s", l->name);
	l->text = (struct bnd_str){ builtin, strlen(builtin) };
	l->builtin = true;
	return 0;
}

/* "a -> b -> a": the names so far, and the one that does not fit. */
static int
fail_chain(const struct chain *c, const char *name, const char *what,
    struct bnd_err *err)
{
	char names[BND_BOX_CHAIN + 1][NAME_MAX_LEN + 4] = { "" };

	for (size_t i = 0; i < c->n; i++)
		snprintf(
		    names[i], sizeof(names[i]), "%.36s -> ", c->link[i].shown);
	return bnd_fail(err, BND_E_INPUT, "%s: %s%s%s%s%s%s", what, names[0],
	    names[1], names[2], names[3], names[4], name);
}

/* The link for the base that the last one names. */
static int
append(struct chain *c, const char *name, struct link **l, struct bnd_err *err)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->link[i].name, name) == 0)
			return fail_chain(c, name, "bases in a circle", err);
	if (c->n == sizeof(c->link) / sizeof(c->link[0]))
		return fail_chain(
		    c, name, "more than four bases in a row", err);
	*l = &c->link[c->n];
	memcpy((*l)->name, name, BND_BOX_NAME);
	return 0;
}

static int
follow(const struct bnd_root *root, struct bnd_box_pool *pool, struct chain *c,
    struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	char base[BND_BOX_NAME];

	for (struct link *l = &c->link[c->n++];; c->n++) {
		if (bnd_box_profile_base(l->shown, l->text, base, err) != 0)
			return -1;
		if (base[0] == '\0')
			return 0;
		if (append(c, base, &l, err) != 0)
			return -1;
		if (system_text(root, pool, l, &why) != 0) {
			(void)fail_chain(c, base, why.text, err);
			if (err != NULL)
				err->kind = why.kind;
			return -1;
		}
	}
}

static int
first(const struct bnd_root *root, const struct bnd_box_ask *ask,
    struct bnd_box_pool *pool, struct chain *c, struct bnd_err *err)
{
	const char *name = ask->profile != NULL ? ask->profile : "default";
	struct bnd_str s = { name, strlen(name) };
	char shown[64];

	if (strchr(name, '/') != NULL)
		return own_file(ask, pool, &c->link[0], err);
	bnd_text_show(s, shown, sizeof(shown));
	if (!bnd_box_is_profile_name(s))
		return bnd_fail(err, BND_E_INPUT,
		    "not the name of a profile: \"%s\"", shown);
	(void)bnd_str_copy(s, c->link[0].name, sizeof(c->link[0].name));
	return system_text(root, pool, &c->link[0], err);
}

/* From the base of all on: each link tightens what the ones before said. */
static int
read_chain(const struct chain *c, struct bnd_box_pool *pool,
    struct bnd_box_policy *p, struct bnd_err *err)
{
	for (size_t i = c->n; i-- > 0;) {
		const struct link *l = &c->link[i];
		const struct bnd_box_source source = {
			.name = l->shown,
			.place = BND_PLACE_PROFILE,
			.unnumbered = l->builtin,
		};

		if (bnd_box_profile_read(&source, l->text, pool, p, err) != 0)
			return -1;
	}
	return 0;
}

static int
fill(struct bnd_box_pool *pool, struct bnd_box_policy *p, struct bnd_err *err)
{
	const struct bnd_box_source source = { "default", BND_PLACE_PROFILE,
		true };
	const char *text = bnd_box_builtin("default");
	struct bnd_box_policy *rest = bnd_box_pool_policy(pool, err);

	if (rest == NULL ||
	    bnd_box_profile_read(&source,
		(struct bnd_str){ text, strlen(text) }, pool, rest, err) != 0)
		return -1;
	bnd_box_profile_fill(p, rest);
	return 0;
}

static void
drop_work(struct bnd_box_policy *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->binds; i++)
		if (!bnd_box_bind_is_work(&p->bind[i]))
			p->bind[kept++] = p->bind[i];
	p->binds = kept;
}

static int
check_binds(const struct bnd_box_policy *p, struct bnd_err *err)
{
	const unsigned both = BND_BIND_W | BND_BIND_X;
	char shown[64];

	for (size_t i = 0; i < p->binds; i++) {
		const char *dst = p->bind[i].dst;

		if ((p->bind[i].rights & both) != both ||
		    p->num[BND_BOX_WX] == BND_WX_ALL)
			continue;
		bnd_text_keep(
		    (struct bnd_str){ dst, strlen(dst) }, shown, sizeof(shown));
		return bnd_fail(err, BND_E_INPUT,
		    "%s: bind %s is writable and executable, which only wx "
		    "all allows (%s)",
		    p->origin[BND_BOX_BIND], shown, p->origin[BND_BOX_WX]);
	}
	return 0;
}

int
bnd_box_profile_load(const struct bnd_root *root, const struct bnd_box_ask *ask,
    struct bnd_box_pool *pool, struct bnd_box_policy *p, struct bnd_err *err)
{
	struct chain c = { 0 };
	bool own;

	*p = (struct bnd_box_policy){ 0 };
	if (first(root, ask, pool, &c, err) != 0 ||
	    follow(root, pool, &c, err) != 0 ||
	    read_chain(&c, pool, p, err) != 0)
		return -1;
	if (!c.link[c.n - 1].builtin && fill(pool, p, err) != 0)
		return -1;
	if (bnd_box_profile_options(ask->option, ask->options, pool, p, err) !=
		0 ||
	    check_binds(p, err) != 0)
		return -1;
	if (ask->work_fd < 0)
		drop_work(p);
	own = c.link[0].name[0] == '\0';
	p->num[BND_BOX_PROFILES] = own;
	p->said[BND_BOX_PROFILES] = true;
	memcpy(p->origin[BND_BOX_PROFILES], c.link[0].shown,
	    sizeof(c.link[0].shown));
	return 0;
}
