/* box-man.c: sbx-profile(5) has the keys, the default and the floors as built */
/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <sys/stat.h>

#include "box-builtin.h"
#include "box-floor.h"
#include "box-profile.h"
#include "tap.h"

static struct bnd_box_pool pool;
static struct bnd_root root = { .fd = -1 };
static char page[128 << 10];

static void
read_page(void)
{
	const char *tree = getenv("BND_TREE");
	char path[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/man/sbx-profile.5",
	    tree != NULL ? tree : ".");
	f = fopen(path, "r");
	if (f == NULL)
		bail("no man/sbx-profile.5");
	n = fread(page, 1, sizeof(page) - 1, f);
	fclose(f);
	page[n] = '\0';
}

/* What stands from the line after mark to end. */
static struct bnd_str
part(const char *mark, const char *end)
{
	struct bnd_str s = { strstr(page, mark), 0 };
	const char *to;

	if (s.p == NULL)
		bail(mark);
	s.p = strchr(s.p, '\n') + 1;
	to = strstr(s.p, end);
	if (to == NULL)
		bail(end);
	s.len = (size_t)(to - s.p);
	return s;
}

/* ---- keys -------------------------------------------------------------------- */

static void
keys(void)
{
	static const char *const lattice[] = { "FREE", "MIN", "MAX", "ORDER",
		"SUBSET", "SUPERSET", "MAP" };
	struct bnd_str rest = part(".Sh KEYS", ".Sh THE BUILT-IN"), line, now;
	const struct bnd_box_keydef *k = bnd_box_keys;
	char want[128], got[128];
	bool whole;

	now = (struct bnd_str){ "", 0 };
	while (bnd_text_line(&rest, &line, &whole)) {
		if (bnd_text_take(&line, ".\\\" lattice "))
			now = line;
		if (!bnd_text_take(&line, ".It Ic "))
			continue;
		if (k->key == BND_BOX_NONE)
			bail("more entries than keys");
		snprintf(want, sizeof(want), "%s Ar %s", k->name, k->value);
		(void)bnd_str_copy(line, got, sizeof(got));
		is_str(got, want, "the entry of %s", k->name);
		(void)bnd_str_copy(now, got, sizeof(got));
		is_str(got, lattice[k->lattice], "and its order");
		k++;
	}
	is_int(k->key, BND_BOX_NONE, "every key has its entry");
}

/* ---- the default --------------------------------------------------------------- */

static void
builtin(void)
{
	static char got[BND_BOX_TEXT_MAX];
	struct bnd_str text =
	    part(".\\\" default\n.Bd -literal -offset indent", ".Ed");

	/* The mark is a line of its own, and so is .Bd. */
	text.len -= (size_t)(strchr(text.p, '\n') + 1 - text.p);
	text.p = strchr(text.p, '\n') + 1;
	(void)bnd_str_copy(text, got, sizeof(got));
	is_str(got, bnd_box_builtin("default"), "the built-in profile");
}

/* ---- the floors ---------------------------------------------------------------- */

static struct bnd_box_policy floors[BND_LOCKDOWN];

static void
next_row(struct bnd_str *rest, const char *want, const char *what)
{
	struct bnd_str line = { "", 0 };
	char got[512];
	bool whole;

	(void)bnd_text_line(rest, &line, &whole);
	(void)bnd_str_copy(line, got, sizeof(got));
	is_str(got, want, "%s", what);
}

static bool
is_list(const struct bnd_box_keydef *k)
{
	return k->lattice == BND_LATTICE_SUBSET ||
	    k->lattice == BND_LATTICE_SUPERSET;
}

static void
row_of(const struct bnd_box_keydef *k, struct bnd_str *rest)
{
	char row[512], last[64] = "", cell[64];
	size_t len = (size_t)snprintf(row, sizeof(row), ".It Ic %s", k->name);
	bool bounded = false;

	for (int m = BND_OPEN; m < (int)BND_LOCKDOWN; m++) {
		bounded = bounded || floors[m].said[k->key];
		if (!bnd_box_value_print(
			&floors[m], k->key, cell, sizeof(cell)))
			bail("a cell is too long");
		len += (size_t)snprintf(row + len, sizeof(row) - len, " Ta%s%s",
		    strcmp(cell, last) != 0 ? " " : "",
		    strcmp(cell, last) != 0 ? cell : "");
		memcpy(last, cell, sizeof(last));
	}
	if (bounded)
		next_row(rest, row, k->name);
}

static void
lists_of(const struct bnd_box_keydef *k, struct bnd_str *rest)
{
	static struct bnd_box_policy here;
	const struct bnd_box_source source = { "x", BND_PLACE_FLOOR, true };
	struct bnd_err err = { 0 };
	char row[512], value[384];

	for (int m = BND_OPEN; m < (int)BND_LOCKDOWN; m++) {
		const char *text = bnd_box_builtin_floor((enum bnd_mode)m);

		memset(&here, 0, sizeof(here));
		if (bnd_box_profile_read(&source,
			(struct bnd_str){ text, strlen(text) }, &pool, &here,
			&err) != 0)
			bail(err.text);
		if (!here.said[k->key])
			continue;
		if (!bnd_box_value_print(&here, k->key, value, sizeof(value)))
			bail("a list is too long");
		snprintf(row, sizeof(row), ".It Ic %s Ta %s Ta %s", k->name,
		    bnd_mode_name((enum bnd_mode)m), value);
		next_row(rest, row, k->name);
	}
}

static void
tables(void)
{
	struct bnd_str cells = part("Sy AIRGAP Ta Sy COLDROOM", ".El");
	struct bnd_str lists = part("Ta Sy from Ta Sy value", ".El");

	for (const struct bnd_box_keydef *k = bnd_box_keys;
	     k->key != BND_BOX_NONE; k++) {
		if ((k->places & BND_PLACE_FLOOR) == 0 ||
		    k->key == BND_BOX_VERSION)
			continue;
		if (is_list(k))
			lists_of(k, &lists);
		else
			row_of(k, &cells);
	}
	is_int(cells.len + lists.len, 0, "and no row more");
}

int
main(void)
{
	static char dir[] = "/tmp/bnd-test.XXXXXX";
	struct bnd_err err = { 0 };

	read_page();
	if (mkdtemp(dir) == NULL || bnd_root_open(&root, dir, &err) != 0 ||
	    bnd_box_pool_make(&pool, &err) != 0)
		bail("no root to look at");
	for (int m = BND_OPEN; m < (int)BND_LOCKDOWN; m++)
		if (bnd_box_floor(
			&root, (enum bnd_mode)m, &pool, &floors[m], &err) != 0)
			bail(err.text);
	keys();
	builtin();
	tables();
	rmdir(dir);
	bnd_root_close(&root);
	bnd_box_pool_free(&pool);
	return tap_done();
}
