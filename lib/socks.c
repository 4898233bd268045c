/* socks.c: sockets whose flows are refused are destroyed, others made known */
/* SPDX-License-Identifier: ISC */
#include "socks.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "conns.h"
#include "judge.h"
#include "peer.h"
#include "scope.h"

/*
 * A listener, or an unconnected socket of a datagram protocol, is no flow and
 * lives; what it would let in is judged packet by packet.
 */
#define STATES_TCP \
	(~(1U << TCP_LISTEN) & ~(1U << TCP_CLOSE) & ~(1U << TCP_TIME_WAIT))
#define STATES_OTHER (1U << TCP_ESTABLISHED)

static const struct {
	uint8_t proto;
	unsigned flows, listeners; /* sets of states */
} protocols[] = {
	{ IPPROTO_TCP, STATES_TCP, 1U << TCP_LISTEN },
	{ IPPROTO_UDP, STATES_OTHER, 1U << TCP_CLOSE },
	{ IPPROTO_UDPLITE, STATES_OTHER, 1U << TCP_CLOSE },
	{ IPPROTO_SCTP, STATES_TCP, 1U << TCP_LISTEN },
	{ IPPROTO_RAW, STATES_OTHER, 0 },
};
static const uint8_t families[] = { AF_INET, AF_INET6 };

struct listener {
	struct bnd_prefix addr;
	bool any;
	uint16_t port;
};

struct cutter;
typedef void judge_fn(struct cutter *c, const struct inet_diag_msg *m,
    const struct bnd_tuple *t, unsigned link);

struct cutter {
	const struct bnd_rules_in *in;
	judge_fn *judge;
	uint64_t until_ms;
	struct bnd_nl diag, *route, *ct;
	struct bnd_cut *cut;
	uint8_t proto;
	struct listener *listener;
	size_t listeners, room;
};

static void
close_cutter(struct cutter *c)
{
	bnd_nl_close(&c->diag);
	free(c->listener);
}
#define SCOPED_CUTTER __attribute__((cleanup(close_cutter)))

static int
dump(struct cutter *c, uint8_t family, unsigned states, struct bnd_nlbuf *out,
    struct bnd_err *err)
{
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	struct inet_diag_req_v2 r = { .sdiag_family = family,
		.sdiag_protocol = c->proto,
		.idiag_states = states };

	bnd_nl_msg(&req, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &r, sizeof(r));
	return bnd_nl_dump(&c->diag, &req, out, err);
}

/* A protocol that the kernel cannot list has no sockets that we could cut. */
static bool
unknown(const struct bnd_err *err)
{
	return err->errnum == ENOENT || err->errnum == EOPNOTSUPP ||
	    err->errnum == EPROTONOSUPPORT;
}

static int
add_listener(
    struct cutter *c, const struct inet_diag_msg *m, struct bnd_err *err)
{
	static const uint8_t zero[16];
	struct listener *l;

	if (c->listeners == c->room) {
		size_t room = c->room == 0 ? 64 : 2 * c->room;

		l = reallocarray(c->listener, room, sizeof(*l));
		if (l == NULL)
			return bnd_fail_errno(err, "cannot list sockets");
		c->listener = l;
		c->room = room;
	}
	l = &c->listener[c->listeners++];
	if (!bnd_peer_addr(&l->addr, m->idiag_family, m->id.idiag_src)) {
		c->listeners--;
		return 0;
	}
	l->any = memcmp(l->addr.addr, zero, l->addr.len / 8U) == 0;
	l->port = ntohs(m->id.idiag_sport);
	return 0;
}

