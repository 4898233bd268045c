/* net-try.h: try a list, wait for its end, confirm it */
/* SPDX-License-Identifier: ISC */
#ifndef NET_TRY_H
#define NET_TRY_H

#include "err.h"
#include "root.h"
#include "seal.h"

/*
 * Both return -1 as bnd_seal_try() and bnd_seal_confirm() do, else 0 and what
 * to report in *s.  word is the argument of --for, or NULL.
 */
int net_try(const struct bnd_root *root, const char *file, const char *word,
    struct bnd_seal *s, struct bnd_err *err) BND_CHECK;
int net_confirm(const struct bnd_root *root, struct bnd_seal *s,
    struct bnd_err *err) BND_CHECK;

#endif
