/* conns.c: conntrack, asked who began a flow, and relieved of refused ones */
/* SPDX-License-Identifier: ISC */
#include "conns.h"

#include <netinet/in.h> /* before linux/ headers that would redefine it */
#include <errno.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "judge.h"
#include "peer.h"

/* Seconds, the kernel's own for flows that are established. */
#define TCP_TIMEOUT (5 * 24 * 3600)
#define UDP_TIMEOUT 120

static int
af_of(const struct bnd_prefix *p)
{
	return p->family == 4 ? AF_INET : AF_INET6;
}

static bool
end_of(struct bnd_prefix *out, struct bnd_str v4, struct bnd_str v6)
{
	if (v4.p != NULL && v4.len == 4)
		return bnd_peer_addr(out, AF_INET, v4.p);
	if (v6.p != NULL && v6.len == 16)
		return bnd_peer_addr(out, AF_INET6, v6.p);
	return false;
}

static bool
read_tuple(struct bnd_str nest, struct bnd_tuple *t)
{
	struct bnd_str part[CTA_TUPLE_MAX + 1], ip[CTA_IP_MAX + 1],
	    l4[CTA_PROTO_MAX + 1];

	*t = (struct bnd_tuple){ 0 };
	if (nest.p == NULL || !bnd_nl_nested(nest, part, CTA_TUPLE_MAX) ||
	    !bnd_nl_nested(part[CTA_TUPLE_IP], ip, CTA_IP_MAX) ||
	    !bnd_nl_nested(part[CTA_TUPLE_PROTO], l4, CTA_PROTO_MAX))
		return false;
	t->l4proto = bnd_nl_u8(l4[CTA_PROTO_NUM], 0);
	t->sport = bnd_nl_be16(l4[CTA_PROTO_SRC_PORT], 0);
	t->dport = bnd_nl_be16(l4[CTA_PROTO_DST_PORT], 0);
	t->icmp_type = bnd_nl_u8(
	    l4[CTA_PROTO_ICMP_TYPE], bnd_nl_u8(l4[CTA_PROTO_ICMPV6_TYPE], 0));
	return end_of(&t->src, ip[CTA_IP_V4_SRC], ip[CTA_IP_V6_SRC]) &&
	    end_of(&t->dst, ip[CTA_IP_V4_DST], ip[CTA_IP_V6_DST]);
}

static void
put_tuple(struct bnd_nlbuf *b, uint16_t type, const struct bnd_tuple *t)
{
	bool v4 = t->src.family == 4;
	size_t all = bnd_nl_nest(b, type), part;
	uint16_t port;

	part = bnd_nl_nest(b, CTA_TUPLE_IP);
	bnd_nl_put(
	    b, v4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, t->src.addr, v4 ? 4 : 16);
	bnd_nl_put(
	    b, v4 ? CTA_IP_V4_DST : CTA_IP_V6_DST, t->dst.addr, v4 ? 4 : 16);
	bnd_nl_nest_end(b, part);
	part = bnd_nl_nest(b, CTA_TUPLE_PROTO);
	bnd_nl_put_u8(b, CTA_PROTO_NUM, t->l4proto);
	port = htons(t->sport);
	bnd_nl_put(b, CTA_PROTO_SRC_PORT, &port, sizeof(port));
	port = htons(t->dport);
	bnd_nl_put(b, CTA_PROTO_DST_PORT, &port, sizeof(port));
	bnd_nl_nest_end(b, part);
	bnd_nl_nest_end(b, all);
}

static bool
same_tuple(const struct bnd_tuple *a, const struct bnd_tuple *b)
{
	return memcmp(&a->src, &b->src, sizeof(a->src)) == 0 &&
	    memcmp(&a->dst, &b->dst, sizeof(a->dst)) == 0 &&
	    a->l4proto == b->l4proto && a->sport == b->sport &&
	    a->dport == b->dport;
}

/* ---- who began it ------------------------------------------------------------ */

struct asked {
	const struct bnd_tuple *ours;
	enum bnd_began began;
};

