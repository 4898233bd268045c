/* secret.h: a passphrase from whoever types it, and its line for paper */
/* SPDX-License-Identifier: ISC */
#ifndef CMD_SECRET_H
#define CMD_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "root.h"

/*
 * The passphrase of NAME: asked on the terminal, or a line of the descriptor
 * that --passphrase-fd names (NULL: none).  One that is fresh is asked twice,
 * and told what a good one is.  Secret memory of ASK_SECRET_SIZE; NULL if it
 * cannot be had, err says why.  The process keeps secrets from then on.
 */
char *secret_take(const char *name, const char *fd, bool fresh, size_t *len,
    struct bnd_err *err) BND_CHECK;

void secret_drop(char **pass);
#define SCOPED_SECRET_TEXT __attribute__((cleanup(secret_drop)))

/* What makes NAME.kdf anew if it is lost: on the terminal and nowhere else. */
void secret_recovery(const struct bnd_root *root, const char *name);

#endif
