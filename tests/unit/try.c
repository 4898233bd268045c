/* unit/try: what was tried is read back, and every doubt about it ends it */
/* SPDX-License-Identifier: ISC */
#include "try.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

#define LIST "version 1\nin RESTRICTED proto=tcp dport=22\n"
#define BOOT "0123456789abcdef0123456789abcdef"

static struct scratch sc;
static struct bnd_listfile *file;
static const struct bnd_try a_try = {
	.until_us = 7000000, .gen = 5, .mode = BND_TRUSTED, .boot = BOOT
};

static size_t
packed(char *buf)
{
	struct bnd_err err = { 0 };
	size_t len = 0;

	if (bnd_try_pack(&a_try, (struct bnd_str){ LIST, strlen(LIST) }, buf,
		&len, &err) != 0)
		bail("cannot pack");
	return len;
}

static void
check_bytes(void)
{
	char buf[BND_TRY_HEAD + sizeof(LIST)], other[sizeof(buf)];
	struct bnd_str list = { NULL, 0 };
	struct bnd_err err = { 0 };
	size_t len = packed(buf), i;
	unsigned passed = 0;
	struct bnd_try t;

	ok(bnd_try_unpack((struct bnd_str){ buf, len }, &t, &list, &err) == 0,
	    "what was packed is read");
	ok(t.until_us == a_try.until_us && t.gen == a_try.gen &&
		t.mode == a_try.mode && strcmp(t.boot, a_try.boot) == 0,
	    "as it was");
	ok(list.len == strlen(LIST) && memcmp(list.p, LIST, list.len) == 0,
	    "with the very bytes of the list");
	for (i = 0; i < len; i++) {
		memcpy(other, buf, len);
		other[i] = (char)(other[i] ^ 1);
		passed += bnd_try_unpack((struct bnd_str){ other, len }, &t,
			      &list, NULL) == 0;
		passed += bnd_try_unpack(
			      (struct bnd_str){ buf, i }, &t, &list, NULL) == 0;
	}
	is_int(passed, 0, "no byte changed, no end cut off");
	buf[len] = '\n';
	ok(bnd_try_unpack((struct bnd_str){ buf, len + 1 }, &t, &list, NULL) ==
		-1,
	    "nor one added");
}

static void
check_live(void)
{
	struct bnd_state s = { .gen = 5,
		.mode = BND_TRUSTED,
		.effective = BND_TRUSTED,
		.phase = BND_STABLE };
	struct bnd_now now = { .boot_us = 6999999, .boot = BOOT };
	struct bnd_try t = a_try;

	ok(bnd_try_is_live(&t, &s, &now), "live until its time");
	now.real_us = INT64_MAX;
	ok(bnd_try_is_live(&t, &s, &now), "whatever the wall clock says");
	now.boot_us = 7000000;
	ok(!bnd_try_is_live(&t, &s, &now), "then over");
	now.boot_us = 6999999;
	t.until_us += BND_TRY_MAX_S * UINT64_C(1000000);
	ok(!bnd_try_is_live(&t, &s, &now), "none is longer than it may be");
	t.until_us = UINT64_MAX;
	ok(!bnd_try_is_live(&t, &s, &now), "not for ever either");
	t = a_try;
	t.boot[0] = 'f';
	ok(!bnd_try_is_live(&t, &s, &now), "nor after a reboot");
	t = a_try;
	s.gen = 6;
	ok(!bnd_try_is_live(&t, &s, &now), "nor after a transaction");
	s.gen = 5;
	s.effective = BND_AIRGAP;
	ok(!bnd_try_is_live(&t, &s, &now), "nor once something else is due");
	s.effective = BND_TRUSTED;
	s.phase = BND_ENTERING;
	ok(!bnd_try_is_live(&t, &s, &now), "nor during a transaction");
	s.phase = BND_STABLE;
	s.mode = s.effective = BND_RESTRICTED;
	ok(!bnd_try_is_live(&t, &s, &now), "nor in another mode");
}

static void
check_file(void)
{
	char path[200];
	struct bnd_err err = { 0 };
	struct bnd_try t;

	(void)snprintf(path, sizeof(path), "%s/" BND_TRY_PATH, sc.dir);
	ok(bnd_try_load(&sc.root, &t, file, &err) == -1 && err.errnum == ENOENT,
	    "nothing is tried");
	if (bnd_root_mkdir(&sc.root, "run/bnd/net", 0700, &err) != 0 ||
	    bnd_listfile_take((struct bnd_str){ LIST, strlen(LIST) }, "list",
		file, &err) != 0)
		bail("cannot begin");
	ok(bnd_try_store(&sc.root, &a_try, file, &err) == 0, "it is kept");
	bnd_listfile_empty(file);
	ok(bnd_try_load(&sc.root, &t, file, &err) == 0 &&
		t.until_us == a_try.until_us && file->list.lines == 1,
	    "and read");
	if (chmod(path, 0666) != 0)
		bail("chmod");
	ok(bnd_try_load(&sc.root, &t, file, &err) == -1 &&
		err.kind == BND_E_UNSAFE && file->list.lines == 0,
	    "not if others may write it, and then it allows nothing");
	ok(bnd_try_drop(&sc.root, &err) == 0 && access(path, F_OK) == -1 &&
		bnd_try_drop(&sc.root, &err) == 0,
	    "it can be dropped, twice");
}

int
main(void)
{
	struct bnd_err err = { 0 };

	file = calloc(1, sizeof(*file));
	scratch_make(&sc);
	if (file == NULL || bnd_sign_init(&err) != 0)
		bail("cannot begin");
	check_bytes();
	check_live();
	check_file();
	free(file);
	scratch_remove(&sc);
	return tap_done();
}
