/* box-floor.c: X125: the laws of the order, and floors that only fall */
/* SPDX-License-Identifier: ISC */
#include "box-floor.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "box-bind.h"
#include "box-effective.h"
#include "tap.h"

#define PAIRS 100000

static struct bnd_box_pool pool;

static uint64_t
draw(uint64_t n)
{
	static uint64_t x = 88172645463325252;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x % n;
}

/* ---- policies drawn at random ---------------------------------------------- */

static const char *const words[] = { "/a", "/b", "c", "d", "e" };

static void
draw_set(struct bnd_box_names *set)
{
	set->n = 0;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (draw(2) == 0)
			set->at[set->n++] = words[i];
}

static void
draw_number(struct bnd_box_policy *p, const struct bnd_box_keydef *k)
{
	uint64_t most = 3;

	if (k->words != NULL)
		for (most = 0; k->words[most] != NULL;)
			most++;
	p->num[k->key] = k->least + draw(most);
	if (k->lattice == BND_LATTICE_MIN && draw(4) == 0)
		p->num[k->key] = BND_BOX_TOP;
	if (k->key == BND_BOX_TMP)
		p->tmp_inodes = 16 + draw(3);
}

static void
draw_key(struct bnd_box_policy *p, const struct bnd_box_keydef *k)
{
	p->said[k->key] = draw(5) != 0;
	if (!p->said[k->key])
		return;
	if (bnd_box_set(p, k->key) != NULL) {
		draw_set(bnd_box_set(p, k->key));
	} else if (k->key == BND_BOX_SYSCALLS) {
		p->calls = (uint32_t)draw(BND_CALLS_ALL) | BND_CALLS_BASE;
	} else if (k->key == BND_BOX_FDS_KEY) {
		for (int fd = 3; fd < 7; fd++)
			if (draw(2) == 0)
				p->fds[p->fds_n++] = fd;
	} else {
		draw_number(p, k);
	}
}

/* Without binds: a floor has none, and they have a model of their own. */
static void
draw_policy(struct bnd_box_policy *p)
{
	memset(p, 0, sizeof(*p));
	for (const struct bnd_box_keydef *k = bnd_box_keys;
	     k->key != BND_BOX_NONE; k++)
		if (k->lattice != BND_LATTICE_FREE &&
		    k->lattice != BND_LATTICE_MAP)
			draw_key(p, k);
}

static bool
below(const struct bnd_box_policy *a, const struct bnd_box_policy *b)
{
	enum bnd_box_order o = bnd_box_compare(a, b);

	return o == BND_BOX_EQUAL || o == BND_BOX_TIGHTER;
}

/* The same by its keys, and seen from the other side. */
static bool
is_consistent(const struct bnd_box_policy *a, const struct bnd_box_policy *b)
{
	static const enum bnd_box_order mirror[] = { BND_BOX_EQUAL,
		BND_BOX_LOOSER, BND_BOX_TIGHTER, BND_BOX_INCOMPARABLE };
	unsigned all = 0;

	for (const struct bnd_box_keydef *k = bnd_box_keys;
	     k->key != BND_BOX_NONE; k++) {
		enum bnd_box_order o = bnd_box_compare_key(a, b, k->key);

		if (bnd_box_compare_key(b, a, k->key) != mirror[o])
			return false;
		all |= (unsigned)o;
	}
	return bnd_box_compare(a, b) == (enum bnd_box_order)all &&
	    bnd_box_compare(b, a) == mirror[all];
}

static bool
says_what_it_did(const struct bnd_box_policy *was,
    const struct bnd_box_policy *met, const struct bnd_box_policy *floor,
    const bool *narrowed)
{
	for (const struct bnd_box_keydef *k = bnd_box_keys;
	     k->key != BND_BOX_NONE; k++) {
		bool refuses =
		    k->key == BND_BOX_HIDE || k->key == BND_BOX_PROTECT;
		bool changed =
		    bnd_box_compare_key(met, was, k->key) != BND_BOX_EQUAL;
		enum bnd_box_order o = bnd_box_compare_key(was, floor, k->key);

		if (narrowed[k->key] != (changed && !refuses) ||
		    changed !=
			(o == BND_BOX_LOOSER || o == BND_BOX_INCOMPARABLE))
			return false;
	}
	return true;
}

