/* bypass.c: what moves frames past the rules: XDP, tc, AF_XDP, packet taps */
/* SPDX-License-Identifier: ISC */
#include "bypass.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/xdp_diag.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scope.h"
#include "shaper.h"
#include "text.h"

#ifndef AF_XDP
#define AF_XDP 44
#endif

#define PACKET_SOCKETS "/proc/self/net/packet"

#define PROTOCOLS      "/proc/self/net/protocols"
#define HOLDERS_MS     100

static void
add(struct bnd_bypasses *b, const struct bnd_bypass_seen *seen)
{
	if (b->n == BND_BYPASS_MAX)
		b->more = true;
	else
		b->seen[b->n++] = *seen;
}

static void
add_on(struct bnd_bypasses *b, enum bnd_bypass kind, unsigned index)
{
	add(b, &(struct bnd_bypass_seen){ .kind = kind, .index = index });
}

/* ---- tc ---- */

struct filters {
	unsigned n;
};

static int
count_filter(const struct nlmsghdr *nlh, void *arg, struct bnd_err *err)
{
	struct filters *f = arg;

	(void)err;
	if (nlh == NULL)
		f->n = 0;
	else if (nlh->nlmsg_type == RTM_NEWTFILTER)
		f->n++;
	return 0;
}

static int
has_filters(struct bnd_nl *nl, int index, uint32_t parent, bool *any,
    struct bnd_err *err)
{
	struct tcmsg tc = { .tcm_family = AF_UNSPEC,
		.tcm_ifindex = index,
		.tcm_parent = parent };
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	struct filters f = { 0 };

	bnd_nl_msg(&req, RTM_GETTFILTER, NLM_F_DUMP, &tc, sizeof tc);
	if (bnd_nl_each(nl, &req, count_filter, &f, err) == -1)
		return -1;
	*any |= f.n > 0;
	return 0;
}

/*
 * A qdisc that runs filters before or after the rules: clsact or ingress; any
 * other that does more with them than choose.
 */
static int
judge_qdisc(struct bnd_nl *nl, const struct nlmsghdr *nlh,
    struct bnd_bypasses *b, struct bnd_err *err)
{
	static const uint32_t parents[] = {
		TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS),
		TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS),
		TC_H_MAKE(TC_H_INGRESS, 0),
	};
	const struct tcmsg *tc = bnd_nl_fixed(nlh, sizeof *tc);
	struct bnd_str tab[TCA_MAX + 1];
	bool any = false;
	char kind[16];
	size_t i;

	if (tc == NULL || !bnd_nl_attrs(nlh, sizeof *tc, tab, TCA_MAX))
		return 0;
	if (!bnd_nl_str(tab[TCA_KIND], kind, sizeof kind))
		return 0;
	if (strcmp(kind, "clsact") != 0 && strcmp(kind, "ingress") != 0) {
		if (bnd_shaper_rewrites(nl, tc, kind, &any, err) == -1)
			return -1;
		if (any)
			add_on(b, BND_BYPASS_TC, (unsigned)tc->tcm_ifindex);
		return 0;
	}
	/* A shared block keeps its filters elsewhere. */
	if (tab[TCA_INGRESS_BLOCK].p != NULL || tab[TCA_EGRESS_BLOCK].p != NULL)
		any = true;
	for (i = 0; !any && i < sizeof parents / sizeof parents[0]; i++)
		if (has_filters(nl, tc->tcm_ifindex, parents[i], &any, err) ==
			-1 &&
		    err->errnum != EINVAL && err->errnum != ENODEV)
			return -1;
	if (any)
		add_on(b, BND_BYPASS_TC, (unsigned)tc->tcm_ifindex);
	return 0;
}

static int
read_tc(struct bnd_nl *nl, struct bnd_bypasses *b, struct bnd_err *err)
{
	struct tcmsg all = { .tcm_family = AF_UNSPEC };
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	SCOPED_NLBUF struct bnd_nlbuf out = { 0 };
	const struct nlmsghdr *nlh = NULL;

	bnd_nl_msg(&req, RTM_GETQDISC, NLM_F_DUMP, &all, sizeof all);
	if (bnd_nl_dump(nl, &req, &out, err) == -1)
		/* A kernel without qdiscs has no filters either. */
		return err->errnum == EOPNOTSUPP ? 0 : -1;
	while ((nlh = bnd_nl_next(&out, nlh)) != NULL)
		if (nlh->nlmsg_type == RTM_NEWQDISC &&
		    judge_qdisc(nl, nlh, b, err) == -1)
			return -1;
	return 0;
}

/*
 * From Linux 6.6 programs hang on a link without any qdisc (tcx), and on a
 * netkit link.  An older kernel knows none of these places: EINVAL.
 */
static bool
has_programs(unsigned index)
{
	static const uint32_t places[] = { 46, 47, 54, 55 };
	size_t i;

	for (i = 0; i < sizeof places / sizeof places[0]; i++) {
		union bpf_attr a;

		memset(&a, 0, sizeof a);
		a.query.target_fd = index;
		a.query.attach_type = places[i];
		if (syscall(SYS_bpf, BPF_PROG_QUERY, &a, sizeof a) == 0 &&
		    a.query.prog_cnt > 0)
			return true;
	}
	return false;
}

