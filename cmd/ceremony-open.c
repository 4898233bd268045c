/* ceremony-open.c: a ceremony is asked for, and finished where it is ours */
/* SPDX-License-Identifier: ISC */
#include "ceremony-open.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ceremony-approve.h"
#include "ceremony-look.h"
#include "ceremony-show.h"
#include "ceremony-use.h"
#include "ceremony.h"
#include "cmd.h"
#include "passphrase.h"
#include "secret.h"

/* ---- asked for ---- */

/* The id for scripts, what comes next for people. */
static int
open_it(const struct bnd_root *root, const struct open_wish *wish,
    struct bnd_ask *ask, struct bnd_err *err)
{
	static struct bnd_view v;
	char text[BND_CHALLENGE_MAX + 1], id[2 * BND_CHALLENGE_ID_LEN + 1];
	char how[SHOW_WHAT];
	size_t len;

	ask->reason = wish->reason;
	if (bnd_ceremony_open(root, ask, text, &len, err) != 0)
		return -1;
	bnd_challenge_id((struct bnd_str){ text, len }, v.id);
	if (bnd_challenge_unpack((struct bnd_str){ text, len }, &v.c, err) != 0)
		return -1;
	bnd_text_to_hex(v.id, sizeof(v.id), id);
	show_finish(&v, how);
	puts(id);
	cmd_warn("%u person%s must approve within ten minutes: "
		 "ceremony approve %s",
	    v.c.need, v.c.need == 1 ? "" : "s", id);
	cmd_warn(
	    "%" PRIu64 " s after the last approval: %s", v.c.cooldown_s, how);
	return 0;
}

static int
read_request(
    const struct open_wish *wish, struct bnd_ask *ask, struct bnd_err *err)
{
	const char *word = wish->mode;

	if ((word == NULL) == !wish->unfreeze)
		return bnd_fail(
		    err, BND_E_INPUT, "request a MODE, or --unfreeze");
	ask->action = wish->unfreeze ? BND_ACTION_UNFREEZE : BND_ACTION_LOOSEN;
	if (word != NULL &&
	    !bnd_mode_parse((struct bnd_str){ word, strlen(word) }, &ask->to))
		return bnd_fail(
		    err, BND_E_INPUT, "unknown mode \"%.40s\"", word);
	if (wish->span == NULL)
		return 0;
	if (wish->unfreeze)
		return bnd_fail(
		    err, BND_E_INPUT, "only a loosening can be bounded");
	if (!bnd_text_span((struct bnd_str){ wish->span, strlen(wish->span) },
		BND_CHALLENGE_FOR_MAX, &ask->for_s))
		return bnd_fail(err, BND_E_INPUT,
		    "a time is a number with s, m, h or d behind it, a week "
		    "at most");
	return 0;
}

int
ceremony_request(const struct bnd_root *root, const struct open_wish *wish)
{
	struct bnd_ask ask = { .action = BND_ACTION_NONE };
	struct bnd_err err = { 0 };

	if (read_request(wish, &ask, &err) != 0 ||
	    open_it(root, wish, &ask, &err) != 0)
		return cmd_fail(&err);
	return 0;
}

/* ---- enroll ---- */

static int
text_to_prove(const struct bnd_root *root, struct bnd_approver *a, char *text,
    size_t *len, struct bnd_err *err)
{
	static struct bnd_view v;

	if (bnd_ceremony_look(root, &v, err) != 0)
		return -1;
	if (bnd_view_find(&v, a->name) >= 0)
		return bnd_fail(
		    err, BND_E_DENIED, "%s is enrolled already", a->name);
	if (v.is_open && !v.expired)
		return bnd_fail(
		    err, BND_E_CEREMONY, "another ceremony is open");
	return bnd_approver_text(a, v.log_id, text, len, err);
}

