/* shaper.h: filters of a qdisc that do more than choose a class */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SHAPER_H
#define BND_SHAPER_H

#include <linux/rtnetlink.h>
#include <stdbool.h>

#include "err.h"
#include "nl.h"

/*
 * A qdisc runs its filters after every hook.  One that only names a class does
 * no harm; one with actions, a program, or of a kind not known may rewrite or
 * redirect the frame that the rules let by.  *any: the qdisc of this message, of
 * that kind, has such a filter, or one of its classes has.
 */
int bnd_shaper_rewrites(struct bnd_nl *nl, const struct tcmsg *qdisc,
    const char *kind, bool *any, struct bnd_err *err) BND_CHECK;

#endif