/* ---- sockets ---- */

static int
take_xsk(const struct nlmsghdr *nlh, void *arg, struct bnd_err *err)
{
	const struct xdp_diag_msg *x;
	const struct xdp_diag_info *info;
	struct bnd_str tab[XDP_DIAG_MAX + 1];
	struct bnd_bypasses *b = arg;

	(void)err;
	if (nlh == NULL)
		return 0; /* seen twice does no harm */
	x = bnd_nl_fixed(nlh, sizeof *x);
	if (x == NULL || !bnd_nl_attrs(nlh, sizeof *x, tab, XDP_DIAG_MAX))
		return 0;
	info = (const void *)tab[XDP_DIAG_INFO].p;
	add(b,
	    &(struct bnd_bypass_seen){ .kind = BND_BYPASS_XSK,
		.index =
		    tab[XDP_DIAG_INFO].len >= sizeof *info ? info->ifindex : 0,
		.socket = true,
		.uid = bnd_nl_u32(tab[XDP_DIAG_UID], 0),
		.by.inode = x->xdiag_ino });
	return 0;
}

/* "XDP  SIZE SOCKETS ...": how many there are in this namespace; -1: not said. */
static int
xsk_in_use(struct bnd_str line)
{
	struct bnd_str word;
	uint64_t n = 0;

	if (!bnd_text_word(&line, &word) || !bnd_str_is(word, "XDP") ||
	    !bnd_text_word(&line, &word) || !bnd_text_word(&line, &word) ||
	    !bnd_text_u64(word, INT32_MAX, &n))
		return -1;
	return (int)n;
}

/* Without a list of them their number may still be known. */
static void
count_xsk(struct bnd_bypasses *b)
{
	SCOPED_FILE FILE *f = fopen(PROTOCOLS, "re");
	char text[512];
	int n = -1;

	while (n == -1 && f != NULL && fgets(text, sizeof text, f) != NULL)
		n = xsk_in_use((struct bnd_str){ text, strcspn(text, "\n") });
	/* No such protocol, no such socket. */
	b->no_xsk = f == NULL;
	if (n > 0)
		add_on(b, BND_BYPASS_XSK, 0);
}

static void
read_xsk(struct bnd_bypasses *b)
{
	struct xdp_diag_req all = { .sdiag_family = AF_XDP,
		.xdiag_show = XDP_SHOW_INFO };
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	SCOPED_NL struct bnd_nl nl = BND_NL_CLOSED;
	struct bnd_err why = { 0 };

	bnd_nl_msg(&req, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &all, sizeof all);
	if (bnd_nl_open(&nl, NETLINK_SOCK_DIAG, &why) == -1 ||
	    bnd_nl_each(&nl, &req, take_xsk, b, &why) == -1)
		count_xsk(b);
}

/* sk RefCnt Type Proto Iface R Rmem User Inode */
static void
take_tap(struct bnd_str line, struct bnd_bypasses *b)
{
	struct bnd_str word;
	uint64_t index = 0, uid = 0, inode = 0;
	unsigned i;

	for (i = 0; bnd_text_word(&line, &word); i++) {
		if (i == 4 && !bnd_text_u64(word, UINT32_MAX, &index))
			return;
		if (i == 7 && !bnd_text_u64(word, UINT32_MAX, &uid))
			return;
		if (i == 8 && !bnd_text_u64(word, UINT32_MAX, &inode))
			return;
	}
	if (i >= 8)
		add(b,
		    &(struct bnd_bypass_seen){ .index = (unsigned)index,
			.socket = true,
			.uid = (unsigned)uid,
			.by.inode = (uint32_t)inode });
}

static void
read_taps(struct bnd_bypasses *b)
{
	SCOPED_FILE FILE *f = NULL;
	char text[512];
	bool first = true;

	f = fopen(PACKET_SOCKETS, "re");
	while (f != NULL && fgets(text, sizeof text, f) != NULL) {
		struct bnd_str line = { text, strcspn(text, "\n") };

		if (!first)
			take_tap(line, b);
		first = false;
	}
}

static void
find_holders(struct bnd_bypasses *b)
{
	struct bnd_holder by[BND_BYPASS_MAX];
	size_t i;

	for (i = 0; i < b->n; i++)
		by[i] = b->seen[i].by;
	bnd_holders_find(by, b->n, HOLDERS_MS);
	for (i = 0; i < b->n; i++)
		b->seen[i].by = by[i];
}

int
bnd_bypass_read(struct bnd_nl *nl, const struct bnd_links *links,
    struct bnd_bypasses *b, struct bnd_err *err)
{
	size_t i;

	*b = (struct bnd_bypasses){ 0 };
	for (i = 0; i < links->n; i++)
		if (links->v[i].xdp)
			add_on(b, BND_BYPASS_XDP, links->v[i].id.index);
	for (i = 0; i < links->n; i++)
		if (has_programs(links->v[i].id.index))
			add_on(b, BND_BYPASS_TC, links->v[i].id.index);
	read_xsk(b);
	read_taps(b);
	find_holders(b);
	return read_tc(nl, b, err);
}
