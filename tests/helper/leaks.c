/* leaks.c: the catalogue of IP leaks: what is fired from a host, and who sees it */
/* SPDX-License-Identifier: ISC */
/*
 *	leaks H=FILE R=FILE S=FILE...	each FILE is a network namespace
 *
 * A socket stays in the namespace it was made in, so this one process, outside
 * the sealed host's pid and mount namespaces, has ends everywhere.  It obeys
 * lines on stdin and answers each with lines of "pass WHAT" or "fail WHAT" and
 * a last line ".":
 *
 *	tun NAME	make a tun link in H and read it
 *	tap PLACE IF	watch what comes in by a link
 *	arm		make connections, listeners, queues: before the seal
 *	control		fire everything: each must arrive
 *	judge MODE	fire everything again: each must do as its row says
 *	drop		close what arm made
 *	skip ID		leave the rows of ID out from now on
 *	serve PLACE PORT	an application that reads UDP there
 *	ask PLACE ADDR PORT	UDP that R has answered once
 *	push EXPECT WHAT...	R sends on it what nobody asked for
 *	closetuns	take the tun links away
 *	udp PLACE WHERE EXPECT ADDR PORT WHAT...	one datagram more; EXPECT P or .
 *	together	what udp and push send from now on is judged all at once:
 *	now		here
 *
 * Each firing has a nonce of its own.  What arrives is judged at the far side:
 * by taps that ignore what their own namespace sends, and by the applications.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ASIZE(a)   (sizeof(a) / sizeof((a)[0]))
#define WATCH_MAX  128
#define LISTEN_MS  300	/* that what must not arrive is waited for */
#define LATE_MS	   4000 /* that what must arrive is, on a busy machine */
#define SPORT_BASE 20000
#define ENDS	   4

static const char places[] = "HRSCDM";
static int ns_fd[sizeof(places)];

enum where {
	AT_NOBODY,
	AT_R,
	AT_S,
	AT_D,
	AT_APP, /* some socket's reader, in whatever place */
	AT_TUN,
	WHERES,
};
static const char *const where_names[WHERES] = { "nobody", "R", "S", "D", "app",
	"tun" };

struct probe;
typedef void act(struct probe *);
typedef bool sign(const struct probe *, const uint8_t *l3, size_t len);

struct probe {
	const char *id, *what;
	const char *modes; /* RESTRICTED TRUSTED AIRGAP LOCKDOWN: P . or - */
	enum where at;
	act *arm, *fire;
	sign *sign;	/* NULL: the nonce */
	bool handshake; /* judged by fd[0] having connected */
	char from;
	const char *addr;
	uint16_t port;
	const char *dev;
	int mark, proto;
	/* its state */
	char nonce[24];
	unsigned local;
	bool seen, skipped;
	int fd[ENDS];
	bool want; /* of those sent singly */
	char verdict[160];
};

static struct {
	int fd;
	enum where at;
	bool frames; /* else a stream or datagrams of bytes */
	bool tun;
	const struct probe *relay;
} watches[WATCH_MAX];
static size_t watched;

static unsigned round_no;

static void
die(const char *what)
{
	fprintf(stderr, "leaks: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- sockets in their places ---------------------------------------------- */

static void
go(char place)
{
	const char *at = strchr(places, place);

	if (at == NULL || ns_fd[at - places] <= 0 ||
	    setns(ns_fd[at - places], CLONE_NEWNET) != 0)
		die("setns");
}

static int
sock(char place, int family, int type, int proto)
{
	int fd;

	go(place);
	fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, proto);
	if (fd < 0)
		die("socket");
	return fd;
}

static socklen_t
address(const char *text, uint16_t port, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)out;
	char host[64];
	char *scope;

	memset(out, 0, sizeof(*out));
	(void)snprintf(host, sizeof(host), "%s", text);
	scope = strchr(host, '%');
	if (scope != NULL)
		*scope++ = '\0';
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
		die(text);
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	if (scope != NULL)
		v6->sin6_scope_id = if_nametoindex(scope);
	return sizeof(*v6);
}

static int
family_of(const char *text)
{
	return strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
}

static void
option(int fd, int level, int name, int value)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)) != 0)
		die("setsockopt");
}

static void
bind_port(int fd, int family, uint16_t port)
{
	struct sockaddr_storage any;
	socklen_t len =
	    address(family == AF_INET ? "0.0.0.0" : "::", port, &any);

	option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (family == AF_INET6)
		option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (bind(fd, (struct sockaddr *)&any, len) != 0)
		die("bind");
}

static void
bind_dev(int fd, const char *dev)
{
	if (dev != NULL &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, dev,
		(socklen_t)strlen(dev)) != 0)
		die(dev);
}

static void
send_to(int fd, const char *addr, uint16_t port, const void *p, size_t n)
{
	struct sockaddr_storage to;
	socklen_t len = address(addr, port, &to);

	/* The verdict is the far side's; what the sender is told is nothing. */
	(void)!sendto(fd, p, n, MSG_NOSIGNAL, (struct sockaddr *)&to, len);
}

static void
watch(int fd, enum where at, bool frames, bool tun, const struct probe *relay)
{
	if (watched == WATCH_MAX)
		die("too many watched");
	watches[watched].fd = fd;
	watches[watched].at = at;
	watches[watched].frames = frames;
	watches[watched].tun = tun;
	watches[watched++].relay = relay;
}

static void
unwatch(int fd)
{
	for (size_t i = 0; i < watched; i++)
		if (watches[i].fd == fd) {
			watches[i] = watches[--watched];
			return;
		}
}

