/* sockets.c: which sockets it can have and whom it reaches */
/* SPDX-License-Identifier: ISC */
/*
 *	sockets family N...	socket() of each address family, stream then raw
 *	sockets tcp ADDR PORT	connect (v4 or v6)
 *	sockets udp ADDR PORT	send a byte
 *	sockets unix PATH	connect; @NAME: abstract
 *	sockets dgram PATH	a datagram pair, re-connected to PATH, sends
 *	sockets links		names and flags of the links here
 *	sockets echo		a server and a client of its own on 127.0.0.1
 */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
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

static void
echo(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int l = socket(AF_INET, SOCK_STREAM, 0),
	    c = socket(AF_INET, SOCK_STREAM, 0);

	if (l < 0 || bind(l, (struct sockaddr *)&a, len) != 0 ||
	    listen(l, 1) != 0 ||
	    getsockname(l, (struct sockaddr *)&a, &len) != 0)
		told("listen", -1);
	else
		told("echo", connect(c, (struct sockaddr *)&a, len));
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
	else if (strcmp(job, "echo") == 0)
		echo();
	else if (args[0] != NULL && args[1] != NULL && args[2] != NULL)
		inet(job, args[1], args[2]);
	else if (args[0] != NULL && args[1] != NULL)
		to_path(job, args[1]);
	else
		return 2;
	return 0;
}
