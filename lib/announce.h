/* announce.h: everybody on the host is told how a ceremony goes */
/* SPDX-License-Identifier: ISC */
#ifndef BND_ANNOUNCE_H
#define BND_ANNOUNCE_H

#include "challenge.h"
#include "root.h"

enum bnd_news {
	BND_NEWS_OPEN = 0,  /* asked for: who knows nothing of it may cancel */
	BND_NEWS_QUORUM,    /* approved: the cool-down runs */
	BND_NEWS_CANCELLED, /* over, whatever the reason */
	BND_NEWS_USED,	    /* done */
};

/*
 * wall(1), the system log and the kernel's audit trail, for the host's own root
 * only.  Takes seconds at the worst, needs no lock, is never a reason to fail:
 * what counts is the chain.  Nothing but printable ASCII is sent.
 */
void bnd_announce(const struct bnd_root *root, enum bnd_news news,
    const struct bnd_challenge *c,
    const uint8_t id[static BND_CHALLENGE_ID_LEN]);

/* The sentence alone, for tests and people; cut to size. */
void bnd_announce_text(enum bnd_news news, const struct bnd_challenge *c,
    const uint8_t id[static BND_CHALLENGE_ID_LEN], char *text, size_t size);

#endif
