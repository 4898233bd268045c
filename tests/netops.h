/* netops.h: what reads dumps of the kernel, a letter each, for fuzz and recorder */
/* SPDX-License-Identifier: ISC */
#ifndef TEST_NETOPS_H
#define TEST_NETOPS_H

#include <stdlib.h>
#include <string.h>

#include "bypass-judge.h"
#include "bypass.h"
#include "conns.h"
#include "flowtable.h"
#include "image.h"
#include "link.h"
#include "netlist.h"
#include "nft-compare.h"
#include "nft.h"
#include "nl.h"
#include "queue.h"
#include "snap-proof.h"
#include "snap-replay.h"
#include "socks.h"

#define NETOPS_LIST                                                        \
	"version 1\nin RESTRICTED proto=tcp dport=22\nvpn wg0/wireguard\n" \
	"out TRUSTED if=h0/veth proto=udp dst=10.77.0.2/32 dport=53\n"     \
	"forward RESTRICTED from=h1/veth to=h0/veth proto=tcp dport=80\n"  \
	"bypass h0/veth tc\nbridge b0/bridge\ndhcp h0/veth\n"

struct netops {
	struct bnd_nl rt, nf;
	struct bnd_links links;
	struct bnd_netlist list;
	struct bnd_rules_in in;
	struct bnd_notes notes, more;
};

static inline void
netops_rules(struct netops *o)
{
	struct bnd_nft_lacks lacks = { 0 };
	bool differs[BND_FAMILIES] = { false };
	struct bnd_err err = { 0 };
	uint32_t gen;

	(void)!bnd_nft_generation(&o->nf, &gen, &err);
	(void)!bnd_nft_compare(
	    &o->nf, &o->in, &lacks, differs, &o->notes, &err);
}

static inline void
netops_flows(struct netops *o)
{
	struct bnd_cut cut = { 0 };
	struct bnd_err err = { 0 };

	(void)!bnd_socks_prime(&o->in, &o->rt, &o->nf, 50, &err);
	(void)!bnd_socks_cut(&o->in, &o->rt, &o->nf, &cut, 50, &err);
	(void)!bnd_conns_cut(&o->in, &o->rt, &o->nf, &cut, 50, &err);
}

static inline void
netops_bypasses(struct netops *o)
{
	struct bnd_bypasses *b = calloc(1, sizeof(*b));
	struct bnd_err err = { 0 };

	if (b != NULL && bnd_bypass_read(&o->rt, &o->links, b, &err) == 0)
		(void)bnd_bypass_judge(
		    b, o->in.mode, &o->list, &o->links, &o->notes, &o->more);
	free(b);
}

static inline void
netops_flowtables(struct netops *o)
{
	struct bnd_flowtables *f = calloc(1, sizeof(*f));
	struct bnd_err err = { 0 };

	if (f != NULL && bnd_flowtables_read(&o->nf, f, &err) == 0)
		(void)bnd_flowtables_judge(f, o->in.mode, &o->notes, &o->more);
	free(f);
}

static inline void
netops_queues(struct netops *o)
{
	const struct bnd_queue_order order = { .all = true };
	struct bnd_queue_result res = { 0 };
	struct bnd_err err = { 0 };

	(void)!bnd_queue_empty(
	    &o->rt, &o->links, &order, &res, &o->notes, &err);
	(void)!bnd_queue_tidy(&o->rt, &err);
}

/* What a snapshot keeps is sent again and looked for. */
static inline void
netops_images(struct netops *o)
{
	struct bnd_image image = { 0 };
	struct bnd_snap snap = { 0 };
	struct bnd_snaps snaps = { .n = 1, .v = &snap };
	struct bnd_err err = { 0 };

	if (bnd_image_read(&o->rt, &image, &err) == 0 && o->links.n > 0) {
		const struct bnd_nlbuf *all[] = { &image.addr, &image.nexthop,
			&image.route, &image.neigh };

		snap.was = o->links.v[o->links.n - 1];
		for (size_t i = 0; i < 4; i++) {
			const struct nlmsghdr *m = NULL;

			while ((m = bnd_nl_next(all[i], m)) != NULL)
				bnd_nl_copy(&snap.b, m);
		}
		bnd_snap_replay(&o->rt, &snaps);
		(void)!bnd_snap_prove(&o->rt, &snaps, &o->notes, &err);
	}
	bnd_nlbuf_free(&snap.b);
	bnd_image_free(&image);
}

/* The letters of op, and the mode that the rules are to be of. */
static inline void
netops_run(struct netops *o, char op, enum bnd_mode mode)
{
	static struct bnd_list_report report;
	const struct bnd_str list = { NETOPS_LIST, strlen(NETOPS_LIST) };
	struct bnd_err err = { 0 };

	memset(o, 0, sizeof(*o));
	o->rt.fd = o->nf.fd = -1;
	if (bnd_netlist_parse(list, &o->list, &report) != 0 ||
	    bnd_nl_open(&o->rt, NETLINK_ROUTE, &err) != 0 ||
	    bnd_nl_open(&o->nf, NETLINK_NETFILTER, &err) != 0)
		abort();
	(void)!bnd_links_read(&o->rt, &o->links, &err);
	o->in = (struct bnd_rules_in){ .mode = mode,
		.list = &o->list,
		.link = o->links.id,
		.links = o->links.n };
	if (op == 'N')
		netops_rules(o);
	else if (op == 'F')
		netops_flows(o);
	else if (op == 'B')
		netops_bypasses(o);
	else if (op == 'T')
		netops_flowtables(o);
	else if (op == 'Q')
		netops_queues(o);
	else if (op == 'I')
		netops_images(o);
	bnd_links_free(&o->links);
	bnd_nl_close(&o->rt);
	bnd_nl_close(&o->nf);
}

#endif
