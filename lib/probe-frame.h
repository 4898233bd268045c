/* probe-frame.h: what the live probe sends, and what of it arrived */
/* SPDX-License-Identifier: ISC */
#ifndef BND_PROBE_FRAME_H
#define BND_PROBE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BND_PROBE_RANDOM    40
#define BND_PROBE_MARK	    20 /* last bytes of a packet of ours */
#define BND_PROBE_FRAME	    128
/* IEEE 802 Local Experimental Ethertype 1: no protocol of the host's takes it. */
#define BND_PROBE_ETHERTYPE 0x88b5

/* One way past the seal each. */
enum bnd_probe_kind {
	BND_PROBE_NONE = 0,
	/* out: seen by the peer */
	BND_PROBE_OUT_V4,    /* UDP of a socket */
	BND_PROBE_OUT_V6,    /* the same */
	BND_PROBE_OUT_SYN4,  /* connect() */
	BND_PROBE_OUT_SYN6,  /* the same */
	BND_PROBE_OUT_L2,    /* a frame of a packet socket */
	BND_PROBE_OUT_L2_V4, /* UDP in such a frame */
	BND_PROBE_ARP_ASK,   /* the kernel looks for a neighbour */
	BND_PROBE_ARP_REPLY, /* the kernel answers one */
	BND_PROBE_ND_ASK,
	BND_PROBE_ND_REPLY,
	BND_PROBE_ANSWER, /* reset, unreachable: of a packet that came in */
	BND_PROBE_OTHER,  /* any other frame */
	/* in: seen by the host behind its hooks */
	BND_PROBE_IN_V4,
	BND_PROBE_IN_V6,
	BND_PROBE_IN_SYN4,
	BND_PROBE_IN_SYN6,
	BND_PROBE_IN_L2,
	BND_PROBE_IN_ARP, /* the kernel learned a neighbour from it */
	BND_PROBE_IN_ND,
	BND_PROBE_KINDS,
};

/* A set of kinds: bit 1 << kind. */
#define BND_PROBE_BIT(k) (UINT32_C(1) << (k))
#define BND_PROBE_ALL	 (BND_PROBE_BIT(BND_PROBE_KINDS) - 2)
/* What the peer has to send for them: each of the IN_ kinds. */
#define BND_PROBE_INWARD (BND_PROBE_ALL & ~(BND_PROBE_BIT(BND_PROBE_IN_V4) - 1))
/* Everything that must arrive where nothing is sealed. */
#define BND_PROBE_CONTROL                                   \
	(BND_PROBE_ALL & ~BND_PROBE_BIT(BND_PROBE_ANSWER) & \
	    ~BND_PROBE_BIT(BND_PROBE_OTHER))
#define BND_PROBE_IPV6                                                         \
	(BND_PROBE_BIT(BND_PROBE_OUT_V6) | BND_PROBE_BIT(BND_PROBE_OUT_SYN6) | \
	    BND_PROBE_BIT(BND_PROBE_ND_ASK) |                                  \
	    BND_PROBE_BIT(BND_PROBE_ND_REPLY) |                                \
	    BND_PROBE_BIT(BND_PROBE_IN_V6) |                                   \
	    BND_PROBE_BIT(BND_PROBE_IN_SYN6) | BND_PROBE_BIT(BND_PROBE_IN_ND))
#define BND_PROBE_FRAMES                         \
	(BND_PROBE_BIT(BND_PROBE_OUT_L2) |       \
	    BND_PROBE_BIT(BND_PROBE_OUT_L2_V4) | \
	    BND_PROBE_BIT(BND_PROBE_IN_L2))
#define BND_PROBE_ARP                            \
	(BND_PROBE_BIT(BND_PROBE_ARP_ASK) |      \
	    BND_PROBE_BIT(BND_PROBE_ARP_REPLY) | \
	    BND_PROBE_BIT(BND_PROBE_IN_ARP))

/* "out-v4", "arp-reply" and so on. */
const char *bnd_probe_kind_name(enum bnd_probe_kind k);

/* Who is who on the wire: the last byte of an address. */
enum bnd_probe_who {
	BND_PROBE_HOST = 1,
	BND_PROBE_PEER,	    /* its hardware address is known to the host */
	BND_PROBE_NOBODY,   /* looked for, never there */
	BND_PROBE_STRANGER, /* asks, and is not known before */
};

/*
 * Nonce and addresses of one probe, all of them made from random bytes: IPv4 in
 * 198.18.0.0/15 (RFC 2544), of which a /29 is used; IPv6 a prefix of RFC 4193.
 */
struct bnd_probe_plan {
	uint8_t nonce[16];
	uint8_t mac[BND_PROBE_STRANGER + 1][6]; /* HOST and PEER */
	uint8_t v4[4], v6[16];			/* the last byte is 0 */
	uint16_t port;
};
void bnd_probe_plan(
    const uint8_t random[static BND_PROBE_RANDOM], struct bnd_probe_plan *plan);

void bnd_probe_v4(const struct bnd_probe_plan *plan, enum bnd_probe_who who,
    uint8_t addr[static 4]);
void bnd_probe_v6(const struct bnd_probe_plan *plan, enum bnd_probe_who who,
    uint8_t addr[static 16]);

/* What every packet of a kind ends with. */
void bnd_probe_mark(const struct bnd_probe_plan *plan, enum bnd_probe_kind kind,
    uint8_t mark[static BND_PROBE_MARK]);
/* The kind of a packet that ends so, BND_PROBE_NONE for any other. */
enum bnd_probe_kind bnd_probe_marked(
    const struct bnd_probe_plan *plan, const uint8_t *p, size_t len);

/*
 * The frame of a kind: OUT_L2, OUT_L2_V4, and those that provoke the IN_ kinds
 * and the replies.  0: there is none.
 */
size_t bnd_probe_build(const struct bnd_probe_plan *plan,
    enum bnd_probe_kind kind, uint8_t p[static BND_PROBE_FRAME]);

/* What a frame that the peer saw is: one of the out kinds. */
enum bnd_probe_kind bnd_probe_classify(
    const struct bnd_probe_plan *plan, const uint8_t *p, size_t len);

#endif
