/* ceremony-show.h: what stands open, and who may approve */
/* SPDX-License-Identifier: ISC */
#ifndef CEREMONY_SHOW_H
#define CEREMONY_SHOW_H

#include <stdbool.h>

#include "ceremony-look.h"
#include "root.h"

/* Each says it on standard output and gives the exit status. */
int show_open(const struct bnd_root *root, bool text, bool json);
int show_list(const struct bnd_root *root, bool json);

/* What is still missing, in a line; or as JSON. */
void show_progress(const struct bnd_view *v, bool json);

/* "loosen AIRGAP to TRUSTED" */
#define SHOW_WHAT 200
void show_what(const struct bnd_challenge *c, char what[static SHOW_WHAT]);

/* How it is finished: "mode-set --ceremony ID TRUSTED". */
void show_finish(const struct bnd_view *v, char how[static SHOW_WHAT]);

#endif
