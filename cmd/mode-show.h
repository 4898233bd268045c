/* mode-show.h: what mode-set prints, for people and for programs */
/* SPDX-License-Identifier: ISC */
#ifndef MODE_SHOW_H
#define MODE_SHOW_H

#include <stdbool.h>

#include "ceremony-look.h"
#include "check.h"
#include "err.h"
#include "transition.h"

/* Each returns the exit status.  rc and err are what the library answered. */
int show_outcome(const struct bnd_outcome *out, int rc,
    const struct bnd_err *err, bool json);
int show_check(const struct bnd_check *c, const struct bnd_outcome *out, int rc,
    const struct bnd_err *err, bool json);
/* v: what stands open, NULL if that was not read. */
int show_status(const struct bnd_check *c, const struct bnd_view *v, bool json);

#endif
