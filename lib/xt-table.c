/* xt-table.c: chains of ours in the tables of one family: put there, compared */
/* SPDX-License-Identifier: ISC */
/*
 * A table is read whole, edited in memory and put back whole: one setsockopt
 * swaps it, so no packet sees half of it.  Only chains called bnd-* and rules
 * that jump to one are ours; what else is in the table goes back as it came,
 * counters included, except those of built-in policies, which the library
 * cannot carry over.
 */
#include "xt-table.h"

#include <netinet/in.h> /* before linux/ headers that would redefine it */
#include <errno.h>
#include <linux/netfilter/x_tables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xt.h"

#define ENTRY_MAX 4096 /* the head, six matches, a target */

/* ---- the set ----------------------------------------------------------------- */

struct maker {
	const struct bnd_iptc *t;
	struct bnd_xt_set *set;
};

/* An entry being put together. */
struct draft {
	_Alignas(8) uint8_t p[ENTRY_MAX];
	uint8_t mask[ENTRY_MAX];
	size_t len;
};

static int
append(struct draft *d, const struct bnd_xt_bytes *b, struct bnd_err *err)
{
	if (d->len + b->len > ENTRY_MAX)
		return bnd_fail(err, BND_E_SYS, "a rule of that size");
	memcpy(d->p + d->len, b->p, b->len);
	memcpy(d->mask + d->len, b->mask, b->len);
	d->len += b->len;
	return 0;
}

/* RETURN, DROP, nothing, or a chain: the library makes numbers of it. */
static int
standard(struct draft *d, const char *verdict, struct bnd_err *err)
{
	struct bnd_xt_bytes b = { .len = XT_ALIGN(
				      sizeof(struct xt_standard_target)) };
	struct xt_entry_target target = { 0 };

	target.u.user.target_size = (uint16_t)b.len;
	(void)snprintf(
	    target.u.user.name, sizeof(target.u.user.name), "%s", verdict);
	memcpy(b.p, &target, sizeof(target));
	return append(d, &b, err);
}

static const char *
verdict_of(enum bnd_xt_fate fate)
{
	return fate == BND_XT_RETURN ? "RETURN"
	    : fate == BND_XT_DROP    ? "DROP"
	    : fate == BND_XT_LOG     ? NULL
				     : "";
}

static int
draft(const struct bnd_iptc *t, const struct bnd_xt_rule *r, struct draft *d,
    struct bnd_err *err)
{
	const char *verdict = verdict_of(r->fate);
	struct bnd_xt_bytes b;
	size_t target;

	memset(d, 0, sizeof(*d));
	t->fill(d->p, r);
	d->len = t->head;
	for (size_t i = 0; i < r->matches; i++)
		if (bnd_xt_match(&r->match[i], d->p, &b, err) == -1 ||
		    append(d, &b, err) == -1)
			return -1;
	target = d->len;
	if (verdict != NULL ? standard(d, verdict, err) == -1
			    : bnd_xt_target(&r->log, d->p, &b, err) == -1 ||
		    append(d, &b, err) == -1)
		return -1;
	t->close(d->p, target, d->len);
	return 0;
}

static int
grow(struct bnd_xt_set *set, struct bnd_err *err)
{
	size_t room = set->room == 0 ? 32 : set->room * 2;
	struct bnd_xt_entry *v;

	if (set->entries < set->room)
		return 0;
	v = realloc(set->entry, room * sizeof(*v));
	if (v == NULL)
		return bnd_fail_errno(err, "rules");
	set->entry = v;
	set->room = room;
	return 0;
}

static int
on_rule(void *ctx, const struct bnd_xt_chain *c, const struct bnd_xt_rule *r,
    struct bnd_err *err)
{
	struct maker *m = ctx;
	struct bnd_xt_entry *e;
	struct draft d;

