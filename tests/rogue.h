/* rogue.h: the append of somebody who is root with the live key */
/* SPDX-License-Identifier: ISC */
#ifndef TEST_ROGUE_H
#define TEST_ROGUE_H

#include "chain.h"
#include "record.h"

/*
 * What libbnd would append, with the checks taken out: edit may change any
 * field of the record (seq, prev, time, ev, by, salt, body) before it is
 * signed with the live key, linked and announced like any other.  So what it
 * writes is authentic, and only a rule about its content can catch it.  To
 * sign two records of one seq, save the head and the log before the first one
 * and put them back before the second.
 */
struct rogue {
	const char *ev, *body; /* body: valid JSON object, at most a line */
	void (*edit)(struct bnd_record *r, void *arg); /* or NULL */
	void *arg;
};

static inline int
rogue_append(
    const struct bnd_root *root, const struct rogue *what, struct bnd_err *err)
{
	struct bnd_by by = { .prog = "rogue", .pid = 1 };
	struct bnd_record r = { .by = by };
	SCOPED_CHAIN struct bnd_chain c;

	if (bnd_chain_open(root, &by, 2000, &c, err) != 0)
		return -1;
	snprintf(r.ev, sizeof(r.ev), "%s", what->ev);
	r.body = (struct bnd_str){ what->body, strlen(what->body) };
	if (bnd_chain_draft(&c, &r, err) != 0)
		return -1;
	if (what->edit != NULL)
		what->edit(&r, what->arg);
	return bnd_chain_extend(&c, &r, err);
}

#endif
