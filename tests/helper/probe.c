/* probe.c: packets with a nonce, and the tap at the far side that counts them */
/* SPDX-License-Identifier: ISC */
/*
 *	probe tap IF NONCE FILE		count what arrives until TERM; FILE has one
 *					"ID COUNT" a line, at most 30 ms old; and
 *					skew: what came of one family of a flood
 *					since the last of the other
 *	probe udp ID NONCE ADDR PORT [FROM]
 *					one datagram; from that port, over IPv4
 *	probe frame KIND ID NONCE IF	one frame: ip dgram lldp vlan arp
 *	probe xdp IF, probe tcx IF	attach a program that passes everything
 *	probe xdp-drop IF		and one that passes nothing
 *	probe xdp-tx IF			one that sends every frame back
 *	probe xdp-across NS IF TO	one on IF in NS that sends every frame out by TO
 *					of here
 *	probe cls IF			a filter of the qdisc 1: there that makes the
 *					destination port of what leaves 9
 *	probe xsk ID NONCE IF		AF_XDP: put a frame into the ring, say so, send
 *					it on USR1 and put in the next, until TERM
 *	probe flood NONCE IF V4 V6 [US]	UDP to both and frames, until TERM; US
 *					microseconds apart
 *	probe serve PORT NONCE FILE	an application that reads UDP; counts as tap
 *
 * A payload is "bnd:NONCE:ID:".  ARP and ND carry none; they are counted as
 * arp-request, arp-reply, nd-ns and nd-na.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netdb.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define IDS_MAX 64
#define FRAME	256

static volatile sig_atomic_t ended;

static void
on_signal(int sig)
{
	(void)sig;
	ended = 1;
}

static void
die(const char *what)
{
	fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void catch (void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGTERM, &sa, NULL);
}

/* ---- tap ---- */

static struct {
	char id[32];
	unsigned long n;
} counts[IDS_MAX];

static bool fresh; /* counted, not written yet */

/* Of the floods of both families: what came of one since the last of the other. */
static unsigned long since[2];

static uint64_t
now_ms(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void
count(const char *id, size_t len)
{
	size_t i;

	if (len >= sizeof counts[0].id)
		len = sizeof counts[0].id - 1;
	for (i = 0; i < IDS_MAX && counts[i].n > 0; i++)
		if (strlen(counts[i].id) == len &&
		    memcmp(counts[i].id, id, len) == 0)
			break;
	if (i == IDS_MAX)
		return;
	memcpy(counts[i].id, id, len);
	counts[i].n++;
	fresh = true;
	if (len == 2 && id[0] == 'v') {
		since[id[1] == '6']++;
		since[id[1] != '6'] = 0;
	}
}

static void
write_counts(const char *file)
{
	char temp[512];
	FILE *f;
	size_t i;

	(void)snprintf(temp, sizeof temp, "%s.new", file);
	f = fopen(temp, "w");
	if (f == NULL)
		die(temp);
	for (i = 0; i < IDS_MAX && counts[i].n > 0; i++)
		fprintf(f, "%s %lu\n", counts[i].id, counts[i].n);
	fprintf(f, "skew %lu\n", since[0] > since[1] ? since[0] : since[1]);
	fclose(f);
	if (rename(temp, file) == -1)
		die(file);
	fresh = false;
}

static void
classify(const uint8_t *p, size_t len, const char *mark)
{
	const uint8_t *hit = memmem(p, len, mark, strlen(mark)), *end;

	if (hit != NULL) {
		hit += strlen(mark);
		end = memchr(hit, ':', len - (size_t)(hit - p));
		if (end != NULL)
			count((const char *)hit, (size_t)(end - hit));
		return;
	}
	if (len >= 22 && p[12] == 0x08 && p[13] == 0x06) {
		if (p[21] == 1)
			count("arp-request", 11);
		else
			count("arp-reply", 9);
	}
	if (len >= 55 && p[12] == 0x86 && p[13] == 0xdd && p[20] == 58) {
		if (p[54] == 135)
			count("nd-ns", 5);
		if (p[54] == 136)
			count("nd-na", 5);
	}
}

static int
packet_socket(const char *link, int type, uint16_t proto)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
		.sll_protocol = htons(proto) };
	int fd = socket(AF_PACKET, type, 0);

	at.sll_ifindex = (int)if_nametoindex(link);
	if (fd == -1 || at.sll_ifindex == 0)
		die(link);
	if (bind(fd, (struct sockaddr *)&at, sizeof at) == -1)
		die("bind");
	return fd;
}

