/* rules-data.h: a packet rule and its chain, as data */
/* SPDX-License-Identifier: ISC */
#ifndef BND_RULES_DATA_H
#define BND_RULES_DATA_H

#include <stddef.h>
#include <stdint.h>

#include "netval-addr.h"
#include "netval-link.h"

#define BND_RULE_MATCHES 12

struct bnd_rules_link;

enum bnd_family {
	BND_FAMILY_NONE = 0,
	BND_INET,
	BND_ARP,
	BND_BRIDGE,
	BND_NETDEV,
};
#define BND_FAMILIES 5

enum bnd_hook {
	BND_HOOK_NONE = 0,
	BND_PREROUTING,
	BND_INPUT,
	BND_FORWARD,
	BND_OUTPUT,
	BND_POSTROUTING,
	BND_INGRESS,
	BND_EGRESS,
};

/* A base chain: type filter, policy accept, in table BND_RULES_TABLE. */
struct bnd_chain {
	enum bnd_family family;
	enum bnd_hook hook;
	int priority;
	char name[32];
	/* netdev only: the links it hooks */
	const struct bnd_rules_link *const *link;
	size_t links;
	bool every; /* link there is or will be; none are named */
};

/*
 * Matches.  A number is equal when lo == hi, else lo <= x <= hi, in host
 * order here.  Those on a layer stand after the match that makes sure of it
 * (nfproto or protocol before an address, l4proto before ports and type).
 */
enum bnd_match_key {
	BND_M_NONE = 0,
	BND_M_IIF,	 /* meta iif, index */
	BND_M_OIF,	 /* meta oif, index */
	BND_M_IIFKIND,	 /* meta iifkind, text */
	BND_M_OIFKIND,	 /* meta oifkind, text */
	BND_M_NFPROTO,	 /* meta nfproto, NFPROTO_IPV4 or NFPROTO_IPV6 (inet) */
	BND_M_PROTOCOL,	 /* meta protocol, ETH_P_* (netdev) */
	BND_M_ETHERTYPE, /* @ll,96,16, ETH_P_* (netdev): no tag around it */
	BND_M_L4PROTO,	 /* meta l4proto */
	BND_M_SADDR,	 /* ip or ip6 saddr in prefix */
	BND_M_DADDR,	 /* ip or ip6 daddr in prefix */
	BND_M_SPORT,	 /* th sport */
	BND_M_DPORT,	 /* th dport */
	BND_M_ICMPTYPE,	 /* icmp or icmpv6 type: first byte of the transport */
	BND_M_HOPLIMIT,	 /* ip6 hoplimit */
	BND_M_CT_STATE,	 /* any of the NF_CT_STATE_BIT()s in lo */
	BND_M_CT_DIR,	 /* IP_CT_DIR_ORIGINAL 0, IP_CT_DIR_REPLY 1 */
	BND_M_TAG,	 /* @ll,96,32: TPID << 16 | vlan, priority apart */
	BND_M_TAGGED,	 /* @ll,128,16, ETH_P_* within the tag */
	BND_M_NOT_TYPE,	 /* @nh,16,16 is not this ETH_P_* */
	BND_M_SLOW,	 /* @ll,96,24: ETH_P_SLOW << 8 | subtype */
	BND_M_TO_MAC,	 /* @ll,0,48: text */
};

/* Values of BND_M_CT_STATE, as nft writes them. */
#define BND_CT_ESTABLISHED 2u
#define BND_CT_RELATED	   4u
#define BND_CT_NEW	   8u

struct bnd_match {
	enum bnd_match_key key;
	uint32_t lo, hi;
	struct bnd_prefix prefix; /* SADDR, DADDR */
	char text[BND_IFNAME];	  /* kinds, padded with NUL; TO_MAC: 6 bytes */
};

enum bnd_fate {
	BND_V_NONE = 0,
	BND_V_ACCEPT,
	BND_V_DROP,	  /* counter, drop */
	BND_V_REJECT_TCP, /* counter, reject with tcp reset */
	BND_V_REJECT,	  /* counter, reject with icmpx admin-prohibited */
	BND_V_COUNT,	  /* counter; goes on */
	BND_V_LOG,	  /* limit rate, log prefix; goes on */
};

struct bnd_rule {
	size_t matches;
	struct bnd_match match[BND_RULE_MATCHES];
	enum bnd_fate verdict;
	unsigned line; /* of the list it comes from, 0 if the mode's own */
};

#endif