static int
on_found(const struct nlmsghdr *nlh, void *arg, struct bnd_err *err)
{
	struct bnd_str tab[CTA_MAX + 1];
	struct asked *a = arg;
	struct bnd_tuple orig;

	(void)err;
	a->began = BND_BEGAN_UNKNOWN;
	if (nlh == NULL ||
	    !bnd_nl_attrs(nlh, sizeof(struct nfgenmsg), tab, CTA_MAX) ||
	    !read_tuple(tab[CTA_TUPLE_ORIG], &orig))
		return 0;
	a->began =
	    same_tuple(&orig, a->ours) ? BND_BEGAN_HERE : BND_BEGAN_THERE;
	return 0;
}

enum bnd_began
bnd_conns_began(struct bnd_nl *ct, const struct bnd_tuple *ours)
{
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	struct asked a = { .ours = ours };
	struct bnd_err none = { 0 };

	if (ct->fd < 0)
		return BND_BEGAN_UNKNOWN;
	bnd_nl_nfmsg(&req, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET, 0,
	    (uint8_t)af_of(&ours->src), 0);
	put_tuple(&req, CTA_TUPLE_ORIG, ours);
	if (bnd_nl_each(ct, &req, on_found, &a, &none) != 0)
		return BND_BEGAN_UNKNOWN;
	return a.began;
}

/* ---- an entry of our own ------------------------------------------------------ */

/* Windows nobody watched cannot be judged: neither end is held to its own. */
static void
put_state(struct bnd_nlbuf *b)
{
	struct nf_ct_tcp_flags liberal = { IP_CT_TCP_FLAG_BE_LIBERAL,
		IP_CT_TCP_FLAG_BE_LIBERAL };
	size_t info = bnd_nl_nest(b, CTA_PROTOINFO), tcp;

	tcp = bnd_nl_nest(b, CTA_PROTOINFO_TCP);
	bnd_nl_put_u8(b, CTA_PROTOINFO_TCP_STATE, TCP_CONNTRACK_ESTABLISHED);
	bnd_nl_put(
	    b, CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, &liberal, sizeof(liberal));
	bnd_nl_put(b, CTA_PROTOINFO_TCP_FLAGS_REPLY, &liberal, sizeof(liberal));
	bnd_nl_nest_end(b, tcp);
	bnd_nl_nest_end(b, info);
}

int
bnd_conns_enter(
    struct bnd_nl *ct, const struct bnd_tuple *ours, struct bnd_err *err)
{
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	struct bnd_tuple reply = { .src = ours->dst,
		.dst = ours->src,
		.l4proto = ours->l4proto,
		.sport = ours->dport,
		.dport = ours->sport };
	bool tcp = ours->l4proto == IPPROTO_TCP;

	bnd_nl_nfmsg(&req, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_NEW,
	    NLM_F_CREATE | NLM_F_EXCL, (uint8_t)af_of(&ours->src), 0);
	put_tuple(&req, CTA_TUPLE_ORIG, ours);
	put_tuple(&req, CTA_TUPLE_REPLY, &reply);
	bnd_nl_put_be32(
	    &req, CTA_STATUS, IPS_CONFIRMED | IPS_SEEN_REPLY | IPS_ASSURED);
	bnd_nl_put_be32(&req, CTA_TIMEOUT, tcp ? TCP_TIMEOUT : UDP_TIMEOUT);
	if (tcp)
		put_state(&req);
	return bnd_nl_talk(ct, &req, err);
}

/* ---- refused entries --------------------------------------------------------- */

/* One walk through the entries. */
struct sweep {
	const struct bnd_rules_in *in;
	struct bnd_nl *route, *ct;
	struct bnd_here here;
	struct bnd_cut *cut;
};

/*
 * What the rules see is judged: the destination after NAT.  An entry of an
 * inbound flow stays, refused or not: without it the host's own next packet
 * would make the flow one of its own, and the peer's packets pass as replies.
 */