static int
ask_for_entry(const struct bnd_root *root, const struct open_wish *wish,
    const struct bnd_approver *a, struct bnd_err *err)
{
	struct bnd_ask ask = { .action = BND_ACTION_ENROLL, .entry = a };

	return open_it(root, wish, &ask, err);
}

/* The key is made of the passphrase, so it can sign at once. */
static int
prove_and_ask(const struct bnd_root *root, const struct open_wish *wish,
    struct bnd_approver *a, const char *pass, size_t len, struct bnd_err *err)
{
	char text[BND_ENROLL_MAX + 1];
	size_t text_len;

	bnd_approver_id(a->pub.key, a->id);
	if (text_to_prove(root, a, text, &text_len, err) != 0 ||
	    bnd_passphrase_prove(root, a->name, pass, len,
		(struct bnd_str){ text, text_len }, &a->pop, err) != 0)
		return -1;
	return ask_for_entry(root, wish, a, err);
}

static int
enroll_passphrase(const struct bnd_root *root, const struct open_wish *wish,
    struct bnd_approver *a, struct bnd_err *err)
{
	char text[BND_ENROLL_MAX + 1];
	size_t text_len, len;
	SCOPED_SECRET_TEXT char *pass = NULL;

	/* What cannot work is said before anybody thinks of a passphrase. */
	if (text_to_prove(root, a, text, &text_len, err) != 0)
		return -1;
	pass = secret_take(a->name, wish->entry.passphrase_fd, true, &len, err);
	/*
	 * Looked at again, as typing takes its time: nobody live or asked for
	 * has this name, so a salt that is left is nobody's.
	 */
	if (pass == NULL || text_to_prove(root, a, text, &text_len, err) != 0 ||
	    bnd_kdf_remove(root, a->name, err) != 0 ||
	    bnd_passphrase_new(root, a->name, pass, len, &a->pub, err) != 0)
		return -1;
	if (prove_and_ask(root, wish, a, pass, len, err) != 0) {
		if (bnd_kdf_remove(root, a->name, NULL) != 0)
			cmd_warn("/" BND_KDF_DIR "/%s.kdf is left", a->name);
		return -1;
	}
	secret_recovery(root, a->name);
	return 0;
}

static int
enroll_offline(const struct bnd_root *root, const struct open_wish *wish,
    struct bnd_approver *a, struct bnd_err *err)
{
	char text[BND_ENROLL_MAX + 1];
	size_t len;

	if (wish->entry.sig != NULL) {
		if (entry_read_sig(wish->entry.sig, &a->pub, &a->pop, err) != 0)
			return -1;
		return ask_for_entry(root, wish, a, err);
	}
	if (text_to_prove(root, a, text, &len, err) != 0)
		return -1;
	fwrite(text, 1, len, stdout);
	cmd_warn("let %s sign this text, then run the same with --sig FILE",
	    a->name);
	return 0;
}

static int
enroll(const struct bnd_root *root, const struct open_wish *wish,
    struct bnd_err *err)
{
	struct bnd_approver a = { .name = "" };
	uint8_t id[BND_CHALLENGE_ID_LEN];

	if (wish->finish != NULL)
		return ceremony_id(wish->finish, id, err) != 0
		    ? -1
		    : bnd_ceremony_enroll(root, id, err);
	if (entry_read(&wish->entry, &a, err) != 0)
		return -1;
	return a.pub.kind == BND_KEY_PASSPHRASE
	    ? enroll_passphrase(root, wish, &a, err)
	    : enroll_offline(root, wish, &a, err);
}

int
ceremony_enroll(const struct bnd_root *root, const struct open_wish *wish)
{
	struct bnd_err err = { 0 };

	return enroll(root, wish, &err) == 0 ? 0 : cmd_fail(&err);
}

/* ---- revoke ---- */

static int
open_revocation(const struct bnd_root *root, const struct open_wish *wish,
    struct bnd_err *err)
{
	static struct bnd_view v;
	char key[2 * BND_APPROVER_ID_LEN + 1];
	struct bnd_ask ask = { .action = BND_ACTION_REVOKE,
		.subject = key,
		.alone = wish->alone };
	int i;

