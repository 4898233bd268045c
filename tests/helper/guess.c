/* guess.c: packets of all sorts; what the predicate says, and what arrives */
/* SPDX-License-Identifier: ISC */
/*
 *	guess MODE LIST H=FILE R=FILE S=FILE [COUNT]
 *
 * In H the rules of MODE with LIST are in force.  From H to many addresses, and
 * from R and S to H, go UDP packets and SYNs; bnd_rules_pass() is asked about
 * each, with the link that the route lookup names.  Taps at R and S, and the
 * readers in H, say what arrived.  Prints each packet of which the two do not
 * agree, then "agreed N passed M".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "judge.h"
#include "link.h"
#include "peer.h"

#define COUNT_MAX 600
#define SPORT	  31000

static const char *const far[] = { "10.77.0.2", "fd77::2", "10.77.1.2",
	"fd77:1::2", "198.51.100.9", "169.254.169.254", "100.64.0.1",
	"2001:db8::9", "64:ff9b::7f00:1", "203.0.113.77" };
static const char *const near[] = { "10.77.0.1", "fd77::1", "10.77.1.1",
	"fd77:1::1" };
static const uint16_t ports[] = { 22, 53, 80, 443, 6038, 8443, 9034, 51820 };
#define ASIZE(a) (sizeof(a) / sizeof((a)[0]))

static struct
try {
	struct bnd_packet p;
	const char *to;
	bool tcp, in, guess, seen;
	int fd;
	char nonce[24];
}
tries[COUNT_MAX];
static unsigned count = 300;

static int ns[3]; /* H R S */
static int taps[2], readers[2 * ASIZE(ports)];
static struct bnd_netlist list;
static struct bnd_list_report report;

static void
die(const char *what)
{
	fprintf(stderr, "guess: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int
sock(int place, int family, int type, int proto)
{
	int fd;

	if (setns(ns[place], CLONE_NEWNET) != 0)
		die("setns");
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

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) != 1)
		die(text);
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	return sizeof(*v6);
}

static struct bnd_prefix
prefix(const char *text)
{
	struct bnd_prefix p = { 0 };
	uint8_t raw[16];
	int af = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;

	if (inet_pton(af, text, raw) != 1 || !bnd_peer_addr(&p, af, raw))
		die(text);
	return p;
}

