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

int
main(void)
{
	struct scratch sc;
	struct bnd_err err = { 0 };
	char good[LEN], path[128];
	unsigned passed = 0;
	struct stat st;
	int fd;

	scratch_make(&sc);
	snprintf(path, sizeof(path), "%s/" BND_FLOOR_PATH, sc.dir);
	is_int(
	    bnd_floor_get(&sc.root, &err), BND_LOCKDOWN, "no file is LOCKDOWN");
	if (bnd_root_mkdir(&sc.root, "var/lib/bnd", 0755, &err) != 0)
		bail(err.text);
	is_int(bnd_floor_make(&sc.root, &err), 0, "made");
	is_int(bnd_floor_get(&sc.root, &err), BND_MODE_NONE, "asks nothing");
	is_int(bnd_floor_set(&sc.root, BND_AIRGAP, &err), 0, "set");
	is_int(bnd_floor_get(&sc.root, &err), BND_AIRGAP, "and read");
	is_int(bnd_floor_set(&sc.root, BND_TRUSTED, &err), 0, "a laxer one");
	is_int(bnd_floor_get(&sc.root, &err), BND_AIRGAP, "lowers nothing");
	is_int(bnd_floor_set(&sc.root, BND_LOCKDOWN, &err), 0, "a stricter");
	is_int(bnd_floor_get(&sc.root, &err), BND_LOCKDOWN, "raises it");
	is_int(bnd_floor_set(&sc.root, BND_MODE_NONE, &err), 0, "cleared");
	is_int(bnd_floor_get(&sc.root, &err), BND_MODE_NONE, "asks nothing");
	ok(stat(path, &st) == 0 && st.st_size == LEN &&
		(st.st_mode & 07777) == 0600,
	    "one sector, its owner's");
	ok(!bnd_floor_is_frozen(&sc.root), "nothing is frozen");
	is_int(bnd_floor_set(&sc.root, BND_TRUSTED, &err), 0, "set");
	is_int(bnd_floor_freeze(&sc.root, true, &err), 0, "frozen");
	ok(bnd_floor_is_frozen(&sc.root) &&
		bnd_floor_get(&sc.root, &err) == BND_TRUSTED,
	    "beside the mode");
	is_int(bnd_floor_set(&sc.root, BND_MODE_NONE, &err), 0, "cleared");
	ok(bnd_floor_is_frozen(&sc.root), "the freeze stays");
	is_int(bnd_floor_set(&sc.root, BND_TRUSTED, &err), 0, "set");
	is_int(bnd_floor_freeze(&sc.root, false, &err), 0, "thawed");
	ok(!bnd_floor_is_frozen(&sc.root) &&
		bnd_floor_get(&sc.root, &err) == BND_TRUSTED,
	    "the mode stays");
	is_int(bnd_floor_set(&sc.root, BND_MODE_NONE, &err), 0, "cleared");
	fd = open(path, O_RDWR);
	if (fd < 0 || pread(fd, good, LEN, 0) != LEN)
		bail("read");
	for (size_t bit = 0; bit < LEN * 8; bit++) {
		char bad[LEN];

		memcpy(bad, good, LEN);
		bad[bit / 8] = (char)(bad[bit / 8] ^ (1 << (bit % 8)));
		if (pwrite(fd, bad, LEN, 0) != LEN)
			bail("write");
		passed += bnd_floor_get(&sc.root, NULL) != BND_LOCKDOWN;
	}
	is_int(passed, 0, "every flipped bit is LOCKDOWN");
	for (int len = 0; len < LEN; len++) {
		if (pwrite(fd, good, LEN, 0) != LEN || ftruncate(fd, len) != 0)
			bail("truncate");
		passed += bnd_floor_get(&sc.root, NULL) != BND_LOCKDOWN;
	}
	is_int(passed, 0, "every cut is LOCKDOWN");
	if (ftruncate(fd, LEN) != 0 || pwrite(fd, good, LEN, 0) != LEN)
		bail("write");
	is_int(bnd_floor_get(&sc.root, NULL), BND_MODE_NONE, "control");
	fchmod(fd, 0666);
	is_int(bnd_floor_get(&sc.root, NULL), BND_LOCKDOWN,
	    "writable by others is LOCKDOWN");
	is_int(bnd_floor_set(&sc.root, BND_AIRGAP, &err), 0,
	    "which is strict enough already");
	close(fd);
	scratch_remove(&sc);
	return tap_done();
}