/* Count what a socket hears, until TERM. */
static int
listen_on(int fd, const char *nonce, const char *file)
{
	const struct timeval wait = { .tv_usec = 10000 };
	int big = 16 << 20;
	uint64_t written = 0;
	char mark[64];

	(void)snprintf(mark, sizeof mark, "bnd:%s:", nonce);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof big);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	catch ();
	write_counts(file);
	while (!ended) {
		struct sockaddr_ll from = { 0 };
		socklen_t len = sizeof from;
		uint8_t p[2048];
		ssize_t n = recvfrom(
		    fd, p, sizeof p, 0, (struct sockaddr *)&from, &len);

		if (n > 0 &&
		    (from.sll_family != AF_PACKET ||
			from.sll_pkttype != PACKET_OUTGOING))
			classify(p, (size_t)n, mark);
		if (fresh && now_ms() - written > 20) {
			write_counts(file);
			written = now_ms();
		}
	}
	write_counts(file);
	return 0;
}

static int
tap(const char *link, const char *nonce, const char *file)
{
	return listen_on(packet_socket(link, SOCK_RAW, ETH_P_ALL), nonce, file);
}

/* Both families by one socket. */
static int
serve(const char *port, const char *nonce, const char *file)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)strtol(port, NULL, 10)) };
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&at, sizeof at) == -1)
		die("serve");
	return listen_on(fd, nonce, file);
}

/* ---- senders ---- */

static size_t
payload(char *dst, size_t size, const char *id, const char *nonce)
{
	int n = snprintf(dst, size, "bnd:%s:%s:", nonce, id);

	return n > 0 ? (size_t)n : 0;
}

static int
udp(const char *id, const char *nonce, const char *addr, const char *port,
    const char *from)
{
	struct sockaddr_in self = { .sin_family = AF_INET };
	struct addrinfo hint = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_DGRAM };
	struct addrinfo *to = NULL;
	char text[128];
	size_t len = payload(text, sizeof text, id, nonce);
	ssize_t sent;
	int fd;

	if (getaddrinfo(addr, port, &hint, &to) != 0)
		die(addr);
	fd = socket(to->ai_family, SOCK_DGRAM, 0);
	if (fd == -1)
		die("socket");
	self.sin_port = htons((uint16_t)strtoul(from, NULL, 10));
	if (self.sin_port != 0 &&
	    bind(fd, (struct sockaddr *)&self, sizeof self) == -1)
		die("bind");
	sent = sendto(fd, text, len, 0, to->ai_addr, to->ai_addrlen);
	freeaddrinfo(to);
	return sent == -1;
}

static void
source(const char *link, uint8_t mac[static 6])
{
	struct ifreq r = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	(void)snprintf(r.ifr_name, sizeof r.ifr_name, "%s", link);
	if (fd == -1 || ioctl(fd, SIOCGIFHWADDR, &r) == -1)
		die(link);
	memcpy(mac, r.ifr_hwaddr.sa_data, 6);
	close(fd);
}

/* An IPv4 datagram to port 9 of an address nobody listed. */
static size_t
ip_packet(uint8_t *p, const char *text, size_t len)
{
	static const uint8_t head[28] = { 0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0,
		0, 10, 77, 0, 1, 10, 77, 0, 2, 0x30, 0x39, 0, 9, 0, 0, 0, 0 };
	uint32_t sum = 0;
	size_t i;

	memcpy(p, head, sizeof head);
	p[3] = (uint8_t)(sizeof head + len);
	p[25] = (uint8_t)(8 + len);
	for (i = 0; i < 20; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~sum & 0xffff;
	p[10] = (uint8_t)(sum >> 8);
	p[11] = (uint8_t)sum;
	memcpy(p + sizeof head, text, len);
	return sizeof head + len;
}

static size_t
build(uint8_t *p, const char *kind, const char *link, const char *text,
    size_t len)
{
	size_t at = 14;

	memset(p, 0xff, 6);
	source(link, p + 6);
	p[12] = 0x08;
	p[13] = 0x00;
	if (strcmp(kind, "vlan") == 0) {
		p[12] = 0x81;
		p[14] = 0;
		p[15] = 7;
		p[16] = 0x08;
		p[17] = 0x00;
		at = 18;
	}
	if (strcmp(kind, "lldp") == 0) {
		p[12] = 0x88;
		p[13] = 0xcc;
		memcpy(p + at, text, len);
		return at + len;
	}
	if (strcmp(kind, "arp") == 0) {
		p[13] = 0x06;
		memset(p + at, 0, 28);
		p[at + 1] = 1;
		p[at + 2] = 8;
		p[at + 4] = 6;
		p[at + 5] = 4;
		p[at + 7] = 1;
		memcpy(p + at + 8, p + 6, 6);
		memcpy(p + at + 28, text, len);
		return at + 28 + len;
	}
	return at + ip_packet(p + at, text, len);
}

static int
frame(const char *kind, const char *id, const char *nonce, const char *link)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
		.sll_halen = 6 };
	bool cooked = strcmp(kind, "dgram") == 0;
	int fd = packet_socket(link, cooked ? SOCK_DGRAM : SOCK_RAW, 0);
	char text[128];
	size_t len = payload(text, sizeof text, id, nonce);
	uint8_t p[FRAME];

	if (!cooked)
		return send(fd, p, build(p, kind, link, text, len), 0) == -1;
	to.sll_ifindex = (int)if_nametoindex(link);
	memset(to.sll_addr, 0xff, 6);
	return sendto(fd, p, ip_packet(p, text, len), 0, (struct sockaddr *)&to,
		   sizeof to) == -1;
}