	(void)c;
	if (draft(m->t, r, &d, err) == -1 || grow(m->set, err) == -1)
		return -1;
	e = &m->set->entry[m->set->entries];
	e->p = malloc(2 * d.len);
	if (e->p == NULL)
		return bnd_fail_errno(err, "a rule");
	e->len = d.len;
	e->mask = e->p + d.len;
	e->verdict = verdict_of(r->fate);
	memcpy(e->p, d.p, d.len);
	memcpy(e->mask, d.mask, d.len);
	m->set->entries++;
	m->set->chain[m->set->chains - 1].n++;
	return 0;
}

static int
on_chain(void *ctx, const struct bnd_xt_chain *c, struct bnd_err *err)
{
	struct maker *m = ctx;

	if (m->set->chains == BND_XT_CHAINS)
		return bnd_fail(err, BND_E_SYS, "that many chains");
	m->set->chain[m->set->chains].c = *c;
	m->set->chain[m->set->chains].first = m->set->entries;
	m->set->chain[m->set->chains++].n = 0;
	return 0;
}

int
bnd_xt_set_make(const struct bnd_iptc *t, const struct bnd_rules_in *in,
    bool alone, struct bnd_xt_set *set, struct bnd_err *err)
{
	struct maker m = { t, set };
	const struct bnd_xt_sink sink = { on_chain, on_rule, &m };

	if (in->mode != BND_OPEN && bnd_xt_begin(t->family, err) == -1)
		return -1;
	return bnd_xt_render(in, t->family, alone, &sink, err);
}

void
bnd_xt_set_free(struct bnd_xt_set *set)
{
	for (size_t i = 0; i < set->entries; i++)
		free(set->entry[i].p);
	free(set->entry);
	*set = (struct bnd_xt_set){ 0 };
}

bool
bnd_xt_set_has(const struct bnd_xt_set *set, enum bnd_xt_table table)
{
	for (size_t i = 0; i < set->chains; i++)
		if (set->chain[i].c.table == table)
			return true;
	return false;
}

/* ---- edit ---------------------------------------------------------------------- */

static bool
is_ours(const char *name)
{
	return strncmp(name, BND_XT_PREFIX, strlen(BND_XT_PREFIX)) == 0;
}

static int
fail(const struct bnd_iptc *t, enum bnd_xt_table table, const char *what,
    struct bnd_err *err)
{
	int saved = errno;

	(void)bnd_fail(err, BND_E_SYS, "IPv%u %s: %s: %s", t->family,
	    bnd_xt_table_name(table), what, t->why(saved));
	if (err != NULL)
		err->errnum = saved;
	return -1;
}

/* The first rule that jumps to a chain of ours; false if there is none. */
static bool
find_jump(const struct bnd_iptc *t, struct xtc_handle *h,
    char chain[static BND_XT_NAME], unsigned *pos)
{
	for (const char *c = t->first_chain(h); c != NULL;
	     c = t->next_chain(h)) {
		unsigned n = 0;

		for (const void *e = t->first_rule(c, h); e != NULL;
		     e = t->next_rule(e, h), n++)
			if (is_ours(t->target(e, h))) {
				(void)snprintf(chain, BND_XT_NAME, "%s", c);
				*pos = n;
				return true;
			}
	}
	return false;
}

static bool
find_chain(const struct bnd_iptc *t, struct xtc_handle *h,
    char chain[static BND_XT_NAME])
{
	for (const char *c = t->first_chain(h); c != NULL; c = t->next_chain(h))
		if (is_ours(c)) {
			(void)snprintf(chain, BND_XT_NAME, "%s", c);
			return true;
		}
	return false;
}

static bool
take_out(const struct bnd_iptc *t, struct xtc_handle *h)
{
	char chain[BND_XT_NAME] = "";
	unsigned pos = 0;

	while (find_jump(t, h, chain, &pos))
		if (t->remove_at(chain, pos, h) == 0)
			return false;
	while (find_chain(t, h, chain))
		if (t->flush(chain, h) == 0 || t->remove(chain, h) == 0)
			return false;
	return true;
}