static void
laws(void)
{
	static struct bnd_box_policy a, b, c, m, r, n;
	bool narrowed[BND_BOX_KEYS], again[BND_BOX_KEYS];
	unsigned failed = 0, orders[4] = { 0 };

	for (unsigned i = 0; i < PAIRS; i++) {
		bool good;

		draw_policy(&a);
		draw_policy(&b);
		m = a;
		good = bnd_box_meet(&m, &b, narrowed, NULL) == 0 &&
		    below(&m, &a) && below(&m, &b) &&
		    says_what_it_did(&a, &m, &b, narrowed);
		/* From the other side it is the same. */
		r = b;
		good = good && bnd_box_meet(&r, &a, again, NULL) == 0 &&
		    bnd_box_compare(&m, &r) == BND_BOX_EQUAL;
		/* Whatever is below both is below it, and stays what it is. */
		if (i % 4 == 0) {
			draw_policy(&c);
			n = c;
			good = good && bnd_box_meet(&n, &a, again, NULL) == 0;
			good = good && bnd_box_meet(&n, &b, again, NULL) == 0;
			good = good && below(&n, &m) && below(&n, &c) &&
			    is_consistent(&a, &b);
			r = n;
			good = good && bnd_box_meet(&r, &m, again, NULL) == 0 &&
			    bnd_box_compare(&r, &n) == BND_BOX_EQUAL;
		}
		orders[bnd_box_compare(&m, &a)]++;
		failed += !good;
	}
	is_int(failed, 0, "%u pairs: the meet is below both and the largest",
	    PAIRS);
	ok(orders[BND_BOX_TIGHTER] > PAIRS / 2, "control: it mostly narrows");
	is_int(orders[BND_BOX_LOOSER] + orders[BND_BOX_INCOMPARABLE], 0,
	    "and never loosens");
}

/* One step beyond what p has; false: it has no more. */
static bool
loosen(struct bnd_box_policy *p, const struct bnd_box_keydef *k)
{
	struct bnd_box_names *set = bnd_box_set(p, k->key);

	if (k->lattice == BND_LATTICE_SUPERSET)
		return p->said[k->key] && set->n > 0 && set->n-- > 0;
	if (!p->said[k->key])
		return false;
	if (set != NULL) {
		set->at[set->n++] = "zz";
	} else if (k->key == BND_BOX_SYSCALLS) {
		if (p->calls == BND_CALLS_ALL)
			return false;
		p->calls |= p->calls + 1;
	} else if (k->key == BND_BOX_FDS_KEY) {
		p->fds[p->fds_n++] = 9;
	} else if (k->lattice == BND_LATTICE_MAX) {
		if (p->num[k->key] == k->least)
			return false;
		p->num[k->key]--;
	} else {
		if (p->num[k->key] == BND_BOX_TOP ||
		    (k->words != NULL && k->words[p->num[k->key] + 1] == NULL))
			return false;
		p->num[k->key]++;
	}
	return true;
}

static void
one_looser_key(void)
{
	static struct bnd_box_policy floor, p, q;
	unsigned tried[BND_BOX_KEYS] = { 0 }, missed = 0, blamed = 0;
	bool narrowed[BND_BOX_KEYS];

	for (unsigned i = 0; i < PAIRS / 10; i++) {
		draw_policy(&floor);
		draw_policy(&p);
		if (bnd_box_meet(&p, &floor, narrowed, NULL) != 0 ||
		    !below(&p, &floor))
			missed++;
		for (const struct bnd_box_keydef *k = bnd_box_keys;
		     k->key != BND_BOX_NONE; k++) {
			enum bnd_box_order o;

			/* As loose as the floor, and then one more. */
			q = p;
			if (k->lattice == BND_LATTICE_FREE ||
			    k->lattice == BND_LATTICE_MAP)
				continue;
			q.said[k->key] = false;
			if (bnd_box_set(&q, k->key) != NULL)
				bnd_box_set(&q, k->key)->n = 0;
			if (bnd_box_meet(&q, &floor, narrowed, NULL) != 0 ||
			    !loosen(&q, k))
				continue;
			tried[k->key]++;
			o = bnd_box_compare(&q, &floor);
			missed += o == BND_BOX_EQUAL || o == BND_BOX_TIGHTER;
			o = bnd_box_compare_key(&q, &floor, k->key);
			blamed +=
			    o == BND_BOX_LOOSER || o == BND_BOX_INCOMPARABLE;
		}
	}
	is_int(missed, 0, "one looser key is always found");
	for (const struct bnd_box_keydef *k = bnd_box_keys;
	     k->key != BND_BOX_NONE; k++)
		if (k->lattice != BND_LATTICE_FREE &&
		    k->lattice != BND_LATTICE_MAP) {
			ok(tried[k->key] > 100, "%s was tried %u times",
			    k->name, tried[k->key]);
			blamed -= tried[k->key];
		}
	is_int(blamed, 0, "and blamed on its key");
}

