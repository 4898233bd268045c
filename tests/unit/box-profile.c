/* box-profile.c: lines that only tighten, and a text that comes back */
/* SPDX-License-Identifier: ISC */
#include "box-profile.h"

#include "box-builtin.h"
#include "box-lattice.h"
#include "tap.h"

static struct bnd_box_pool pool;
static struct bnd_box_policy p, q;

static struct bnd_str
str(const char *s)
{
	return (struct bnd_str){ s, strlen(s) };
}

static int
read_on(const char *name, const char *text, enum bnd_box_place place,
    struct bnd_err *err)
{
	const struct bnd_box_source source = { .name = name, .place = place };

	*err = (struct bnd_err){ 0 };
	return bnd_box_profile_read(&source, str(text), &pool, &p, err);
}

static void
fresh(void)
{
	pool.used = pool.mark = 0;
	memset(&p, 0, sizeof(p));
}

/* X3: bytes, and what the message says */
static void
flaws(void)
{
	static const struct {
		const char *text, *says;
		size_t len;
	} rows[] = {
		{ "mem 8M\nfoo 1\n", "a.sbx:2: no such key: foo", 0 },
		{ "mem 8M\nmem 8M\n", "a.sbx:2: mem: given twice", 0 },
		{ "mem 8M x\n", "a.sbx:1: mem: text after the value", 0 },
		{ "# c\n\nmem 8M",
		    "a.sbx:3: the last line does not end with LF", 0 },
		{ "mem 8M\r\n",
		    "a.sbx:1: a carriage return: lines end with LF alone", 0 },
		{ "\xef\xbb\xbfmem 8M\n", "a.sbx:1: a byte order mark", 0 },
		{ "mem 8M\n#\0\n", "a.sbx:2: a NUL byte", 10 },
		{ "mem 8\0M\n", "a.sbx:1: a NUL byte", 8 },
		{ "mem 8M\n# \x1b[31m\n", "a.sbx:2: a control character", 0 },
		{ "mem\n", "a.sbx:1: mem: the value is missing", 0 },
		{ "mem 8M # no\n", "a.sbx:1: mem: text after the value", 0 },
		{ "mem 5 M\n", "a.sbx:1: mem: too small: \"5\"", 0 },
		{ "\x1b[31m 1\n", "a.sbx:1: a control character", 0 },
		{ "f\xc3\xb6o 1\n", "a.sbx:1: no such key: f\\xc3\\xb6o", 0 },
		{ "profiles any\n", "a.sbx:1: profiles does not stand here",
		    0 },
		{ "bind r /a\nbind r /b /a\n",
		    "a.sbx:2: bind: /a is a destination twice", 0 },
		{ "env A=1\nenv A=2\n", "a.sbx:2: env: given twice: \"A\"", 0 },
		{ "mem %n%s\n",
		    "a.sbx:1: mem: not a size such as 64M: \"%n%s\"", 0 },
	};
	struct bnd_err err;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct bnd_box_source source = { .name = "a.sbx",
			.place = BND_PLACE_PROFILE };
		struct bnd_str text = str(rows[i].text);

		if (rows[i].len > 0)
			text.len = rows[i].len;
		fresh();
		err = (struct bnd_err){ 0 };
		is_int(bnd_box_profile_read(&source, text, &pool, &p, &err), -1,
		    "row %zu is refused", i);
		is_str(err.text, rows[i].says, "and it says why");
		is_int(err.kind, BND_E_INPUT, "as an error in a file");
	}
	fresh();
	ok(read_on("a", "\t# c\n \n\tmem\t8M \n", BND_PLACE_PROFILE, &err) == 0,
	    "control: blanks and comments: %s", err.text);
	ok(read_on("a", "", BND_PLACE_PROFILE, &err) == 0, "an empty file");
}

