/* probe-host.c: the near end of the live probe: what its sockets send and get */
/* SPDX-License-Identifier: ISC */
/*
 * What comes in is judged behind the hooks: by raw sockets, which stand behind
 * the input hooks of their family, and by a packet socket of one ethertype,
 * which stands behind netdev ingress.  A packet socket of all ethertypes stands
 * before it, so it shows that there was something to stop.
 */
#include "probe-host.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "scope.h"

#define READY_MS   300
#define FRAME_READ 2048
#define DRAIN_MAX  4096

static const struct {
	int family, type, protocol;
} sockets[BND_PROBE_SOCKETS] = {
	[BND_PROBE_S_DOOR] = { AF_PACKET, SOCK_RAW, ETH_P_ALL },
	[BND_PROBE_S_FRAME] = { AF_PACKET, SOCK_RAW, BND_PROBE_ETHERTYPE },
	[BND_PROBE_S_UDP4] = { AF_INET, SOCK_DGRAM, 0 },
	[BND_PROBE_S_UDP6] = { AF_INET6, SOCK_DGRAM, 0 },
	[BND_PROBE_S_RAW_UDP4] = { AF_INET, SOCK_RAW, IPPROTO_UDP },
	[BND_PROBE_S_RAW_UDP6] = { AF_INET6, SOCK_RAW, IPPROTO_UDP },
	[BND_PROBE_S_RAW_TCP4] = { AF_INET, SOCK_RAW, IPPROTO_TCP },
	[BND_PROBE_S_RAW_TCP6] = { AF_INET6, SOCK_RAW, IPPROTO_TCP },
};

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_ll ll;
};

static socklen_t
address(const struct bnd_probe_plan *plan, int family, enum bnd_probe_who who,
    unsigned port, union address *a)
{
	*a = (union address){ 0 };
	if (family == AF_INET) {
		a->v4.sin_family = AF_INET;
		a->v4.sin_port = htons((uint16_t)port);
		bnd_probe_v4(plan, who, (uint8_t *)&a->v4.sin_addr);
		return sizeof(a->v4);
	}
	a->v6.sin6_family = AF_INET6;
	a->v6.sin6_port = htons((uint16_t)port);
	bnd_probe_v6(plan, who, a->v6.sin6_addr.s6_addr);
	return sizeof(a->v6);
}

static void
nap(void)
{
	const struct timespec t = { .tv_nsec = 1000000 };

	(void)nanosleep(&t, NULL);
}

/* An IPv6 address is usable a moment after its link has carrier. */
static int
bind_when_ready(int fd, const union address *a, socklen_t len)
{
	uint64_t until = bnd_clock_ms() + READY_MS;

	while (bind(fd, &a->any, len) == -1) {
		if (errno != EADDRNOTAVAIL || bnd_clock_ms() >= until)
			return -1;
		nap();
	}
	return 0;
}

static int
bind_packet(int fd, unsigned index, int protocol)
{
	const struct sockaddr_ll at = { .sll_family = AF_PACKET,
		.sll_protocol = htons((uint16_t)protocol),
		.sll_ifindex = (int)index };
	int on = 1;

	if (setsockopt(
		fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) == -1)
		return -1;
	return bind(fd, (const struct sockaddr *)&at, sizeof(at));
}

static int
to_device(int fd, const char *name)
{
	return setsockopt(
	    fd, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name) + 1);
}

static int
open_one(struct bnd_probe_host *h, enum bnd_probe_socket s)
{
	int family = sockets[s].family;
	union address a;
	socklen_t len;

	if (family == AF_INET6 && !h->wire->v6)
		return 0;
	/* A packet socket gets nothing before it is bound. */
	h->fd[s] =
	    socket(family, sockets[s].type | SOCK_CLOEXEC | SOCK_NONBLOCK,
		family == AF_PACKET ? 0 : sockets[s].protocol);
	if (h->fd[s] == -1)
		return -1;
	if (family == AF_PACKET)
		return bind_packet(
		    h->fd[s], h->wire->index, sockets[s].protocol);
	if (to_device(h->fd[s], h->wire->name) == -1)
		return -1;
	len = address(h->plan, family, BND_PROBE_HOST, 0, &a);
	return bind_when_ready(h->fd[s], &a, len);
}

int
bnd_probe_host_open(struct bnd_probe_host *h, const struct bnd_probe_plan *plan,
    const struct bnd_probe_wire *wire, struct bnd_err *err)
{
	*h = (struct bnd_probe_host)BND_PROBE_HOST_NONE;
	h->plan = plan;
	h->wire = wire;
	for (int s = 0; s < BND_PROBE_SOCKETS; s++)
		if (open_one(h, (enum bnd_probe_socket)s) == -1) {
			bnd_fail_errno(
			    err, "cannot open the probe's socket %d", s);
			bnd_probe_host_close(h);
			return -1;
		}
	return 0;
}

void
bnd_probe_host_close(struct bnd_probe_host *h)
{
	for (int s = 0; s < BND_PROBE_SOCKETS; s++)
		bnd_close_fd(&h->fd[s]);
}

/* ---- sending ---- */

/*
 * What a packet filter makes of a packet that is on its way: dropped, rejected,
 * a queue that says no.  Anything else, no route or no link, and there was none.
 */
static bool
was_made(ssize_t r)
{
	static const int filtered[] = { EPERM, EACCES, ECONNREFUSED,
		EHOSTUNREACH, ENOBUFS, EINPROGRESS };

	for (size_t i = 0; i < sizeof(filtered) / sizeof(filtered[0]); i++)
		if (r == -1 && errno == filtered[i])
			return true;
	return r != -1;
}