/* ---- binds against a model: every path of a small tree ---------------------- */

static const char *const paths[] = { "/a", "/a/a", "/a/b", "/b", "/b/a", "/b/b",
	"/a/a/a", "/a/a/b", "/b/a/a", "/c/c" };
#define PATHS (sizeof(paths) / sizeof(paths[0]))

static void
draw_binds(struct bnd_box_policy *p)
{
	const struct bnd_box_keydef *k = bnd_box_key_of(BND_BOX_BIND);
	static const char *const rights[] = { "r", "rw", "rx", "r?", "ro" };
	char line[64];

	memset(p, 0, sizeof(*p));
	p->said[BND_BOX_BIND] = true;
	for (size_t i = 0; i < 6; i++) {
		const char *dst = paths[draw(6)];
		const char *src = draw(3) > 0 ? dst : paths[draw(6)];
		struct bnd_str text = { line, 0 };

		if (draw(2) == 0)
			continue;
		text.len = (size_t)snprintf(
		    line, sizeof(line), "%s %s %s", rights[draw(5)], src, dst);
		pool.mark = pool.used;
		if (bnd_box_value_parse(k, text, &pool, p, NULL) != 0)
			bail("a bind does not parse");
	}
}

/* By brute force: walk up until a destination fits. */
static bool
shows(const struct bnd_box_policy *p, const char *path, char object[64],
    unsigned *rights)
{
	size_t len = strlen(path);

	for (size_t cut = len; cut > 0; cut--) {
		if (path[cut] != '/' && path[cut] != '\0')
			continue;
		for (size_t i = 0; i < p->binds; i++) {
			if (strlen(p->bind[i].dst) != cut ||
			    memcmp(p->bind[i].dst, path, cut) != 0)
				continue;
			snprintf(
			    object, 64, "%s%s", p->bind[i].src, path + cut);
			*rights = p->bind[i].rights;
			return true;
		}
	}
	return false;
}

static bool
model_within(const struct bnd_box_policy *a, const struct bnd_box_policy *b)
{
	char mine[64], theirs[64];
	unsigned r, s;

	for (size_t i = 0; i < PATHS; i++)
		if (shows(a, paths[i], mine, &r) &&
		    (!shows(b, paths[i], theirs, &s) ||
			strcmp(mine, theirs) != 0 || (r & ~s) != 0))
			return false;
	return true;
}

static void
binds(void)
{
	static struct bnd_box_policy a, b, c;
	unsigned wrong = 0, yes = 0, chains = 0;

	for (unsigned i = 0; i < PAIRS / 2; i++) {
		bool ab, bc;

		pool.used = 0;
		draw_binds(&a);
		draw_binds(&b);
		draw_binds(&c);
		ab = bnd_box_binds_beyond(&a, &b) == NULL;
		bc = bnd_box_binds_beyond(&b, &c) == NULL;
		wrong += ab != model_within(&a, &b);
		yes += ab;
		if (ab && bc) {
			chains++;
			wrong += bnd_box_binds_beyond(&a, &c) != NULL;
		}
		wrong += bnd_box_binds_beyond(&a, &a) != NULL;
	}
	is_int(wrong, 0, "binds: as every path of a small tree says");
	ok(yes > 500 && yes < PAIRS / 4, "control: %u of %u are within", yes,
	    PAIRS / 2);
	ok(chains > 20, "and %u chains of three", chains);
}