static bool
stays(const struct sweep *s, const struct bnd_tuple *orig,
    const struct bnd_tuple *reply)
{
	struct bnd_flow f = { .path = BND_PATH_OUT,
		.l4proto = orig->l4proto,
		.icmp_type = orig->icmp_type,
		.src = orig->src,
		.dst = reply->src,
		.sport = orig->sport,
		.dport = reply->sport };
	bool from_here = bnd_here_has(&s->here, &orig->src), to_here;

	/*
	 * What no link is needed for may leave by every one, and asking for the
	 * link is most of the work: RESTRICTED lets out everything.
	 */
	if (bnd_here_has(&s->here, &reply->src) ||
	    (from_here && bnd_rules_allow(s->in, &f)))
		return true;
	f.oif = bnd_peer_link(s->route, &reply->src, NULL, 0, &to_here);
	if (to_here)
		return true;
	if (!from_here)
		f.iif =
		    bnd_peer_link(s->route, &orig->src, NULL, 0, &from_here);
	if (from_here)
		f.iif = 0;
	else
		f.path = BND_PATH_FORWARD;
	return bnd_rules_allow(s->in, &f);
}

/* Name the entry as the kernel named it, so that no other one is hit. */
static int delete (struct bnd_nl *ct, uint8_t family, const struct bnd_str *tab,
    struct bnd_err *err)
{
	static const uint16_t copied[] = { CTA_TUPLE_ORIG, CTA_ID, CTA_ZONE };
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };

	bnd_nl_nfmsg(
	    &req, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_DELETE, 0, family, 0);
	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		if (tab[copied[i]].p != NULL)
			bnd_nl_put(&req,
			    copied[i] == CTA_TUPLE_ORIG
				? (uint16_t)(CTA_TUPLE_ORIG | NLA_F_NESTED)
				: copied[i],
			    tab[copied[i]].p, tab[copied[i]].len);
	return bnd_nl_talk(ct, &req, err);
}

static int
found(const struct nlmsghdr *nlh, void *arg, struct bnd_err *err)
{
	bool *there = arg;

	(void)err;
	*there = nlh != NULL;
	return 0;
}

/*
 * Deleting is refused while a flowtable forwards the flow (EBUSY).  An entry
 * whose time is up dies when it is looked for next, and the flowtable lets go
 * of what died when it tidies up, once a second.
 */
static int
expire(struct bnd_nl *ct, uint8_t family, const struct bnd_str *tab,
    struct bnd_err *err)
{
	const uint16_t tuple = CTA_TUPLE_ORIG | NLA_F_NESTED;
	SCOPED_NLBUF struct bnd_nlbuf end = { 0 }, get = { 0 };
	struct bnd_err why = { 0 };
	bool there = false;

	bnd_nl_nfmsg(
	    &end, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_NEW, 0, family, 0);
	bnd_nl_put(&end, tuple, tab[CTA_TUPLE_ORIG].p, tab[CTA_TUPLE_ORIG].len);
	bnd_nl_put_be32(&end, CTA_TIMEOUT, 0);
	bnd_nl_nfmsg(
	    &get, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET, 0, family, 0);
	bnd_nl_put(&get, tuple, tab[CTA_TUPLE_ORIG].p, tab[CTA_TUPLE_ORIG].len);
	if (bnd_nl_talk(ct, &end, err) != 0)
		return -1;
	if (bnd_nl_each(ct, &get, found, &there, &why) == -1 &&
	    why.errnum == ENOENT)
		return 0;
	return bnd_fail(err, BND_E_ENFORCER, "an offloaded flow does not end");
}

