/* box-mounts: lines of mountinfo, and lines that are none */
/* SPDX-License-Identifier: ISC */
#include "box-mounts.h"

#include "tap.h"

static struct bnd_mount_line m;

static bool
parse(const char *text)
{
	return bnd_mount_parse((struct bnd_str){ text, strlen(text) }, &m);
}

static void
good(void)
{
	ok(parse("36 35 98:0 /mnt1 /a\\040b rw,noatime master:1 shared:2 - "
		 "ext3 /dev/root rw,errors=continue"),
	    "a line with two propagation fields");
	is_int(m.id, 36, "its id");
	is_int(m.parent, 35, "its parent");
	is_str(m.root, "/mnt1", "its root");
	is_str(m.point, "/a b", "its place, decoded");
	ok(m.shared, "it has propagation");
	ok(bnd_str_is(m.fstype, "ext3"), "its type");
	ok(bnd_mount_has(m.options, "noatime"), "an option");
	ok(bnd_mount_has(m.options, "rw"), "the first option");
	ok(!bnd_mount_has(m.options, "atime"), "not a piece of one");
	ok(!bnd_mount_has(m.options, "errors=continue"),
	    "not the file system's");
	ok(parse("1 1 0:2 / / ro - tmpfs none rw") && !m.shared,
	    "a line with none");
}

static void
bad(void)
{
	static const char *const rows[] = {
		"",
		"36",
		"36 35 98:0 / /x rw",
		"36 35 98:0 / /x rw shared:1",
		"36 35 98:0 / /x rw -",
		"x 35 98:0 / /x rw - ext3 a rw",
		"36 -1 98:0 / /x rw - ext3 a rw",
		"36 35 98:0 / /x\\000y rw - ext3 a rw",
	};
	static char line[2 * BND_MOUNT_PATH];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ok(!parse(rows[i]), "none: \"%s\"", rows[i]);
	memset(line, 'x', sizeof(line) - 1);
	memcpy(line, "36 35 98:0 / /", 14);
	memcpy(line + 14 + BND_MOUNT_PATH, " rw - ext3 a rw", 16);
	ok(!parse(line), "none: a path that does not fit");
}

int
main(void)
{
	good();
	bad();
	return tap_done();
}
