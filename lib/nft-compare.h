/* nft-compare.h: the rules of the kernel beside those of the mode */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NFT_COMPARE_H
#define BND_NFT_COMPARE_H

#include <stdbool.h>

#include "err.h"
#include "nft-chain.h"
#include "nl.h"
#include "note.h"
#include "rules.h"

/*
 * Read the tables named bnd back and compare them with what *in says, counters
 * apart.  Every difference is a note, and differs[] tells its family; slot 0 is
 * for any of them.  -1: could not be read, which never means "the same".
 */
int bnd_nft_compare(struct bnd_nl *nl, const struct bnd_rules_in *in,
    const struct bnd_nft_lacks *lacks, bool differs[static BND_FAMILIES],
    struct bnd_notes *notes, struct bnd_err *err) BND_CHECK;

#endif
