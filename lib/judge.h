/* judge.h: the rules as a predicate on packets and flows */
/* SPDX-License-Identifier: ISC */
#ifndef BND_JUDGE_H
#define BND_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "netlist.h"
#include "rules.h"

/* A packet as the rules see it. */
enum bnd_path {
	BND_PATH_NONE = 0,
	BND_PATH_IN,	  /* from a link into the host */
	BND_PATH_OUT,	  /* from a socket out of a link */
	BND_PATH_FORWARD, /* routed through */
	BND_PATH_FRAME,	  /* a packet socket's frame, out */
	BND_PATH_ARP_IN,
	BND_PATH_ARP_OUT,
	BND_PATH_BRIDGE, /* from port to port */
};
struct bnd_packet {
	enum bnd_path path;
	unsigned iif, oif;
	uint16_t ethertype;
	uint32_t tag; /* around it: TPID << 16 | vlan, 0 without one */
	bool lacp;    /* of ETH_P_SLOW, to everybody */
	uint8_t l4proto, icmp_type, hoplimit;
	struct bnd_prefix src, dst; /* family and addr are looked at */
	uint16_t sport, dport;
	unsigned ct_state, ct_dir; /* 0 without conntrack */
};

/* The fate of one packet, found by walking the rendered rules. */
bool bnd_rules_pass(const struct bnd_rules_in *in, const struct bnd_packet *p);

/*
 * A flow, from the one who opened it (src) to the other (dst).  It is allowed
 * if its packets are, in the original direction as if it were new, and the
 * replies to them.
 */
struct bnd_flow {
	enum bnd_path path; /* IN, OUT or FORWARD */
	unsigned iif, oif;  /* of the original direction */
	uint8_t l4proto, icmp_type;
	struct bnd_prefix src, dst;
	uint16_t sport, dport;
};
bool bnd_rules_allow(const struct bnd_rules_in *in, const struct bnd_flow *f);

#endif
