/* tproxy.c: a transparent proxy: what it is handed goes on in its sender's name */
/* SPDX-License-Identifier: ISC */
/*
 *	tproxy PORT ADDR TO	UDP that comes to PORT is sent on to TO of ADDR
 */
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Bound to an address that may be anybody's; -1 if it cannot be. */
static int
transparent(const struct sockaddr_in *at)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0), on = 1;

	if (setsockopt(fd, SOL_IP, IP_TRANSPARENT, &on, sizeof on) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
	    bind(fd, (const struct sockaddr *)at, sizeof *at) == 0)
		return fd;
	perror("tproxy");
	close(fd);
	return -1;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in self = { .sin_family = AF_INET }, to = self, from;
	socklen_t len = sizeof from;
	char data[2048];
	ssize_t n;
	int in, out;

	if (argc != 4 || inet_pton(AF_INET, argv[2], &to.sin_addr) != 1) {
		fprintf(stderr, "usage: tproxy PORT ADDR TO\n");
		return 2;
	}
	self.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	to.sin_port = htons((uint16_t)strtoul(argv[3], NULL, 10));
	in = transparent(&self);
	while ((n = recvfrom(in, data, sizeof data, 0, (struct sockaddr *)&from,
		    &len)) > 0) {
		out = transparent(&from);
		(void)!sendto(out, data, (size_t)n, 0,
		    (const struct sockaddr *)&to, sizeof to);
		close(out);
		len = sizeof from;
	}
	return 1;
}
