/* floor.c: the mode that boot may not fall below, kept where a full disk lets it */
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

/* "bnd-floor/1 MODE SUM", LF, blanks to the end. */
static void
pack(enum bnd_mode m, char buf[static FLOOR_LEN + 1])
{
	uint8_t sum[BND_HASH_LEN];
	char b64[BND_B64_LEN(BND_HASH_LEN) + 1], text[64];
	int n = snprintf(text, sizeof(text), HEAD " %s", bnd_mode_name(m));

	bnd_hash(PERSONAL, NULL, 0, text, (size_t)n, sum);
	bnd_text_to_b64(sum, sizeof(sum), b64);
	memset(buf, ' ', FLOOR_LEN);
	n = snprintf(buf, FLOOR_LEN, "%s %s\n", text, b64);
	buf[n] = ' ';
	buf[FLOOR_LEN - 1] = '\n';
	buf[FLOOR_LEN] = '\0';
}

int
bnd_floor_make(const struct bnd_root *root, struct bnd_err *err)
{
	char buf[FLOOR_LEN + 1];

	pack(BND_MODE_NONE, buf);
	return bnd_file_replace(
	    root, BND_FLOOR_PATH, buf, FLOOR_LEN, 0600, err);
}

enum bnd_mode
bnd_floor_get(const struct bnd_root *root, struct bnd_err *err)
{
	char buf[FLOOR_LEN], want[FLOOR_LEN + 1];
	size_t len;

	if (bnd_file_read(
		root, BND_FLOOR_PATH, 0077, buf, sizeof(buf), &len, err) != 0)
		return BND_LOCKDOWN;
	for (int m = BND_MODE_NONE; m <= BND_MODE_LAST; m++) {
		pack((enum bnd_mode)m, want);
		if (len == FLOOR_LEN && memcmp(buf, want, FLOOR_LEN) == 0)
			return (enum bnd_mode)m;
	}
	(void)bnd_fail(err, BND_E_CORRUPT, BND_FLOOR_PATH " is damaged");
	return BND_LOCKDOWN;
}

int
bnd_floor_set(const struct bnd_root *root, enum bnd_mode m, struct bnd_err *err)
{
	char buf[FLOOR_LEN + 1];
	SCOPED_FD int fd = -1;
	enum bnd_mode now = bnd_floor_get(root, NULL);

	if (m != BND_MODE_NONE && now >= m)
		return 0;
	if (now == m)
		return 0;
	fd = bnd_root_openat(root, BND_FLOOR_PATH, O_WRONLY, 0, err);
	if (fd < 0 ||
	    bnd_root_check_file(root, fd, BND_FLOOR_PATH, 0077, err) != 0)
		return -1;
	pack(m, buf);
	if (pwrite(fd, buf, FLOOR_LEN, 0) != FLOOR_LEN || fdatasync(fd) != 0)
		return bnd_fail_errno(err, "cannot write " BND_FLOOR_PATH);
	return 0;
}