static bool
put_jump(const struct bnd_iptc *t, struct xtc_handle *h,
    const struct bnd_xt_chain *c)
{
	static const struct bnd_xt_rule any = { .line = 0 };
	struct draft d;

	memset(&d, 0, sizeof(d));
	t->fill(d.p, &any);
	d.len = t->head;
	if (standard(&d, c->name, NULL) == -1)
		return false;
	t->close(d.p, t->head, d.len);
	return t->insert_first(c->hook, d.p, h) != 0;
}

static bool
put_in(const struct bnd_iptc *t, struct xtc_handle *h, enum bnd_xt_table table,
    const struct bnd_xt_set *set)
{
	for (size_t i = 0; i < set->chains; i++) {
		const struct bnd_xt_chain *c = &set->chain[i].c;

		if (c->table != table)
			continue;
		if (t->create(c->name, h) == 0)
			return false;
		for (size_t j = 0; j < set->chain[i].n; j++)
			if (t->append(c->name,
				set->entry[set->chain[i].first + j].p, h) == 0)
				return false;
		if (!put_jump(t, h, c))
			return false;
	}
	return true;
}

/* ---- compare ------------------------------------------------------------------- */

struct view {
	const struct bnd_iptc *t;
	struct xtc_handle *h;
	enum bnd_xt_table table;
	const struct bnd_xt_set *set;
	struct bnd_xt_diffs *diffs;
};

static void
differs(
    const struct view *v, enum bnd_xt_flaw flaw, const char *chain, size_t rule)
{
	struct bnd_xt_diff *d = &v->diffs->v[v->diffs->n];

	if (v->diffs->n++ >= BND_XT_DIFFS)
		return;
	*d = (struct bnd_xt_diff){ .family = (uint8_t)v->t->family,
		.table = (uint8_t)v->table,
		.flaw = (uint8_t)flaw,
		.rule = (uint16_t)rule };
	(void)snprintf(d->chain, sizeof(d->chain), "%s", chain);
}

static bool
same_bytes(const struct bnd_xt_entry *want, const uint8_t *have, size_t from,
    size_t to)
{
	for (size_t i = from; i < to; i++)
		if (((want->p[i] ^ have[i]) & want->mask[i]) != 0)
			return false;
	return true;
}

/* Counters apart, and what the kernel keeps for itself. */
static bool
same_entry(
    const struct view *v, const struct bnd_xt_entry *want, const void *have)
{
	const struct bnd_iptc *t = v->t;
	size_t target = t->target_at(want->p);

	if (t->target_at(have) != target || t->next_at(have) != want->len ||
	    !t->same_head(want->p, have))
		return false;
	if (want->verdict == NULL)
		return same_bytes(want, have, t->head, want->len);
	return same_bytes(want, have, t->head, target) &&
	    strcmp(t->target(have, v->h), want->verdict) == 0;
}

static void
compare_rules(const struct view *v, size_t chain)
{
	const char *name = v->set->chain[chain].c.name;
	const struct bnd_xt_entry *want =
	    v->set->entry + v->set->chain[chain].first;
	size_t n = v->set->chain[chain].n, i = 0;

	for (const void *e = v->t->first_rule(name, v->h); e != NULL;
	     e = v->t->next_rule(e, v->h), i++)
		if (i >= n) {
			differs(v, BND_XT_SURPLUS, name, i + 1);
			return;
		} else if (!same_entry(v, &want[i], e)) {
			differs(v, BND_XT_RULE, name, i + 1);
		}
	if (i < n)
		differs(v, BND_XT_MISSING, name, i + 1);
}

static bool
is_wanted(const struct view *v, const char *name)
{
	for (size_t i = 0; i < v->set->chains; i++)
		if (v->set->chain[i].c.table == v->table &&
		    strcmp(v->set->chain[i].c.name, name) == 0)
			return true;
	return false;
}

