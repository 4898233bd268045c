/* box-hide: what is hidden is hidden by whatever name, alias, link or depth */
/* SPDX-License-Identifier: ISC */
#include "box-hide.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "tap.h"

static char top[] = "/tmp/bnd-test.XXXXXX";
static char secret[64], file[64];

static const char *
in(const char *name)
{
	static char path[8][4096];
	static unsigned i;
	char *p = path[i++ % 8];

	snprintf(p, sizeof(path[0]), "%s/%s", top, name);
	return p;
}

static void
dir(const char *name)
{
	if (mkdir(in(name), 0755) != 0)
		bail(name);
}

static void
touch(const char *name)
{
	int fd = open(in(name), O_CREAT | O_EXCL | O_WRONLY, 0644);

	if (fd < 0)
		bail(name);
	close(fd);
}

static void
over(const char *name, const char *at)
{
	if (mount(in(name), in(at), NULL, MS_BIND, NULL) != 0)
		bail(at);
}

static void
link_to(const char *text, const char *name, uid_t uid)
{
	if (symlink(text, in(name)) != 0 || lchown(in(name), uid, uid) != 0)
		bail(name);
}

static void
nest(const char *name, unsigned levels)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s", name);
	for (unsigned i = 0; i < levels; i++) {
		strncat(path, "/d", sizeof(path) - strlen(path) - 1);
		dir(path);
	}
}

static void
plant(void)
{
	if (unshare(CLONE_NEWNS) != 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mkdtemp(top) == NULL || mount("t", top, "tmpfs", 0, NULL) != 0)
		skip_kernel_all("no mounts of our own here");
	snprintf(secret, sizeof(secret), "%s/secret", top);
	snprintf(file, sizeof(file), "%s/file", top);
	dir("secret");
	dir("secret/below");
	nest("secret", 200);
	touch("file");
	dir("open");
	touch("open/x");
	dir("alias");
	over("secret", "alias");
	dir("work");
	dir("work/.git");
	dir("work/etc");
	dir("under");
	dir("under/mount");
	dir("fine");
	dir("fine/mount");
	over("secret", "under/mount");
	over("open", "fine/mount");
	if (link(file, in("open/hard")) != 0)
		bail("link");
	link_to("secret", "root-link", 0);
	link_to("secret", "user-link", 12345);
	link_to("loop", "loop", 0);
	dir("theirs");
	link_to("../secret", "theirs/root-link", 0);
	if (chmod(in("theirs"), 0777) != 0)
		bail("chmod");
}

static struct bnd_hide_set set;
static struct bnd_err err;

static const char *
judge(const char *path)
{
	struct bnd_path SCOPED_PATH at = { .fd = -1, .above = -1 };
	const char *why;
	bool below;

	if (bnd_path_open(-1, path, &at, &err) == -1)
		return err.kind == BND_E_DENIED ? "refused" : "error";
	switch (bnd_hide_find(&set, &at, &why, &below, &err)) {
	case 0:
		return "free";
	case 1:
		return below ? "below" : "contains";
	default:
		return "error";
	}
}

