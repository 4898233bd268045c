/* snap-proof.h: that links have again what they had, read from the kernel */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SNAP_PROOF_H
#define BND_SNAP_PROOF_H

#include "err.h"
#include "nl.h"
#include "note.h"
#include "snap.h"

/* What is not back is a note.  -1: could not be read. */
int bnd_snap_prove(struct bnd_nl *nl, const struct bnd_snaps *s,
    struct bnd_notes *notes, struct bnd_err *err) BND_CHECK;

#endif
