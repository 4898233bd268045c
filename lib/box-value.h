/* box-value.h: one value of a policy, from text */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_VALUE_H
#define BND_BOX_VALUE_H

#include "box-key.h"
#include "box-pool.h"
#include "box-value-print.h"
#include "err.h"

/*
 * What stands behind the key on its line: it replaces the value p has, or the
 * entry of bind and env that has the same destination or name, unless that one
 * is of this text, too.  err says what is wrong and neither key nor place.
 */
int bnd_box_value_parse(const struct bnd_box_keydef *k, struct bnd_str text,
    struct bnd_box_pool *pool, struct bnd_box_policy *p,
    struct bnd_err *err) BND_CHECK;

#endif