static bool
wait_for(int fd, short what, int ms)
{
	struct pollfd p = { .fd = fd, .events = what };

	return poll(&p, 1, ms) == 1 && (p.revents & what) != 0;
}

static int
listener(char place, int family, uint16_t port)
{
	int fd = sock(place, family, SOCK_STREAM, 0);

	bind_port(fd, family, port);
	if (listen(fd, 8) != 0)
		die("listen");
	return fd;
}

static bool
connected(int fd)
{
	int error = 1;
	socklen_t len = sizeof(error);

	return wait_for(fd, POLLOUT, 0) &&
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 &&
	    error == 0;
}

/* ---- what is seen ----------------------------------------------------------- */

struct l4 {
	uint8_t proto;
	const uint8_t *p;
	size_t len;
};

static bool
transport(const uint8_t *p, size_t len, struct l4 *out)
{
	size_t at;

	if (len >= 20 && p[0] >> 4 == 4) {
		at = (size_t)(p[0] & 15) * 4;
		out->proto = p[9];
	} else if (len >= 40 && p[0] >> 4 == 6) {
		at = 40;
		out->proto = p[6];
		if (out->proto == IPPROTO_HOPOPTS && len > 48) {
			out->proto = p[40];
			at += 8U * (p[41] + 1U);
		}
	} else {
		return false;
	}
	if (at > len)
		return false;
	out->p = p + at;
	out->len = len - at;
	return true;
}

static unsigned
be16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* A TCP segment to the port that is asked for, from the probe's own. */
static bool
sign_syn(const struct probe *p, const uint8_t *l3, size_t len)
{
	struct l4 t;

	return transport(l3, len, &t) && t.proto == IPPROTO_TCP &&
	    t.len >= 20 && be16(t.p) == p->local && be16(t.p + 2) == p->port;
}

/* A reset from the port, or an error about it. */
static bool
sign_refusal(const struct probe *p, const uint8_t *l3, size_t len)
{
	struct l4 t;

	if (!transport(l3, len, &t))
		return false;
	if (t.proto == IPPROTO_TCP && t.len >= 20)
		return be16(t.p) == p->port && be16(t.p + 2) == p->local;
	if (t.proto == IPPROTO_ICMP && t.len >= 8 + 24)
		return t.p[0] == 3 && be16(t.p + 8 + 20) == p->local;
	if (t.proto == IPPROTO_ICMPV6 && t.len >= 8 + 44)
		return t.p[0] == 1 && be16(t.p + 8 + 40) == p->local;
	return false;
}

static bool
has_nonce(const struct probe *p, const void *at, size_t len)
{
	return p->nonce[0] != '\0' &&
	    memmem(at, len, p->nonce, strlen(p->nonce)) != NULL;
}

static bool
sign_echo_reply(const struct probe *p, const uint8_t *l3, size_t len)
{
	struct l4 t;

	if (!transport(l3, len, &t) || t.len < 8)
		return false;
	return (t.proto == IPPROTO_ICMP
		       ? t.p[0] == 0
		       : t.proto == IPPROTO_ICMPV6 && t.p[0] == 129) &&
	    has_nonce(p, t.p, t.len);
}

/* The group of this firing, in a report about groups. */
static void
group(const struct probe *p, uint8_t out[16])
{
	static const uint8_t v6[16] = { 0xff, 0x05, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0xb, 0xd };

	memset(out, 0, 16);
	if (family_of(p->addr) == AF_INET) {
		out[0] = 239;
		out[1] = 77;
		out[2] = (uint8_t)p->local;
		out[3] = (uint8_t)round_no;
		return;
	}
	memcpy(out, v6, sizeof(v6));
	out[14] = (uint8_t)p->local;
	out[15] = (uint8_t)round_no;
}

static bool
sign_report(const struct probe *p, const uint8_t *l3, size_t len)
{
	bool v4 = family_of(p->addr) == AF_INET;
	uint8_t want[16];
	struct l4 t;

	group(p, want);
	return transport(l3, len, &t) &&
	    t.proto == (v4 ? IPPROTO_IGMP : IPPROTO_ICMPV6) &&
	    memmem(t.p, t.len, want, v4 ? 4 : 16) != NULL;
}

static struct probe *probe_at(size_t i);

static void
look(enum where at, bool frames, const uint8_t *p, size_t len)
{
	struct probe *probe;

	for (size_t i = 0; (probe = probe_at(i)) != NULL; i++) {
		if (probe->at != at || probe->seen)
			continue;
		if (probe->sign == NULL)
			probe->seen = has_nonce(probe, p, len);
		else if (frames && len > 14)
			probe->seen = probe->sign(probe, p + 14, len - 14);
	}
}

/* A relay of the host's own asks R what it was asked on loopback. */
static void
relay(const struct probe *p, const void *at, size_t len)
{
	int fd = sock('H', AF_INET, SOCK_DGRAM, 0);

	send_to(fd, p->addr, p->port, at, len);
	close(fd);
}

