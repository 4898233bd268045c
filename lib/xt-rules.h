/* xt-rules.h: the rules of a mode as the older tables take them, as data */
/* SPDX-License-Identifier: ISC */
#ifndef BND_XT_RULES_H
#define BND_XT_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "rules.h"

#define BND_XT_PREFIX  "bnd-" /* every chain of that name is ours */
#define BND_XT_NAME    32     /* XT_EXTENSION_MAXNAMELEN and more */
#define BND_XT_MATCHES 6
#define BND_XT_VALUE   80

enum bnd_xt_table {
	BND_XT_RAW =
	    0, /* before conntrack and NAT: a mode that judges nothing */
	BND_XT_MANGLE, /* after destination NAT: a list */
};
#define BND_XT_TABLES 2

/* A chain of ours and the built-in one whose first rule jumps to it. */
struct bnd_xt_chain {
	enum bnd_xt_table table;
	char name[BND_XT_NAME];
	char hook[BND_XT_NAME];
};

/*
 * A match or target of an extension in the words of its own options: numbers
 * in their one spelling, never what anybody typed.
 */
struct bnd_xt_ext {
	const char *name; /* a literal, NULL for none */
	size_t opts;
	struct {
		const char *name;	  /* "--dport" */
		char value[BND_XT_VALUE]; /* "" takes none */
	} opt[3];
};

enum bnd_xt_fate {
	BND_XT_GO_ON = 0, /* counts, and the next rule */
	BND_XT_RETURN,	  /* not we: others may still say no */
	BND_XT_DROP,
	BND_XT_LOG, /* ext says how, and the next rule */
};

struct bnd_xt_rule {
	char in[BND_IFNAME], out[BND_IFNAME]; /* "" is any */
	struct bnd_prefix src, dst;	      /* family 0 is any */
	unsigned proto;			      /* 0 is any */
	size_t matches;
	struct bnd_xt_ext match[BND_XT_MATCHES];
	enum bnd_xt_fate fate;
	struct bnd_xt_ext log;
	unsigned line; /* of the list, or 0 */
};

/* As the sink of rules.h, but a chain's callback says 0 or -1. */
struct bnd_xt_sink {
	int (*chain)(
	    void *ctx, const struct bnd_xt_chain *c, struct bnd_err *err);
	int (*rule)(void *ctx, const struct bnd_xt_chain *c,
	    const struct bnd_xt_rule *r, struct bnd_err *err);
	void *ctx;
};

/*
 * The rules of bnd_rules_render() for one family, 4 or 6.  alone: there is no
 * nf_tables, so what only is to be told is told here.  What these tables
 * cannot say is left out where that is stricter, and an error where it is not.
 */
int bnd_xt_render(const struct bnd_rules_in *in, unsigned family, bool alone,
    const struct bnd_xt_sink *sink, struct bnd_err *err) BND_CHECK;

const char *bnd_xt_table_name(enum bnd_xt_table table);

/* As iptables-save writes it, without LF; false if dst is too small. */
#define BND_XT_TEXT 640
bool bnd_xt_rule_text(const struct bnd_xt_chain *c, const struct bnd_xt_rule *r,
    char *dst, size_t size);

/*
 * Both families as iptables-restore --noflush reads them, each line behind
 * "# iptables " or "# ip6tables ", so that nft -f takes them for comments.
 */
int bnd_xt_text(const struct bnd_rules_in *in,
    int (*put)(void *ctx, const char *text), void *ctx,
    struct bnd_err *err) BND_CHECK;

#endif
