/* box-user.c: for whom a run is: with whose rights its files are opened */
/* SPDX-License-Identifier: ISC */
/*
 * The files are read as they are, without the name services of the C library: a
 * static program would load whatever they name, and obey variables of its
 * caller's.
 */
#include "box-user.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "scope.h"
#include "text.h"

#define FILE_MAX (4 << 20)
#define WRITABLE 0022
#define ID_MAX	 (UINT32_MAX - 1) /* the last one is "none" */
#define FIELDS	 4		  /* of either file, from the first */

/* passwd(5): name, password, uid, gid; group(5): name, password, gid, members */
struct entry {
	struct bnd_str field[FIELDS];
};

/* The first of rest up to c, and rest behind it; false: nothing is left. */
static bool
next(struct bnd_str *rest, char c, struct bnd_str *field)
{
	if (rest->p == NULL)
		return false;
	*field = bnd_str_until(*rest, c);
	*rest = field->len < rest->len ? bnd_str_from(*rest, field->len + 1)
				       : (struct bnd_str){ NULL, 0 };
	return true;
}

static bool
is_entry(struct bnd_str line, struct entry *e)
{
	for (size_t i = 0; i < FIELDS; i++)
		if (!next(&line, ':', &e->field[i]))
			return false;
	return e->field[0].len > 0;
}

static bool
is_id(struct bnd_str s, uint32_t *id)
{
	uint64_t n;

	if (!bnd_text_u64(s, ID_MAX, &n))
		return false;
	*id = (uint32_t)n;
	return true;
}

bool
bnd_box_user_has(const struct bnd_box_user *user, gid_t gid)
{
	for (size_t i = 0; i < user->groups; i++)
		if (user->group[i] == gid)
			return true;
	return false;
}

static int
add_group(struct bnd_box_user *user, gid_t gid, struct bnd_err *err)
{
	if (bnd_box_user_has(user, gid))
		return 0;
	if (user->groups == BND_USER_GROUPS)
		return bnd_fail(err, BND_E_INPUT,
		    "user %u is in more than %d groups", (unsigned)user->uid,
		    BND_USER_GROUPS);
	user->group[user->groups++] = gid;
	return 0;
}

/* UID:GID[,GID...] */
static int
take_ids(struct bnd_str word, struct bnd_box_user *user, struct bnd_err *err)
{
	struct bnd_str uid = { NULL, 0 }, gid;
	uint32_t id;

	if (!next(&word, ':', &uid) || !is_id(uid, &user->uid) ||
	    word.p == NULL)
		return bnd_fail(err, BND_E_INPUT,
		    "--for takes NAME, UID or UID:GID,GID...");
	while (next(&word, ',', &gid)) {
		if (!is_id(gid, &id))
			return bnd_fail(err, BND_E_INPUT,
			    "--for %u: not a group id: %.*s",
			    (unsigned)user->uid,
			    (int)(gid.len < 40 ? gid.len : 40), gid.p);
		if (user->groups == 0)
			user->gid = id;
		if (add_group(user, id, err) == -1)
			return -1;
	}
	return 0;
}

static int
read_file(const struct bnd_root *root, const char *path, char *buf,
    struct bnd_str *text, struct bnd_err *err)
{
	text->p = buf;
	return bnd_file_read(
	    root, path, WRITABLE, buf, FILE_MAX, &text->len, err);
}

/* The first line that is his, as for everybody else who reads the file. */
static int
take_account(struct bnd_str passwd, struct bnd_str word,
    struct bnd_box_user *user, struct bnd_str *name, struct bnd_err *err)
{
	struct bnd_str line;
	struct entry e;
	uint32_t uid = 0;
	bool number = is_id(word, &uid), whole;
	char shown[64];

	while (bnd_text_line(&passwd, &line, &whole)) {
		if (!is_entry(line, &e) || !is_id(e.field[2], &user->uid) ||
		    !is_id(e.field[3], &user->gid))
			continue;
		*name = e.field[0];
		if (number ? user->uid == uid
			   : name->len == word.len &&
			    memcmp(name->p, word.p, word.len) == 0)
			return add_group(user, user->gid, err);
	}
	bnd_text_show(word, shown, sizeof(shown));
	return bnd_fail(
	    err, BND_E_INPUT, "--for: no user %s in /etc/passwd", shown);
}

static bool
has_member(struct bnd_str members, struct bnd_str name)
{
	struct bnd_str m;

	while (next(&members, ',', &m))
		if (m.len == name.len && memcmp(m.p, name.p, m.len) == 0)
			return true;
	return false;
}

static int
take_groups(struct bnd_str group, struct bnd_str name,
    struct bnd_box_user *user, struct bnd_err *err)
{
	struct bnd_str line;
	struct entry e;
	uint32_t gid;
	bool whole;

	while (bnd_text_line(&group, &line, &whole))
		if (is_entry(line, &e) && is_id(e.field[2], &gid) &&
		    has_member(e.field[3], name) &&
		    add_group(user, gid, err) == -1)
			return -1;
	return 0;
}

static int
look_up(const struct bnd_root *root, struct bnd_str word,
    struct bnd_box_user *user, struct bnd_err *err)
{
	SCOPED_FREE char *passwd = malloc(FILE_MAX);
	SCOPED_FREE char *group = malloc(FILE_MAX);
	struct bnd_str text, name = { NULL, 0 };

	if (passwd == NULL || group == NULL)
		return bnd_fail_errno(err, "cannot look up a user");
	if (read_file(root, "etc/passwd", passwd, &text, err) == -1 ||
	    take_account(text, word, user, &name, err) == -1 ||
	    read_file(root, "etc/group", group, &text, err) == -1)
		return -1;
	return take_groups(text, name, user, err);
}

int
bnd_box_user_find(const struct bnd_root *root, const char *word,
    struct bnd_box_user *user, struct bnd_err *err)
{
	struct bnd_str s = { word, strlen(word) };
	int rc;

	*user = (struct bnd_box_user){ 0 };
	rc = bnd_str_until(s, ':').len < s.len ? take_ids(s, user, err)
					       : look_up(root, s, user, err);
	if (rc == 0 && user->uid == 0)
		rc = bnd_fail(err, BND_E_INPUT,
		    "--for %.60s: root has every right without it", word);
	return rc;
}
