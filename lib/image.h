/* image.h: what the kernel has for links: addresses, routes, neighbours */
/* SPDX-License-Identifier: ISC */
#ifndef BND_IMAGE_H
#define BND_IMAGE_H

#include <linux/rtnetlink.h>
#include <stddef.h>

#include "err.h"
#include "nl.h"
#include "text.h"

/* What the kernel has for all links at one time.  Start as {0}. */
struct bnd_image {
	struct bnd_nlbuf addr, nexthop, route, neigh;
};
int bnd_image_read(
    struct bnd_nl *nl, struct bnd_image *image, struct bnd_err *err) BND_CHECK;
void bnd_image_free(struct bnd_image *image);
#define SCOPED_IMAGE __attribute__((cleanup(bnd_image_free)))

/* A step through RTA_MULTIPATH; at is moved behind the one returned. */
struct rtnexthop *bnd_image_hop(struct bnd_str paths, size_t *at);

#endif
