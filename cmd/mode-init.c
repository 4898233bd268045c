/* mode-init.c: mode-set --init, what it takes from the command line */
/* SPDX-License-Identifier: ISC */
#include "mode-init.h"

#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "init.h"
#include "passphrase.h"
#include "secret.h"
#include "text.h"

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
enroll_passphrase(const struct bnd_root *root, const struct entry_wish *wish,
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
mode_init(const struct bnd_root *root, const struct entry_wish *wish)
{
	struct bnd_approver a = { 0 };
	struct bnd_err err = { 0 };

	if (entry_read(wish, &a, &err) != 0)
		return cmd_fail(&err);
	if (a.pub.kind == BND_KEY_PASSPHRASE)
		return enroll_passphrase(root, wish, &a);
	if (wish->sig == NULL)
		return ask(root, &a);
	if (entry_read_sig(wish->sig, &a.pub, &a.pop, &err) != 0)
		return cmd_fail(&err);
	return finish(root, &a, &err);
}