static void
hidden(void)
{
	char deep[1024] = "secret";
	static const struct {
		const char *name, *want, *what;
	} rows[] = {
		{ "open", "free", "another directory (control)" },
		{ "open/x", "free", "another file (control)" },
		{ "secret", "below", "the object itself" },
		{ "secret/below", "below", "what lies below" },
		{ "alias", "below", "X129: a bind-mounted alias of it" },
		{ "alias/below", "below", "X129: what lies below the alias" },
		{ "file", "below", "a file" },
		{ "open/hard", "below", "the file by another name" },
		{ "root-link", "below", "X129: a link of root's to it" },
		{ "root-link/below", "below", "XP-09: through the link" },
		{ "user-link", "refused", "X23: a link of a user's" },
		{ "user-link/below", "refused", "X23: through the link" },
		{ "theirs/root-link", "refused",
		    "a link of root's where others can put theirs" },
		{ "loop", "error", "a link to itself ends" },
		{ "open/..", "error", "X129: .. is no way" },
		{ ".", "contains", "what it lies in" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		is_str(
		    judge(in(rows[i].name)), rows[i].want, "%s", rows[i].what);
	for (unsigned i = 0; i < 200; i++)
		strncat(deep, "/d", sizeof(deep) - strlen(deep) - 1);
	is_str(judge(in(deep)), "below", "200 levels below");
	is_str(judge("/tmp"), "contains", "XP-09: the one above");
	is_str(judge("/"), "contains", "XP-09: /");
}

static int
submounts(const char *name)
{
	struct bnd_path SCOPED_PATH at = { .fd = -1, .above = -1 };

	if (bnd_path_open(-1, in(name), &at, &err) == -1)
		bail(name);
	return bnd_hide_submounts(&set, &at, name, &err);
}

static void
mounted_below(void)
{
	is_str(judge(in("under")), "free",
	    "what has a hidden thing mounted below is not hidden itself");
	is_int(submounts("under"), -1, "but not shown with its submounts");
	is_int(err.kind, BND_E_DENIED, "that is a no");
	is_int(submounts("fine"), 0, "another mount is (control)");
}

/* What w for src at /job is told, with more binds. */
static enum bnd_kind
protect(const char *what, const char *src, const char *over_it, unsigned rights)
{
	struct bnd_box_policy p = { .binds = 2 };
	struct bnd_path SCOPED_PATH at = { .fd = -1, .above = -1 };
	struct bnd_hide_set objects;

	p.protect.n = 1;
	p.protect.at[0] = what;
	p.bind[0] = (struct bnd_box_bind){
		.src = src, .dst = "/job", .rights = BND_BIND_R | BND_BIND_W
	};
	p.bind[1] = (struct bnd_box_bind){
		.src = "/usr", .dst = over_it, .rights = rights
	};
	if (bnd_path_open(-1, src, &at, &err) == -1 ||
	    bnd_hide_load(&p.protect, &objects, &err) == -1)
		bail(err.text);
	err = (struct bnd_err){ .kind = BND_E_NONE };
	if (bnd_hide_protect(&p, &p.bind[0], &objects, &at, &err) == 0)
		return BND_E_NONE;
	return err.kind;
}

static void protected(void)
{
	const unsigned r = BND_BIND_R, no = BND_E_DENIED, yes = BND_E_NONE;
	char work[64], etc[64], git[64];

	snprintf(work, sizeof(work), "%s/work", top);
	snprintf(etc, sizeof(etc), "%s/work/etc", top);
	snprintf(git, sizeof(git), "%s/work/.git", top);
	is_int(protect(".ssh", work, "/x", r), yes, "X36: nothing so called");
	is_int(protect(".git", work, "/x", r), no, "X36: a child so called");
	is_int(protect(".git", work, "/job/.git", r), yes,
	    "X36: a bind that cannot be written covers it");
	is_int(protect(".git", work, "/job/.git", r | BND_BIND_W), no,
	    "not one with w");
	is_int(protect(".git", work, "/job/.git", r | BND_BIND_OPTIONAL), no,
	    "X130: not one with ?");
	is_int(protect(".git", work, "/job/.gi", r), no, "not one beside it");
	is_int(protect(".git", work, "/other/.git", r), no, "nor elsewhere");
	is_int(protect(".git", git, "/x", r), no, "it is so called itself");
	is_int(protect("work", git, "/x", r), no, "a component is");
	is_int(protect("ork", git, "/x", r), yes, "a piece of one is not");
	is_int(protect(etc, work, "/x", r), no, "X36: it contains an object");
	is_int(protect(etc, work, "/job/etc", r), yes, "which is covered");
	is_int(protect(work, etc, "/job/etc", r), no,
	    "it lies below one: nothing lifts that");
	is_int(protect(work, work, "/job/etc", r), no, "it is one");
	is_int(protect("/", work, "/x", r), no, "COLDROOM: nothing with w");
	is_int(
	    protect("/nowhere", work, "/x", r), yes, "one that is not there");
}

/* The same objects by an alias, where no name tells what lies below. */
static void
protected_alias(void)
{
	char work[64], etc[64];

	dir("other");
	over("work", "other");
	snprintf(work, sizeof(work), "%s/other", top);
	snprintf(etc, sizeof(etc), "%s/work/etc", top);
	is_int(protect(etc, work, "/x", BND_BIND_R), BND_E_DENIED,
	    "an alias of what contains it");
}

int
main(void)
{
	struct bnd_box_names names = { .n = 3,
		.at = { secret, file, "/no/such/thing" } };

	if (geteuid() != 0)
		skip_all("only root mounts");
	plant();
	if (bnd_hide_load(&names, &set, &err) == -1)
		bail(err.text);
	hidden();
	mounted_below();
	protected();
	protected_alias();
	umount2(top, MNT_DETACH);
	rmdir(top);
	return tap_done();
}
