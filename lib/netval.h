/* netval.h: the values of net.allow(5), one spelling each, read and written */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NETVAL_H
#define BND_NETVAL_H

#include <stdbool.h>

#include "err.h"
#include "netlist.h"

/* What is wrong with a value, and at which of its bytes. */
struct bnd_flaw {
	enum bnd_list_code code;
	const char *at;
	char reason[100];
};

/* Each takes exactly the value; false fills *flaw. */
bool bnd_netval_link(
    struct bnd_str s, struct bnd_linkname *out, struct bnd_flaw *flaw);
bool bnd_netval_proto(struct bnd_str s, uint8_t *out, struct bnd_flaw *flaw);
bool bnd_netval_prefix(
    struct bnd_str s, struct bnd_prefix *out, struct bnd_flaw *flaw);
bool bnd_netval_ports(
    struct bnd_str s, struct bnd_ports *out, struct bnd_flaw *flaw);
bool bnd_netval_type(struct bnd_str s, uint8_t *out, struct bnd_flaw *flaw);

/* Fill *flaw; always false. */
bool bnd_flaw(struct bnd_flaw *flaw, enum bnd_list_code code, const char *at,
    const char *fmt, ...) BND_PRINTF(4, 5);

/* The other way; sizes that always do. */
#define BND_LINK_TEXT	32
#define BND_PROTO_TEXT	8
#define BND_PREFIX_TEXT 56
#define BND_PORTS_TEXT	192
void bnd_link_text(
    const struct bnd_linkname *l, char dst[static BND_LINK_TEXT]);
void bnd_proto_text(uint8_t proto, char dst[static BND_PROTO_TEXT]);
void bnd_prefix_text(
    const struct bnd_prefix *p, char dst[static BND_PREFIX_TEXT]);
void bnd_ports_text(const struct bnd_ports *p, char dst[static BND_PORTS_TEXT]);

bool bnd_proto_has_ports(uint8_t proto);
bool bnd_proto_has_type(uint8_t proto);

/* The address of p lies in the network of net. */
bool bnd_prefix_has(const struct bnd_prefix *net, const struct bnd_prefix *p);

/* Kinds of links that are tunnels, and of those on top of another link. */
bool bnd_kind_is_tunnel(const char *kind);
bool bnd_kind_is_stacked(const char *kind);

#endif
