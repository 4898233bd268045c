/* seal.h: the network obeys a mode, shown by reading the kernel back */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SEAL_H
#define BND_SEAL_H

#include <stdbool.h>
#include <sys/types.h>

#include "accepted.h"
#include "err.h"
#include "flow.h"
#include "link.h"
#include "mode.h"
#include "nft.h"
#include "note.h"
#include "root.h"
#include "rules.h"

#define BND_NET_DIR  "run/bnd/net"
#define BND_NET_LOCK "run/bnd/net/lock"

enum bnd_layer {
	BND_LAYER_UNUSED = 0, /* the mode has no need of it */
	BND_LAYER_USED,
	BND_LAYER_ABSENT, /* the kernel has none */
	BND_LAYER_FAILED, /* not what it should be, or not readable */
};

/* What was done and what the kernel said afterwards.  Large, start as {0}. */
struct bnd_seal {
	enum bnd_mode mode;
	bool sealed;
	enum bnd_layer family[BND_FAMILIES], egress, link, flow;
	struct bnd_links links;
	unsigned downed, raised; /* links, by this run */
	struct bnd_cut cut;
	unsigned rounds; /* of the commit: others changed rules meanwhile */
	bool forced;	 /* so many that it went without the generation */
	bool drifted;	 /* it was not in force when a repair began */
	bool tripped;	 /* a usable uplink where none may be */
	bool accepted;	 /* a list was accepted */
	char list_digest[2 * BND_HASH_LEN + 1];
	struct bnd_list_report edited; /* errors of the list file */
	struct bnd_notes findings;     /* what is or was wrong */
	struct bnd_notes uncovered;    /* what the seal does not reach */
	struct bnd_notes waiting;      /* lines whose link is not there */
	struct bnd_notes pass; /* of one pass; findings if it was the last */
	/* Every reason for an exit status; bnd_seal_exit() takes the worst. */
	bool failed, no, unusable, unsafe, trouble, unlogged;
	struct bnd_err worst; /* the first failure, for people */
	/* Closing it waits for the kernel, 15 ms: after the answer. */
	struct bnd_nl held;
};
void bnd_seal_free(struct bnd_seal *s); /* after the answer was given */

/* 19, 1, 9, 8, 2, 15 or 0: the first that holds. */
int bnd_seal_exit(const struct bnd_seal *s);
const char *bnd_layer_name(enum bnd_layer layer);

/*
 * Which mode.  mode BND_MODE_NONE is the state's effective one.  Any other must
 * be it too, unless the state is leaving, names this txn, and says that the
 * caller's parent runs it: the one way to something laxer.
 */
struct bnd_seal_order {
	enum bnd_mode mode;
	const char *txn; /* or NULL */
	pid_t parent;
};

/*
 * -1: refused or not begun, nothing was changed.  0: *s says what came of it,
 * be it good or bad.  apply and hook need bnd_seal_may_touch().
 */
int bnd_seal_apply(const struct bnd_root *root,
    const struct bnd_seal_order *order, struct bnd_seal *s,
    struct bnd_err *err) BND_CHECK;
/* With a txn that the state names: as if that mode were in force already. */
int bnd_seal_check(const struct bnd_root *root,
    const struct bnd_seal_order *order, struct bnd_seal *s,
    struct bnd_err *err) BND_CHECK;
/* A link came or changed; s->tripped asks the caller to trip. */
int bnd_seal_hook(const struct bnd_root *root, unsigned index,
    struct bnd_seal *s, struct bnd_err *err) BND_CHECK;

/*
 * Whether this kernel can do a mode: tried in a throw-away network namespace.
 * s->sealed is the answer, the findings name what lacks.
 */
int bnd_seal_can(
    enum bnd_mode mode, struct bnd_seal *s, struct bnd_err *err) BND_CHECK;

/*
 * Only root with the real root may change the real network; with a root of his
 * own (-R) anybody may, in network namespaces of a user namespace of his own.
 */
int bnd_seal_may_touch(
    const struct bnd_root *root, struct bnd_err *err) BND_CHECK;

/* What an apply of a mode would load, for -n: the rules' input. */
int bnd_seal_preview(const struct bnd_root *root, enum bnd_mode mode,
    int (*put)(void *ctx, const char *text), void *ctx,
    struct bnd_err *err) BND_CHECK;

#endif
