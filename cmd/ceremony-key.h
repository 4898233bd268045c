/* ceremony-key.h: a key is made, a text is signed; anywhere, by anybody */
/* SPDX-License-Identifier: ISC */
#ifndef CEREMONY_KEY_H
#define CEREMONY_KEY_H

#include "err.h"

/* A new key of kind raw: path, and its public half beside it. */
int key_make(const char *path, struct bnd_err *err) BND_CHECK;

/* Sign the text of path (NULL: standard input) with the secret key of key. */
int key_sign(const char *key, const char *path, struct bnd_err *err) BND_CHECK;

#endif
