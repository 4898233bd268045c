/* nfq.c: packets handed to a program that holds them, then lets them go on */
/* SPDX-License-Identifier: ISC */
/*
 *	nfq QUEUE	hold all until USR1; these, and from then on each at once,
 *			go on as if no rule of this hook were left (NF_STOP)
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile sig_atomic_t released;
static uint16_t queue;
static int fd;

static void
release(int sig)
{
	(void)sig;
	released = 1;
}

static void
say(uint16_t type, uint16_t attr, const void *data, size_t len)
{
	struct {
		struct nlmsghdr nlh;
		struct nfgenmsg nf;
		struct nlattr a;
		char data[8];
	} m = { .nf.res_id = htons(queue) };

	m.nlh.nlmsg_type = (uint16_t)(NFNL_SUBSYS_QUEUE << 8 | type);
	m.nlh.nlmsg_flags = NLM_F_REQUEST;
	m.nlh.nlmsg_len = (uint32_t)(sizeof m - sizeof m.data + len);
	m.a.nla_type = attr;
	m.a.nla_len = (uint16_t)(NLA_HDRLEN + len);
	memcpy(m.data, data, len);
	if (send(fd, &m, NLMSG_ALIGN(m.nlh.nlmsg_len), 0) == -1) {
		perror("nfq");
		exit(1);
	}
}

/* All up to this one. */
static void
let_go(uint32_t id)
{
	const struct nfqnl_msg_verdict_hdr v = { htonl(NF_STOP), id };

	say(NFQNL_MSG_VERDICT_BATCH, NFQA_VERDICT_HDR, &v, sizeof v);
}

/* The number of the packet is the first attribute of its message. */
static uint32_t
number(const char *msg)
{
	struct nfqnl_msg_packet_hdr h;

	memcpy(&h, msg + NLMSG_HDRLEN + sizeof(struct nfgenmsg) + NLA_HDRLEN,
	    sizeof h);
	return h.packet_id;
}

int
main(int argc, char **argv)
{
	const struct nfqnl_msg_config_cmd take = { NFQNL_CFG_CMD_BIND, 0, 0 };
	const struct nfqnl_msg_config_params meta = { 0, NFQNL_COPY_META };
	/* No SA_RESTART: what is held goes when the signal comes. */
	const struct sigaction sa = { .sa_handler = release };
	char msg[4096];
	uint32_t last = 0;
	ssize_t n;

	if (argc != 2) {
		fprintf(stderr, "usage: nfq QUEUE\n");
		return 2;
	}
	queue = (uint16_t)strtoul(argv[1], NULL, 10);
	fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
	sigaction(SIGUSR1, &sa, NULL);
	say(NFQNL_MSG_CONFIG, NFQA_CFG_CMD, &take, sizeof take);
	say(NFQNL_MSG_CONFIG, NFQA_CFG_PARAMS, &meta, sizeof meta);
	for (;;) {
		n = recv(fd, msg, sizeof msg, 0);
		if (n == -1 && errno != EINTR)
			continue;
		if (n > 0)
			last = number(msg);
		if (released && last != 0)
			let_go(last);
	}
}