static int
read_listeners(struct cutter *c, unsigned states, struct bnd_err *err)
{
	c->listeners = 0;
	for (size_t f = 0; states != 0 && f < sizeof(families); f++) {
		SCOPED_NLBUF struct bnd_nlbuf all = { 0 };
		const struct nlmsghdr *nlh = NULL;

		if (dump(c, families[f], states, &all, err) != 0)
			return -1;
		while ((nlh = bnd_nl_next(&all, nlh)) != NULL) {
			const struct inet_diag_msg *m =
			    bnd_nl_fixed(nlh, sizeof(*m));

			if (m != NULL && add_listener(c, m, err) != 0)
				return -1;
		}
	}
	return 0;
}

/*
 * Whether a socket was opened by its peer: the tracker knows best; else by who
 * listens on its port.  A listener on another address leaves it in doubt, or a
 * port that the kernel does not choose by itself: a server may have closed its
 * listener.  Then the flow must be allowed as either.
 */
#define PORT_CHOSEN 32768 /* start of ip_local_port_range */

enum role {
	OUTBOUND = 1,
	INBOUND = 2,
	EITHER = OUTBOUND | INBOUND,
};

static enum role
role_of(struct cutter *c, const struct bnd_tuple *t)
{
	enum bnd_began began = bnd_conns_began(c->ct, t);
	bool chosen = t->sport == 0 || t->sport >= PORT_CHOSEN;
	enum role role = chosen ? OUTBOUND : EITHER;

	if (began != BND_BEGAN_UNKNOWN)
		return began == BND_BEGAN_HERE ? OUTBOUND : INBOUND;
	for (size_t i = 0; i < c->listeners; i++) {
		const struct listener *l = &c->listener[i];

		if (l->port != t->sport)
			continue;
		if (l->any || memcmp(&l->addr, &t->src, sizeof(t->src)) == 0)
			return INBOUND;
		role = EITHER;
	}
	return role;
}

static bool
allowed(
    struct cutter *c, const struct bnd_tuple *t, unsigned link, enum role role)
{
	struct bnd_flow out = { .path = BND_PATH_OUT,
		.oif = link,
		.l4proto = t->l4proto,
		.src = t->src,
		.dst = t->dst,
		.sport = t->sport,
		.dport = t->dport };
	struct bnd_flow in = { .path = BND_PATH_IN,
		.iif = link,
		.l4proto = t->l4proto,
		.src = t->dst,
		.dst = t->src,
		.sport = t->dport,
		.dport = t->sport };

	return ((role & OUTBOUND) == 0 || bnd_rules_allow(c->in, &out)) &&
	    ((role & INBOUND) == 0 || bnd_rules_allow(c->in, &in));
}

/* A raw socket's port is its protocol. */
static uint8_t
raw_proto(const struct inet_diag_msg *m)
{
	return (uint8_t)ntohs(m->id.idiag_sport);
}

static void
destroy(struct cutter *c, const struct inet_diag_msg *m)
{
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	struct inet_diag_req_v2 r = { .sdiag_family = m->idiag_family,
		.sdiag_protocol = c->proto,
		.idiag_states = m->idiag_state < 32 ? 1U << m->idiag_state : 0,
		.id = m->id };
	struct bnd_err why = { 0 };

	if (c->proto == IPPROTO_RAW)
		r.pad = raw_proto(m);
	bnd_nl_msg(&req, SOCK_DESTROY, 0, &r, sizeof(r));
	if (bnd_nl_talk(&c->diag, &req, &why) == 0)
		c->cut->sockets++;
	else if (why.errnum == EOPNOTSUPP)
		/* Before 6.4 also of what is left of a socket that closed. */
		c->cut->no_destroy |= m->idiag_state == TCP_ESTABLISHED;
	else if (why.errnum != ENOENT)
		c->cut->failed++;
}

static void
judge_cut(struct cutter *c, const struct inet_diag_msg *m,
    const struct bnd_tuple *t, unsigned link)
{
	if (!allowed(c, t, link, role_of(c, t)))
		destroy(c, m);
}

