/* link.h: links as the kernel knows them; which can reach out */
/* SPDX-License-Identifier: ISC */
#ifndef BND_LINK_H
#define BND_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "nl.h"
#include "rules.h"

#define BND_HW_MAX 32

struct bnd_link {
	struct bnd_rules_link id;
	unsigned flags; /* IFF_* */
	bool carrier;
	bool elsewhere; /* its other end or lower link is in another netns */
	int32_t nsid;	/* which, as this one calls it; -1 without */
	bool real;	/* bnd_link_is_real() */
	bool xdp;	/* a program is attached */
	uint8_t hw[BND_HW_MAX], perm[BND_HW_MAX];
	size_t hw_len, perm_len;
};

/* All links of this namespace, and the same as rules want them. */
struct bnd_links {
	size_t n;
	struct bnd_link *v;
	struct bnd_rules_link *id;
};

int bnd_links_read(
    struct bnd_nl *nl, struct bnd_links *l, struct bnd_err *err) BND_CHECK;
void bnd_links_free(struct bnd_links *l);
#define SCOPED_LINKS __attribute__((cleanup(bnd_links_free)))

const struct bnd_link *bnd_links_find(
    const struct bnd_links *l, unsigned index);

/*
 * Whether it can hand a frame to something outside the seal: not loopback, and
 * of a kind that is not one of the kernel's software kinds, or joined to another
 * namespace.  By what the kernel says of it, never by its name.
 */
bool bnd_link_is_real(const struct bnd_link *l);
/*
 * The same in a namespace that is not the host's: judged says that its other end
 * is in one that is sealed or judged by itself, the host's or another.  What ends
 * there ends under the rules there, unless it hands its frames straight to a link;
 * so does an XDP program, whose map may hold one of any namespace.
 */
bool bnd_link_is_real_abroad(const struct bnd_link *l, bool judged);
bool bnd_link_is_up(const struct bnd_link *l);
/* Real, up, with carrier: something can leave here. */
bool bnd_link_is_uplink(const struct bnd_link *l);

/* Raise or take down one link, nothing else. */
int bnd_link_set_up(
    struct bnd_nl *nl, unsigned index, bool up, struct bnd_err *err) BND_CHECK;

#endif