/* X5: base, then what tightens and what does not */
static void
tightening(void)
{
	static const char base[] = "mem 512M\nnet loop\ndeny flock keyctl\n"
				   "syscalls @base @file\nlandlock 2\n"
				   "tmp 64M 8K\nmode-min TRUSTED\n"
				   "pass-env LANG TERM\nwx mem\n"
				   "bind rx /usr\nbind rw $WORK /job\n"
				   "bind r $WORK/.git /job/.git\n"
				   "env PATH=/bin\n";
	static const struct {
		const char *line, *says; /* says NULL: accepted */
	} rows[] = {
		{ "mem 512M\n", NULL },
		{ "mem 511M\n", NULL },
		{ "mem 1G\n",
		    "b.sbx:1: mem 1G is looser than 512M of a.sbx:1" },
		{ "mem max\n",
		    "b.sbx:1: mem max is looser than 512M of a.sbx:1" },
		{ "net none\n", NULL },
		{ "\nnet allow\n",
		    "b.sbx:2: net allow is looser than loop of a.sbx:2" },
		{ "deny flock keyctl sync\n", NULL },
		{ "deny flock\n",
		    "b.sbx:1: deny flock is looser than flock "
		    "keyctl of a.sbx:3" },
		{ "deny none\n",
		    "b.sbx:1: deny none is looser than flock "
		    "keyctl of a.sbx:3" },
		{ "syscalls @base\n", NULL },
		{ "syscalls @base @net\n",
		    "b.sbx:1: syscalls @base @net is looser than @base @file "
		    "of a.sbx:4" },
		{ "landlock 3\n", NULL },
		{ "landlock 1\n",
		    "b.sbx:1: landlock 1 is looser than 2 of a.sbx:5" },
		{ "tmp 64M 4K\n", NULL },
		{ "tmp 32M 16K\n",
		    "b.sbx:1: tmp 32M 16K is looser than 64M 8K of a.sbx:6" },
		{ "mode-min AIRGAP\n", NULL },
		{ "mode-min OPEN\n",
		    "b.sbx:1: mode-min OPEN is looser than TRUSTED of "
		    "a.sbx:7" },
		{ "pass-env none\n", NULL },
		{ "pass-env TERM\n", NULL },
		{ "pass-env SECRET\n",
		    "b.sbx:1: pass-env SECRET is looser than LANG TERM of "
		    "a.sbx:8" },
		{ "wx all\n", "b.sbx:1: wx all is looser than mem of a.sbx:9" },
		{ "bind r /usr\n", NULL },
		{ "bind rx /usr/bin\n", NULL },
		{ "bind r $WORK /job\n", NULL },
		{ "bind r $WORK/a /job/a\n", NULL },
		{ "bind r /opt\n",
		    "b.sbx:1: bind r /opt is looser than nothing there of "
		    "a.sbx:12" },
		{ "bind rw /usr\n",
		    "b.sbx:1: bind rw /usr is looser than rx /usr of "
		    "a.sbx:12" },
		{ "bind rx /opt /usr\n",
		    "b.sbx:1: bind rx /opt /usr is looser than rx /usr of "
		    "a.sbx:12" },
		{ "bind r /opt /usr/bin\n",
		    "b.sbx:1: bind r /opt /usr/bin is looser than rx /usr of "
		    "a.sbx:12" },
		{ "bind - /usr\n", NULL },
		{ "bind - /job/.git\n",
		    "b.sbx:1: bind rw $WORK /job is looser than r $WORK/.git "
		    "/job/.git of a.sbx:12" },
		{ "bind - /job/.git\nbind - /job\n",
		    "b.sbx:1: bind rw $WORK /job is looser than r $WORK/.git "
		    "/job/.git of a.sbx:12" },
		{ "bind - /job\nbind - /job/.git\n", NULL },
		{ "bind rw $WORK/.git /job/.git\n",
		    "b.sbx:1: bind rw $WORK/.git /job/.git is looser than r "
		    "$WORK/.git /job/.git of a.sbx:12" },
		{ "bind rR /usr\n",
		    "b.sbx:1: bind rR /usr is looser than rx /usr of "
		    "a.sbx:12" },
		{ "bind r? /usr\n",
		    "b.sbx:1: bind r? /usr is looser than rx /usr of "
		    "a.sbx:12" },
		{ "env PATH=/usr/bin\nenv X=1\n", NULL },
		{ "pids 5\n", NULL }, /* not said so far */
		{ "hide /srv\n", NULL },
	};
	struct bnd_err err;
	int rc;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fresh();
		ok(read_on("a.sbx", base, BND_PLACE_PROFILE, &err) == 0,
		    "base: %s", err.text);
		rc = read_on("b.sbx", rows[i].line, BND_PLACE_PROFILE, &err);
		is_int(rc, rows[i].says != NULL ? -1 : 0, "%s", rows[i].line);
		is_str(err.text, rows[i].says != NULL ? rows[i].says : "",
		    "names both values and both origins");
		is_int(err.kind,
		    rows[i].says != NULL ? BND_E_DENIED : BND_E_NONE, "kind");
	}
}

static void
options(void)
{
	static const char *const good[] = { "mem=64M", "env=X=a b",
		"bind=r /usr" };
	static const char *const looser[] = { "mem=1G" };
	static const char *const twice[] = { "mem=64M", "mem=32M" };
	static const char *const empty[] = { "mem" };
	static const char *const base[] = { "base=judge" };
	static const char *const lf[] = { "mem=64M\nnet=allow" };
	struct bnd_err err;

	fresh();
	ok(read_on("a.sbx", "mem 512M\nbind rx /usr\n", BND_PLACE_PROFILE,
	       &err) == 0,
	    "a profile");
	ok(bnd_box_profile_options(good, 3, &pool, &p, &err) == 0, "%s",
	    err.text);
	is_int(p.num[BND_BOX_MEM], 64 << 20, "the option holds");
	is_str(p.origin[BND_BOX_MEM], "-k", "and is its origin");
	is_str(p.env.at[0], "X=a b", "a value with blanks");
	ok(bnd_box_profile_options(looser, 1, &pool, &p, &err) == -1, "looser");
	is_str(err.text, "-k: mem 1G is looser than 64M of -k", "says so");
	ok(bnd_box_profile_options(twice, 2, &pool, &p, &err) == -1, "%s",
	    err.text);
	ok(bnd_box_profile_options(empty, 1, &pool, &p, &err) == -1, "%s",
	    err.text);
	ok(bnd_box_profile_options(base, 1, &pool, &p, &err) == -1, "%s",
	    err.text);
	ok(bnd_box_profile_options(lf, 1, &pool, &p, &err) == -1, "%s",
	    err.text);
}

