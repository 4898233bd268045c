/* ceremony-approve.c: an approver says yes, or anybody says no */
/* SPDX-License-Identifier: ISC */
#include "ceremony-approve.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "ceremony-look.h"
#include "ceremony-show.h"
#include "ceremony.h"
#include "cmd.h"
#include "entry.h"
#include "passphrase.h"
#include "secret.h"

int
ceremony_id(const char *hex, uint8_t id[static BND_CHALLENGE_ID_LEN],
    struct bnd_err *err)
{
	if (bnd_text_from_hex(
		(struct bnd_str){ hex, strlen(hex) }, id, BND_CHALLENGE_ID_LEN))
		return 0;
	return bnd_fail(
	    err, BND_E_INPUT, "the id of a ceremony is 16 hex digits");
}

/* One approval, as it goes on. */
struct approval {
	const struct bnd_root *root;
	const struct approve_wish *wish;
	struct bnd_view v;
	char name[BND_NAME_MAX + 1];
	const struct bnd_approver *a; /* NULL: nobody has this name */
};

/* Who types, reads what he types for; nobody is asked behind a pipe. */
static int
check_terminal(const struct approval *p, struct bnd_err *err)
{
	if (p->wish->sig != NULL || p->wish->passphrase_fd != NULL)
		return 0;
	if (!isatty(STDIN_FILENO) || !ask_can())
		return bnd_fail(err, BND_E_DENIED,
		    "no terminal to ask on: --sig FILE takes a signature");
	fprintf(stderr, "%.*s", (int)p->v.len, p->v.text);
	return 0;
}

/* --name, or what is typed; of a single approver there is nothing to ask. */
static int
find_name(struct approval *p, struct bnd_err *err)
{
	char line[BND_NAME_MAX + 2];
	const char *name = p->wish->name;
	size_t len;
	int i;

	if (name == NULL && p->v.n == 1)
		name = p->v.approver[0].name;
	if (name == NULL &&
	    (p->wish->sig != NULL || p->wish->passphrase_fd != NULL))
		return bnd_fail(
		    err, BND_E_INPUT, "whose? --name NAME is missing");
	if (name == NULL) {
		if (ask_line("Approver: ", line, sizeof(line), &len, err) != 0)
			return -1;
		name = line;
	}
	if (!bnd_name_is_valid((struct bnd_str){ name, strlen(name) }))
		return bnd_fail(err, BND_E_INPUT, "that is no approver's name");
	(void)snprintf(p->name, sizeof(p->name), "%s", name);
	i = bnd_view_find(&p->v, p->name);
	p->a = i >= 0 ? &p->v.approver[i] : NULL;
	return 0;
}

static int
by_passphrase(struct approval *p, struct bnd_err *err)
{
	uint64_t wait_s = 0;
	size_t len;
	SCOPED_SECRET_TEXT char *pass =
	    secret_take(p->name, p->wish->passphrase_fd, false, &len, err);

	if (pass == NULL)
		return -1;
	return bnd_passphrase_approve(
	    p->root, p->v.id, p->name, pass, len, &wait_s, err);
}

static int
typed_sig(struct approval *p, struct bnd_evidence *e, struct bnd_err *err)
{
	char prompt[128], line[BND_EVIDENCE_MAX];
	size_t len;

	(void)snprintf(prompt, sizeof(prompt),
	    "Signature of %s (%s, one line): ", p->name,
	    bnd_key_kind_name(p->a->pub.kind));
	if (ask_line(prompt, line, sizeof(line), &len, err) != 0)
		return -1;
	return bnd_evidence_parse(
	    &p->a->pub, (struct bnd_str){ line, len }, e, err);
}

static int
by_signature(struct approval *p, struct bnd_err *err)
{
	struct bnd_evidence e = { .flags = 0 };

	/* Without a kind there is nothing to parse; the try is recorded. */
	if (p->a == NULL)
		return bnd_ceremony_approve(p->root, p->v.id, p->name, &e, err);
	if (p->a->pub.kind == BND_KEY_PASSPHRASE)
		return bnd_fail(err, BND_E_INPUT,
		    "%s approves by passphrase, not by --sig", p->name);
	if (p->wish->passphrase_fd != NULL)
		return bnd_fail(err, BND_E_INPUT,
		    "the key of %s is of kind %s, no passphrase", p->name,
		    bnd_key_kind_name(p->a->pub.kind));
	if ((p->wish->sig != NULL
		    ? entry_read_sig(p->wish->sig, &p->a->pub, &e, err)
		    : typed_sig(p, &e, err)) != 0)
		return -1;
	return bnd_ceremony_approve(p->root, p->v.id, p->name, &e, err);
}

static int
approve(struct approval *p, struct bnd_err *err)
{
	uint8_t id[BND_CHALLENGE_ID_LEN];

	if (ceremony_id(p->wish->id, id, err) != 0 ||
	    bnd_ceremony_look(p->root, &p->v, err) != 0)
		return -1;
	if (!p->v.is_open || !bnd_same(p->v.id, id, sizeof(id)))
		return bnd_fail(
		    err, BND_E_CEREMONY, "that ceremony is not open");
	if (check_terminal(p, err) != 0 || find_name(p, err) != 0)
		return -1;
	/* A name nobody has is asked like one somebody has. */
	if (p->wish->sig == NULL &&
	    (p->a == NULL || p->a->pub.kind == BND_KEY_PASSPHRASE))
		return by_passphrase(p, err);
	return by_signature(p, err);
}

int
ceremony_approve(const struct bnd_root *root, const struct approve_wish *wish)
{
	static struct approval p;
	struct bnd_err err = { 0 };

	p = (struct approval){ .root = root, .wish = wish };
	if (approve(&p, &err) != 0 || bnd_ceremony_look(root, &p.v, &err) != 0)
		return cmd_fail(&err);
	/* It may have been finished, or cancelled, by now. */
	if (p.v.is_open)
		show_progress(&p.v, wish->json);
	return 0;
}

void
ceremony_forget(const struct bnd_root *root, const struct bnd_approver *a)
{
	struct bnd_err err = { 0 };
	struct bnd_kdf k;

	if (a->pub.kind != BND_KEY_PASSPHRASE ||
	    bnd_kdf_load(root, a->name, &k, &err) != 0 ||
	    !bnd_same(k.id, a->id, sizeof(k.id)))
		return;
	if (bnd_kdf_remove(root, a->name, &err) != 0)
		cmd_warn_err(&err);
}

int
ceremony_cancel(const struct bnd_root *root, const char *hex)
{
	static struct bnd_view v;
	uint8_t id[BND_CHALLENGE_ID_LEN];
	struct bnd_err err = { 0 };

	if (ceremony_id(hex, id, &err) != 0 ||
	    bnd_ceremony_look(root, &v, &err) != 0 ||
	    bnd_ceremony_end(root, id, "cancelled", &err) != 0)
		return cmd_fail(&err);
	if (v.has_entry)
		ceremony_forget(root, &v.entry);
	return 0;
}
