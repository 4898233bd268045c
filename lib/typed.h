/* typed.h: whether a mode that admits no token or stick can be left by typing */
/* SPDX-License-Identifier: ISC */
#ifndef BND_TYPED_H
#define BND_TYPED_H

#include <stdbool.h>
#include <stddef.h>

#include "mode.h"
#include "root.h"

/*
 * COLDROOM and LOCKDOWN let in what is typed, and nothing else: passphrases, or
 * signatures made elsewhere, 88 characters each.  True, with a sentence, when
 * fewer persons hold a passphrase than m's ceremony needs.  Reads the log's
 * structure: for after a change, never before one.
 */
#define BND_TYPED_MAX 200
bool bnd_typed_is_short(const struct bnd_root *root, enum bnd_mode m,
    char say[static BND_TYPED_MAX]);

#endif
