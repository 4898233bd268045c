/* sbx-ask.h: what the options of sbx-run ask of a profile */
/* SPDX-License-Identifier: ISC */
#ifndef CMD_SBX_ASK_H
#define CMD_SBX_ASK_H

#include "box-load.h"
#include "opt.h"

/*
 * profile and options of *ask, with -w, -t, -m and -n spelled out; the texts are
 * kept in the pool.  Descriptors are left alone.
 */
int sbx_ask(const struct opt_args *args, struct bnd_box_pool *pool,
    struct bnd_box_ask *ask, struct bnd_err *err) BND_CHECK;

#endif
