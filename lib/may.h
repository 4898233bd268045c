/* may.h: what a mode allows, for scripts that ask */
/* SPDX-License-Identifier: ISC */
#ifndef BND_MAY_H
#define BND_MAY_H

#include <stdbool.h>
#include <stddef.h>

#include "mode.h"
#include "text.h"

/*
 * The total table of bnd(7), REQUESTS.  What is not in it is "no": an unknown
 * request, an unknown mode.  A cell that depends on more than the mode (a
 * list, a baseline, a link that is up) is "no"; one that depends on the caller
 * being an approver at this host is "no" unless approver says so.
 */
bool bnd_may(struct bnd_str request, enum bnd_mode m, bool approver);

/* Request i by name, NULL behind the last. */
const char *bnd_may_name(size_t i);

#endif