/* ---- floors ----------------------------------------------------------------- */

static char dir[] = "/tmp/bnd-test.XXXXXX";
static struct bnd_root root = { .fd = -1 };

static void
put(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/etc/bnd/sbx/%s", dir, name);
	if (text == NULL) {
		unlink(path);
		return;
	}
	f = fopen(path, "w");
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0 ||
	    chmod(path, 0644) != 0)
		bail("cannot write a profile");
}

static void
make_root(void)
{
	static const char *const dirs[] = { "", "/etc", "/etc/bnd",
		"/etc/bnd/sbx", "/etc/bnd/sbx/floor" };
	struct bnd_err err = { 0 };
	char path[256];

	if (mkdtemp(dir) == NULL)
		bail("no directory");
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", dir, dirs[i]);
		if ((i > 0 && mkdir(path, 0755) != 0) || chmod(path, 0755) != 0)
			bail("no directory");
	}
	if (bnd_root_open(&root, dir, &err) != 0)
		bail(err.text);
}

static void
remove_root(void)
{
	static const char *const dirs[] = { "/etc/bnd/sbx/floor",
		"/etc/bnd/sbx", "/etc/bnd", "/etc", "" };
	char path[256];

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", dir, dirs[i]);
		ok(rmdir(path) == 0, "nothing was left in %s", dirs[i]);
	}
}

static int
floor_of(enum bnd_mode m, struct bnd_box_policy *floor, struct bnd_err *err)
{
	pool.used = 0;
	*err = (struct bnd_err){ 0 };
	return bnd_box_floor(&root, m, &pool, floor, err);
}

static void
floors_fall(const char *what)
{
	static struct bnd_box_policy last, next;
	static struct bnd_box_pool two;
	struct bnd_err err = { 0 };

	if (bnd_box_pool_make(&two, &err) != 0)
		bail(err.text);
	ok(bnd_box_floor(&root, BND_OPEN, &two, &last, &err) == 0,
	    "%s: OPEN %s", what, err.text);
	for (int m = BND_OPEN + 1; m < (int)BND_LOCKDOWN; m++) {
		ok(bnd_box_floor(&root, (enum bnd_mode)m, &two, &next, &err) ==
			0,
		    "%s: %s %s", what, bnd_mode_name((enum bnd_mode)m),
		    err.text);
		is_int(bnd_box_compare(&next, &last), BND_BOX_TIGHTER,
		    "%s: tighter than its laxer neighbour", what);
		last = next;
	}
	bnd_box_pool_free(&two);
}

/* A file of one mode: refused from it on, and not before. */
static void
refused_from(enum bnd_mode from, const char *text, const char *says)
{
	static struct bnd_box_policy floor;
	struct bnd_err err;
	char name[64];

	snprintf(name, sizeof(name), "floor/%s.sbx", bnd_mode_name(from));
	put(name, text);
	for (int m = BND_OPEN; m < (int)BND_LOCKDOWN; m++)
		is_int(floor_of((enum bnd_mode)m, &floor, &err),
		    m < (int)from ? 0 : -1, "%s with a bad %s",
		    bnd_mode_name((enum bnd_mode)m), name);
	is_str(err.text, says, "and it says why");
	put(name, NULL);
}

static bool
has(const struct bnd_box_names *set, const char *word)
{
	for (size_t i = 0; i < set->n; i++)
		if (strcmp(set->at[i], word) == 0)
			return true;
	return false;
}