	if (wish->entry.name == NULL)
		return bnd_fail(err, BND_E_INPUT, "revoke needs a NAME");
	if (bnd_ceremony_look(root, &v, err) != 0)
		return -1;
	i = bnd_view_find(&v, wish->entry.name);
	if (i < 0)
		return bnd_fail(err, BND_E_INPUT, "nobody is enrolled as %.40s",
		    wish->entry.name);
	bnd_text_to_hex(v.approver[i].id, BND_APPROVER_ID_LEN, key);
	if (open_it(root, wish, &ask, err) != 0)
		return -1;
	cmd_warn("if %s approves that, it can be finished at once",
	    v.approver[i].name);
	return 0;
}

static int
revoke(const struct bnd_root *root, const struct open_wish *wish,
    struct bnd_err *err)
{
	static struct bnd_view v;
	uint8_t id[BND_CHALLENGE_ID_LEN];
	char key[2 * BND_APPROVER_ID_LEN + 1];

	if (wish->finish == NULL)
		return open_revocation(root, wish, err);
	if (ceremony_id(wish->finish, id, err) != 0 ||
	    bnd_ceremony_look(root, &v, err) != 0 ||
	    bnd_ceremony_revoke(root, id, err) != 0)
		return -1;
	for (unsigned i = 0; i < v.n; i++) {
		bnd_text_to_hex(v.approver[i].id, BND_APPROVER_ID_LEN, key);
		if (strcmp(key, v.c.subject) == 0)
			ceremony_forget(root, &v.approver[i]);
	}
	return 0;
}

int
ceremony_revoke(const struct bnd_root *root, const struct open_wish *wish)
{
	struct bnd_err err = { 0 };

	return revoke(root, wish, &err) == 0 ? 0 : cmd_fail(&err);
}

/* ---- drill ---- */

static int
report(const struct bnd_view *v, bool json)
{
	char buf[2048];
	struct bnd_json j;
	unsigned silent = 0;

	bnd_json_begin(&j, buf, sizeof(buf));
	bnd_json_open(&j, NULL, '{');
	bnd_json_open(&j, "keys", '[');
	for (unsigned i = 0; i < v->n; i++) {
		const struct bnd_approver *a = &v->approver[i];
		const char *kind = bnd_key_kind_name(a->pub.kind);

		silent += !v->approved[i];
		if (!json)
			printf("%-16s %-10s %s\n", a->name, kind,
			    v->approved[i] ? "works" : "has not signed");
		bnd_json_open(&j, NULL, '{');
		bnd_json_str(&j, "name", a->name);
		bnd_json_str(&j, "kind", kind);
		bnd_json_bool(&j, "works", v->approved[i]);
		bnd_json_close(&j, '}');
	}
	bnd_json_close(&j, ']');
	bnd_json_close(&j, '}');
	if (json && bnd_json_end(&j))
		puts(buf);
	return silent == 0 ? 0 : 1;
}

static int
finish_drill(const struct bnd_root *root, const struct open_wish *wish)
{
	static struct bnd_view v;
	uint8_t id[BND_CHALLENGE_ID_LEN];
	struct bnd_err err = { 0 };

	if (ceremony_id(wish->finish, id, &err) != 0 ||
	    bnd_ceremony_look(root, &v, &err) != 0 ||
	    bnd_ceremony_end(root, id, "drilled", &err) != 0)
		return cmd_fail(&err);
	return report(&v, wish->json);
}

int
ceremony_drill(const struct bnd_root *root, const struct open_wish *wish)
{
	struct bnd_ask ask = { .action = BND_ACTION_DRILL };
	struct bnd_err err = { 0 };

	if (wish->finish != NULL)
		return finish_drill(root, wish);
	return open_it(root, wish, &ask, &err) == 0 ? 0 : cmd_fail(&err);
}
