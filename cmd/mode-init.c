/* mode-init.c: mode-set --init, what it takes from the command line */
/* SPDX-License-Identifier: ISC */
#include "mode-init.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "file.h"
#include "init.h"
#include "passphrase.h"
#include "scope.h"
#include "secret.h"
#include "text.h"

static int
read_file(const char *path, char buf[static BND_EVIDENCE_MAX],
    struct bnd_str *text, struct bnd_err *err)
{
	SCOPED_FD int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return bnd_fail_errno(err, "cannot open %.100s", path);
	text->p = buf;
	return bnd_file_read_fd(
	    fd, path, buf, BND_EVIDENCE_MAX, &text->len, err);
}

/* All but the key. */
static int
read_words(
    const struct mode_init *wish, struct bnd_approver *a, struct bnd_err *err)
{
	const char *name = wish->name, *kind = wish->kind;
	const char *person = wish->person != NULL ? wish->person : name;

	if (name == NULL || kind == NULL)
		return bnd_fail(err, BND_E_INPUT,
		    "a host needs an approver: --enroll NAME --kind KIND");
	if (!bnd_name_is_valid((struct bnd_str){ name, strlen(name) }) ||
	    !bnd_name_is_valid((struct bnd_str){ person, strlen(person) }))
		return bnd_fail(err, BND_E_INPUT,
		    "a name is a-z, 0-9, dot, dash and underline");
	(void)snprintf(a->name, sizeof(a->name), "%s", name);
	(void)snprintf(a->person, sizeof(a->person), "%s", person);
	if (!bnd_key_kind_parse(
		(struct bnd_str){ kind, strlen(kind) }, &a->pub.kind))
		return bnd_fail(err, BND_E_INPUT,
		    "a key is of kind passphrase, raw, minisign or ssh");
	return 0;
}

static int
read_approver(
    const struct mode_init *wish, struct bnd_approver *a, struct bnd_err *err)
{
	bool typed;

	if (read_words(wish, a, err) != 0)
		return -1;
	typed = a->pub.kind == BND_KEY_PASSPHRASE;
	if (typed && (wish->key != NULL || wish->sig != NULL))
		return bnd_fail(
		    err, BND_E_INPUT, "a passphrase has no --key and no --sig");
	if (!typed && (wish->key == NULL || wish->passphrase_fd != NULL))
		return bnd_fail(err, BND_E_INPUT,
		    "a key of kind %s wants --key FILE and no passphrase",
		    wish->kind);
	return 0;
}

static int
read_key(
    const struct mode_init *wish, struct bnd_approver *a, struct bnd_err *err)
{
	char buf[BND_EVIDENCE_MAX];
	struct bnd_str text;

	if (read_file(wish->key, buf, &text, err) != 0)
		return -1;
	return bnd_evidence_public(a->pub.kind, text, &a->pub, err);
}

static int
read_proof(const char *path, struct bnd_approver *a, struct bnd_err *err)
{
	char buf[BND_EVIDENCE_MAX];
	struct bnd_str text;

	if (read_file(path, buf, &text, err) != 0)
		return -1;
	return bnd_evidence_parse(&a->pub, text, &a->pop, err);
}

static int
ask(const struct bnd_root *root, const struct bnd_approver *a)
{
	char text[BND_ENROLL_MAX + 1];
	struct bnd_err err = { 0 };
	size_t len;

	if (bnd_init_ask(root, a, text, &len, &err) != 0)
		return cmd_fail(&err);
	fwrite(text, 1, len, stdout);
	cmd_warn("let %s sign this text, then run the same with --sig FILE",
	    a->name);
	return 0;
}

static int
finish(const struct bnd_root *root, const struct bnd_approver *a,
    struct bnd_err *err)
{
	char link[BND_B64_LEN(BND_HASH_LEN) + 1];
	struct bnd_mark mark;
	bool done;

	if (bnd_init_prove(root, a, &done, &mark, err) != 0)
		return cmd_fail(err);
	if (!done) {
		cmd_warn(
		    "%s is in; another approver has not signed yet", a->name);
		return 0;
	}
	bnd_text_to_b64(mark.link, BND_HASH_LEN, link);
	printf("genesis %s\n", link);
	return 0;
}

/* The key is made here, so it can sign at once: one call does. */
static int
enroll_passphrase(const struct bnd_root *root, const struct mode_init *wish,
    struct bnd_approver *a)
{
	char text[BND_ENROLL_MAX + 1];
	struct bnd_err err = { 0 };
	size_t len, pass_len;
	SCOPED_SECRET_TEXT char *pass = NULL;

	if (bnd_init_possible(root, &err) != 0)
		return cmd_fail(&err);
	pass = secret_take(a->name, wish->passphrase_fd, true, &pass_len, &err);
	if (pass == NULL ||
	    bnd_passphrase_new(root, a->name, pass, pass_len, &a->pub, &err) !=
		0)
		return cmd_fail(&err);
	if (bnd_init_ask(root, a, text, &len, &err) != 0 ||
	    bnd_passphrase_prove(root, a->name, pass, pass_len,
		(struct bnd_str){ text, len }, &a->pop, &err) != 0) {
		/* No entry has this key, so nobody needs its salt. */
		if (bnd_kdf_remove(root, a->name, NULL) != 0)
			cmd_warn("/" BND_KDF_DIR "/%s.kdf is left", a->name);
		return cmd_fail(&err);
	}
	secret_recovery(root, a->name);
	return finish(root, a, &err);
}

int
mode_init(const struct bnd_root *root, const struct mode_init *wish)
{
	struct bnd_approver a = { 0 };
	struct bnd_err err = { 0 };

	if (read_approver(wish, &a, &err) != 0)
		return cmd_fail(&err);
	if (a.pub.kind == BND_KEY_PASSPHRASE)
		return enroll_passphrase(root, wish, &a);
	if (read_key(wish, &a, &err) != 0)
		return cmd_fail(&err);
	if (wish->sig == NULL)
		return ask(root, &a);
	if (read_proof(wish->sig, &a, &err) != 0)
		return cmd_fail(&err);
	return finish(root, &a, &err);
}