/* X6's parser part, S1-14 */
static void
bases(void)
{
	static const struct {
		const char *text, *base; /* NULL: refused */
	} rows[] = {
		{ "mem 8M\n", "" },
		{ "base judge\n", "judge" },
		{ "# base x\nmem 8M\nbase a-b_9\n", "a-b_9" },
		{ "base a\nbase b\n", NULL },
		{ "base ../x\n", NULL },
		{ "base /x\n", NULL },
		{ "base .\n", NULL },
		{ "base\n", NULL },
		{ "base Judge\n", NULL },
		{ "base abcdefghijabcdefghijabcdefghij12\n",
		    "abcdefghijabcdefghijabcdefghij12" },
		{ "base abcdefghijabcdefghijabcdefghij123\n", NULL },
		{ "base %n\n", NULL },
	};
	char base[BND_BOX_NAME];
	struct bnd_err err;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int rc = bnd_box_profile_base(
		    "a.sbx", str(rows[i].text), base, &err);

		is_int(rc, rows[i].base != NULL ? 0 : -1, "%s", rows[i].text);
		if (rc == 0)
			is_str(base, rows[i].base, "its base");
	}
}

static void
round_trip(const char *name, const char *text)
{
	static char one[BND_BOX_TEXT_MAX], two[BND_BOX_TEXT_MAX];
	size_t one_len, two_len;
	struct bnd_err err = { 0 };

	fresh();
	ok(bnd_box_profile_parse(name, str(text), &pool, &p, &err) == 0,
	    "%s parses: %s", name, err.text);
	ok(bnd_box_profile_print(&p, one, &one_len, &err) == 0, "prints");
	ok(bnd_box_profile_parse(
	       name, (struct bnd_str){ one, one_len }, &pool, &q, &err) == 0,
	    "parses again: %s", err.text);
	ok(bnd_box_profile_print(&q, two, &two_len, &err) == 0, "prints again");
	ok(one_len == two_len && memcmp(one, two, one_len) == 0,
	    "and both texts are the same");
	is_int(bnd_box_compare(&p, &q), BND_BOX_EQUAL, "and both policies");
}

static void
round_trips(void)
{
	round_trip("default", bnd_box_builtin("default"));
	for (int m = BND_OPEN; m < (int)BND_LOCKDOWN; m++)
		round_trip(bnd_mode_name((enum bnd_mode)m),
		    bnd_box_builtin_floor((enum bnd_mode)m));
	ok(bnd_box_builtin("judge") == NULL, "no other is built in");
	ok(bnd_box_builtin_floor(BND_LOCKDOWN) == NULL, "LOCKDOWN has none");
	ok(bnd_box_builtin_floor(BND_MODE_NONE) == NULL, "nor has no mode");
}

/* What a chain forgets is as in the default, and never without limit. */
static void
filling(void)
{
	struct bnd_err err;

	fresh();
	ok(read_on("default", bnd_box_builtin("default"), BND_PLACE_PROFILE,
	       &err) == 0,
	    "the default");
	for (const struct bnd_box_keydef *k = bnd_box_keys;
	     k->key != BND_BOX_NONE; k++)
		if (k->key != BND_BOX_BASE && k->key != BND_BOX_CWD &&
		    k->key != BND_BOX_PROFILES)
			ok(p.said[k->key], "says %s", k->name);
	q = p;
	memset(&p, 0, sizeof(p));
	ok(read_on("a.sbx", "mem 4G\nbind r /srv\n", BND_PLACE_PROFILE, &err) ==
		0,
	    "a profile without base may say more");
	bnd_box_profile_fill(&p, &q);
	is_int(p.num[BND_BOX_MEM], UINT64_C(4) << 30, "what it says holds");
	is_int(p.binds, 1, "its binds are all there are");
	p.num[BND_BOX_MEM] = q.num[BND_BOX_MEM];
	p.said[BND_BOX_BIND] = q.said[BND_BOX_BIND] = false;
	is_int(bnd_box_compare(&p, &q), BND_BOX_EQUAL,
	    "the rest is the default's");
}

int
main(void)
{
	struct bnd_err err = { 0 };

	if (bnd_box_pool_make(&pool, &err) != 0)
		bail(err.text);
	flaws();
	tightening();
	options();
	bases();
	round_trips();
	filling();
	bnd_box_pool_free(&pool);
	return tap_done();
}
