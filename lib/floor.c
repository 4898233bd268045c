/* floor.c: what boot must keep, where a full disk lets it be written */
/* SPDX-License-Identifier: ISC */
#include "floor.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "scope.h"
#include "sign.h"
#include "text.h"

#define HEAD	  "bnd-floor/1"
#define PERSONAL  "bnd-floor-v1"
#define FLOOR_LEN 512 /* one sector: written whole or not at all */

/* What it says: both only ever hold the host back. */
struct floor {
	enum bnd_mode mode;
	bool frozen;
};

/* LOCKDOWN takes as many people to leave as a freeze does. */
static const struct floor damaged = { BND_LOCKDOWN, false };

/* "bnd-floor/1 MODE [frozen ]SUM", LF, blanks to the end. */
static void
pack(struct floor f, char buf[static FLOOR_LEN + 1])
{
	uint8_t sum[BND_HASH_LEN];
	char b64[BND_B64_LEN(BND_HASH_LEN) + 1], text[64];
	int n = snprintf(text, sizeof(text), HEAD " %s%s",
	    bnd_mode_name(f.mode), f.frozen ? " frozen" : "");

	bnd_hash(PERSONAL, NULL, 0, text, (size_t)n, sum);
	bnd_text_to_b64(sum, sizeof(sum), b64);
	memset(buf, ' ', FLOOR_LEN);
	n = snprintf(buf, FLOOR_LEN, "%s %s\n", text, b64);
	buf[n] = ' ';
	buf[FLOOR_LEN - 1] = '\n';
	buf[FLOOR_LEN] = '\0';
}

static struct floor
get(const struct bnd_root *root, struct bnd_err *err)
{
	char buf[FLOOR_LEN], want[FLOOR_LEN + 1];
	struct floor f;
	size_t len;

	if (bnd_file_read(
		root, BND_FLOOR_PATH, 0077, buf, sizeof(buf), &len, err) != 0)
		return damaged;
	for (int i = 0; i < 2 * (BND_MODE_LAST + 1); i++) {
		f = (struct floor){ (enum bnd_mode)(i / 2), i % 2 != 0 };
		pack(f, want);
		if (len == FLOOR_LEN && memcmp(buf, want, FLOOR_LEN) == 0)
			return f;
	}
	(void)bnd_fail(err, BND_E_CORRUPT, BND_FLOOR_PATH " is damaged");
	return damaged;
}

static int
put(const struct bnd_root *root, struct floor f, struct bnd_err *err)
{
	char buf[FLOOR_LEN + 1];
	SCOPED_FD int fd =
	    bnd_root_openat(root, BND_FLOOR_PATH, O_WRONLY, 0, err);

	if (fd < 0 ||
	    bnd_root_check_file(root, fd, BND_FLOOR_PATH, 0077, err) != 0)
		return -1;
	pack(f, buf);
	if (pwrite(fd, buf, FLOOR_LEN, 0) != FLOOR_LEN || fdatasync(fd) != 0)
		return bnd_fail_errno(err, "cannot write " BND_FLOOR_PATH);
	return 0;
}

int
bnd_floor_make(const struct bnd_root *root, struct bnd_err *err)
{
	char buf[FLOOR_LEN + 1];

	pack((struct floor){ BND_MODE_NONE, false }, buf);
	return bnd_file_replace(
	    root, BND_FLOOR_PATH, buf, FLOOR_LEN, 0600, err);
}

enum bnd_mode
bnd_floor_get(const struct bnd_root *root, struct bnd_err *err)
{
	return get(root, err).mode;
}

int
bnd_floor_set(const struct bnd_root *root, enum bnd_mode m, struct bnd_err *err)
{
	struct floor f = get(root, NULL);

	if (m == f.mode || (m != BND_MODE_NONE && f.mode > m))
		return 0;
	f.mode = m;
	return put(root, f, err);
}

bool
bnd_floor_is_frozen(const struct bnd_root *root)
{
	return get(root, NULL).frozen;
}

int
bnd_floor_freeze(const struct bnd_root *root, bool frozen, struct bnd_err *err)
{
	struct floor f = get(root, NULL);

	if (f.frozen == frozen)
		return 0;
	f.frozen = frozen;
	return put(root, f, err);
}
