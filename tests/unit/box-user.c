/* box-user.c: names and numbers of users, as the files of a host have them */
/* SPDX-License-Identifier: ISC */
#include "box-user.h"

#include <string.h>

#include "scratch.h"
#include "tap.h"

static struct scratch sc;

static void
put(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/etc/%s", sc.dir, name);
	f = fopen(path, "w");
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0 ||
	    chmod(path, 0644) != 0)
		bail("no scratch file");
}

/* "UID:GID GROUP..." of a user, or "-" */
static const char *
found(const char *word)
{
	static char text[16 * BND_USER_GROUPS];
	static struct bnd_box_user u;
	struct bnd_err err = { 0 };
	size_t n;

	if (bnd_box_user_find(&sc.root, word, &u, &err) != 0)
		return err.kind == BND_E_INPUT && err.text[0] != '\0' ? "-"
								      : "?";
	n = (size_t)snprintf(text, sizeof(text), "%u:%u", u.uid, u.gid);
	for (size_t i = 0; i < u.groups; i++)
		n += (size_t)snprintf(
		    text + n, sizeof(text) - n, " %u", u.group[i]);
	return text;
}

static const struct {
	const char *word, *want;
} rows[] = {
	{ "alice", "1001:100 100 7 9" },
	{ "1001", "1001:100 100 7 9" },
	{ "bob", "1002:1002 1002" },
	{ "many", "1005:5 5 9" },
	/* The first line is the one. */
	{ "twice", "1006:1 1" },
	{ "1002", "1002:1002 1002" },
	/* Numbers are numbers. */
	{ "1007", "-" },
	{ "01001", "-" },
	{ "+1001", "-" },
	{ "1001 ", "-" },
	{ "4294967295", "-" },
	{ "4294968297", "-" }, /* 1001 and 2^32 */
	/* Root is nobody's user, by whatever name. */
	{ "root", "-" },
	{ "0", "-" },
	{ "toor", "-" },
	{ "0:5", "-" },
	/* No such thing. */
	{ "", "-" },
	{ "alic", "-" },
	{ "alice2", "-" },
	{ "ALICE", "-" },
	{ "short", "-" },
	{ "nouid", "-" },
	{ "badgid", "-" },
	{ "+", "-" },
	{ "+nis", "-" },
	{ "alice\n", "-" },
	{ "alice:x", "-" },
	/* Without the files. */
	{ "1001:100", "1001:100 100" },
	{ "5:6,7,6,8", "5:6 6 7 8" },
	{ "5:0", "5:0 0" },
	{ "5:", "-" },
	{ "5:6,", "-" },
	{ "5:,6", "-" },
	{ "5:6:7", "-" },
	{ "5:x", "-" },
	{ ":6", "-" },
	{ ":", "-" },
	{ "alice:100", "-" },
	{ "4294967294:4294967294", "4294967294:4294967294 4294967294" },
	{ "4294967295:1", "-" },
	{ "1:4294967295", "-" },
};

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
			     "toor:x:0:0::/:/bin/sh\n"
			     "short:x:1010\n"
			     "nouid:x::5:::\n"
			     "badgid:x:1011:-1:::\n"
			     "+nis::::::\n"
			     "+::::::\n"
			     ":x:1012:5:::\n"
			     "alice:x:1001:100::/:/bin/sh\n"
			     "bob:x:1002:1002::/:/bin/sh\n"
			     "1007:x:1008:1:::\n"
			     "twice:x:1006:1:::\n"
			     "twice:x:1009:2:::\n"
			     "many:x:1005:5:::";
static const char group[] = "wheel:x:7:bob2,alice,carol\n"
			    "own:x:100:alice\n"
			    "no:x:8:alice2,malice,alic\n"
			    "all:x:9:many,alice\n"
			    "none:x:10:\n"
			    "bad:x:-1:alice\n"
			    "short:x:11\n";

/* As many as there may be, and one more. */
static void
test_bound(void)
{
	static char text[BND_USER_GROUPS * 32];
	size_t n = 0;

	for (unsigned i = 0; i < BND_USER_GROUPS - 1; i++)
		n += (size_t)snprintf(
		    text + n, sizeof(text) - n, "g%u:x:%u:bob\n", i, 2000 + i);
	put("group", text);
	ok(strncmp(found("bob"), "1002:1002 1002 2000 ", 20) == 0,
	    "as many groups as there may be");
	snprintf(text + n, sizeof(text) - n, "one:x:1999:bob\n");
	put("group", text);
	is_str(found("bob"), "-", "one more is an error, none is left out");
}

static void
test_files(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/etc/group", sc.dir);
	chmod(path, 0666);
	is_str(found("bob"), "?", "a file that anybody writes is not believed");
	remove(path);
	is_str(found("bob"), "?", "nor is one that is not there empty");
	is_str(found("5:6"), "5:6 6", "numbers need neither");
}

int
main(void)
{
	char path[128];

	scratch_make(&sc);
	snprintf(path, sizeof(path), "%s/etc", sc.dir);
	mkdir(path, 0755);
	put("passwd", passwd);
	put("group", group);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		is_str(found(rows[i].word), rows[i].want, "row %zu", i);
	test_bound();
	test_files();
	scratch_remove(&sc);
	return tap_done();
}
