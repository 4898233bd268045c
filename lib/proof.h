/* proof.h: what must be shown before a ceremony may be used */
/* SPDX-License-Identifier: ISC */
#ifndef BND_PROOF_H
#define BND_PROOF_H

#include "err.h"
#include "root.h"
#include "state.h"
#include "verify.h"

/* The chain, whole, is proven and says what the state says: BND_E_CORRUPT. */
int bnd_proof_chain(const struct bnd_root *root, const struct bnd_state *s,
    const struct bnd_verdict *v, struct bnd_err *err) BND_CHECK;

/* No such thing in a frozen state, or in another time namespace. */
int bnd_proof_thawed(const struct bnd_state *s, struct bnd_err *err) BND_CHECK;

#endif
