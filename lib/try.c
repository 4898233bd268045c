/* try.c: a list that is in force for a while, unless it is confirmed */
/* SPDX-License-Identifier: ISC */
/*
 * The file holds the very bytes that are tried, so that what is confirmed is
 * what was looked at, whatever became of the file they came from.  Every doubt
 * about it (cut, edited, of another boot, a deadline further away than any can
 * be, another state) means that nothing is tried: the accepted list counts.
 */
#include "try.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "scope.h"

#define HEAD	  "bnd-try/1 "
#define PERSONAL  "bnd-net-try-v1"
#define FORBIDDEN 0133
#define TIME_MAX  ((uint64_t)1 << 53)

int
bnd_try_pack(const struct bnd_try *t, struct bnd_str list, char *buf,
    size_t *len, struct bnd_err *err)
{
	const size_t first = strlen(HEAD) + 2 * BND_HASH_LEN + 1;
	char hex[2 * BND_HASH_LEN + 1];
	uint8_t digest[BND_HASH_LEN];
	int n = snprintf(buf + first, BND_TRY_HEAD - first,
	    "boot %s\nuntil %" PRIu64 "\ngen %" PRIu64 "\nmode %s\nlist\n",
	    t->boot, t->until_us, t->gen, bnd_mode_name(t->mode));

	if (n < 0 || (size_t)n >= BND_TRY_HEAD - first)
		return bnd_fail(err, BND_E_INPUT, "too long to be tried");
	memcpy(buf + first + n, list.p, list.len);
	*len = first + (size_t)n + list.len;
	bnd_hash(PERSONAL, NULL, 0, buf + first, *len - first, digest);
	bnd_text_to_hex(digest, sizeof(digest), hex);
	memcpy(buf, HEAD, strlen(HEAD));
	memcpy(buf + strlen(HEAD), hex, 2 * BND_HASH_LEN);
	buf[first - 1] = '\n';
	return 0;
}

/* The line that begins with that word; *value is the rest of it. */
static bool
line(struct bnd_str *rest, const char *word, struct bnd_str *value)
{
	bool whole = false;

	return bnd_text_line(rest, value, &whole) && whole &&
	    bnd_text_take(value, word);
}

static bool
is_signed(struct bnd_str *rest)
{
	uint8_t want[BND_HASH_LEN], have[BND_HASH_LEN];
	struct bnd_str hex;

	if (!line(rest, HEAD, &hex) ||
	    !bnd_text_from_hex(hex, want, sizeof(want)))
		return false;
	bnd_hash(PERSONAL, NULL, 0, rest->p, rest->len, have);
	return bnd_same(want, have, sizeof(want));
}

static bool
parse(struct bnd_str *rest, struct bnd_try *t)
{
	uint8_t bin[BND_BOOT_ID_LEN / 2];
	struct bnd_str v;

	return line(rest, "boot ", &v) &&
	    bnd_text_from_hex(v, bin, sizeof(bin)) &&
	    bnd_str_copy(v, t->boot, sizeof(t->boot)) &&
	    line(rest, "until ", &v) &&
	    bnd_text_u64(v, TIME_MAX, &t->until_us) && line(rest, "gen ", &v) &&
	    bnd_text_u64(v, TIME_MAX, &t->gen) && line(rest, "mode ", &v) &&
	    bnd_mode_parse_exact(v, &t->mode) && line(rest, "list", &v) &&
	    v.len == 0;
}

int
bnd_try_unpack(struct bnd_str text, struct bnd_try *t, struct bnd_str *list,
    struct bnd_err *err)
{
	*t = (struct bnd_try){ 0 };
	if (!is_signed(&text) || !parse(&text, t))
		return bnd_fail(err, BND_E_CORRUPT,
		    "/" BND_TRY_PATH " is not what its digest says");
	*list = text;
	return 0;
}

bool
bnd_try_is_live(const struct bnd_try *t, const struct bnd_state *s,
    const struct bnd_now *now)
{
	return strcmp(t->boot, now->boot) == 0 && now->boot_us < t->until_us &&
	    t->until_us - now->boot_us <= BND_TRY_MAX_S * UINT64_C(1000000) &&
	    s->phase == BND_STABLE && s->gen == t->gen && s->mode == t->mode &&
	    s->effective == t->mode;
}

int
bnd_try_load(const struct bnd_root *root, struct bnd_try *t,
    struct bnd_listfile *file, struct bnd_err *err)
{
	const size_t size = BND_TRY_HEAD + BND_LIST_SIZE;
	SCOPED_FREE char *buf = malloc(size);
	struct bnd_str list = { NULL, 0 };
	size_t len = 0;

	*t = (struct bnd_try){ 0 };
	bnd_listfile_empty(file);
	if (buf == NULL)
		return bnd_fail_errno(err, "cannot read what is tried");
	if (bnd_file_read(
		root, BND_TRY_PATH, FORBIDDEN, buf, size, &len, err) == -1)
		return -1;
	if (bnd_try_unpack((struct bnd_str){ buf, len }, t, &list, err) == -1)
		return -1;
	return bnd_listfile_take(list, BND_TRY_PATH, file, err);
}

int
bnd_try_store(const struct bnd_root *root, const struct bnd_try *t,
    const struct bnd_listfile *file, struct bnd_err *err)
{
	const struct bnd_str list = { file->text, file->len };
	SCOPED_FREE char *buf = malloc(BND_TRY_HEAD + file->len);
	size_t len = 0;

	if (buf == NULL)
		return bnd_fail_errno(err, "cannot keep what is tried");
	if (bnd_try_pack(t, list, buf, &len, err) == -1)
		return -1;
	return bnd_file_replace(root, BND_TRY_PATH, buf, len, 0600, err);
}

int
bnd_try_drop(const struct bnd_root *root, struct bnd_err *err)
{
	return bnd_file_unlink(root, BND_TRY_PATH, err);
}
