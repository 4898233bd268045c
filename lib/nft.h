/* nft.h: rules into nf_tables as one transaction */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NFT_H
#define BND_NFT_H

#include <stdint.h>

#include "err.h"
#include "nft-chain.h"
#include "nl.h"
#include "rules.h"

/* The generation of the whole rule set: anybody's change makes it grow. */
int bnd_nft_generation(
    struct bnd_nl *nl, uint32_t *gen, struct bnd_err *err) BND_CHECK;

/*
 * Replace the tables named bnd of all families by what *in says, in one
 * transaction; none of them is left where it says nothing.  With gen, only if
 * the rule set is still of that generation: err->errnum is ERESTART otherwise,
 * and nothing happened.  What the kernel lacks is left out and named in *lacks.
 */
int bnd_nft_commit(struct bnd_nl *nl, const struct bnd_rules_in *in,
    const uint32_t *gen, struct bnd_nft_lacks *lacks,
    struct bnd_err *err) BND_CHECK;

/*
 * What the kernel lacks, without changing anything: a transaction that must
 * fail names what it could not even begin with.  every: ask for chains of all
 * links too.
 */
int bnd_nft_probe(struct bnd_nl *nl, bool every, struct bnd_nft_lacks *lacks,
    struct bnd_err *err) BND_CHECK;

/* The batch alone, as commit sends it (for tests and measurements). */
int bnd_nft_batch(struct bnd_nlbuf *b, const struct bnd_rules_in *in,
    const uint32_t *gen, const struct bnd_nft_lacks *lacks,
    struct bnd_err *err) BND_CHECK;

#endif