static int
judge_entry(struct sweep *s, const struct nlmsghdr *nlh, struct bnd_err *err)
{
	const struct nfgenmsg *nf = bnd_nl_fixed(nlh, sizeof(*nf));
	struct bnd_str tab[CTA_MAX + 1];
	struct bnd_tuple orig, reply;
	struct bnd_err why = { 0 };

	if (nf == NULL || !bnd_nl_attrs(nlh, sizeof(*nf), tab, CTA_MAX) ||
	    !read_tuple(tab[CTA_TUPLE_ORIG], &orig) ||
	    !read_tuple(tab[CTA_TUPLE_REPLY], &reply) ||
	    stays(s, &orig, &reply))
		return 0;
	if (delete (s->ct, nf->nfgen_family, tab, &why) == 0) {
		s->cut->flows++;
		return 0;
	}
	if (why.errnum == ENOENT)
		return 0;
	if (why.errnum == EBUSY) {
		s->cut->flows++;
		s->cut->offloaded++;
		if (expire(s->ct, nf->nfgen_family, tab, err) == 0)
			return 0;
		s->cut->stuck++;
		return -1;
	}
	return bnd_fail(err, why.kind, "%s", why.text);
}

static int
judge_entries(struct sweep *s, const struct bnd_nlbuf *entries,
    unsigned budget_ms, struct bnd_err *err)
{
	uint64_t until = bnd_clock_ms() + budget_ms;
	int status = 0;

	for (const struct nlmsghdr *nlh = bnd_nl_next(entries, NULL);
	     nlh != NULL; nlh = bnd_nl_next(entries, nlh)) {
		if (bnd_clock_ms() > until)
			return bnd_fail(err, BND_E_BUSY,
			    "cannot look at every tracked flow in time");
		if (judge_entry(s, nlh, status == 0 ? err : NULL) != 0)
			status = -1;
	}
	return status;
}

int
bnd_conns_cut(const struct bnd_rules_in *in, struct bnd_nl *route,
    struct bnd_nl *ct, struct bnd_cut *cut, unsigned budget_ms,
    struct bnd_err *err)
{
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 }, entries = { 0 };
	struct sweep s = { .in = in, .route = route, .ct = ct, .cut = cut };
	int status = -1;

	bnd_nl_nfmsg(&req, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET, NLM_F_DUMP,
	    AF_UNSPEC, 0);
	if (bnd_here_read(route, &s.here, err) == 0 &&
	    bnd_nl_dump(ct, &req, &entries, err) == 0)
		status = judge_entries(&s, &entries, budget_ms, err);
	bnd_here_free(&s.here);
	return status;
}

/* ---- all --------------------------------------------------------------------- */

static int
flush(struct bnd_nl *ct, uint8_t subsys, uint8_t cmd, struct bnd_err *err)
{
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };

	bnd_nl_nfmsg(&req, subsys, cmd, 0, AF_UNSPEC, 0);
	return bnd_nl_talk(ct, &req, err);
}

/*
 * How many there are, as the kernel counts them: walking its table to count
 * takes 15 ms when it is empty, and longer than the whole rest of an apply.
 */
static int
count(struct bnd_nl *ct, unsigned *entries, struct bnd_err *err)
{
	struct bnd_str tab[CTA_STATS_GLOBAL_MAX + 1];
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	SCOPED_NLBUF struct bnd_nlbuf out = { 0 };
	const struct nlmsghdr *nlh;

	bnd_nl_nfmsg(&req, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET_STATS, 0,
	    AF_UNSPEC, 0);
	if (bnd_nl_dump(ct, &req, &out, err) != 0)
		return -1;
	nlh = bnd_nl_next(&out, NULL);
	if (nlh != NULL &&
	    bnd_nl_attrs(
		nlh, sizeof(struct nfgenmsg), tab, CTA_STATS_GLOBAL_MAX))
		*entries += bnd_nl_be32(tab[CTA_STATS_GLOBAL_ENTRIES], 0);
	return 0;
}

int
bnd_conns_flush(struct bnd_nl *ct, struct bnd_cut *cut, struct bnd_err *err)
{
	int status = 0;

	if (count(ct, &cut->flows, err) != 0)
		status = -1;
	if (flush(ct, NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_DELETE,
		status == 0 ? err : NULL) != 0)
		status = -1;
	if (flush(ct, NFNL_SUBSYS_CTNETLINK_EXP, IPCTNL_MSG_EXP_DELETE,
		status == 0 ? err : NULL) != 0)
		status = -1;
	return status;
}
