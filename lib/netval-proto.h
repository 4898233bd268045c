/* netval-proto.h: protocols of net.allow(5), their ports and types */
/* SPDX-License-Identifier: ISC */
#ifndef BND_NETVAL_PROTO_H
#define BND_NETVAL_PROTO_H

#include <stdbool.h>
#include <stdint.h>

#include "netlist-note.h"
#include "text.h"

#define BND_LIST_PORTS 15

struct bnd_ports {
	unsigned n; /* 0: any */
	struct {
		uint16_t lo, hi;
	} range[BND_LIST_PORTS];
};

/* Each takes exactly the value; false fills *flaw. */
bool bnd_netval_proto(struct bnd_str s, uint8_t *out, struct bnd_flaw *flaw);
bool bnd_netval_ports(
    struct bnd_str s, struct bnd_ports *out, struct bnd_flaw *flaw);
bool bnd_netval_type(struct bnd_str s, uint8_t *out, struct bnd_flaw *flaw);

/* The other way; sizes that always do. */
#define BND_PROTO_TEXT 8
#define BND_PORTS_TEXT 192
void bnd_proto_text(uint8_t proto, char dst[static BND_PROTO_TEXT]);
void bnd_ports_text(const struct bnd_ports *p, char dst[static BND_PORTS_TEXT]);

bool bnd_proto_has_ports(uint8_t proto);
bool bnd_proto_has_type(uint8_t proto);

/* The ICMP or ICMPv6 type that answers a type; itself for an error. */
uint8_t bnd_icmp_answer(uint8_t proto, uint8_t type);

#endif
