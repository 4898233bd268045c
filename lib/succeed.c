/* succeed.c: a successor is begun, and its ceremony opened */
/* SPDX-License-Identifier: ISC */
#include "succeed.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony-look.h"
#include "ceremony.h"
#include "file.h"
#include "json.h"
#include "nascent.h"
#include "scope.h"
#include "successor.h"

/* ---- what an earlier attempt made ---------------------------------------- */

/* Evidence of an attempt, for whoever asks; never gone on with. */
static int
put_aside(struct bnd_successor *j, struct bnd_err *err)
{
	char path[BND_ASIDE_LEN], hex[9];
	uint8_t nonce[4];

	bnd_random(nonce, sizeof(nonce));
	bnd_text_to_hex(nonce, sizeof(nonce), hex);
	(void)snprintf(path, sizeof(path), BND_NASCENT_DIR ".void-%s", hex);
	bnd_root_close(&j->nascent);
	memset(&j->new, 0, sizeof(j->new));
	return bnd_file_move(j->root, BND_NASCENT_DIR, path, err);
}

/* A crash came after it had taken its place, and before its pin had. */
static bool
has_moved(const struct bnd_successor *j)
{
	return j->new.good && !bnd_successor_is_there(j->root, BND_NASCENT_LOG);
}

/* 1: to go on with, 0: there is none, or none any more. */
static int
find_successor(struct bnd_successor *j, struct bnd_err *err)
{
	struct bnd_err why = { 0 };

	if (j->nascent.fd < 0)
		return 0;
	if (bnd_successor_check(j, &why) == 0 &&
	    bnd_successor_verify(j, &why) == 0)
		return 1;
	return put_aside(j, err);
}

/* ---- a new one ----------------------------------------------------------- */

static int
write_approvers(
    const struct bnd_heir *h, char *buf, size_t size, struct bnd_str *list)
{
	struct bnd_json j;

	bnd_json_begin(&j, buf, size);
	bnd_json_open(&j, NULL, '[');
	for (unsigned i = 0; i < h->approvers; i++)
		bnd_approver_to_json(&h->approver[i], &j, NULL);
	bnd_json_close(&j, ']');
	*list = (struct bnd_str){ buf, j.len };
	return bnd_json_end(&j) ? 0 : -1;
}

static int
make_successor(
    struct bnd_successor *j, enum bnd_code reason, struct bnd_err *err)
{
	char list[BND_BODY_MAX];
	struct bnd_succeeds s = j->heir.s;
	struct bnd_genesis g = { .succeeds = &s, .host = j->root };
	struct bnd_mark mark;

	s.mode = bnd_heir_mode(&j->heir);
	/* No more than that: eight tokens fill the record. */
	(void)snprintf(s.reason, sizeof(s.reason), "%s", bnd_code_name(reason));
	bnd_random(g.id, sizeof(g.id));
	if (write_approvers(&j->heir, list, sizeof(list), &g.approvers) != 0)
		return bnd_fail(err, BND_E_INPUT, "too many approvers");
	if (bnd_root_mkdir(j->root, "var/lib/bnd", 0755, err) != 0 ||
	    bnd_root_mkdir(j->root, BND_NASCENT_DIR, 0700, err) != 0 ||
	    bnd_nascent_open(j->root, &j->nascent, err) != 0 ||
	    bnd_log_init(&j->nascent, &g, &mark, err) != 0)
		return -1;
	bnd_root_close(&j->nascent);
	return bnd_successor_look(j, err);
}

/* ---- begin --------------------------------------------------------------- */

static int
prepare(
    const struct bnd_root *root, struct bnd_succession *s, struct bnd_err *err)
{
	enum bnd_code reason;
	SCOPED_SUCCESSOR struct bnd_successor *j =
	    bnd_successor_take(root, err);
	int found;

	if (j == NULL || bnd_successor_check_need(j, err) != 0 ||
	    bnd_successor_look(j, err) != 0)
		return -1;
	reason = j->v.first.code;
	memcpy(s->why, j->why, sizeof(s->why));
	s->approved = has_moved(j);
	if (s->approved)
		return 0;
	if (bnd_successor_read_heir(j, err) != 0)
		return -1;
	found = find_successor(j, err);
	if (found < 0 || (found == 0 && make_successor(j, reason, err) != 0))
		return -1;
	s->approved = found > 0 && !j->v.ledger.nascent;
	s->from = j->new.pin.begin.from;
	s->approvers = j->heir.approvers;
	memcpy(s->log_id, j->new.pin.id, sizeof(s->log_id));
	return 0;
}

/* The one that stands open, if it is in time; else a new one. */
static int
open_ceremony(const struct bnd_root *root, const char *reason,
    struct bnd_succession *s, struct bnd_err *err)
{
	char subject[BND_CHALLENGE_SUBJECT + 1];
	struct bnd_ask ask = {
		.action = BND_ACTION_SUCCEED,
		.subject = subject,
		.reason = reason,
	};
	SCOPED_FREE struct bnd_view *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return bnd_fail_errno(err, "cannot open a ceremony");
	if (bnd_ceremony_look(root, v, err) != 0)
		return -1;
	if (v->is_open && !v->expired) {
		memcpy(s->text, v->text, sizeof(s->text));
		s->len = v->len;
		memcpy(s->id, v->id, sizeof(s->id));
		return 0;
	}
	bnd_succeeds_subject(&s->from, subject);
	if (bnd_ceremony_open(root, &ask, s->text, &s->len, err) != 0)
		return -1;
	bnd_challenge_id((struct bnd_str){ s->text, s->len }, s->id);
	return 0;
}

int
bnd_succeed_begin(const struct bnd_root *root, const char *reason,
    struct bnd_succession *s, struct bnd_err *err)
{
	memset(s, 0, sizeof(*s));
	if (prepare(root, s, err) != 0)
		return -1;
	return s->approved ? 0 : open_ceremony(root, reason, s, err);
}
