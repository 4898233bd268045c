/* box-allow.h: HOST:PORT of an allow list, and what is never dialled */
/* SPDX-License-Identifier: ISC */
#ifndef BND_BOX_ALLOW_H
#define BND_BOX_ALLOW_H

#include <stdint.h>

#include "err.h"
#include "text.h"

#define BND_BOX_PAIR 272 /* a name of 253, a colon, a port, a NUL */

/*
 * An IPv4 address, an IPv6 one in brackets or a name, and a port.  canon is its
 * one spelling, which is what is compared: an IPv4 address written as IPv6 is
 * the IPv4 address.
 */
int bnd_box_pair(struct bnd_str s, char canon[static BND_BOX_PAIR],
    struct bnd_err *err) BND_CHECK;

/*
 * Loopback, link-local, multicast, unspecified, broadcast, shared and metadata
 * addresses, and what embeds one (mapped, NAT64): whatever a list or a resolver
 * says.  af is AF_INET or AF_INET6, addr in network order.
 */
bool bnd_box_never_dialled(int af, const uint8_t *addr);

#endif
