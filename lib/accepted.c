/* accepted.c: the list file, and the copy of the one accepted last */
/* SPDX-License-Identifier: ISC */
#include "accepted.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "scope.h"

/*
 * The copy begins with the digest of the rest, so that it is replaced with it
 * in one rename.  This keeps accidents out, not root.
 */
#define HEAD	  "bnd-list/1 "
#define HEAD_LEN  (sizeof(HEAD) - 1 + 2 * BND_HASH_LEN + 1)
#define PERSONAL  "bnd-net-list-v1"
#define FORBIDDEN 0133

void
bnd_listfile_empty(struct bnd_listfile *file)
{
	file->list.lines = 0;
	file->report.errors = file->report.notes = 0;
	file->len = 0;
	bnd_hash(PERSONAL, NULL, 0, "", 0, file->digest);
}

static void
file_note(struct bnd_listfile *file, const struct bnd_err *err)
{
	struct bnd_list_note *n = &file->report.note[0];

	file->report.errors = file->report.notes = 1;
	*n = (struct bnd_list_note){
		.code = BND_LIST_FILE, .line = 1, .col = 1
	};
	bnd_text_show((struct bnd_str){ err->text, strlen(err->text) },
	    n->reason, sizeof(n->reason));
}

/* file->text holds len bytes, which are all that is ever looked at. */
static int
judge(struct bnd_listfile *file, const char *name, struct bnd_err *err)
{
	const struct bnd_list_note *n = &file->report.note[0];
	struct bnd_str text = { file->text, file->len };

	bnd_hash(PERSONAL, NULL, 0, file->text, file->len, file->digest);
	if (bnd_netlist_parse(text, &file->list, &file->report) == 0)
		return 0;
	return bnd_fail(err, BND_E_INPUT, "/%s:%u:%u: %s (%u in all)", name,
	    n->line, n->col, n->reason, file->report.errors);
}

static int
take(int fd, const char *name, struct bnd_listfile *file, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	/* A file that is too long fills the buffer: the parser says where. */
	if (bnd_file_read_fd(fd, name, file->text, sizeof(file->text),
		&file->len, &why) != 0 &&
	    why.kind != BND_E_INPUT) {
		bnd_listfile_empty(file);
		file_note(file, &why);
		return bnd_fail(err, why.kind, "%s", why.text);
	}
	return judge(file, name, err);
}

int
bnd_listfile_read(const struct bnd_root *root, const char *path,
    struct bnd_listfile *file, struct bnd_err *err)
{
	const char *name = path != NULL ? path : BND_LIST_PATH;
	struct bnd_err why = { 0 };
	SCOPED_FD int fd = bnd_root_open_trusted(root, name, FORBIDDEN, &why);

	bnd_listfile_empty(file);
	if (fd >= 0)
		return take(fd, name, file, err);
	if (why.errnum == ENOENT)
		return 0;
	file_note(file, &why);
	/* A link, a FIFO or a device in its place is no list either. */
	(void)bnd_fail(err, BND_E_UNSAFE, "%s", why.text);
	return -1;
}

int
bnd_listfile_take(struct bnd_str text, const char *name,
    struct bnd_listfile *file, struct bnd_err *err)
{
	bnd_listfile_empty(file);
	if (text.len > BND_LIST_SIZE)
		return bnd_fail(err, BND_E_INPUT, "/%s is too long", name);
	memcpy(file->text, text.p, text.len);
	file->len = text.len;
	return judge(file, name, err);
}

/* -1 with a note E_FILE, whatever was wrong with it. */
int
bnd_listfile_lint(
    const char *path, struct bnd_listfile *file, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	SCOPED_FD int fd = bnd_file_open_regular(path, &why);

	bnd_listfile_empty(file);
	if (fd >= 0)
		return take(fd, path, file, err);
	file_note(file, &why);
	return bnd_fail(err, why.kind, "%s", why.text);
}

static int
unlike(struct bnd_listfile *file, struct bnd_err *err)
{
	bnd_listfile_empty(file);
	return bnd_fail(err, BND_E_CORRUPT,
	    "/" BND_ACCEPTED_PATH " is not what its digest says");
}

/* Split head and bytes in place. */
static int
check_copy(struct bnd_listfile *file, const char *copy, size_t len,
    struct bnd_err *err)
{
	uint8_t want[BND_HASH_LEN];
	struct bnd_str hex = { copy + strlen(HEAD), 2 * (size_t)BND_HASH_LEN };

	if (len < HEAD_LEN || memcmp(copy, HEAD, strlen(HEAD)) != 0 ||
	    copy[HEAD_LEN - 1] != '\n' ||
	    !bnd_text_from_hex(hex, want, sizeof(want)))
		return unlike(file, err);
	file->len = len - HEAD_LEN;
	memcpy(file->text, copy + HEAD_LEN, file->len);
	bnd_hash(PERSONAL, NULL, 0, file->text, file->len, file->digest);
	if (!bnd_same(file->digest, want, sizeof(want)))
		return unlike(file, err);
	if (file->len == 0)
		return 0;
	return judge(file, BND_ACCEPTED_PATH, err);
}

int
bnd_accepted_load(
    const struct bnd_root *root, struct bnd_listfile *file, struct bnd_err *err)
{
	SCOPED_FREE char *copy = malloc(HEAD_LEN + BND_LIST_SIZE);
	size_t len;

	bnd_listfile_empty(file);
	if (copy == NULL)
		return bnd_fail_errno(err, "cannot read the accepted list");
	if (bnd_file_read(root, BND_ACCEPTED_PATH, FORBIDDEN, copy,
		HEAD_LEN + BND_LIST_SIZE, &len, err) != 0)
		return -1;
	return check_copy(file, copy, len, err);
}

int
bnd_accepted_store(const struct bnd_root *root, const struct bnd_listfile *file,
    struct bnd_err *err)
{
	SCOPED_FREE char *copy = malloc(HEAD_LEN + BND_LIST_SIZE);
	char hex[2 * BND_HASH_LEN + 1];

	if (copy == NULL)
		return bnd_fail_errno(err, "cannot keep the accepted list");
	bnd_text_to_hex(file->digest, sizeof(file->digest), hex);
	(void)snprintf(copy, HEAD_LEN, "%s%s", HEAD, hex);
	copy[HEAD_LEN - 1] = '\n';
	memcpy(copy + HEAD_LEN, file->text, file->len);
	if (bnd_root_mkdir(root, "run/bnd/net", 0700, err) != 0)
		return -1;
	return bnd_file_replace(
	    root, BND_ACCEPTED_PATH, copy, HEAD_LEN + file->len, 0600, err);
}

int
bnd_list_for_apply(const struct bnd_root *root, struct bnd_listfile *file,
    struct bnd_list_report *wrong, struct bnd_err *err)
{
	struct bnd_err ignored = { 0 };

	wrong->errors = wrong->notes = 0;
	if (bnd_listfile_read(root, NULL, file, err) == 0)
		return 0;
	*wrong = file->report;
	/* Nothing accepted, or not that any more, is the empty list. */
	(void)!bnd_accepted_load(root, file, &ignored);
	return -1;
}

bool
bnd_list_is_edited(
    const struct bnd_root *root, const struct bnd_listfile *accepted)
{
	SCOPED_FREE struct bnd_listfile *now = malloc(sizeof(*now));
	struct bnd_err err = { 0 };

	return now == NULL || bnd_listfile_read(root, NULL, now, &err) != 0 ||
	    !bnd_same(now->digest, accepted->digest, sizeof(now->digest));
}
