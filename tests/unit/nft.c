/* nft.c: rendered, committed and dumped is the same; every alteration differs */
/* SPDX-License-Identifier: ISC */
#include "nft.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "link.h"
#include "nft-compare.h"
#include "nft-rule.h"
#include "tap.h"

static const char list_text[] =
    "version 1\n"
    "in RESTRICTED proto=tcp dport=22,80-90,443\n"
    "vpn v2/tun\n"
    "dhcp v0/veth\n"
    "out TRUSTED if=v0/veth proto=udp dst=198.51.100.7/32 dport=51820\n"
    "out TRUSTED if=v0/veth proto=tcp dst=2001:db8::/47 dport=443\n"
    "out TRUSTED if=v0/veth proto=icmp dst=10.0.0.0/9 type=8\n"
    "forward RESTRICTED from=v0/veth to=v1/veth proto=tcp dport=1-65535\n";

static struct bnd_netlist list;
static struct bnd_nl nf = BND_NL_CLOSED, rt = BND_NL_CLOSED;
static struct bnd_links links;

/* A pair of links, so that the chains of frames have something to hook. */
static void
make_pair(const char *name)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC };
	SCOPED_NLBUF struct bnd_nlbuf b = { 0 };
	struct bnd_err err = { 0 };
	size_t nest;

	bnd_nl_msg(
	    &b, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi, sizeof(ifi));
	bnd_nl_put_str(&b, IFLA_IFNAME, name);
	nest = bnd_nl_nest(&b, IFLA_LINKINFO);
	bnd_nl_put_str(&b, IFLA_INFO_KIND, "veth");
	bnd_nl_nest_end(&b, nest);
	if (bnd_nl_talk(&rt, &b, &err) != 0)
		skip_kernel_all("no veth links here");
}

static void
set_up(void)
{
	static struct bnd_list_report report;
	struct bnd_err err = { 0 };

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		skip_all("no user and network namespace of our own here");
	if (bnd_netlist_parse(
		(struct bnd_str){ list_text, sizeof(list_text) - 1 }, &list,
		&report) != 0) {
		printf("Bail out! the list is bad\n");
		exit(1);
	}
	if (bnd_nl_open(&nf, NETLINK_NETFILTER, &err) != 0 ||
	    bnd_nl_open(&rt, NETLINK_ROUTE, &err) != 0)
		skip_kernel_all("no netlink for it here");
	make_pair("v0");
	make_pair("v1");
	if (bnd_links_read(&rt, &links, &err) != 0)
		skip_kernel_all("links cannot be read here");
}

static struct bnd_rules_in
input(enum bnd_mode mode)
{
	return (struct bnd_rules_in){
		.mode = mode, .list = &list, .link = links.id, .links = links.n
	};
}

/* How many notes a comparison with mode makes; -1: it failed. */
static long
differences(enum bnd_mode mode, const struct bnd_nft_lacks *lacks)
{
	static struct bnd_notes notes;
	bool differs[BND_FAMILIES];
	struct bnd_rules_in in = input(mode);
	struct bnd_err err = { 0 };

	notes = (struct bnd_notes){ 0 };
	if (bnd_nft_compare(&nf, &in, lacks, differs, &notes, &err) != 0)
		return -1;
	return differs[0] ? (long)(notes.n + notes.lost) : 0;
}

static void
every_pair(void)
{
	for (enum bnd_mode m = BND_MODE_FIRST; m <= BND_MODE_LAST; m++) {
		struct bnd_rules_in in = input(m);
		struct bnd_nft_lacks lacks = { 0 };
		struct bnd_err err = { 0 };
		uint32_t gen = 0;

		is_int(bnd_nft_generation(&nf, &gen, &err), 0, "generation");
		is_int(bnd_nft_commit(&nf, &in, &gen, &lacks, &err), 0,
		    "%s is taken by the kernel: %s", bnd_mode_name(m),
		    err.text);
		is_int(differences(m, &lacks), 0, "%s reads back as rendered",
		    bnd_mode_name(m));
		for (enum bnd_mode o = BND_MODE_FIRST; o <= BND_MODE_LAST; o++)
			if (o != m && !(m >= BND_AIRGAP && o >= BND_AIRGAP))
				ok(differences(o, &lacks) > 0,
				    "%s is not taken for %s", bnd_mode_name(m),
				    bnd_mode_name(o));
		is_int(bnd_nft_commit(&nf, &in, &gen, &lacks, &err), -1,
		    "a stale generation is refused");
		is_int(err.errnum, ERESTART, "with ERESTART");
		is_int(differences(m, &lacks), 0, "and nothing happened");
	}
}