static void
floors(void)
{
	static struct bnd_box_policy floor;
	struct bnd_err err;

	floors_fall("built in");
	ok(floor_of(BND_LOCKDOWN, &floor, &err) == -1, "LOCKDOWN has none");
	is_int(err.kind, BND_E_DENIED, "as a no");
	ok(floor_of(BND_MODE_NONE, &floor, &err) == -1, "nor what is no mode");
	ok(floor_of((enum bnd_mode)77, &floor, &err) == -1, "nor that");

	put("floor/RESTRICTED.sbx", "version 1\nmem 1G\nhide /srv\n");
	floors_fall("with a file");
	ok(floor_of(BND_TRUSTED, &floor, &err) == 0 &&
		floor.num[BND_BOX_MEM] == 1 << 30,
	    "what it says holds in stricter modes, too");
	is_str(floor.origin[BND_BOX_MEM], "floor/RESTRICTED.sbx:2", "by name");
	is_int(floor.num[BND_BOX_PIDS], 1024, "beside what is built in");
	ok(floor.hide.n > 10 && has(&floor.hide, "/srv") &&
		has(&floor.hide, "/etc/shadow"),
	    "a list that only grows is added to");
	ok(floor_of(BND_OPEN, &floor, &err) == 0 && !floor.said[BND_BOX_MEM],
	    "and not in laxer ones");
	refused_from(BND_AIRGAP, "mem 2G\n",
	    "floor/AIRGAP.sbx:1: mem 2G is looser than 1G of "
	    "floor/RESTRICTED.sbx:2");
	put("floor/RESTRICTED.sbx", NULL);

	/* X124 */
	refused_from(BND_OPEN, "foo\n", "floor/OPEN.sbx:1: no such key: foo");
	refused_from(BND_TRUSTED, "pids 2000\n",
	    "floor/TRUSTED.sbx:1: pids 2000 is looser than 1024 of floor "
	    "TRUSTED");
	refused_from(BND_TRUSTED, "net allow",
	    "floor/TRUSTED.sbx:1: the last line does not end with LF");
	refused_from(BND_COLDROOM, "bind r /usr\n",
	    "floor/COLDROOM.sbx:1: bind does not stand here");
	refused_from(BND_COLDROOM, "mode-min OPEN\n",
	    "floor/COLDROOM.sbx:1: mode-min does not stand here");
	put("floor/airgap.sbx", "net none\n");
	ok(floor_of(BND_OPEN, &floor, &err) == -1,
	    "a name that is no mode's: %s", err.text);
	put("floor/airgap.sbx", NULL);
	put("floor/README", "text\n");
	ok(floor_of(BND_OPEN, &floor, &err) == 0, "other files are nobody's");
	put("floor/README", NULL);
}

/* ---- what would run ---------------------------------------------------------- */

static int
effective(const char *profile, const char *option, enum bnd_mode m, int work,
    struct bnd_box_policy *p, bool *narrowed, struct bnd_err *err)
{
	const struct bnd_box_ask ask = { .profile = profile,
		.option = &option,
		.options = option != NULL,
		.work_fd = work,
		.cwd_fd = root.fd };

	pool.used = 0;
	*err = (struct bnd_err){ 0 };
	return bnd_box_effective(&root, &ask, m, &pool, p, narrowed, err);
}

static void
meetings(void)
{
	static struct bnd_box_policy p;
	bool narrowed[BND_BOX_KEYS];
	struct bnd_err err;

	put("big.sbx", "mem 8G\nwx all\nbind rx /usr\nbind rwx $WORK /job\n");
	ok(effective("big", NULL, BND_OPEN, 0, &p, narrowed, &err) == 0 &&
		!narrowed[BND_BOX_MEM] && !narrowed[BND_BOX_WX],
	    "OPEN leaves it %s", err.text);
	ok(effective("big", NULL, BND_AIRGAP, 0, &p, narrowed, &err) == 0 &&
		narrowed[BND_BOX_MEM] && narrowed[BND_BOX_WX],
	    "AIRGAP narrows it %s", err.text);
	is_int(p.num[BND_BOX_MEM], UINT64_C(4) << 30, "to the floor");
	is_str(p.origin[BND_BOX_MEM], "floor AIRGAP", "and says whose");
	ok(narrowed[BND_BOX_BIND] && (p.bind[0].rights & BND_BIND_X) == 0 &&
		(p.bind[0].rights & BND_BIND_W) != 0,
	    "what is writable is no longer executable");
	ok((p.bind[1].rights & BND_BIND_X) != 0, "the rest still is");
	ok(effective("big", NULL, BND_COLDROOM, 0, &p, narrowed, &err) == -1,
	    "COLDROOM: %s", err.text);
	is_int(err.kind, BND_E_DENIED, "no writable bind, as a no");
	ok(effective("big", NULL, BND_COLDROOM, -1, &p, narrowed, &err) == 0,
	    "without --work there is none %s", err.text);
	is_int(p.binds, 1, "and no bind of it");
	ok(effective("big", "mem=9G", BND_OPEN, -1, &p, narrowed, &err) == -1,
	    "an option does not loosen: %s", err.text);
	ok(effective("big", "wx=mem", BND_OPEN, 0, &p, narrowed, &err) == -1,
	    "w and x without wx all: %s", err.text);
	put("big.sbx", "mode-min TRUSTED\n");
	ok(effective("big", NULL, BND_RESTRICTED, 0, &p, narrowed, &err) == -1,
	    "mode-min: %s", err.text);
	is_int(err.kind, BND_E_DENIED, "as a no");
	ok(effective("big", NULL, BND_TRUSTED, 0, &p, narrowed, &err) == 0,
	    "and from there on %s", err.text);
	ok(effective(NULL, NULL, BND_LOCKDOWN, 0, &p, narrowed, &err) == -1,
	    "LOCKDOWN: %s", err.text);
	put("big.sbx", NULL);
}

