/* floor.c: what boot may not fall below, damaged in every way */
/* SPDX-License-Identifier: ISC */
#include "floor.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

#define LEN 512

static void
test_mode(const struct bnd_root *root, const char *path)
{
	struct bnd_err err = { 0 };
	struct stat st;

	is_int(bnd_floor_get(root, &err), BND_LOCKDOWN, "no file is LOCKDOWN");
	if (bnd_root_mkdir(root, "var/lib/bnd", 0755, &err) != 0)
		bail(err.text);
	is_int(bnd_floor_make(root, &err), 0, "made");
	is_int(bnd_floor_get(root, &err), BND_MODE_NONE, "asks nothing");
	is_int(bnd_floor_set(root, BND_AIRGAP, &err), 0, "set");
	is_int(bnd_floor_get(root, &err), BND_AIRGAP, "and read");
	is_int(bnd_floor_set(root, BND_TRUSTED, &err), 0, "a laxer one");
	is_int(bnd_floor_get(root, &err), BND_AIRGAP, "lowers nothing");
	is_int(bnd_floor_set(root, BND_LOCKDOWN, &err), 0, "a stricter");
	is_int(bnd_floor_get(root, &err), BND_LOCKDOWN, "raises it");
	is_int(bnd_floor_set(root, BND_MODE_NONE, &err), 0, "cleared");
	is_int(bnd_floor_get(root, &err), BND_MODE_NONE, "asks nothing");
	ok(stat(path, &st) == 0 && st.st_size == LEN &&
		(st.st_mode & 07777) == 0600,
	    "one sector, its owner's");
}

static void
test_freeze(const struct bnd_root *root)
{
	struct bnd_err err = { 0 };

	ok(!bnd_floor_is_frozen(root), "nothing is frozen");
	is_int(bnd_floor_set(root, BND_TRUSTED, &err), 0, "set");
	is_int(bnd_floor_freeze(root, true, &err), 0, "frozen");
	ok(bnd_floor_is_frozen(root) &&
		bnd_floor_get(root, &err) == BND_TRUSTED,
	    "beside the mode");
	is_int(bnd_floor_set(root, BND_MODE_NONE, &err), 0, "cleared");
	ok(bnd_floor_is_frozen(root), "the freeze stays");
	is_int(bnd_floor_set(root, BND_TRUSTED, &err), 0, "set");
	is_int(bnd_floor_freeze(root, false, &err), 0, "thawed");
	ok(!bnd_floor_is_frozen(root) &&
		bnd_floor_get(root, &err) == BND_TRUSTED,
	    "the mode stays");
	is_int(bnd_floor_set(root, BND_MODE_NONE, &err), 0, "cleared");
}

static void
test_damage(const struct bnd_root *root, const char *path)
{
	struct bnd_err err = { 0 };
	char good[LEN];
	unsigned passed = 0;
	int fd;

	fd = open(path, O_RDWR);
	if (fd < 0 || pread(fd, good, LEN, 0) != LEN)
		bail("read");
	for (size_t bit = 0; bit < LEN * 8; bit++) {
		char bad[LEN];

		memcpy(bad, good, LEN);
		bad[bit / 8] = (char)(bad[bit / 8] ^ (1 << (bit % 8)));
		if (pwrite(fd, bad, LEN, 0) != LEN)
			bail("write");
		passed += bnd_floor_get(root, NULL) != BND_LOCKDOWN;
	}
	is_int(passed, 0, "every flipped bit is LOCKDOWN");
	for (int len = 0; len < LEN; len++) {
		if (pwrite(fd, good, LEN, 0) != LEN || ftruncate(fd, len) != 0)
			bail("truncate");
		passed += bnd_floor_get(root, NULL) != BND_LOCKDOWN;
	}
	is_int(passed, 0, "every cut is LOCKDOWN");
	if (ftruncate(fd, LEN) != 0 || pwrite(fd, good, LEN, 0) != LEN)
		bail("write");
	is_int(bnd_floor_get(root, NULL), BND_MODE_NONE, "control");
	fchmod(fd, 0666);
	is_int(bnd_floor_get(root, NULL), BND_LOCKDOWN,
	    "writable by others is LOCKDOWN");
	is_int(bnd_floor_set(root, BND_AIRGAP, &err), 0,
	    "which is strict enough already");
	close(fd);
}

int
main(void)
{
	struct scratch sc;
	char path[128];

	scratch_make(&sc);
	snprintf(path, sizeof(path), "%s/" BND_FLOOR_PATH, sc.dir);
	test_mode(&sc.root, path);
	test_freeze(&sc.root);
	test_damage(&sc.root, path);
	scratch_remove(&sc);
	return tap_done();
}
