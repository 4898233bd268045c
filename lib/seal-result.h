/* seal-result.h: what a seal did, and what the kernel said afterwards */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SEAL_RESULT_H
#define BND_SEAL_RESULT_H

#include <stdbool.h>
#include <sys/types.h>

#include "accepted.h"
#include "err.h"
#include "flow.h"
#include "link.h"
#include "mode.h"
#include "nl.h"
#include "note.h"
#include "rules.h"

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
	enum bnd_layer legacy;	   /* the same rules in the xtables */
	enum bnd_layer namespaces; /* others that hold a real link */
	enum bnd_layer radio;	   /* rfkill switches */
	enum bnd_layer queue;	   /* what stood in a qdisc before */
	enum bnd_layer probe;	   /* packets were sent, and none passed */
	struct bnd_links links;
	unsigned downed, raised; /* links, by this run */
	unsigned abroad_seen;	 /* other network namespaces */
	unsigned abroad;	 /* of them held by the seal */
	pid_t sweeper;		 /* waited for after the answer, like held */
	struct bnd_cut cut;
	unsigned rounds; /* of the commit: others changed rules meanwhile */
	bool forced;	 /* so many that it went without the generation */
	bool drifted;	 /* it was not in force when a repair began */
	bool tripped;	 /* a usable uplink where none may be */
	bool leaks;	 /* packets of the probe passed */
	unsigned probe_ms;
	bool accepted;	/* a list was accepted */
	bool trying;	/* the list in force is one that is tried */
	bool try_ended; /* by this run, without a word */
	uint64_t try_left_s;
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

/* An enforcer failed; the first reason is kept. */
void bnd_seal_fail(struct bnd_seal *s, const struct bnd_err *why);

#endif