static void
open_taps(void)
{
	static const char *const links[] = { "r0", "s1" };

	for (int i = 0; i < 2; i++) {
		struct sockaddr_ll at = { .sll_family = AF_PACKET,
			.sll_protocol = htons(ETH_P_ALL) };

		taps[i] = sock(1 + i, AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
		at.sll_ifindex = (int)if_nametoindex(links[i]);
		if (bind(taps[i], (struct sockaddr *)&at, sizeof(at)) != 0)
			die("tap");
	}
}

static void
open_readers(void)
{
	struct sockaddr_storage any;
	int one = 1;

	for (size_t i = 0; i < ASIZE(readers); i++) {
		bool v6 = i % 2 != 0;
		socklen_t len =
		    address(v6 ? "::" : "0.0.0.0", ports[i / 2], &any);

		readers[i] = sock(0, v6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
		if (v6 &&
		    setsockopt(readers[i], IPPROTO_IPV6, IPV6_V6ONLY, &one,
			sizeof(one)) != 0)
			die("v6only");
		if (bind(readers[i], (struct sockaddr *)&any, len) != 0)
			die("bind");
	}
}

/* What the packet will be, as the rules see it. */
static void
plan(struct try *t, unsigned i, struct bnd_nl *route)
{
	struct bnd_packet *p = &t->p;
	bool local;

	t->in = i % 3 == 0;
	t->tcp = !t->in && i % 2 == 0;
	t->to = t->in ? near[i / 3 % ASIZE(near)] : far[i % ASIZE(far)];
	(void)snprintf(t->nonce, sizeof(t->nonce), "<guess.%u>", i);
	p->path = t->in ? BND_PATH_IN : BND_PATH_OUT;
	p->l4proto = t->tcp ? IPPROTO_TCP : IPPROTO_UDP;
	p->dport = ports[i / 7 % ASIZE(ports)];
	p->sport = (uint16_t)(SPORT + i);
	p->dst = prefix(t->to);
	p->ethertype = p->dst.family == 4 ? ETH_P_IP : ETH_P_IPV6;
	p->hoplimit = 64;
	p->ct_state = BND_CT_NEW;
	if (!t->in) {
		p->src = prefix(p->dst.family == 4 ? "10.77.0.1" : "fd77::1");
		p->oif = bnd_peer_link(route, &p->dst, NULL, 0, &local);
		return;
	}
	p->src = prefix(strstr(t->to, "77.1.") || strstr(t->to, "77:1:")
		? (p->dst.family == 4 ? "10.77.1.2" : "fd77:1::2")
		: (p->dst.family == 4 ? "10.77.0.2" : "fd77::2"));
	p->iif = bnd_peer_link(route, &p->src, NULL, 0, &local);
}

static void
fire(struct try *t)
{
	struct sockaddr_storage to, from;
	int family = t->p.dst.family == 4 ? AF_INET : AF_INET6;
	bool by_s = t->in &&
	    (strstr(t->to, "77.1.") != NULL || strstr(t->to, "77:1:") != NULL);
	socklen_t len =
	    address(family == AF_INET ? "0.0.0.0" : "::", t->p.sport, &from);

	t->fd = sock(t->in ? (by_s ? 2 : 1) : 0, family,
	    t->tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
	if (bind(t->fd, (struct sockaddr *)&from, len) != 0)
		die("bind a packet's port");
	len = address(t->to, t->p.dport, &to);
	if (t->tcp)
		(void)!connect(t->fd, (struct sockaddr *)&to, len);
	else
		(void)!sendto(t->fd, t->nonce, strlen(t->nonce), 0,
		    (struct sockaddr *)&to, len);
}

static void
saw_port(unsigned sport, unsigned dport)
{
	if (sport >= SPORT && sport < SPORT + count &&
	    tries[sport - SPORT].p.dport == dport && tries[sport - SPORT].tcp)
		tries[sport - SPORT].seen = true;
}

static void
take(int fd, bool tap)
{
	uint8_t b[2048];
	struct sockaddr_ll from = { 0 };
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(fd, b, sizeof(b), MSG_DONTWAIT,
	    tap ? (struct sockaddr *)&from : NULL, tap ? &len : NULL);
	size_t l4 = n > 54 && b[12] == 0x86 ? 54 : 34;
	uint8_t proto = n < 54 ? 0 : b[12] == 0x86 ? b[20] : b[23];

	if (n <= 0 || (tap && from.sll_pkttype == PACKET_OUTGOING))
		return;
	if (tap && proto == IPPROTO_TCP && (size_t)n >= l4 + 4)
		saw_port((unsigned)b[l4] << 8 | b[l4 + 1],
		    (unsigned)b[l4 + 2] << 8 | b[l4 + 3]);
	for (unsigned i = 0; i < count; i++)
		if (!tries[i].tcp && tries[i].in == !tap &&
		    memmem(b, (size_t)n, tries[i].nonce,
			strlen(tries[i].nonce)) != NULL)
			tries[i].seen = true;
}

static void
pump(int ms)
{
	struct pollfd p[2 + ASIZE(readers)];

	for (int left = ms; left > 0; left -= 10) {
		for (size_t i = 0; i < ASIZE(p); i++)
			p[i] =
			    (struct pollfd){ i < 2 ? taps[i] : readers[i - 2],
				    POLLIN, 0 };
		while (poll(p, ASIZE(p), 0) > 0)
			for (size_t i = 0; i < ASIZE(p); i++)
				if (p[i].revents != 0)
					take(p[i].fd, i < 2);
		usleep(10000);
	}
}

static void
read_list(const char *path)
{
	static char text[BND_LIST_SIZE];
	FILE *f = fopen(path, "r");
	size_t n;

	if (f == NULL)
		die(path);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	if (bnd_netlist_parse((struct bnd_str){ text, n }, &list, &report) != 0)
		die(report.note[0].reason);
}

static void
verdict(void)
{
	unsigned agreed = 0, passed = 0;

	for (unsigned i = 0; i < count; i++) {
		const struct try *t = &tries[i];

		agreed += t->seen == t->guess;
		passed += t->seen;
		if (t->seen != t->guess)
			printf("%s %s %s port %u by link %u: %s, guessed %s\n",
			    t->in ? "in" : "out", t->tcp ? "tcp" : "udp", t->to,
			    t->p.dport, t->in ? t->p.iif : t->p.oif,
			    t->seen ? "arrived" : "did not",
			    t->guess ? "pass" : "drop");
	}
	printf("agreed %u passed %u\n", agreed, passed);
}

int
main(int argc, char **argv)
{
	struct bnd_nl route = BND_NL_CLOSED;
	struct bnd_links links = { 0 };
	struct bnd_err err = { 0 };
	struct bnd_rules_in in = { .list = &list };

	if (argc < 6 ||
	    !bnd_mode_parse(
		(struct bnd_str){ argv[1], strlen(argv[1]) }, &in.mode))
		die("usage: guess MODE LIST H=FILE R=FILE S=FILE [COUNT]");
	read_list(argv[2]);
	for (int i = 0; i < 3; i++)
		if ((ns[i] = open(argv[3 + i] + 2, O_RDONLY | O_CLOEXEC)) < 0)
			die(argv[3 + i]);
	if (argc > 6)
		count = (unsigned)strtol(argv[6], NULL, 10);
	if (count > COUNT_MAX || setns(ns[0], CLONE_NEWNET) != 0)
		die("setns");
	if (bnd_nl_open(&route, NETLINK_ROUTE, &err) != 0 ||
	    bnd_links_read(&route, &links, &err) != 0)
		die(err.text);
	in.link = links.id;
	in.links = links.n;
	open_taps();
	open_readers();
	for (unsigned i = 0; i < count; i++) {
		plan(&tries[i], i, &route);
		tries[i].guess = bnd_rules_pass(&in, &tries[i].p);
	}
	for (unsigned i = 0; i < count; i++) {
		fire(&tries[i]);
		if (i % 20 == 0)
			pump(10);
	}
	pump(300);
	verdict();
	bnd_links_free(&links);
	bnd_nl_close(&route);
	return 0;
}
