/* pour.c: live connections: one end pours bytes, the other counts them */
/* SPDX-License-Identifier: ISC */
/*
 *	pour take PORT FILE	accept on every address; FILE holds the bytes
 *				received so far, as text, updated at once
 *	pour give ADDRESS PORT	connect and send some bytes a hundred times a
 *				second, for as long as the connection lives
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PEERS_MAX 16
#define CHUNK	  512
#define PAUSE_NS  10000000L

static int
usage(void)
{
	fprintf(stderr, "usage: pour take PORT FILE | give ADDRESS PORT\n");
	return 2;
}

static int
trouble(const char *what)
{
	fprintf(stderr, "pour: %s: %s\n", what, strerror(errno));
	return 1;
}

static void
rest(long ns)
{
	struct timespec t = { ns / 1000000000L, ns % 1000000000L };

	nanosleep(&t, NULL);
}

/* A socket to ADDRESS and PORT, or listening there when it is NULL. */
static int
open_socket(const char *address, const char *port)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_family = address ? AF_UNSPEC : AF_INET6,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV |
		    (address ? 0 : AI_PASSIVE) };
	struct addrinfo *ai = NULL;
	int on = 1, s, ready;

	if (getaddrinfo(address, port, &hints, &ai) != 0)
		return -1;
	s = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s < 0) {
		freeaddrinfo(ai);
		return -1;
	}
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	ready = address
	    ? connect(s, ai->ai_addr, ai->ai_addrlen)
	    : bind(s, ai->ai_addr, ai->ai_addrlen) || listen(s, PEERS_MAX);
	freeaddrinfo(ai);
	if (ready == 0)
		return s;
	close(s);
	return -1;
}

static int
note(int fd, unsigned long long n)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%llu\n", n);

	return pwrite(fd, text, (size_t)len, 0) == len ? 0 : -1;
}

/* Read what has come on p; bytes, 0 if it has ended. */
static size_t
drain(struct pollfd *p)
{
	char buf[4096];
	ssize_t n;

	if (p->fd < 0 || p->revents == 0)
		return 0;
	n = read(p->fd, buf, sizeof(buf));
	if (n > 0)
		return (size_t)n;
	close(p->fd);
	p->fd = -1;
	return 0;
}

static int
take(const char *port, const char *file)
{
	struct pollfd p[1 + PEERS_MAX];
	unsigned long long sum = 0;
	unsigned n = 1;
	int fd = open(file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	p[0] =
	    (struct pollfd){ .fd = open_socket(NULL, port), .events = POLLIN };
	if (fd < 0 || p[0].fd < 0 || note(fd, 0) != 0)
		return trouble("cannot listen");
	while (poll(p, n, -1) >= 0) {
		if (p[0].revents != 0 && n < 1 + PEERS_MAX) {
			p[n].fd = accept(p[0].fd, NULL, NULL);
			p[n].revents = 0;
			p[n++].events = POLLIN;
		}
		for (unsigned i = 1; i < n; i++)
			sum += drain(&p[i]);
		if (note(fd, sum) != 0)
			return trouble(file);
	}
	return trouble("poll");
}

static int
give(const char *address, const char *port)
{
	static const char chunk[CHUNK];
	int s = -1;

	for (int i = 0; i < 200 && s < 0; i++) {
		s = open_socket(address, port);
		if (s < 0)
			rest(PAUSE_NS);
	}
	if (s < 0)
		return trouble(address);
	while (write(s, chunk, sizeof(chunk)) > 0)
		rest(PAUSE_NS);
	return trouble("the connection has ended");
}

int
main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc == 4 && strcmp(argv[1], "take") == 0)
		return take(argv[2], argv[3]);
	if (argc == 4 && strcmp(argv[1], "give") == 0)
		return give(argv[2], argv[3]);
	return usage();
}
