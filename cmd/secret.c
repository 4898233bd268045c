/* secret.c: a passphrase from whoever types it, and its line for paper */
/* SPDX-License-Identifier: ISC */
#include "secret.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "cmd.h"
#include "kdf.h"
#include "sign.h"
#include "text.h"

#define LINE_MAX_LEN 256

static int
take(const char *name, const char *fd, bool fresh, char *pass, size_t *len,
    struct bnd_err *err)
{
	char prompt[LINE_MAX_LEN];
	uint64_t n;

	if (fd != NULL) {
		if (!bnd_text_u64(
			(struct bnd_str){ fd, strlen(fd) }, INT_MAX, &n))
			return bnd_fail(err, BND_E_INPUT,
			    "--passphrase-fd wants the number of a descriptor");
		return ask_secret_fd((int)n, pass, ASK_SECRET_SIZE, len, err);
	}
	(void)snprintf(prompt, sizeof(prompt),
	    "%s of %.40s: ", fresh ? "New passphrase" : "Passphrase", name);
	if (!fresh)
		return ask_secret(prompt, pass, ASK_SECRET_SIZE, len, err);
	if (ask_can())
		cmd_warn("at least %d bytes; six words drawn by dice or a "
			 "program are good",
		    BND_PASSPHRASE_MIN);
	return ask_secret_twice(prompt, pass, ASK_SECRET_SIZE, len, err);
}

char *
secret_take(const char *name, const char *fd, bool fresh, size_t *len,
    struct bnd_err *err)
{
	char *pass;

	*len = 0;
	if (cmd_keep_secrets(err) != 0)
		return NULL;
	pass = bnd_secret_new(ASK_SECRET_SIZE, err);
	if (pass == NULL || take(name, fd, fresh, pass, len, err) == 0)
		return pass;
	secret_drop(&pass);
	return NULL;
}

void
secret_drop(char **pass)
{
	bnd_secret_free(*pass, ASK_SECRET_SIZE);
	*pass = NULL;
}

void
secret_recovery(const struct bnd_root *root, const char *name)
{
	char text[BND_KDF_MAX], line[2 * LINE_MAX_LEN];
	struct bnd_err err = { 0 };
	struct bnd_kdf k;
	size_t len;

	if (bnd_kdf_load(root, name, &k, &err) != 0 ||
	    bnd_kdf_pack(&k, text, &len, &err) != 0) {
		cmd_warn_err(&err);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			text[i] = ' ';
	}
	(void)snprintf(line, sizeof(line),
	    "For paper, should /" BND_KDF_DIR "/%.40s.kdf be lost "
	    "(bnd-kdf(5)):\n  %.*s\n",
	    name, (int)len - 1, text);
	if (!ask_tell(line))
		cmd_warn("keep a copy of /" BND_KDF_DIR
			 "/%s.kdf: without it %s cannot approve",
		    name, name);
}