/* One message of nf_tables in a batch of its own. */
static int
alter(struct bnd_nlbuf *inner)
{
	SCOPED_NLBUF struct bnd_nlbuf b = { 0 };
	struct bnd_nl_fault fault[4];
	struct bnd_err err = { 0 };
	struct nlmsghdr *nlh;
	size_t faults = 0;

	bnd_nl_nfmsg(&b, NFNL_SUBSYS_NONE, NFNL_MSG_BATCH_BEGIN, 0, 0,
	    NFNL_SUBSYS_NFTABLES);
	nlh = (struct nlmsghdr *)(void *)inner->p;
	nlh->nlmsg_flags |= NLM_F_ACK;
	bnd_nl_copy(&b, nlh);
	bnd_nl_nfmsg(&b, NFNL_SUBSYS_NONE, NFNL_MSG_BATCH_END, 0, 0,
	    NFNL_SUBSYS_NFTABLES);
	return bnd_nl_batch(&nf, &b, fault, 4, &faults, &err);
}

static void
each_alteration(void)
{
	struct bnd_rules_in in = input(BND_TRUSTED);
	struct bnd_nft_lacks lacks = { 0 };
	struct bnd_err err = { 0 };
	static const struct {
		uint8_t cmd, family;
		const char *chain, *what;
	} table[] = {
		{ NFT_MSG_DELTABLE, 1, NULL, "the inet table deleted" },
		{ NFT_MSG_DELTABLE, 3, NULL, "the arp table deleted" },
		{ NFT_MSG_DELTABLE, 7, NULL, "the bridge table deleted" },
		{ NFT_MSG_DELTABLE, 5, NULL, "the netdev table deleted" },
		{ NFT_MSG_DELRULE, 1, "late", "a chain emptied" },
		{ NFT_MSG_DELRULE, 5, "out-0", "frames let go" },
		{ NFT_MSG_NEWCHAIN, 1, "more", "a chain added" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		SCOPED_NLBUF struct bnd_nlbuf b = { 0 };

		if (bnd_nft_commit(&nf, &in, NULL, &lacks, &err) != 0)
			ok(false, "%s", err.text);
		bnd_nl_nfmsg(&b, NFNL_SUBSYS_NFTABLES, table[i].cmd,
		    table[i].cmd == NFT_MSG_NEWCHAIN ? NLM_F_CREATE : 0,
		    table[i].family, 0);
		bnd_nl_put_str(&b, NFTA_TABLE_NAME, BND_RULES_TABLE);
		if (table[i].cmd == NFT_MSG_DELRULE)
			bnd_nl_put_str(&b, NFTA_RULE_CHAIN, table[i].chain);
		if (table[i].cmd == NFT_MSG_NEWCHAIN)
			bnd_nl_put_str(&b, NFTA_CHAIN_NAME, table[i].chain);
		is_int(alter(&b), 0, "%s", table[i].what);
		ok(differences(BND_TRUSTED, &lacks) > 0, "and it is seen");
	}
}

/* Asking what lacks changes nothing. */
static void
probing(void)
{
	struct bnd_rules_in in = input(BND_TRUSTED);
	struct bnd_nft_lacks none = { 0 }, found = { 0 };
	struct bnd_err err = { 0 };
	uint32_t before = 0, after = 1;

	is_int(bnd_nft_commit(&nf, &in, NULL, &none, &err), 0, "TRUSTED");
	is_int(bnd_nft_generation(&nf, &before, &err), 0, "generation");
	is_int(
	    bnd_nft_probe(&nf, false, &found, &err), 0, "probe: %s", err.text);
	is_int(bnd_nft_generation(&nf, &after, &err), 0, "generation");
	ok(before == after, "a probe changes no rule");
	ok(memcmp(&none, &found, sizeof(none)) == 0,
	    "and finds what the commit found");
	is_int(differences(BND_TRUSTED, &found), 0, "TRUSTED is as it was");
}

/* What a kernel lacks is left out, and the rest is in force. */
static void
without(void)
{
	struct bnd_rules_in in = input(BND_AIRGAP);
	struct bnd_nft_lacks lacks = { .egress = true };
	struct bnd_err err = { 0 };

	lacks.family[BND_ARP] = true;
	in.mode = BND_OPEN;
	is_int(
	    bnd_nft_commit(&nf, &in, NULL, &(struct bnd_nft_lacks){ 0 }, &err),
	    0, "all gone");
	in.mode = BND_AIRGAP;
	is_int(bnd_nft_commit(&nf, &in, NULL, &lacks, &err), 0,
	    "without arp and egress");
	is_int(differences(BND_AIRGAP, &lacks), 0, "the rest reads back");
	ok(differences(BND_AIRGAP, &(struct bnd_nft_lacks){ 0 }) > 0,
	    "and is not taken for all of it");
}

/* The first message of that kind that the batch has for netdev. */
static const struct nlmsghdr *
netdev_chain(const struct bnd_nlbuf *b)
{
	const struct nlmsghdr *nlh = NULL;

	while ((nlh = bnd_nl_next(b, nlh)) != NULL) {
		const struct nfgenmsg *head = bnd_nl_fixed(nlh, sizeof(*head));

		if ((nlh->nlmsg_type & 0xff) == NFT_MSG_NEWCHAIN &&
		    nlh->nlmsg_type >> 8 == NFNL_SUBSYS_NFTABLES &&
		    head->nfgen_family == 5)
			return nlh;
	}
	return NULL;
}

static bool
batch_has_prefix(const struct bnd_rules_in *in, const struct bnd_nft_lacks *l)
{
	SCOPED_NLBUF struct bnd_nlbuf b = { 0 };
	struct bnd_err err = { 0 };
	const struct nlmsghdr *nlh;

	if (bnd_nft_batch(&b, in, NULL, l, &err) != 0)
		return false;
	nlh = netdev_chain(&b);
	return nlh != NULL && bnd_nft_has_prefix(nlh);
}

static long
differences_from(
    const struct bnd_rules_in *in, const struct bnd_nft_lacks *lacks)
{
	static struct bnd_notes notes;
	bool differs[BND_FAMILIES];
	struct bnd_err err = { 0 };

	notes = (struct bnd_notes){ 0 };
	if (bnd_nft_compare(&nf, in, lacks, differs, &notes, &err) != 0)
		return -1;
	return differs[0] ? (long)(notes.n + notes.lost) : 0;
}

/* All links in one chain, where kernel and library have it. */
static void
every_link(void)
{
	struct bnd_rules_in in = input(BND_TRUSTED);
	struct bnd_nft_lacks lacks = { 0 }, by_name = { .every = true };
	struct bnd_err err = { 0 };

	diag("this libnftnl %s a chain of all links",
	    bnd_nft_writes_every() ? "writes" : "does not write");
	ok(!batch_has_prefix(&in, &lacks), "by name: no prefix");
	in.every = true;
	ok(batch_has_prefix(&in, &lacks), "all at once: a prefix");
	ok(!batch_has_prefix(&in, &by_name), "but not for a kernel without");

	is_int(bnd_nft_probe(&nf, true, &lacks, &err), 0, "probe");
	diag("this kernel %s it", lacks.every ? "refuses" : "takes");
	is_int(bnd_nft_commit(&nf, &in, NULL, &lacks, &err), 0, "TRUSTED: %s",
	    err.text);
	is_int(differences_from(&in, &lacks), 0, "reads back as rendered");
	ok(lacks.every == (differences(BND_TRUSTED, &lacks) == 0),
	    "and is told from one by name, if it is none");
	make_pair("late");
	is_int(bnd_links_read(&rt, &links, &err), 0, "a link comes");
	in = input(BND_TRUSTED);
	in.every = true;
	ok(lacks.every == (differences_from(&in, &lacks) != 0),
	    "which needs no new rules, unless links are named");
	is_int(bnd_nft_commit(&nf, &in, NULL, &by_name, &err), 0,
	    "a kernel that names them");
	is_int(differences_from(&in, &by_name), 0, "reads back by name");
}

int
main(void)
{
	set_up();
	every_pair();
	each_alteration();
	probing();
	without();
	every_link();
	bnd_links_free(&links);
	bnd_nl_close(&nf);
	bnd_nl_close(&rt);
	return tap_done();
}
