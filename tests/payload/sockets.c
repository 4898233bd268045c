/* sockets.c: which sockets it can have and whom it reaches */
/* SPDX-License-Identifier: ISC */
/*
 *	sockets family N...	socket() of each address family, stream then raw
 *	sockets tcp ADDR PORT...	connect (v4 or v6)
 *	sockets udp ADDR PORT...	send a byte
 *	sockets unix PATH	connect; @NAME: abstract
 *	sockets dgram PATH	a datagram pair, re-connected to PATH, sends
 *	sockets links		names and flags of the links here
 *	sockets echo		a server and a client of its own on 127.0.0.1 and ::1
 *	sockets odd		a privileged port, all addresses, a device, transparency
 *	sockets http WORDS...	of the relay, each with HTTP/1.1: the code of its answer;
 *				after a 200 the words go to the far side
 *	sockets socks HOST PORT...	the same by SOCKS5
 *	sockets command N HOST PORT	of SOCKS5, another than CONNECT
 *	sockets hold WORDS	that, and then a byte every 50 ms until it ends
 *	sockets many N WORDS	how many of N are answered in a second
 */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "payload.h"

static socklen_t
address(const char *host, const char *port, struct sockaddr_storage *s)
{
	struct sockaddr_in *a = (struct sockaddr_in *)s;
	struct sockaddr_in6 *b = (struct sockaddr_in6 *)s;
	uint16_t p = htons((uint16_t)strtol(port, NULL, 10));

	memset(s, 0, sizeof(*s));
	if (inet_pton(AF_INET, host, &a->sin_addr) == 1) {
		a->sin_family = AF_INET;
		a->sin_port = p;
		return sizeof(*a);
	}
	b->sin6_family = AF_INET6;
	b->sin6_port = p;
	inet_pton(AF_INET6, host, &b->sin6_addr);
	return sizeof(*b);
}

static socklen_t
local(const char *path, struct sockaddr_un *u)
{
	size_t n = strnlen(path, sizeof(u->sun_path) - 1);

	memset(u, 0, sizeof(*u));
	u->sun_family = AF_UNIX;
	memcpy(u->sun_path, path, n);
	if (path[0] == '@')
		u->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

static void
inet(const char *kind, const char *host, const char *port)
{
	struct sockaddr_storage s;
	socklen_t len = address(host, port, &s);
	bool tcp = strcmp(kind, "tcp") == 0;
	int fd = socket(s.ss_family, tcp ? SOCK_STREAM : SOCK_DGRAM, 0);
	char what[128];

	snprintf(what, sizeof(what), "%s %s %s", kind, host, port);
	if (fd < 0)
		told(what, -1);
	else if (tcp)
		told(what, connect(fd, (struct sockaddr *)&s, len));
	else
		told(what, sendto(fd, "x", 1, 0, (struct sockaddr *)&s, len));
}

static void
to_path(const char *kind, const char *path)
{
	struct sockaddr_un u;
	socklen_t len = local(path, &u);
	char what[256];
	int p[2] = { -1, -1 };

	snprintf(what, sizeof(what), "%s %s", kind, path);
	if (strcmp(kind, "unix") == 0)
		p[0] = socket(AF_UNIX, SOCK_STREAM, 0);
	else if (socketpair(AF_UNIX, SOCK_DGRAM, 0, p) != 0)
		p[0] = -1;
	if (p[0] < 0 || connect(p[0], (struct sockaddr *)&u, len) != 0)
		told(what, -1);
	else
		told(what, send(p[0], "reached", 7, 0));
}

static void
families(char **n)
{
	char what[64];

	for (; *n != NULL; n++) {
		int family = (int)strtol(*n, NULL, 10);

		snprintf(what, sizeof(what), "stream %d", family);
		told(what, socket(family, SOCK_STREAM, 0) < 0 ? -1 : 0);
		snprintf(what, sizeof(what), "raw %d", family);
		told(what, socket(family, SOCK_RAW, 0) < 0 ? -1 : 0);
	}
}

static void
links(void)
{
	struct if_nameindex *all = if_nameindex();
	struct ifaddrs *addr = NULL;

	for (struct if_nameindex *i = all; i != NULL && i->if_index != 0; i++)
		printf("link %s\n", i->if_name);
	if (all == NULL)
		told("links", -1);
	if (getifaddrs(&addr) != 0)
		told("addresses", -1);
	for (struct ifaddrs *a = addr; a != NULL; a = a->ifa_next)
		printf("address of %s: family %d, %s\n", a->ifa_name,
		    a->ifa_addr != NULL ? a->ifa_addr->sa_family : 0,
		    (a->ifa_flags & IFF_UP) != 0 ? "up" : "down");
}

/* A server and a client of one program meet. */
static void
meet(const char *what, const char *host)
{
	struct sockaddr_storage a;
	socklen_t len = address(host, "0", &a);
	int l = socket(a.ss_family, SOCK_STREAM, 0),
	    c = socket(a.ss_family, SOCK_STREAM, 0);

	if (l < 0 || bind(l, (struct sockaddr *)&a, len) != 0 ||
	    listen(l, 1) != 0 ||
	    getsockname(l, (struct sockaddr *)&a, &len) != 0)
		told(what, -1);
	else
		told(what, connect(c, (struct sockaddr *)&a, len));
}

static void
odd(void)
{
	struct sockaddr_storage low, any;
	socklen_t len = address("127.0.0.1", "80", &low);
	int on = 1;

	address("0.0.0.0", "7000", &any);
	told("privileged port",
	    bind(
		socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&low, len));
	told("all addresses",
	    bind(
		socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&any, len));
	told("mark",
	    setsockopt(socket(AF_INET, SOCK_STREAM, 0), SOL_SOCKET, SO_MARK,
		&on, sizeof(on)));
	told("host's device",
	    setsockopt(socket(AF_INET, SOCK_STREAM, 0), SOL_SOCKET,
		SO_BINDTODEVICE, "h0", 3));
	told("transparent",
	    setsockopt(socket(AF_INET, SOCK_STREAM, 0), IPPROTO_IP,
		IP_TRANSPARENT, &on, sizeof(on)));
	told("ping", socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP) < 0 ? -1 : 0);
}

