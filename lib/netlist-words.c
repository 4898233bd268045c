/* netlist-words.c: the words that make up a line of net.allow(5) */
/* SPDX-License-Identifier: ISC */
#include "netlist-words.h"

#define BIT(f) BND_FIELD_BIT(f)

const char *const bnd_list_fields[BND_FIELDS] = { "if", "from", "to", "proto",
	"src", "dst", "sport", "dport", "type" };

const struct bnd_list_verb bnd_list_verbs[BND_LIST_VERBS] = {
	{ "vpn", BND_LINE_VPN, BND_TRUSTED, BND_TRUSTED, 0, 0 },
	{ "out", BND_LINE_OUT, BND_TRUSTED, BND_TRUSTED,
	    BIT(BND_FIELD_IF) | BIT(BND_FIELD_PROTO) | BIT(BND_FIELD_SRC) |
		BIT(BND_FIELD_DST) | BIT(BND_FIELD_SPORT) |
		BIT(BND_FIELD_DPORT) | BIT(BND_FIELD_TYPE),
	    BIT(BND_FIELD_IF) | BIT(BND_FIELD_PROTO) },
	{ "in", BND_LINE_IN, BND_RESTRICTED, BND_TRUSTED,
	    BIT(BND_FIELD_IF) | BIT(BND_FIELD_PROTO) | BIT(BND_FIELD_SRC) |
		BIT(BND_FIELD_DST) | BIT(BND_FIELD_SPORT) |
		BIT(BND_FIELD_DPORT) | BIT(BND_FIELD_TYPE),
	    BIT(BND_FIELD_PROTO) },
	{ "forward", BND_LINE_FORWARD, BND_RESTRICTED, BND_RESTRICTED,
	    BIT(BND_FIELD_FROM) | BIT(BND_FIELD_TO) | BIT(BND_FIELD_PROTO) |
		BIT(BND_FIELD_SRC) | BIT(BND_FIELD_DST) | BIT(BND_FIELD_SPORT) |
		BIT(BND_FIELD_DPORT) | BIT(BND_FIELD_TYPE),
	    BIT(BND_FIELD_FROM) | BIT(BND_FIELD_TO) | BIT(BND_FIELD_PROTO) },
	{ "dhcp", BND_LINE_DHCP, BND_TRUSTED, BND_TRUSTED, 0, 0 },
	{ "bypass", BND_LINE_BYPASS, BND_TRUSTED, BND_TRUSTED, 0, 0 },
	{ "bridge", BND_LINE_BRIDGE, BND_RESTRICTED, BND_RESTRICTED, 0, 0 },
};

const char *const bnd_bypass_names[BND_BYPASS_XSK + 1] = { "", "xdp", "tc",
	"xsk" };