static bool
is_jump(const struct view *v, const void *e, const char *name)
{
	static const struct bnd_xt_rule any = { .line = 0 };
	_Alignas(8) uint8_t head[512] = { 0 };

	if (e == NULL || v->t->head > sizeof(head))
		return false;
	v->t->fill(head, &any);
	return v->t->target_at(e) == v->t->head && v->t->same_head(head, e) &&
	    strcmp(v->t->target(e, v->h), name) == 0;
}

/* Each wanted chain has one jump, the first rule of its hook; no other has any. */
static void
compare_jumps(const struct view *v)
{
	for (const char *c = v->t->first_chain(v->h); c != NULL;
	     c = v->t->next_chain(v->h)) {
		const char *want = NULL;
		size_t pos = 0;

		for (size_t i = 0; i < v->set->chains; i++)
			if (v->set->chain[i].c.table == v->table &&
			    strcmp(v->set->chain[i].c.hook, c) == 0)
				want = v->set->chain[i].c.name;
		if (want != NULL &&
		    !is_jump(v, v->t->first_rule(c, v->h), want))
			differs(v, BND_XT_NO_JUMP, want, 0);
		for (const void *e = v->t->first_rule(c, v->h); e != NULL;
		     e = v->t->next_rule(e, v->h), pos++)
			if (is_ours(v->t->target(e, v->h)) &&
			    !(pos == 0 && want != NULL && is_jump(v, e, want)))
				differs(v, BND_XT_STRAY, c, pos + 1);
		if (is_ours(c) && !is_wanted(v, c))
			differs(v, BND_XT_STRAY, c, 0);
	}
}

static bool
is_there(const struct view *v, const char *name)
{
	for (const char *c = v->t->first_chain(v->h); c != NULL;
	     c = v->t->next_chain(v->h))
		if (strcmp(c, name) == 0)
			return true;
	return false;
}

static void
compare(const struct view *v)
{
	for (size_t i = 0; i < v->set->chains; i++) {
		const struct bnd_xt_chain *c = &v->set->chain[i].c;

		if (c->table != v->table)
			continue;
		if (is_there(v, c->name))
			compare_rules(v, i);
		else
			differs(v, BND_XT_NO_CHAIN, c->name, 0);
	}
	compare_jumps(v);
}

/* ---- the table ------------------------------------------------------------------ */

int
bnd_xt_table_put(const struct bnd_iptc *t, enum bnd_xt_table table,
    const struct bnd_xt_set *set, struct bnd_err *err)
{
	struct xtc_handle *h = t->open(bnd_xt_table_name(table));
	struct bnd_xt_diffs diffs = { 0 };
	const struct view v = { t, h, table, set, &diffs };
	int r = 0;

	if (h == NULL)
		return fail(t, table, "read", err);
	compare(&v);
	if (diffs.n > 0) {
		if (!take_out(t, h) || !put_in(t, h, table, set))
			r = fail(t, table, "edit", err);
		else if (t->commit(h) == 0)
			r = fail(t, table, "commit", err);
	}
	t->free(h);
	return r;
}

int
bnd_xt_table_compare(const struct bnd_iptc *t, enum bnd_xt_table table,
    const struct bnd_xt_set *set, struct bnd_xt_diffs *diffs,
    struct bnd_err *err)
{
	struct xtc_handle *h = t->open(bnd_xt_table_name(table));
	const struct view v = { t, h, table, set, diffs };

	if (h == NULL)
		return fail(t, table, "read", err);
	compare(&v);
	t->free(h);
	return 0;
}

void
bnd_xt_table_absent(const struct bnd_iptc *t, enum bnd_xt_table table,
    const struct bnd_xt_set *set, struct bnd_xt_diffs *diffs)
{
	const struct view v = { t, NULL, table, set, diffs };

	for (size_t i = 0; i < set->chains; i++)
		if (set->chain[i].c.table == table)
			differs(&v, BND_XT_NO_CHAIN, set->chain[i].c.name, 0);
}
