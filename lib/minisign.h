/* minisign.h: minisign's files, and what a prehashed signature is made over */
/* SPDX-License-Identifier: ISC */
#ifndef BND_MINISIGN_H
#define BND_MINISIGN_H

#include "err.h"
#include "evidence.h"
#include "text.h"

/* A minisign.pub, or its one line of base64. */
int bnd_minisign_public(
    struct bnd_str text, struct bnd_public *pub, struct bnd_err *err) BND_CHECK;

/* A .minisig, or its first line of base64; prehashed ("ED") only. */
int bnd_minisign_parse(
    struct bnd_str text, struct bnd_evidence *e, struct bnd_err *err) BND_CHECK;

bool bnd_minisign_verify(const struct bnd_public *pub, struct bnd_str text,
    const struct bnd_evidence *e);

#endif