/* Errors are what a seal causes; the flood goes on through all of them. */
static int
flood(const char *nonce, const char *link, const char *v4, const char *v6,
    long apart_us)
{
	struct sockaddr_in to4 = { .sin_family = AF_INET,
		.sin_port = htons(4000) };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(4000) };
	int fd4 = socket(AF_INET, SOCK_DGRAM, 0);
	int fd6 = socket(AF_INET6, SOCK_DGRAM, 0);
	int raw = packet_socket(link, SOCK_RAW, 0);
	char a[128], b[128], c[128];
	size_t na = payload(a, sizeof a, "v4", nonce);
	size_t nb = payload(b, sizeof b, "v6", nonce);
	size_t nc = payload(c, sizeof c, "l2", nonce);
	const struct timespec pause = { .tv_nsec = apart_us * 1000 };
	unsigned long sent = 0;
	uint8_t p[FRAME];

	if (inet_pton(AF_INET, v4, &to4.sin_addr) != 1 ||
	    inet_pton(AF_INET6, v6, &to6.sin6_addr) != 1)
		die("address");
	catch ();
	nc = build(p, "ip", link, c, nc);
	while (!ended) {
		(void)sendto(
		    fd4, a, na, 0, (struct sockaddr *)&to4, sizeof to4);
		(void)sendto(
		    fd6, b, nb, 0, (struct sockaddr *)&to6, sizeof to6);
		(void)send(raw, p, nc, 0);
		sent += 3;
		(void)nanosleep(&pause, NULL);
	}
	printf("%lu\n", sent);
	return 0;
}

static int
load_pass(uint32_t type, int verdict)
{
	const struct bpf_insn pass[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = verdict },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr a = { .prog_type = type,
		.insn_cnt = 2,
		.insns = (uint64_t)(uintptr_t)pass,
		.license = (uint64_t)(uintptr_t) "GPL" };

	return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &a, sizeof a);
}

/* All that comes leaves by another link, wherever that is: the map holds it. */
static int
load_redirect(const char *to)
{
	uint32_t key = 0, index = if_nametoindex(to);
	union bpf_attr map = { .map_type = BPF_MAP_TYPE_DEVMAP,
		.key_size = 4,
		.value_size = 4,
		.max_entries = 1 };
	int fd = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof map);
	union bpf_attr put = { .map_fd = (uint32_t)fd,
		.key = (uint64_t)(uintptr_t)&key,
		.value = (uint64_t)(uintptr_t)&index };
	const struct bpf_insn redirect[] = {
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
		    .dst_reg = 1,
		    .src_reg = BPF_PSEUDO_MAP_FD,
		    .imm = fd },
		{ 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect_map },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr a = { .prog_type = BPF_PROG_TYPE_XDP,
		.insn_cnt = sizeof redirect / sizeof redirect[0],
		.insns = (uint64_t)(uintptr_t)redirect,
		.license = (uint64_t)(uintptr_t) "GPL" };

	if (fd == -1 ||
	    syscall(SYS_bpf, BPF_MAP_UPDATE_ELEM, &put, sizeof put) == -1)
		return -1;
	return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &a, sizeof a);
}

