/* ppp.c: a PPP link without pppd: no negotiation, IPv4 passes at once */
/* SPDX-License-Identifier: ISC */
/*
 *	ppp pty UNIT NONCE FILE		over a terminal; each payload "bnd:NONCE:ID:"
 *					that leaves at its far end is a line "ID 1" of FILE
 *	ppp pppoe UNIT IF MAC SESSION	over an Ethernet, in a session
 *
 * The link is pppUNIT, here, until the end of this process. Kernel documentation:
 * networking/ppp_generic.rst.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_pppox.h>
#include <linux/ppp-ioctl.h>
#include <net/ethernet.h>
#include <netinet/ether.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

static int
must(int r, const char *what)
{
	if (r != -1)
		return r;
	fprintf(stderr, "ppp: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* The channel of a line or session becomes what a new link sends by. */
static void
link_up(int line, int unit)
{
	int channel = must(open("/dev/ppp", O_RDWR), "/dev/ppp");
	int link = must(open("/dev/ppp", O_RDWR), "/dev/ppp");
	int index;

	must(ioctl(line, PPPIOCGCHAN, &index), "no channel");
	must(ioctl(channel, PPPIOCATTCHAN, &index), "attach");
	must(ioctl(link, PPPIOCNEWUNIT, &unit), "unit");
	must(ioctl(channel, PPPIOCCONNECT, &unit), "connect");
}

/* What leaves by the line: text stands in it as it is, only the rest is escaped. */
static void
listen_at(int far, const char *nonce, const char *file)
{
	int out = must(open(file, O_WRONLY | O_CREAT | O_APPEND, 0644), file);
	char mark[64], data[4096] = "", *at, *end;
	size_t have = 0;
	ssize_t n;

	(void)snprintf(mark, sizeof mark, "bnd:%s:", nonce);
	while ((n = read(far, data + have, sizeof data - have)) > 0) {
		have += (size_t)n;
		while ((at = memmem(data, have, mark, strlen(mark))) != NULL) {
			at += strlen(mark);
			end = memchr(at, ':', have - (size_t)(at - data));
			if (end == NULL)
				break;
			dprintf(out, "%.*s 1\n", (int)(end - at), at);
			have -= (size_t)(end - data);
			memmove(data, end, have);
		}
		if (have == sizeof data)
			have = 0;
	}
}

static int
pty(int unit, const char *nonce, const char *file)
{
	struct termios raw = { .c_cflag = CS8 | CREAD | B38400 };
	int far = must(posix_openpt(O_RDWR | O_NOCTTY), "pty");
	int kind = N_PPP, line;

	must(grantpt(far), "pty");
	must(unlockpt(far), "pty");
	line = must(open(ptsname(far), O_RDWR | O_NOCTTY), "pty");
	must(tcsetattr(line, TCSANOW, &raw), "raw");
	must(ioctl(line, TIOCSETD, &kind), "N_PPP");
	link_up(line, unit);
	listen_at(far, nonce, file);
	return 1;
}

static int
pppoe(int unit, const char *dev, const char *mac, const char *session)
{
	struct sockaddr_pppox to = { .sa_family = AF_PPPOX,
		.sa_protocol = PX_PROTO_OE };
	int fd = must(socket(AF_PPPOX, SOCK_STREAM, PX_PROTO_OE), "AF_PPPOX");

	if (ether_aton_r(mac, (struct ether_addr *)to.sa_addr.pppoe.remote) ==
	    NULL)
		return 2;
	to.sa_addr.pppoe.sid = htons((uint16_t)strtoul(session, NULL, 10));
	(void)snprintf(
	    to.sa_addr.pppoe.dev, sizeof to.sa_addr.pppoe.dev, "%s", dev);
	must(connect(fd, (const void *)&to, sizeof to), "session");
	link_up(fd, unit);
	pause();
	return 1;
}

int
main(int argc, char **argv)
{
	int unit = argc > 2 ? (int)strtol(argv[2], NULL, 10) : -1;

	if (argc == 5 && strcmp(argv[1], "pty") == 0)
		return pty(unit, argv[3], argv[4]);
	if (argc == 6 && strcmp(argv[1], "pppoe") == 0)
		return pppoe(unit, argv[3], argv[4], argv[5]);
	fprintf(stderr, "ppp: see the head of ppp.c\n");
	return 2;
}
