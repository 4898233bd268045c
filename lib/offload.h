/* offload.h: links whose card may forward packets by itself */
/* SPDX-License-Identifier: ISC */
#ifndef BND_OFFLOAD_H
#define BND_OFFLOAD_H

#include "link.h"
#include "nl.h"
#include "note.h"

/* A note for each real link with hw-tc-offload on (ethtool(8)). */
void bnd_offload_list(const struct bnd_nl *nl, const struct bnd_links *links,
    struct bnd_notes *notes);

#endif