static int
attach(const char *link, int prog)
{
	struct {
		struct nlmsghdr n;
		struct ifinfomsg i;
		struct nlattr xdp, fd_head;
		int fd;
		struct nlattr flags_head;
		uint32_t flags;
	} m = { .n = { sizeof m, RTM_SETLINK, NLM_F_REQUEST | NLM_F_ACK, 1, 0 },
		.xdp = { 20, IFLA_XDP | NLA_F_NESTED },
		.fd_head = { 8, IFLA_XDP_FD },
		.flags_head = { 8, IFLA_XDP_FLAGS },
		.flags = XDP_FLAGS_SKB_MODE };
	struct {
		struct nlmsghdr n;
		struct nlmsgerr e;
		char more[512];
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	m.i.ifi_index = (int)if_nametoindex(link);
	m.fd = prog;
	if (m.fd == -1 || fd == -1 || send(fd, &m, sizeof m, 0) == -1 ||
	    recv(fd, &answer, sizeof answer, 0) < (ssize_t)sizeof answer.n)
		die("xdp");
	errno = -answer.e.error;
	return errno != 0;
}

static int
xdp(const char *link, int verdict)
{
	return attach(link, load_pass(BPF_PROG_TYPE_XDP, verdict));
}

/* On a link of another namespace, to one of this. */
static int
xdp_across(const char *ns, const char *link, const char *to)
{
	int prog = load_redirect(to), fd = open(ns, O_RDONLY | O_CLOEXEC);

	if (prog == -1 || fd == -1 || setns(fd, CLONE_NEWNET) == -1)
		die("xdp-across");
	return attach(link, prog);
}

/* BPF_TCX_INGRESS came with Linux 6.6 and its headers. */
static int
tcx(const char *link)
{
	union bpf_attr a = { .target_fd = if_nametoindex(link),
		.attach_type = 46 };

	a.attach_bpf_fd = (uint32_t)load_pass(BPF_PROG_TYPE_SCHED_CLS, -1);
	return syscall(SYS_bpf, BPF_PROG_ATTACH, &a, sizeof a) == -1;
}

/* Behind an Ethernet and an IPv4 header. */
static int
load_rewrite(void)
{
	const struct bpf_insn rewrite[] = {
		{ .code = BPF_ST | BPF_MEM | BPF_H,
		    .dst_reg = 10,
		    .off = -2,
		    .imm = htons(9) },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K,
		    .dst_reg = 2,
		    .imm = 14 + 20 + 2 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X,
		    .dst_reg = 3,
		    .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K,
		    .dst_reg = 3,
		    .imm = -2 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 4, .imm = 2 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 5, .imm = 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_skb_store_bytes },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr a = { .prog_type = BPF_PROG_TYPE_SCHED_CLS,
		.insn_cnt = sizeof rewrite / sizeof rewrite[0],
		.insns = (uint64_t)(uintptr_t)rewrite,
		.license = (uint64_t)(uintptr_t) "GPL" };

	return (int)syscall(SYS_bpf, BPF_PROG_LOAD, &a, sizeof a);
}

static int
cls(const char *link)
{
	struct {
		struct nlmsghdr n;
		struct tcmsg t;
		struct nlattr kind_head;
		char kind[4];
		struct nlattr options, fd_head;
		int fd;
	} m = { .n = { sizeof m, RTM_NEWTFILTER,
		    NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, 1,
		    0 },
		.kind_head = { 8, TCA_KIND },
		.kind = "bpf",
		.options = { 12, TCA_OPTIONS | NLA_F_NESTED },
		.fd_head = { 8, TCA_BPF_FD } };
	struct {
		struct nlmsghdr n;
		struct nlmsgerr e;
		char more[512];
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	m.t.tcm_ifindex = (int)if_nametoindex(link);
	m.t.tcm_parent = TC_H_MAKE(1 << 16, 0);
	m.t.tcm_info = TC_H_MAKE(1 << 16, htons(ETH_P_ALL));
	m.fd = load_rewrite();
	if (m.fd == -1 || fd == -1 || send(fd, &m, sizeof m, 0) == -1 ||
	    recv(fd, &answer, sizeof answer, 0) < (ssize_t)sizeof answer.n)
		die("cls");
	errno = -answer.e.error;
	return errno != 0;
}

/* ---- AF_XDP, copy mode ---- */

#define XSK_AREA  65536
#define XSK_CHUNK 4096
#define XSK_RING  8

static struct {
	int fd;
	uint8_t *area;
	uint32_t *producer;
	struct xdp_desc *ring;
} xsk;

static void
xsk_option(int name, const void *value, socklen_t len)
{
	if (setsockopt(xsk.fd, SOL_XDP, name, value, len) == -1)
		die("AF_XDP option");
}

static void
xsk_open(const char *link)
{
	struct sockaddr_xdp at = { .sxdp_family = AF_XDP,
		.sxdp_flags = XDP_COPY,
		.sxdp_ifindex = if_nametoindex(link) };
	struct xdp_umem_reg reg = { .len = XSK_AREA, .chunk_size = XSK_CHUNK };
	struct xdp_mmap_offsets off;
	socklen_t len = sizeof off;
	int entries = XSK_RING;
	uint8_t *map;

	xsk.fd = socket(AF_XDP, SOCK_RAW, 0);
	xsk.area = mmap(NULL, XSK_AREA, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (xsk.fd == -1 || xsk.area == MAP_FAILED)
		die("AF_XDP");
	reg.addr = (uint64_t)(uintptr_t)xsk.area;
	xsk_option(XDP_UMEM_REG, &reg, sizeof reg);
	xsk_option(XDP_UMEM_FILL_RING, &entries, sizeof entries);
	xsk_option(XDP_UMEM_COMPLETION_RING, &entries, sizeof entries);
	xsk_option(XDP_TX_RING, &entries, sizeof entries);
	if (getsockopt(xsk.fd, SOL_XDP, XDP_MMAP_OFFSETS, &off, &len) == -1)
		die("AF_XDP offsets");
	map = mmap(NULL, off.tx.desc + XSK_RING * sizeof *xsk.ring,
	    PROT_READ | PROT_WRITE, MAP_SHARED, xsk.fd, XDP_PGOFF_TX_RING);
	if (map == MAP_FAILED)
		die("AF_XDP ring");
	xsk.producer = (uint32_t *)(void *)(map + off.tx.producer);
	xsk.ring = (struct xdp_desc *)(void *)(map + off.tx.desc);
	if (bind(xsk.fd, (struct sockaddr *)&at, sizeof at) == -1)
		die("AF_XDP bind");
}

static int
xsk_send(const char *id, const char *nonce, const char *link)
{
	char text[128];
	size_t len = payload(text, sizeof text, id, nonce);
	sigset_t set;
	int sig = 0;

	xsk_open(link);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	do {
		uint32_t n = *xsk.producer, slot = n % XSK_RING;

		xsk.ring[slot] = (struct xdp_desc){ .addr = slot * XSK_CHUNK };
		xsk.ring[slot].len = (uint32_t)build(
		    xsk.area + slot * XSK_CHUNK, "ip", link, text, len);
		__atomic_store_n(xsk.producer, n + 1, __ATOMIC_RELEASE);
		printf("queued\n");
		fflush(stdout);
		sigwait(&set, &sig);
		if (sig == SIGUSR1)
			(void)sendto(xsk.fd, NULL, 0, MSG_DONTWAIT, NULL, 0);
	} while (sig == SIGUSR1);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "tap") == 0)
		return tap(argv[2], argv[3], argv[4]);
	if ((argc == 6 || argc == 7) && strcmp(argv[1], "udp") == 0)
		return udp(argv[2], argv[3], argv[4], argv[5],
		    argc == 7 ? argv[6] : "0");
	if (argc == 6 && strcmp(argv[1], "frame") == 0)
		return frame(argv[2], argv[3], argv[4], argv[5]);
	if ((argc == 6 || argc == 7) && strcmp(argv[1], "flood") == 0)
		return flood(argv[2], argv[3], argv[4], argv[5],
		    argc == 7 ? strtol(argv[6], NULL, 10) : 50);
	if (argc == 5 && strcmp(argv[1], "serve") == 0)
		return serve(argv[2], argv[3], argv[4]);
	if (argc == 3 && strcmp(argv[1], "xdp") == 0)
		return xdp(argv[2], XDP_PASS);
	if (argc == 3 && strcmp(argv[1], "xdp-drop") == 0)
		return xdp(argv[2], XDP_DROP);
	if (argc == 3 && strcmp(argv[1], "xdp-tx") == 0)
		return xdp(argv[2], XDP_TX);
	if (argc == 5 && strcmp(argv[1], "xdp-across") == 0)
		return xdp_across(argv[2], argv[3], argv[4]);
	if (argc == 5 && strcmp(argv[1], "xsk") == 0)
		return xsk_send(argv[2], argv[3], argv[4]);
	if (argc == 3 && strcmp(argv[1], "cls") == 0)
		return cls(argv[2]);
	if (argc == 3 && strcmp(argv[1], "tcx") == 0)
		return tcx(argv[2]);
	fprintf(stderr, "probe: see the head of probe.c\n");
	return 2;
}
