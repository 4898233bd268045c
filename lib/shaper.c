/* shaper.c: filters of a qdisc that do more than choose a class */
/* SPDX-License-Identifier: ISC */
#include "shaper.h"

#include <errno.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <string.h>
#include <sys/socket.h>

#define OPTIONS_MAX 255 /* more than any kind of filter has */

/* They take no filters at all: nothing to ask. */
static const char *const plain[] = { "noqueue", "pfifo_fast", "pfifo", "bfifo",
	"fq", "mq", "tbf" };

/* Each class has filters of its own. */
static const char *const nested[] = { "htb", "hfsc", "cbq", "atm" };

/* Where a filter that chooses a class would have its actions. */
static const struct {
	const char *kind;
	uint16_t act;
} choosers[] = {
	{ "u32", TCA_U32_ACT },
	{ "fw", TCA_FW_ACT },
	{ "flow", TCA_FLOW_ACT },
	{ "flower", TCA_FLOWER_ACT },
	{ "basic", TCA_BASIC_ACT },
	{ "cgroup", TCA_CGROUP_ACT },
	{ "matchall", TCA_MATCHALL_ACT },
	{ "route", TCA_ROUTE4_ACT },
};

#define LISTED(list, word) listed(list, sizeof(list) / sizeof((list)[0]), word)

static bool
listed(const char *const *list, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], word) == 0)
			return true;
	return false;
}

static bool
only_chooses(const struct nlmsghdr *nlh)
{
	struct bnd_str tab[TCA_MAX + 1] = { 0 }, options, value;
	char kind[16];
	uint16_t type;

	if (!bnd_nl_attrs(nlh, sizeof(struct tcmsg), tab, TCA_MAX) ||
	    !bnd_nl_str(tab[TCA_KIND], kind, sizeof kind))
		return false;
	for (size_t i = 0; i < sizeof choosers / sizeof choosers[0]; i++) {
		if (strcmp(choosers[i].kind, kind) != 0)
			continue;
		options = tab[TCA_OPTIONS];
		while (bnd_nl_attr_next(&options, &type, &value))
			if ((type & NLA_TYPE_MASK) == choosers[i].act)
				return false;
		return true;
	}
	return false;
}

struct seen {
	bool any;
};

static int
take_filter(const struct nlmsghdr *nlh, void *arg, struct bnd_err *err)
{
	struct seen *s = arg;

	(void)err;
	if (nlh == NULL)
		s->any = false;
	else if (nlh->nlmsg_type == RTM_NEWTFILTER)
		s->any |= !only_chooses(nlh);
	return 0;
}

static int
look(struct bnd_nl *nl, int index, uint32_t parent, bool *any,
    struct bnd_err *err)
{
	const struct tcmsg tc = { .tcm_family = AF_UNSPEC,
		.tcm_ifindex = index,
		.tcm_parent = parent };
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	struct seen s = { 0 };
	struct bnd_err why = { 0 };

	bnd_nl_msg(&req, RTM_GETTFILTER, NLM_F_DUMP, &tc, sizeof tc);
	if (bnd_nl_each(nl, &req, take_filter, &s, &why) == -1 &&
	    why.errnum != EINVAL && why.errnum != ENODEV &&
	    why.errnum != EOPNOTSUPP) {
		*err = why;
		return -1;
	}
	*any |= s.any;
	return 0;
}

static int
look_at_classes(struct bnd_nl *nl, const struct tcmsg *qdisc, bool *any,
    struct bnd_err *err)
{
	const struct tcmsg all = { .tcm_family = AF_UNSPEC,
		.tcm_ifindex = qdisc->tcm_ifindex,
		.tcm_parent = qdisc->tcm_handle };
	SCOPED_NLBUF struct bnd_nlbuf req = { 0 };
	SCOPED_NLBUF struct bnd_nlbuf out = { 0 };
	const struct nlmsghdr *nlh = NULL;

	bnd_nl_msg(&req, RTM_GETTCLASS, NLM_F_DUMP, &all, sizeof all);
	if (bnd_nl_dump(nl, &req, &out, err) == -1)
		return err->errnum == ENODEV ? 0 : -1;
	while (!*any && (nlh = bnd_nl_next(&out, nlh)) != NULL) {
		const struct tcmsg *tc = bnd_nl_fixed(nlh, sizeof *tc);

		if (nlh->nlmsg_type == RTM_NEWTCLASS && tc != NULL &&
		    look(nl, tc->tcm_ifindex, tc->tcm_handle, any, err) == -1)
			return -1;
	}
	return 0;
}

int
bnd_shaper_rewrites(struct bnd_nl *nl, const struct tcmsg *qdisc,
    const char *kind, bool *any, struct bnd_err *err)
{
	*any = false;
	/* Without a handle it can be named only as the root. */
	if (LISTED(plain, kind) ||
	    (qdisc->tcm_handle == 0 && qdisc->tcm_parent != TC_H_ROOT))
		return 0;
	if (look(nl, qdisc->tcm_ifindex, qdisc->tcm_handle, any, err) == -1)
		return -1;
	return *any || !LISTED(nested, kind)
	    ? 0
	    : look_at_classes(nl, qdisc, any, err);
}
