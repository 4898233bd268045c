/* queue.c: a default queue is swapped and comes back; another's is not touched */
/* SPDX-License-Identifier: ISC */
#include "queue.h"

#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tap.h"

#define OURS TC_H_MAKE(0x7b0du << 16, 0)

static struct bnd_nl rt = BND_NL_CLOSED;
static struct bnd_links links;

/* A link with four queues, so its default is an mq with four below it. */
static void
set_up(void)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC };
	SCOPED_NLBUF struct bnd_nlbuf b = { 0 };
	struct bnd_err err = { 0 };
	size_t nest;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		skip_all("no user and network namespace of our own here");
	if (bnd_nl_open(&rt, NETLINK_ROUTE, &err) != 0)
		skip_kernel_all("no netlink here");
	bnd_nl_msg(
	    &b, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &ifi, sizeof(ifi));
	bnd_nl_put_str(&b, IFLA_IFNAME, "q4");
	bnd_nl_put_u32(&b, IFLA_NUM_TX_QUEUES, 4);
	nest = bnd_nl_nest(&b, IFLA_LINKINFO);
	bnd_nl_put_str(&b, IFLA_INFO_KIND, "ifb");
	bnd_nl_nest_end(&b, nest);
	if (bnd_nl_talk(&rt, &b, &err) != 0 ||
	    bnd_links_read(&rt, &links, &err) != 0)
		skip_kernel_all("no ifb links here");
}

static unsigned
index_of(const char *name)
{
	for (size_t i = 0; i < links.n; i++)
		if (strcmp(links.id[i].name, name) == 0)
			return links.id[i].index;
	return 0;
}

static int
qdisc(uint16_t type, uint16_t flags, uint32_t handle, const char *kind)
{
	struct tcmsg tc = { .tcm_family = AF_UNSPEC,
		.tcm_ifindex = (int)index_of("q4"),
		.tcm_handle = handle,
		.tcm_parent = TC_H_ROOT };
	SCOPED_NLBUF struct bnd_nlbuf b = { 0 };
	struct bnd_err err = { 0 };

	bnd_nl_msg(&b, type, flags, &tc, sizeof(tc));
	if (kind != NULL)
		bnd_nl_put_str(&b, TCA_KIND, kind);
	return bnd_nl_talk(&rt, &b, &err);
}

/* Every queue: link, handle, parent, kind, options; not what counts. */
static void
picture(char *text, size_t size)
{
	struct tcmsg all = { .tcm_family = AF_UNSPEC };
	SCOPED_NLBUF struct bnd_nlbuf b = { 0 };
	SCOPED_NLBUF struct bnd_nlbuf out = { 0 };
	const struct nlmsghdr *nlh = NULL;
	struct bnd_err err = { 0 };
	size_t len = 0;

	bnd_nl_msg(&b, RTM_GETQDISC, NLM_F_DUMP, &all, sizeof(all));
	ok(bnd_nl_dump(&rt, &b, &out, &err) == 0, "queues are dumped");
	text[0] = '\0';
	while ((nlh = bnd_nl_next(&out, nlh)) != NULL) {
		const struct tcmsg *tc = bnd_nl_fixed(nlh, sizeof(*tc));
		struct bnd_str tab[TCA_MAX + 1];

		if (tc == NULL ||
		    !bnd_nl_attrs(nlh, sizeof(*tc), tab, TCA_MAX) ||
		    len + 200 > size)
			continue;
		len += (size_t)snprintf(text + len, size - len, "%d %x %x %s",
		    tc->tcm_ifindex, tc->tcm_handle, tc->tcm_parent,
		    tab[TCA_KIND].p);
		for (size_t i = 0; i < tab[TCA_OPTIONS].len; i++)
			len += (size_t)snprintf(text + len, size - len, " %02x",
			    (unsigned char)tab[TCA_OPTIONS].p[i]);
		len += (size_t)snprintf(text + len, size - len, "\n");
	}
}

static unsigned
empty(const struct bnd_queue_order *order)
{
	struct bnd_queue_result res;
	struct bnd_notes notes = { 0 };
	struct bnd_err err = { 0 };

	if (bnd_queue_empty(&rt, &links, order, &res, &notes, &err) == -1) {
		ok(false, "emptied: %s", err.text);
		return 99;
	}
	ok(!res.left && notes.n == 0, "nothing to say");
	return res.emptied;
}

int
main(void)
{
	static const struct bnd_queue_order some = { 0 }, all = { .all = true };
	static char before[4096], after[4096];
	struct bnd_queue_order other = all;
	struct bnd_err err = { 0 };

	set_up();
	ok(bnd_link_set_up(&rt, index_of("q4"), true, &err) == 0, "up");
	picture(before, sizeof(before));
	ok(strstr(before, "mq") != NULL, "the default is an mq (control)");
	is_int((int)empty(&some), 0, "a default queue that is empty stays");
	picture(after, sizeof(after));
	is_str(after, before, "untouched");
	is_int((int)empty(&all), 1, "a default queue is swapped");
	picture(after, sizeof(after));
	is_str(after, before, "and the same is there again, four below it");
	other.index = index_of("lo");
	is_int((int)empty(&other), 0, "another link's is left alone");

	ok(qdisc(RTM_NEWQDISC, NLM_F_CREATE, OURS, "pfifo") == 0,
	    "one of ours is left behind");
	picture(after, sizeof(after));
	ok(strstr(after, "7b0d0000") != NULL, "there it is (control)");
	ok(bnd_queue_tidy(&rt, &err) == 0, "tidied");
	picture(after, sizeof(after));
	is_str(after, before, "gone, and the default is back");
	ok(qdisc(RTM_NEWQDISC, NLM_F_CREATE, OURS, "pfifo") == 0,
	    "one of ours is left behind");
	is_int((int)empty(&some), 0, "the next run");
	picture(after, sizeof(after));
	is_str(after, before, "takes it away as well");

	ok(qdisc(RTM_NEWQDISC, NLM_F_CREATE, OURS, "bfifo") == 0,
	    "our handle, another kind");
	picture(before, sizeof(before));
	ok(bnd_queue_tidy(&rt, &err) == 0, "is not ours");
	is_int((int)empty(&all), 0, "nor a default");
	picture(after, sizeof(after));
	is_str(after, before, "and stays");
	ok(qdisc(RTM_DELQDISC, 0, OURS, NULL) == 0, "deleted");
	ok(qdisc(RTM_NEWQDISC, NLM_F_CREATE, 0, "pfifo") == 0,
	    "an administrator's, its handle made up by the kernel");
	picture(before, sizeof(before));
	is_int((int)empty(&all), 0, "is nothing to swap");
	picture(after, sizeof(after));
	is_str(after, before, "and stays");
	bnd_links_free(&links);
	bnd_nl_close(&rt);
	return tap_done();
}
