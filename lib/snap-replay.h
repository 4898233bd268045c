/* snap-replay.h: what links had is asked of the kernel again */
/* SPDX-License-Identifier: ISC */
#ifndef BND_SNAP_REPLAY_H
#define BND_SNAP_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "nl.h"
#include "snap.h"

/* What the kernel refuses is for the proof to find (snap-proof.h). */
void bnd_snap_replay(struct bnd_nl *nl, const struct bnd_snaps *s);

/*
 * Append to b the message as it is to be sent now, gone seconds later;
 * false, and nothing appended, if there is nothing to send any more.
 */
bool bnd_snap_ready(
    struct bnd_nlbuf *b, const struct nlmsghdr *nlh, uint64_t gone);

#endif