/* ---- by the relay ---- */

static int
relay(void)
{
	struct sockaddr_storage s;
	socklen_t len = address("127.0.0.1", "3128", &s);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return connect(fd, (struct sockaddr *)&s, len) == 0 ? fd : -1;
}

static void
put(int fd, const char *text, size_t len)
{
	if (send(fd, text, len, MSG_NOSIGNAL) != (ssize_t)len)
		perror("send");
}

static void
request(int fd, const char *words)
{
	put(fd, words, strlen(words));
	put(fd, " HTTP/1.1\r\n\r\n", 13);
}

/* The number in "HTTP/1.1 200 ...", or -1. */
static long
code(int fd)
{
	char buf[256];
	ssize_t n = recv(fd, buf, sizeof(buf) - 1, 0);

	if (n < 12)
		return -1;
	buf[n] = '\0';
	return strtol(buf + 9, NULL, 10);
}

static void
http(const char *words)
{
	int fd = relay();
	long is = -1;

	if (fd >= 0) {
		request(fd, words);
		is = code(fd);
	}
	told(words, is);
	if (is == 200)
		put(fd, words, strlen(words));
	close(fd);
}

/* Its command for an address or a name; the reply's second byte. */
static void
socks(uint8_t command, const char *host, const char *port)
{
	uint8_t buf[300] = { 5, 1, 0, 5, command, 0, 3 };
	const uint16_t p = htons((uint16_t)strtol(port, NULL, 10));
	size_t len = strlen(host), at = 7;
	int fd = relay();
	char what[280];

	if (inet_pton(AF_INET, host, buf + at) == 1) {
		buf[6] = 1;
		len = 4;
	} else if (inet_pton(AF_INET6, host, buf + at) == 1) {
		buf[6] = 4;
		len = 16;
	} else {
		buf[at++] = (uint8_t)len;
		memcpy(buf + at, host, len);
	}
	memcpy(buf + at + len, &p, 2);
	snprintf(what, sizeof(what), "socks %s %s", host, port);
	if (fd < 0) {
		told(what, -1);
		return;
	}
	put(fd, (char *)buf, at + len + 2);
	if (recv(fd, buf, 2, MSG_WAITALL) != 2 ||
	    recv(fd, buf, 10, MSG_WAITALL) != 10)
		told(what, -1);
	else
		told(what, buf[1]);
	if (buf[1] == 0)
		put(fd, what, strlen(what));
	close(fd);
}

static void
hold(const char *words)
{
	struct pollfd in = { .events = POLLIN };
	int fd = relay();

	request(fd, words);
	told(words, code(fd));
	puts("ready");
	while (poll(&in, 1, 50) == 0)
		if (send(fd, ".", 1, MSG_NOSIGNAL) != 1)
			break;
	told("end", shutdown(fd, SHUT_WR));
}

static void
many(long n, const char *words)
{
	struct pollfd p[200];
	long got = 0;

	for (long i = 0; i < n && i < 200; i++) {
		p[i] = (struct pollfd){ relay(), POLLIN, 0 };
		request(p[i].fd, words);
	}
	while (poll(p, (nfds_t)n, 1000) > 0) {
		for (long i = 0; i < n; i++) {
			if (p[i].fd < 0 || p[i].revents == 0)
				continue;
			got += code(p[i].fd) == 200;
			p[i].fd = -1;
		}
	}
	told("answered", got);
}

int
main(int argc, char **argv)
{
	char **args = payload(argc, argv);
	const char *job = args[0] != NULL ? args[0] : "";

	if (strcmp(job, "family") == 0)
		families(args + 1);
	else if (strcmp(job, "links") == 0)
		links();
	else if (strcmp(job, "echo") == 0) {
		meet("echo", "127.0.0.1");
		meet("echo6", "::1");
	} else if (strcmp(job, "odd") == 0)
		odd();
	else if (strcmp(job, "http") == 0)
		for (char **w = args + 1; *w != NULL; w++)
			http(*w);
	else if (strcmp(job, "socks") == 0)
		for (char **w = args + 1; w[0] != NULL && w[1] != NULL; w += 2)
			socks(1, w[0], w[1]);
	else if (strcmp(job, "command") == 0 && args[1] != NULL)
		socks((uint8_t)strtol(args[1], NULL, 10), args[2], args[3]);
	else if (strcmp(job, "hold") == 0)
		hold(args[1]);
	else if (strcmp(job, "many") == 0 && args[1] != NULL)
		many(strtol(args[1], NULL, 10), args[2]);
	else if (args[0] != NULL && args[1] != NULL && args[2] != NULL)
		for (char **w = args + 1; w[0] != NULL && w[1] != NULL; w += 2)
			inet(job, w[0], w[1]);
	else if (args[0] != NULL && args[1] != NULL)
		to_path(job, args[1]);
	else
		return 2;
	return 0;
}
