/* ipvs.c: a service of the kernel's load balancer, and the one it goes to */
/* SPDX-License-Identifier: ISC */
/*
 *	ipvs ADDR PORT TO PORT		UDP to the first is handed to the second
 */
#include <arpa/inet.h>
#include <linux/ip_vs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int
main(int argc, char **argv)
{
	struct {
		struct ip_vs_service_user service;
		struct ip_vs_dest_user to;
	} v = { .service = { .protocol = IPPROTO_UDP, .sched_name = "rr" },
		.to = { .conn_flags = IP_VS_CONN_F_MASQ, .weight = 1 } };
	int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);

	if (argc != 5 || inet_pton(AF_INET, argv[1], &v.service.addr) != 1 ||
	    inet_pton(AF_INET, argv[3], &v.to.addr) != 1) {
		fprintf(stderr, "usage: ipvs ADDR PORT TO PORT\n");
		return 2;
	}
	v.service.port = htons((uint16_t)strtoul(argv[2], NULL, 10));
	v.to.port = htons((uint16_t)strtoul(argv[4], NULL, 10));
	if (setsockopt(fd, IPPROTO_IP, IP_VS_SO_SET_ADD, &v.service,
		sizeof v.service) == -1 ||
	    setsockopt(fd, IPPROTO_IP, IP_VS_SO_SET_ADDDEST, &v, sizeof v) ==
		-1) {
		perror("ipvs");
		return 1;
	}
	return 0;
}