static void
sources(void)
{
	static const struct {
		const char *option;
		enum bnd_mode m;
		bool good;
	} rows[] = {
		{ "bind=r /srv", BND_OPEN, true },
		{ "bind=r /", BND_OPEN, false }, /* no such destination */
		{ "bind=r / /x", BND_OPEN, false },
		{ "bind=r /etc", BND_OPEN, false },
		{ "bind=r /etc/ssh /x", BND_OPEN, false },
		{ "bind=r /etc/ssh/x /x", BND_OPEN, false },
		{ "bind=r /etc/sshx /x", BND_OPEN, true },
		{ "bind=r /root", BND_OPEN, false },
		{ "bind=r /etc/../root /x", BND_OPEN, false },
		{ "bind=r /var", BND_OPEN, false },
		{ "bind=rw /usr", BND_OPEN, false },
		{ "bind=rw /usr/local /x", BND_OPEN, false },
		{ "bind=r /usr", BND_OPEN, true },
		{ "bind=rw /srv", BND_AIRGAP, true },
		{ "bind=rw /srv", BND_COLDROOM, false },
		{ "bind=r /srv", BND_COLDROOM, true },
	};
	static struct bnd_box_policy p;
	bool narrowed[BND_BOX_KEYS];
	struct bnd_err err;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[128];

		snprintf(text, sizeof(text), "bind%s\n", rows[i].option + 4);
		text[4] = ' ';
		put("src.sbx", text);
		is_int(effective("src", NULL, rows[i].m, 0, &p, narrowed, &err),
		    rows[i].good ? 0 : -1, "%s in %s: %s", rows[i].option,
		    bnd_mode_name(rows[i].m), err.text);
	}
	put("src.sbx", NULL);
}

static void
in_force(void)
{
	static struct bnd_box_policy p;
	bool narrowed[BND_BOX_KEYS];
	struct bnd_err err;

	ok(effective(NULL, NULL, BND_AIRGAP, 0, &p, narrowed, &err) == 0, "%s",
	    err.text);
	ok(bnd_box_in_force(&p, 1, &err) == -1, "AIRGAP wants 2: %s", err.text);
	ok(bnd_box_in_force(&p, 7, &err) == 0 && p.num[BND_BOX_LANDLOCK] == 7,
	    "compared later is what is in force");
	p.calls |= BND_CALLS_UNIX;
	ok(bnd_box_in_force(&p, 8, &err) == -1, "@unix beside a rw bind: %s",
	    err.text);
	ok(bnd_box_in_force(&p, 9, &err) == 0, "needs ABI 9");
	p.num[BND_BOX_LANDLOCK] = 1;
	p.binds = 0;
	ok(bnd_box_in_force(&p, 1, &err) == 0, "or no such bind");
}

int
main(void)
{
	struct bnd_err err = { 0 };

	if (bnd_box_pool_make(&pool, &err) != 0)
		bail(err.text);
	umask(022);
	laws();
	one_looser_key();
	binds();
	make_root();
	floors();
	meetings();
	sources();
	in_force();
	remove_root();
	bnd_box_pool_free(&pool);
	bnd_root_close(&root);
	return tap_done();
}