static void
take(size_t i)
{
	uint8_t buf[4096];
	struct sockaddr_ll from = { 0 };
	socklen_t len = sizeof(from);
	ssize_t n;

	if (watches[i].tun)
		n = read(watches[i].fd, buf, sizeof(buf));
	else
		n = recvfrom(watches[i].fd, buf, sizeof(buf), MSG_DONTWAIT,
		    watches[i].frames ? (struct sockaddr *)&from : NULL,
		    watches[i].frames ? &len : NULL);
	if (n <= 0) {
		/* A flow that was cut says so for ever. */
		if (!watches[i].frames && !watches[i].tun &&
		    (n == 0 || (errno != EAGAIN && errno != EINTR)))
			watches[i].fd = -1;
		return;
	}
	if (watches[i].frames && from.sll_pkttype == PACKET_OUTGOING)
		return;
	if (watches[i].relay != NULL)
		relay(watches[i].relay, buf, (size_t)n);
	else
		look(watches[i].at, watches[i].frames, buf, (size_t)n);
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
pump(int ms)
{
	struct pollfd p[WATCH_MAX];
	int64_t end = now_ms() + ms, left;

	while ((left = end - now_ms()) > 0) {
		for (size_t i = 0; i < watched; i++)
			p[i] = (struct pollfd){ watches[i].fd, POLLIN, 0 };
		if (poll(p, watched, (int)left) <= 0)
			continue;
		for (size_t i = 0; i < watched; i++)
			if (p[i].revents != 0)
				take(i);
	}
}

/* ---- ways to fire ----------------------------------------------------------- */

static void
fire_udp(struct probe *p)
{
	int fd = sock(p->from, family_of(p->addr), SOCK_DGRAM, 0);

	bind_dev(fd, p->dev);
	option(fd, SOL_SOCKET, SO_BROADCAST, 1);
	if (p->mark != 0)
		option(fd, SOL_SOCKET, SO_MARK, p->mark);
	send_to(fd, p->addr, p->port, p->nonce, strlen(p->nonce));
	close(fd);
}

/* From inside a user namespace, as a rootless container's network stack does. */
static void
fire_rootless(struct probe *p)
{
	pid_t pid = fork();

	if (pid == 0) {
		go(p->from);
		if (unshare(CLONE_NEWUSER) != 0)
			_exit(1);
		int fd = socket(AF_INET, SOCK_DGRAM, 0);

		send_to(fd, p->addr, p->port, p->nonce, strlen(p->nonce));
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void
fire_connect(struct probe *p)
{
	struct sockaddr_storage to;
	socklen_t len;
	int family = family_of(p->addr);

	if (p->fd[0] >= 0)
		close(p->fd[0]);
	p->fd[0] = sock(p->from, family, SOCK_STREAM, 0);
	bind_port(p->fd[0], family, (uint16_t)p->local);
	len = address(p->addr, p->port, &to);
	(void)!connect(p->fd[0], (struct sockaddr *)&to, len);
}

static uint16_t
checksum(const void *at, size_t len)
{
	const uint8_t *p = at;
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += be16(p + i);
	if (len % 2)
		sum += (uint32_t)p[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static void
fire_ping(struct probe *p)
{
	bool v4 = family_of(p->addr) == AF_INET;
	uint8_t b[64] = { v4 ? 8 : 128 };
	size_t n = 8 + strlen(p->nonce);
	uint16_t sum;
	int fd = sock(p->from, family_of(p->addr), SOCK_RAW,
	    v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);

	memcpy(b + 8, p->nonce, strlen(p->nonce));
	if (v4) {
		sum = checksum(b, n);
		memcpy(b + 2, &sum, 2);
	}
	send_to(fd, p->addr, 0, b, n);
	close(fd);
}

static void
fire_raw(struct probe *p)
{
	int fd = sock(p->from, family_of(p->addr), SOCK_RAW, p->proto);

	send_to(fd, p->addr, 0, p->nonce, strlen(p->nonce));
	close(fd);
}

static void
fire_hdrincl(struct probe *p)
{
	size_t n = strlen(p->nonce);
	struct {
		struct iphdr ip;
		struct udphdr udp;
		char text[32];
	} b = { 0 };
	int fd = sock(p->from, AF_INET, SOCK_RAW, IPPROTO_RAW);

	b.ip.version = 4;
	b.ip.ihl = 5;
	b.ip.ttl = 64;
	b.ip.protocol = IPPROTO_UDP;
	b.ip.saddr = inet_addr("10.77.0.1");
	b.ip.daddr = inet_addr(p->addr);
	b.ip.tot_len = htons((uint16_t)(28 + n));
	b.udp.source = htons(9);
	b.udp.dest = htons(p->port);
	b.udp.len = htons((uint16_t)(8 + n));
	memcpy(b.text, p->nonce, n);
	send_to(fd, p->addr, 0, &b, 28 + n);
	close(fd);
}

static void
fire_join(struct probe *p)
{
	bool v4 = family_of(p->addr) == AF_INET;
	uint8_t g[16];
	int fd = sock(p->from, family_of(p->addr), SOCK_DGRAM, 0);

	group(p, g);
	if (v4) {
		struct ip_mreqn m = { .imr_ifindex =
					  (int)if_nametoindex(p->dev) };

		memcpy(&m.imr_multiaddr, g, 4);
		(void)setsockopt(
		    fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &m, sizeof(m));
	} else {
		struct ipv6_mreq m = { .ipv6mr_interface =
					   if_nametoindex(p->dev) };

		memcpy(&m.ipv6mr_multiaddr, g, 16);
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &m, sizeof(m));
	}
	if (p->fd[0] >= 0)
		close(p->fd[0]);
	p->fd[0] = fd; /* leaving would report too */
}

/* IPv4 by a socket of IPv6. */
static void
fire_mapped(struct probe *p)
{
	char text[64];
	int fd = sock(p->from, AF_INET6, SOCK_DGRAM, 0);

	(void)snprintf(text, sizeof(text), "::ffff:%s", p->addr);
	send_to(fd, text, p->port, p->nonce, strlen(p->nonce));
	close(fd);
}

/* ---- what is there before the seal ------------------------------------------- */

static void
put(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Both ends: fd[0] in `from`, fd[1] at the other one. */
static void
pair(struct probe *p, char other)
{
	struct sockaddr_storage to;
	int family = family_of(p->addr);
	socklen_t len;

	p->fd[2] = listener(other, family, p->port);
	p->fd[0] = sock(p->from, family, SOCK_STREAM, 0);
	len = address(p->addr, p->port, &to);
	(void)!connect(p->fd[0], (struct sockaddr *)&to, len);
	if (!wait_for(p->fd[2], POLLIN, 1000))
		return;
	p->fd[1] = accept4(p->fd[2], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static void
arm_to_r(struct probe *p)
{
	pair(p, 'R');
}

/* Opened by R; the application that reads is fd[1]. */
static void
arm_from_r(struct probe *p)
{
	pair(p, 'H');
	watch(p->fd[1], AT_APP, false, false, NULL);
}

/* The same, and nobody listens any more. */
static void
arm_from_r_alone(struct probe *p)
{
	arm_from_r(p);
	close(p->fd[2]);
	p->fd[2] = -1;
}

static void
arm_lo(struct probe *p)
{
	arm_from_r(p);
}

/* Opened by H; the application that reads is fd[0]. */
static void
arm_download(struct probe *p)
{
	pair(p, 'R');
	watch(p->fd[0], AT_APP, false, false, NULL);
}

static void
arm_udp(struct probe *p)
{
	struct sockaddr_storage to, from;
	int family = family_of(p->addr);
	socklen_t len = address(p->addr, p->port, &to);
	char b[16];

	p->fd[0] = sock(p->from, family, SOCK_DGRAM, 0);
	p->fd[1] = sock('R', family, SOCK_DGRAM, 0);
	bind_port(p->fd[1], family, p->port);
	if (connect(p->fd[0], (struct sockaddr *)&to, len) != 0)
		die("connect");
	put(p->fd[0], "hello");
	len = sizeof(from);
	if (!wait_for(p->fd[1], POLLIN, 500) ||
	    recvfrom(p->fd[1], b, sizeof(b), 0, (struct sockaddr *)&from,
		&len) <= 0 ||
	    connect(p->fd[1], (struct sockaddr *)&from, len) != 0)
		return;
	put(p->fd[1], "hello");
	(void)wait_for(p->fd[0], POLLIN, 500);
	(void)!recv(p->fd[0], b, sizeof(b), MSG_DONTWAIT);
	watch(p->fd[0], AT_APP, false, false, NULL);
}

/* One flow of this kind may be kept aside. */
static struct probe asked = { .id = "A" };

static void
ask(char *args)
{
	static char addr[64];
	char place;
	unsigned port;

	if (sscanf(args, "%c %63s %u", &place, addr, &port) != 3)
		die("ask");
	asked.from = place;
	asked.addr = addr;
	asked.port = (uint16_t)port;
	arm_udp(&asked);
}

static void
arm_service(struct probe *p)
{
	int family = family_of(p->addr);

	p->fd[0] = sock('H', family, SOCK_DGRAM, 0);
	bind_port(p->fd[0], family, p->port);
	watch(p->fd[0], AT_APP, false, false, NULL);
}

/* R asked a service once and was answered; the service's socket is fd[1]. */
static void
arm_asked(struct probe *p)
{
	struct sockaddr_storage to, from;
	int family = family_of(p->addr);
	socklen_t len = address(p->addr, p->port, &to);
	char b[16];

	p->fd[1] = sock('H', family, SOCK_DGRAM, 0);
	bind_port(p->fd[1], family, p->port);
	p->fd[0] = sock(p->from, family, SOCK_DGRAM, 0);
	if (connect(p->fd[0], (struct sockaddr *)&to, len) != 0)
		die("connect");
	put(p->fd[0], "hello");
	len = sizeof(from);
	if (!wait_for(p->fd[1], POLLIN, 500) ||
	    recvfrom(
		p->fd[1], b, sizeof(b), 0, (struct sockaddr *)&from, &len) <= 0)
		return;
	(void)!sendto(p->fd[1], "hello", 5, 0, (struct sockaddr *)&from, len);
	(void)wait_for(p->fd[0], POLLIN, 500);
	watch(p->fd[1], AT_APP, false, false, NULL);
}

/*
 * The host's own packet first: without the entry of the old flow it would be
 * taken for the opener, and the peer for the one who replies.
 */
static void
fire_turned(struct probe *p)
{
	struct sockaddr_storage to;
	socklen_t len = sizeof(to);

	if (getsockname(p->fd[0], (struct sockaddr *)&to, &len) != 0)
		die("getsockname");
	(void)!sendto(p->fd[1], "x", 1, 0, (struct sockaddr *)&to, len);
	pump(60);
	put(p->fd[0], p->nonce);
}

static void
arm_listener(struct probe *p)
{
	p->fd[2] = listener('H', family_of(p->addr), p->port);
}

static void
arm_relay(struct probe *p)
{
	struct sockaddr_storage to;
	socklen_t len = address("127.0.0.53", 5300, &to);

	p->fd[1] = sock('H', AF_INET, SOCK_DGRAM, 0);
	if (bind(p->fd[1], (struct sockaddr *)&to, len) != 0)
		die("bind 127.0.0.53");
	watch(p->fd[1], AT_NOBODY, false, false, p);
}

static void
fire_relay(struct probe *p)
{
	int fd = sock('H', AF_INET, SOCK_DGRAM, 0);

	send_to(fd, "127.0.0.53", 5300, p->nonce, strlen(p->nonce));
	close(fd);
}

static void
arm_unix(struct probe *p)
{
	go('H');
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, p->fd) != 0)
		die("socketpair");
	watch(p->fd[1], AT_APP, false, false, NULL);
}

static void
fire_near(struct probe *p)
{
	put(p->fd[0], p->nonce);
}

static void
fire_far(struct probe *p)
{
	put(p->fd[1], p->nonce);
}

/* The client writes on an ftp connection what makes the helper expect one. */
static void
arm_ftp(struct probe *p)
{
	pair(p, 'R');
	close(p->fd[2]);
	p->fd[2] = listener('H', AF_INET, 9036);
	/* The helper reads commands only after it has seen the end of one. */
	put(p->fd[0], "USER x\r\n");
}

static void
fire_ftp(struct probe *p)
{
	struct sockaddr_storage to;
	socklen_t len;

	put(p->fd[0], "PORT 10,77,0,1,35,76\r\n");
	pump(60);
	if (p->fd[ENDS - 1] >= 0)
		close(p->fd[ENDS - 1]);
	p->fd[ENDS - 1] = sock('R', AF_INET, SOCK_STREAM, 0);
	len = address("10.77.0.1", 9036, &to);
	(void)!connect(p->fd[ENDS - 1], (struct sockaddr *)&to, len);
}

/* ---- the catalogue ------------------------------------------------------------- */

#define R4 "10.77.0.2"
#define R6 "fd77::2"
#define H4 "10.77.0.1"
#define H6 "fd77::1"

static struct probe probes[] = {
	{ "N01", "UDP out, v4", "P...", AT_R, NULL, fire_udp, .from = 'H',
	    .addr = R4, .port = 9001 },
	{ "N01", "listed UDP out, v4", "PP..", AT_R, NULL, fire_udp,
	    .from = 'H', .addr = R4, .port = 51820 },
	{ "N02", "UDP out, v6", "P...", AT_R, NULL, fire_udp, .from = 'H',
	    .addr = R6, .port = 9002 },
	{ "N02", "listed UDP out, v6", "PP..", AT_R, NULL, fire_udp,
	    .from = 'H', .addr = R6, .port = 51820 },
	{ "N03", "TCP out, v4", "P...", AT_R, NULL, fire_connect, sign_syn,
	    .from = 'H', .addr = R4, .port = 9003 },
	{ "N03", "listed TCP out, v4", "PP..", AT_R, NULL, fire_connect,
	    sign_syn, .from = 'H', .addr = R4, .port = 8443 },
	{ "N04", "TCP out, v6", "P...", AT_R, NULL, fire_connect, sign_syn,
	    .from = 'H', .addr = R6, .port = 9004 },
	{ "N04", "listed TCP out, v6", "PP..", AT_R, NULL, fire_connect,
	    sign_syn, .from = 'H', .addr = R6, .port = 8443 },
	{ "N05", "TCP opened outward before, v4", "P...", AT_R, arm_to_r,
	    fire_near, .from = 'H', .addr = R4, .port = 9005 },
	{ "N06", "TCP opened outward before, v6", "P...", AT_R, arm_to_r,
	    fire_near, .from = 'H', .addr = R6, .port = 9006 },
	{ "N07", "connected UDP, answered before", "P...", AT_R, arm_udp,
	    fire_near, .from = 'H', .addr = R4, .port = 9007 },
	{ "N08", "TCP opened inward before, v4", "....", AT_APP, arm_from_r,
	    fire_near, .from = 'R', .addr = H4, .port = 9008 },
	{ "N08", "the same, its listener gone", "....", AT_APP,
	    arm_from_r_alone, fire_near, .from = 'R', .addr = H4,
	    .port = 9018 },
	{ "N08", "the same, host sends", "....", AT_R, arm_from_r, fire_far,
	    .from = 'R', .addr = H4, .port = 9028 },
	{ "N08", "its listener gone, host sends", "....", AT_R,
	    arm_from_r_alone, fire_far, .from = 'R', .addr = H4, .port = 9038 },
	{ "N09", "TCP opened inward before, v6", "....", AT_APP, arm_from_r,
	    fire_near, .from = 'R', .addr = H6, .port = 9009 },
	{ "N74", "refused flow turned round, v4", "....", AT_APP, arm_asked,
	    fire_turned, .from = 'R', .addr = H4, .port = 9074 },
	{ "N74", "refused flow turned round, v6", "....", AT_APP, arm_asked,
	    fire_turned, .from = 'R', .addr = H6, .port = 9075 },
	{ "N10", "UDP in to a service, v4", "....", AT_APP, arm_service,
	    fire_udp, .from = 'R', .addr = H4, .port = 6002 },
	{ "N11", "UDP in to a service, v6", "....", AT_APP, arm_service,
	    fire_udp, .from = 'R', .addr = H6, .port = 6002 },
	{ "N12", "TCP in, v4", "....", AT_NOBODY, arm_listener, fire_connect,
	    .handshake = true, .from = 'R', .addr = H4, .port = 2222 },
	{ "N12", "listed TCP in, v4", "P...", AT_NOBODY, arm_listener,
	    fire_connect, .handshake = true, .from = 'R', .addr = H4,
	    .port = 22 },
	{ "N13", "TCP in, v6", "....", AT_NOBODY, arm_listener, fire_connect,
	    .handshake = true, .from = 'R', .addr = H6, .port = 2222 },
	{ "N13", "listed TCP in, v6", "P...", AT_NOBODY, arm_listener,
	    fire_connect, .handshake = true, .from = 'R', .addr = H6,
	    .port = 22 },
	{ "N14", "kernel answers ping, v4", "....", AT_R, NULL, fire_ping,
	    sign_echo_reply, .from = 'R', .addr = H4 },
	{ "N15", "kernel answers ping, v6", "....", AT_R, NULL, fire_ping,
	    sign_echo_reply, .from = 'R', .addr = H6 },
	{ "N16", "ping out, v4", "P...", AT_R, NULL, fire_ping, .from = 'H',
	    .addr = R4 },
	{ "N17", "ping out, v6", "P...", AT_R, NULL, fire_ping, .from = 'H',
	    .addr = R6 },
	{ "N18", "kernel answers a closed port, v4", "....", AT_R, NULL,
	    fire_connect, sign_refusal, .from = 'R', .addr = H4, .port = 4444 },
	{ "N18", "kernel answers a closed port, v6", "....", AT_R, NULL,
	    fire_connect, sign_refusal, .from = 'R', .addr = H6, .port = 4444 },
	{ "N19", "IGMP report", "P...", AT_R, NULL, fire_join, sign_report,
	    .from = 'H', .addr = R4, .dev = "h0" },
	{ "N20", "MLD report by a carrier", "PP..", AT_R, NULL, fire_join,
	    sign_report, .from = 'H', .addr = R6, .dev = "h0" },
	{ "N20", "MLD report by another link", "P...", AT_S, NULL, fire_join,
	    sign_report, .from = 'H', .addr = R6, .dev = "h1" },
	{ "N21", "multicast out, v4", "P...", AT_R, NULL, fire_udp, .from = 'H',
	    .addr = "224.0.0.251", .port = 5353, .dev = "h0" },
	{ "N22", "multicast out, v6", "P...", AT_R, NULL, fire_udp, .from = 'H',
	    .addr = "ff02::fb", .port = 5353, .dev = "h0" },
	{ "N23", "broadcast out", "P...", AT_R, NULL, fire_udp, .from = 'H',
	    .addr = "255.255.255.255", .port = 9023, .dev = "h0" },
	{ "N24", "raw IP with own header", "P...", AT_R, NULL, fire_hdrincl,
	    .from = 'H', .addr = R4, .port = 9024 },
	{ "N25", "IP protocol 253, v4", "P...", AT_R, NULL, fire_raw,
	    .from = 'H', .addr = R4, .proto = 253 },
	{ "N26", "IP protocol 253, v6", "P...", AT_R, NULL, fire_raw,
	    .from = 'H', .addr = R6, .proto = 253 },
	{ "N27", "protocol 41 by hand", "P...", AT_R, NULL, fire_raw,
	    .from = 'H', .addr = R4, .proto = 41 },
	{ "N27", "GRE by hand", "P...", AT_R, NULL, fire_raw, .from = 'H',
	    .addr = R4, .proto = 47 },
	{ "N28", "marked, by a policy route", "P...", AT_S, NULL, fire_udp,
	    .from = 'H', .addr = "198.51.100.28", .port = 51820, .mark = 7 },
	{ "N29", "kernel tunnel over UDP", "P...", AT_R, NULL, fire_udp,
	    .from = 'H', .addr = "10.99.0.2", .port = 9029 },
	{ "N30", "relay on loopback", "P...", AT_R, arm_relay, fire_relay,
	    .from = 'H', .addr = R4, .port = 9030 },
	{ "N31", "unlisted user-space VPN", "P...", AT_TUN, NULL, fire_udp,
	    .from = 'H', .addr = "10.98.0.2", .port = 9031 },
	{ "N31", "listed user-space VPN", "PP..", AT_TUN, NULL, fire_udp,
	    .from = 'H', .addr = "10.97.0.2", .port = 9031 },
	{ "N32", "link-local IPv6 in", "....", AT_APP, arm_service, fire_udp,
	    .from = 'R', .addr = "fe80::77%r0", .port = 6032 },
	{ "N33", "IPv4 by an AF_INET6 socket", "P...", AT_R, NULL, fire_mapped,
	    .from = 'H', .addr = R4, .port = 9033 },
	{ "N33", "listed IPv4 by an AF_INET6 socket", "PP..", AT_R, NULL,
	    fire_mapped, .from = 'H', .addr = R4, .port = 51820 },
	{ "N34", "listed address rewritten", "P...", AT_R, NULL, fire_udp,
	    .from = 'H', .addr = "203.0.113.5", .port = 9034 },
	{ "N35", "metadata address", "P...", AT_R, NULL, fire_connect, sign_syn,
	    .from = 'H', .addr = "169.254.169.254", .port = 80 },
	{ "N35", "carrier-grade NAT address", "P...", AT_R, NULL, fire_connect,
	    sign_syn, .from = 'H', .addr = "100.64.0.1", .port = 80 },
	{ "N35", "what the wide line opens", "PP..", AT_R, NULL, fire_connect,
	    sign_syn, .from = 'H', .addr = "198.51.100.9", .port = 80 },
	{ "N35", "NAT64 of a forbidden address", "P...", AT_R, NULL,
	    fire_connect, sign_syn, .from = 'H', .addr = "64:ff9b::7f00:1",
	    .port = 80 },
	{ "N35", "what the wide line opens, v6", "PP..", AT_R, NULL,
	    fire_connect, sign_syn, .from = 'H', .addr = "2001:db8::9",
	    .port = 80 },
	{ "N36", "conntrack helper's data connection", "....", AT_NOBODY,
	    arm_ftp, fire_ftp, .handshake = true, .from = 'H', .addr = R4,
	    .port = 21 },
	{ "N39", "covert channel in a listed flow (documented)", "PP..", AT_R,
	    NULL, fire_udp, .from = 'H', .addr = R4, .port = 53 },
	{ "N40", "loopback TCP goes on, v4", "PPP.", AT_APP, arm_lo, fire_near,
	    .from = 'H', .addr = "127.0.0.1", .port = 9040 },
	{ "N40", "loopback TCP goes on, v6", "PPP.", AT_APP, arm_lo, fire_near,
	    .from = 'H', .addr = "::1", .port = 9041 },
	{ "N41", "unix sockets go on", "PPPP", AT_APP, arm_unix, fire_near,
	    .from = 'H', .addr = R4 },
	{ "N42", "download goes on, v4", "PP..", AT_APP, arm_download, fire_far,
	    .from = 'H', .addr = R4, .port = 8443 },
	{ "N42", "download goes on, v6", "PP..", AT_APP, arm_download, fire_far,
	    .from = 'H', .addr = R6, .port = 8443 },
	{ "N42", "session to 22 goes on", "P...", AT_APP, arm_from_r, fire_near,
	    .from = 'R', .addr = H4, .port = 2022 },
	{ "N42", "listed UDP goes on, outward", "PP..", AT_R, arm_udp,
	    fire_near, .from = 'H', .addr = R4, .port = 51820 },
	{ "N42", "listed UDP goes on, inward", "PP..", AT_APP, arm_udp,
	    fire_far, .from = 'H', .addr = R6, .port = 51820 },
	{ "N69", "rootless container's stack", "P...", AT_R, NULL,
	    fire_rootless, .from = 'H', .addr = R4, .port = 9069 },
};

/* In answer to "udp" and "push". */
static struct probe extra[32];
static size_t extras;
static bool together;

static struct probe *
probe_at(size_t i)
{
	if (i < ASIZE(probes))
		return &probes[i];
	return i < ASIZE(probes) + extras ? &extra[i - ASIZE(probes)] : NULL;
}

/* ---- commands ------------------------------------------------------------------ */

static void
name(struct probe *p, size_t number)
{
	(void)snprintf(
	    p->nonce, sizeof(p->nonce), "<%s.%zu.%u>", p->id, number, round_no);
	p->local = SPORT_BASE + (unsigned)number * 64 + round_no % 64;
	p->seen = false;
}

static void
arm(void)
{
	for (size_t i = 0; i < ASIZE(probes); i++) {
		for (size_t k = 0; k < ENDS; k++)
			probes[i].fd[k] = -1;
		if (probes[i].arm != NULL && !probes[i].skipped)
			probes[i].arm(&probes[i]);
	}
}

static void
let_go(struct probe *p)
{
	for (size_t k = 0; k < ENDS; k++)
		if (p->fd[k] > 0) {
			unwatch(p->fd[k]);
			close(p->fd[k]);
			p->fd[k] = -1;
		}
}

static void
drop(void)
{
	for (size_t i = 0; i < ASIZE(probes); i++)
		let_go(&probes[i]);
	let_go(&asked);
	for (size_t i = watched; i-- > 0;)
		if (watches[i].fd < 0)
			watches[i] = watches[--watched];
}

static void
skip(const char *id)
{
	for (size_t i = 0; i < ASIZE(probes); i++)
		if (strcmp(probes[i].id, id) == 0)
			probes[i].skipped = true;
}

static bool
arrived(const struct probe *p)
{
	int fd = p->arm == arm_ftp ? p->fd[ENDS - 1] : p->fd[0];

	return p->handshake ? connected(fd) : p->seen;
}

static void
fire(void)
{
	round_no++;
	for (size_t i = 0; i < ASIZE(probes); i++)
		name(&probes[i], i);
	for (size_t i = 0; i < ASIZE(probes); i++)
		if (!probes[i].skipped)
			probes[i].fire(&probes[i]);
}

static bool
wanted(const struct probe *p, int column)
{
	return !p->skipped && (column < 0 || p->modes[column] == 'P');
}

/* Column -1 wants all of them. */
static void
listen_for(int column)
{
	size_t i = 0;

	pump(LISTEN_MS);
	for (int ms = LISTEN_MS; ms < LATE_MS && i < ASIZE(probes); ms += 100) {
		for (i = 0; i < ASIZE(probes); i++)
			if (wanted(&probes[i], column) && !arrived(&probes[i]))
				break;
		if (i < ASIZE(probes))
			pump(100);
	}
}

static void
control(void)
{
	unsigned missing = 0;

	fire();
	listen_for(-1);
	for (size_t i = 0; i < ASIZE(probes); i++)
		if (!probes[i].skipped && !arrived(&probes[i])) {
			printf("fail control: %s %s: the probe does not arrive "
			       "in OPEN\n",
			    probes[i].id, probes[i].what);
			missing++;
		}
	if (missing == 0)
		printf("pass control: each of %zu probes arrives in OPEN\n",
		    ASIZE(probes));
}

static void
judge(const char *mode, size_t column)
{
	fire();
	listen_for((int)column);
	for (size_t i = 0; i < ASIZE(probes); i++) {
		const struct probe *p = &probes[i];
		bool want = p->modes[column] == 'P';

		if (p->skipped || p->modes[column] == '-')
			continue;
		printf("%s %s %s: %s: %s\n",
		    arrived(p) == want ? "pass" : "fail", p->id, mode, p->what,
		    want ? "goes on" : "nothing arrives");
	}
}

static struct probe *
one_more(const struct probe *like, bool want, const char *verdict)
{
	struct probe *p = &extra[extras];

	if (extras == ASIZE(extra))
		die("too many together");
	*p = *like;
	p->id = "X";
	p->want = want;
	(void)snprintf(p->verdict, sizeof(p->verdict), "%s", verdict);
	round_no++;
	name(p, ASIZE(probes) + extras++);
	return p;
}

static bool
all_here(void)
{
	for (size_t i = 0; i < extras; i++)
		if (extra[i].want && !extra[i].seen)
			return false;
	return true;
}

static void
now(void)
{
	pump(LISTEN_MS);
	for (int ms = LISTEN_MS; ms < LATE_MS && !all_here(); ms += 100)
		pump(100);
	for (size_t i = 0; i < extras; i++)
		printf("%s %s\n",
		    extra[i].seen == extra[i].want ? "pass" : "fail",
		    extra[i].verdict);
	extras = 0;
	together = false;
}

static void
one_udp(char *args)
{
	struct probe like = { .fd = { -1, -1, -1, -1 } }, *p;
	char place[8], where[8], expect[8], addr[64];
	unsigned port;
	int used = 0;

	if (sscanf(args, "%7s %7s %7s %63s %u %n", place, where, expect, addr,
		&port, &used) < 5)
		die("udp");
	like.from = place[0];
	like.addr = addr;
	like.port = (uint16_t)port;
	for (enum where w = AT_R; w < WHERES; w++)
		if (strcmp(where, where_names[w]) == 0)
			like.at = w;
	p = one_more(&like, expect[0] == 'P', args + used);
	fire_udp(p);
	p->addr = NULL;
	if (!together)
		now();
}

static void
push(char *args)
{
	const struct probe like = { .at = AT_APP };

	put(asked.fd[1], one_more(&like, args[0] == 'P', args + 2)->nonce);
	if (!together)
		now();
}

static void
open_tap(char place, const char *dev)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL) };
	int fd = sock(place, AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));

	at.sll_ifindex = (int)if_nametoindex(dev);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		die(dev);
	watch(fd,
	    place == 'R'       ? AT_R
		: place == 'S' ? AT_S
			       : AT_D,
	    true, false, NULL);
}

static void
serve(char *args)
{
	char place;
	unsigned port;
	int fd;

	if (sscanf(args, "%c %u", &place, &port) != 2)
		die("serve");
	fd = sock(place, AF_INET, SOCK_DGRAM, 0);
	bind_port(fd, AF_INET, (uint16_t)port);
	watch(fd, AT_APP, false, false, NULL);
}

static void
open_tun(const char *dev)
{
	struct ifreq r = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd;

	go('H');
	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	(void)snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", dev);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &r) != 0)
		die("tun");
	watch(fd, AT_TUN, false, true, NULL);
}

/* The link goes with its descriptor. */
static void
close_tuns(void)
{
	for (size_t i = watched; i-- > 0;)
		if (watches[i].tun) {
			close(watches[i].fd);
			watches[i] = watches[--watched];
		}
}

static void
command(char *line)
{
	static const char *const modes[] = { "RESTRICTED", "TRUSTED", "AIRGAP",
		"LOCKDOWN" };
	char *arg = strchr(line, ' ');

	line[strcspn(line, "\n")] = '\0';
	if (arg != NULL)
		*arg++ = '\0';
	if (strcmp(line, "arm") == 0)
		arm();
	else if (strcmp(line, "drop") == 0)
		drop();
	else if (strcmp(line, "together") == 0)
		together = true;
	else if (strcmp(line, "now") == 0)
		now();
	else if (strcmp(line, "control") == 0)
		control();
	else if (strcmp(line, "closetuns") == 0)
		close_tuns();
	else if (arg != NULL && strcmp(line, "skip") == 0)
		skip(arg);
	else if (arg != NULL && strcmp(line, "ask") == 0)
		ask(arg);
	else if (arg != NULL && strcmp(line, "push") == 0)
		push(arg);
	else if (arg != NULL && strcmp(line, "serve") == 0)
		serve(arg);
	else if (arg != NULL && strcmp(line, "tun") == 0)
		open_tun(arg);
	else if (arg != NULL && strcmp(line, "tap") == 0)
		open_tap(arg[0], arg + 2);
	else if (arg != NULL && strcmp(line, "udp") == 0)
		one_udp(arg);
	else if (arg != NULL && strcmp(line, "judge") == 0)
		for (size_t i = 0; i < ASIZE(modes); i++)
			if (strncmp(arg, modes[i], strlen(modes[i])) == 0)
				judge(arg, i);
	printf(".\n");
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	char line[512];

	for (int i = 1; i < argc; i++) {
		const char *at = strchr(places, argv[i][0]);

		if (at == NULL || argv[i][1] != '=')
			die(argv[i]);
		ns_fd[at - places] = open(argv[i] + 2, O_RDONLY | O_CLOEXEC);
		if (ns_fd[at - places] < 0)
			die(argv[i]);
	}
	while (fgets(line, sizeof(line), stdin) != NULL)
		command(line);
	return 0;
}