static ssize_t
send_udp(const struct bnd_probe_host *h, int family, enum bnd_probe_who to,
    enum bnd_probe_kind kind)
{
	int fd = h->fd[family == AF_INET ? BND_PROBE_S_UDP4 : BND_PROBE_S_UDP6];
	uint8_t mark[BND_PROBE_MARK];
	union address a;
	socklen_t len = address(h->plan, family, to, h->plan->port, &a);

	bnd_probe_mark(h->plan, kind, mark);
	return sendto(fd, mark, sizeof(mark), 0, &a.any, len);
}

static ssize_t
send_syn(const struct bnd_probe_host *h, int family)
{
	SCOPED_FD int fd =
	    socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	union address a;
	socklen_t len;

	if (fd == -1 || to_device(fd, h->wire->name) == -1)
		return -1;
	len = address(h->plan, family, BND_PROBE_HOST, 0, &a);
	if (bind(fd, &a.any, len) == -1)
		return -1;
	len = address(h->plan, family, BND_PROBE_PEER, h->plan->port, &a);
	return connect(fd, &a.any, len);
}

static ssize_t
send_frame(const struct bnd_probe_host *h, enum bnd_probe_kind kind)
{
	uint8_t p[BND_PROBE_FRAME];
	size_t len = bnd_probe_build(h->plan, kind, p);
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
		.sll_ifindex = (int)h->wire->index };

	/* What the frame says it is; else it would be what the socket takes. */
	memcpy(&to.sll_protocol, p + 12, sizeof(to.sll_protocol));
	return sendto(h->fd[BND_PROBE_S_FRAME], p, len, 0,
	    (const struct sockaddr *)&to, sizeof(to));
}

static ssize_t
send_kind(const struct bnd_probe_host *h, enum bnd_probe_kind kind)
{
	switch ((int)kind) {
	case BND_PROBE_OUT_V4:
		return send_udp(h, AF_INET, BND_PROBE_PEER, kind);
	case BND_PROBE_OUT_V6:
		return send_udp(h, AF_INET6, BND_PROBE_PEER, kind);
	case BND_PROBE_OUT_SYN4:
		return send_syn(h, AF_INET);
	case BND_PROBE_OUT_SYN6:
		return send_syn(h, AF_INET6);
	case BND_PROBE_ARP_ASK:
		return send_udp(h, AF_INET, BND_PROBE_NOBODY, kind);
	case BND_PROBE_ND_ASK:
		return send_udp(h, AF_INET6, BND_PROBE_NOBODY, kind);
	case BND_PROBE_OUT_L2:
	case BND_PROBE_OUT_L2_V4:
		return send_frame(h, kind);
	default:
		return 0;
	}
}

int
bnd_probe_host_send(
    const struct bnd_probe_host *h, uint32_t kinds, struct bnd_err *err)
{
	if (!h->wire->v6)
		kinds &= ~BND_PROBE_IPV6;
	for (int k = 1; k < BND_PROBE_KINDS; k++)
		if ((kinds & BND_PROBE_BIT(k)) != 0 &&
		    !was_made(send_kind(h, (enum bnd_probe_kind)k)))
			return bnd_fail_errno(err, "cannot send %s",
			    bnd_probe_kind_name((enum bnd_probe_kind)k));
	return 0;
}

/* ---- receiving ---- */

/* Which of the peer's frames this is, byte for byte. */
static enum bnd_probe_kind
at_door(const struct bnd_probe_plan *plan, const uint8_t *p, size_t len)
{
	uint8_t ours[BND_PROBE_FRAME];

	for (int k = BND_PROBE_IN_V4; k < BND_PROBE_KINDS; k++)
		if (bnd_probe_build(plan, (enum bnd_probe_kind)k, ours) ==
			len &&
		    memcmp(p, ours, len) == 0)
			return (enum bnd_probe_kind)k;
	return BND_PROBE_NONE;
}

static int
drain(const struct bnd_probe_host *h, enum bnd_probe_socket s, uint32_t *kinds,
    struct bnd_err *err)
{
	uint8_t p[FRAME_READ];

	for (unsigned i = 0; h->fd[s] >= 0 && i < DRAIN_MAX; i++) {
		ssize_t n = recv(h->fd[s], p, sizeof(p), MSG_DONTWAIT);
		enum bnd_probe_kind k;

		if (n == -1 && errno == EAGAIN)
			return 0;
		/* A link that is down stops everything and shows nothing. */
		if (n == -1 && errno != EINTR)
			return bnd_fail_errno(err, "the probe's wire");
		if (n <= 0)
			continue;
		k = s == BND_PROBE_S_DOOR
		    ? at_door(h->plan, p, (size_t)n)
		    : bnd_probe_marked(h->plan, p, (size_t)n);
		*kinds |= BND_PROBE_BIT(k);
	}
	return 0;
}

int
bnd_probe_host_seen(const struct bnd_probe_host *h, uint32_t *door,
    uint32_t *kinds, struct bnd_err *err)
{
	static const enum bnd_probe_socket behind[] = { BND_PROBE_S_FRAME,
		BND_PROBE_S_RAW_UDP4, BND_PROBE_S_RAW_UDP6,
		BND_PROBE_S_RAW_TCP4, BND_PROBE_S_RAW_TCP6 };
	uint32_t got = 0;

	if (drain(h, BND_PROBE_S_DOOR, door, err) == -1)
		return -1;
	for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++)
		if (drain(h, behind[i], &got, err) == -1)
			return -1;
	*door &= BND_PROBE_INWARD;
	*kinds |= got & BND_PROBE_INWARD;
	return 0;
}
