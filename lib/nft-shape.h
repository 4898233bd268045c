/* nft-shape.h: a rule of the kernel's that libnftnl can be shown */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NFT_SHAPE_H
#define BND_NFT_SHAPE_H

#include <linux/netlink.h>
#include <stdbool.h>

/*
 * Whether a rule consists of what our rules consist of, each attribute of the
 * size it has to be.  One that does not is none of ours.
 */
bool bnd_nft_is_shaped(const struct nlmsghdr *nlh);

#endif
