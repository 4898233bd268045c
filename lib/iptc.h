/* iptc.h: one family's legacy tables: a snapshot, edited and put back whole */
/* SPDX-License-Identifier: ISC */
#ifndef BND_IPTC_H
#define BND_IPTC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xt-rules.h"

struct xtc_handle;

/*
 * libip4tc and libip6tc, which differ in names and in the head of an entry.
 * Calls that return int say 0 and set errno when they fail.  Chain names must
 * stand in arrays of BND_XT_NAME bytes: the libraries read that many.
 */
struct bnd_iptc {
	unsigned family; /* 4 or 6 */
	struct xtc_handle *(*open)(const char *table);
	void (*free)(struct xtc_handle *h);
	int (*commit)(struct xtc_handle *h);
	const char *(*why)(int errnum);

	const char *(*first_chain)(struct xtc_handle *h);
	const char *(*next_chain)(struct xtc_handle *h);
	const void *(*first_rule)(const char *chain, struct xtc_handle *h);
	const void *(*next_rule)(const void *prev, struct xtc_handle *h);
	const char *(*target)(const void *entry, struct xtc_handle *h);

	int (*create)(const char *chain, struct xtc_handle *h);
	int (*flush)(const char *chain, struct xtc_handle *h);
	int (*remove)(const char *chain, struct xtc_handle *h);
	int (*append)(
	    const char *chain, const void *entry, struct xtc_handle *h);
	int (*insert_first)(
	    const char *chain, const void *entry, struct xtc_handle *h);
	int (*remove_at)(const char *chain, unsigned pos, struct xtc_handle *h);

	/* The head of an entry: what it matches without an extension. */
	size_t head;
	void (*fill)(void *entry, const struct bnd_xt_rule *r);
	void (*close)(void *entry, size_t target, size_t next);
	size_t (*target_at)(const void *entry);
	size_t (*next_at)(const void *entry);
	bool (*same_head)(const void *a, const void *b);
};

extern const struct bnd_iptc bnd_iptc4, bnd_iptc6;

#endif
