/* netadmin.c: who rules a network namespace can change it; a try each */
/* SPDX-License-Identifier: ISC */
/*
 *	netadmin	lo down, an address, a route, SO_MARK, a raw and a packet
 *			socket, a netlink socket, nf_tables, a low port
 */
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "payload.h"

static void
low_port(int fd)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(7) };

	told("port 7", bind(fd, (struct sockaddr *)&a, sizeof(a)));
}

static void
address(int fd)
{
	struct ifreq r = { .ifr_name = "lo:9" };
	struct sockaddr_in a = { .sin_family = AF_INET };

	a.sin_addr.s_addr = htonl(0x7f000909);
	memcpy(&r.ifr_addr, &a, sizeof(a));
	told("address", ioctl(fd, SIOCSIFADDR, &r));
}

static void
route(int fd)
{
	struct rtentry r = { .rt_flags = RTF_UP, .rt_dev = (char[]){ "lo" } };
	struct sockaddr_in a = { .sin_family = AF_INET };

	a.sin_addr.s_addr = htonl(0xc6336400);
	memcpy(&r.rt_dst, &a, sizeof(a));
	a.sin_addr.s_addr = htonl(0xffffff00);
	memcpy(&r.rt_genmask, &a, sizeof(a));
	told("route", ioctl(fd, SIOCADDRT, &r));
}

int
main(int argc, char **argv)
{
	struct ifreq down = { .ifr_name = "lo" };
	int fd, mark = 1;

	(void)payload(argc, argv);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	told("socket", fd < 0 ? -1 : 0);
	address(fd);
	route(fd);
	told("mark", setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)));
	low_port(fd);
	told("down", ioctl(fd, SIOCSIFFLAGS, &down));
	told("raw", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) < 0 ? -1 : 0);
	told("packet", socket(AF_PACKET, SOCK_RAW, 0) < 0 ? -1 : 0);
	told("netlink",
	    socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) < 0 ? -1 : 0);
	told("nftables",
	    socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER) < 0 ? -1 : 0);
	return 0;
}
