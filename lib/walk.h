/* walk.h: record after record of one file, in constant memory */
/* SPDX-License-Identifier: ISC */
#ifndef BND_WALK_H
#define BND_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "finding.h"
#include "ledger.h"
#include "pin.h"
#include "sign.h"
#include "text.h"

/* An outside statement: record seq has this link. */
struct bnd_anchor {
	uint64_t seq;
	uint8_t link[BND_HASH_LEN];
};

/*
 * Each record that was verified, with its line (LF not included), and what the
 * chain says from it on.
 */
struct bnd_reader {
	void (*take)(void *arg, uint64_t seq, struct bnd_str line,
	    const struct bnd_ledger *l);
	void *arg;
};

struct bnd_walk {
	int fd;
	uint32_t file;		   /* its number, for findings */
	uint64_t limit;		   /* bytes behind it are not looked at */
	bool open_end;		   /* an unfinished last line is no finding */
	bool structure_only;	   /* no signatures of records */
	const struct bnd_pin *pin; /* or NULL */
	bool after_pinned; /* the caller judges a successor of the pinned log */
	const struct bnd_anchor *anchor;
	size_t anchors;
	struct bnd_sink sink;
	struct bnd_reader reader;
	/* results */
	struct bnd_ledger *ledger;
	bool broken;  /* nothing behind end is proven */
	size_t loose; /* bytes of an unfinished last line */
	struct bnd_begin begin;
	uint64_t records;
	uint64_t end; /* behind the last record */
	uint64_t seq; /* of the last record */
	uint8_t link[BND_HASH_LEN];
	uint8_t nk[BND_KEY_LEN]; /* that must sign the next one */
	uint64_t anchored;	 /* highest seq that an anchor proves */
	bool has_anchored;
};

/* 0 when the file was judged, -1 when it could not be read. */
int bnd_walk(struct bnd_walk *w, struct bnd_err *err) BND_CHECK;

#endif