/* What a rule on replies will ask conntrack about, if it is to go on. */
static void
judge_prime(struct cutter *c, const struct inet_diag_msg *m,
    const struct bnd_tuple *t, unsigned link)
{
	struct bnd_err none = { 0 };
	bool tracked = c->proto == IPPROTO_TCP || c->proto == IPPROTO_UDP;

	if (!tracked || m->idiag_state != TCP_ESTABLISHED ||
	    bnd_conns_began(c->ct, t) != BND_BEGAN_UNKNOWN ||
	    role_of(c, t) != OUTBOUND || !allowed(c, t, link, OUTBOUND))
		return;
	/* Without the entry the flow waits for the host to send something. */
	(void)!bnd_conns_enter(c->ct, t, &none);
}

static void
judge_socket(struct cutter *c, const struct inet_diag_msg *m)
{
	struct bnd_tuple t = { .l4proto = c->proto,
		.sport = ntohs(m->id.idiag_sport),
		.dport = ntohs(m->id.idiag_dport) };

	if (!bnd_peer_addr(&t.src, m->idiag_family, m->id.idiag_src) ||
	    !bnd_peer_addr(&t.dst, m->idiag_family, m->id.idiag_dst))
		return;
	if (c->proto == IPPROTO_RAW) {
		t.l4proto = raw_proto(m);
		t.sport = t.dport = 0;
	}
	c->judge(c, m, &t,
	    bnd_peer_link(c->route, &t.dst, &t.src, m->id.idiag_if, NULL));
}

static bool
in_time(const struct cutter *c)
{
	return bnd_clock_ms() < c->until_ms;
}

static int
judge_protocol(struct cutter *c, size_t i, struct bnd_err *err)
{
	c->proto = protocols[i].proto;
	if (read_listeners(c, protocols[i].listeners, err) != 0)
		return -1;
	for (size_t f = 0; f < sizeof(families); f++) {
		SCOPED_NLBUF struct bnd_nlbuf all = { 0 };
		const struct nlmsghdr *nlh = NULL;

		if (dump(c, families[f], protocols[i].flows, &all, err) != 0)
			return -1;
		while (in_time(c) && (nlh = bnd_nl_next(&all, nlh)) != NULL) {
			const struct inet_diag_msg *m =
			    bnd_nl_fixed(nlh, sizeof(*m));

			if (m != NULL)
				judge_socket(c, m);
		}
	}
	return 0;
}

static int
judge_all(struct cutter *c, struct bnd_err *err)
{
	int status = 0;

	if (bnd_nl_open(&c->diag, NETLINK_SOCK_DIAG, err) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		struct bnd_err why = { 0 };

		if (judge_protocol(c, i, &why) == 0 || unknown(&why))
			continue;
		if (status == 0)
			(void)bnd_fail(err, why.kind, "%s", why.text);
		status = -1;
	}
	if (status == 0 && !in_time(c))
		return bnd_fail(
		    err, BND_E_BUSY, "cannot look at every socket in time");
	return status;
}

int
bnd_socks_cut(const struct bnd_rules_in *in, struct bnd_nl *route,
    struct bnd_nl *ct, struct bnd_cut *cut, unsigned budget_ms,
    struct bnd_err *err)
{
	SCOPED_CUTTER struct cutter c = { .in = in,
		.judge = judge_cut,
		.until_ms = bnd_clock_ms() + budget_ms,
		.diag = BND_NL_CLOSED,
		.route = route,
		.ct = ct,
		.cut = cut };

	return judge_all(&c, err);
}

int
bnd_socks_prime(const struct bnd_rules_in *in, struct bnd_nl *route,
    struct bnd_nl *ct, unsigned budget_ms, struct bnd_err *err)
{
	SCOPED_CUTTER struct cutter c = { .in = in,
		.judge = judge_prime,
		.until_ms = bnd_clock_ms() + budget_ms,
		.diag = BND_NL_CLOSED,
		.route = route,
		.ct = ct };

	return judge_all(&c, err);
}
