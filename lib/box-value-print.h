/* box-value-print.h: values of a policy, to text */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_VALUE_PRINT_H
#define BND_BOX_VALUE_PRINT_H

#include "box-key.h"

/*
 * A value as a profile writes it; "any" if p does not say it.  Entries of bind
 * and env are joined by "; ".  Cut never: false if no room.
 */
bool bnd_box_value_print(const struct bnd_box_policy *p, enum bnd_box_key key,
    char *buf, size_t size);
/* How many lines the key has, and one of them. */
size_t bnd_box_value_lines(
    const struct bnd_box_policy *p, enum bnd_box_key key);
bool bnd_box_value_line(const struct bnd_box_policy *p, enum bnd_box_key key,
    size_t i, char *buf, size_t size);

#endif
