/* seal-can.c: whether this kernel can do a mode, and its rules as text */
/* SPDX-License-Identifier: ISC */
#include "seal.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nft.h"
#include "ruletext.h"
#include "scope.h"
#include "seal-legacy.h"
#include "seal-rules.h"
#include "state.h"
#include "xt-child.h"

/* What came of it, in memory that both processes see. */
struct trial {
	enum {
		BEGUN = 0,
		NO_NAMESPACE,
		DONE,
	} how;
	bool no_nft; /* no such netlink, or the rules are refused */
	struct bnd_nft_lacks lacks;
	bool legacy;
	struct bnd_xt_result xt;
	struct bnd_err why; /* of the newer engine */
};

/* In a network namespace of its own, which goes with the process. */
static void
try_mode(enum bnd_mode mode, struct trial *t)
{
	static const struct bnd_netlist none;
	/* The one link there is stands for an outer one, not for lo. */
	const struct bnd_rules_link link = {
		.index = BND_LO_INDEX + 1, .type = ARPHRD_ETHER, .name = "lo"
	};
	struct bnd_rules_in in = {
		.mode = mode, .list = &none, .link = &link, .links = 1
	};
	struct bnd_xt_order order = { .in = &in, .work = BND_XT_PUT };
	SCOPED_NL struct bnd_nl nl = BND_NL_CLOSED;

	t->how = NO_NAMESPACE;
	if (unshare(CLONE_NEWNET) == -1)
		return;
	t->no_nft = bnd_nl_open(&nl, NETLINK_NETFILTER, &t->why) == -1 ||
	    bnd_nft_commit(&nl, &in, NULL, &t->lacks, &t->why) == -1;
	order.alone = t->no_nft;
	t->legacy = bnd_xt_run(&order, &t->xt, &t->xt.err) == 0;
	t->how = DONE;
}

static int
run_trial(enum bnd_mode mode, struct trial *t, struct bnd_err *err)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == -1)
		return bnd_fail_errno(err, "fork");
	if (pid == 0) {
		try_mode(mode, t);
		_exit(0);
	}
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return bnd_fail_errno(err, "wait");
	if (t->how != DONE)
		return bnd_fail(
		    err, BND_E_SYS, "cannot try it in a network namespace");
	return 0;
}

static void
judge(const struct trial *t, struct bnd_seal *s)
{
	enum bnd_family f;

	if (t->no_nft)
		bnd_note(&s->findings, "lacks", "nf_tables: %s", t->why.text);
	for (f = BND_INET; f < BND_FAMILIES; f++) {
		if (!t->no_nft && !t->lacks.family[f])
			continue;
		s->family[f] = BND_LAYER_ABSENT;
		if (!t->no_nft)
			bnd_note(
			    &s->findings, "lacks", "%s", bnd_family_name(f));
	}
	if (t->no_nft || t->lacks.egress)
		s->egress = BND_LAYER_ABSENT;
	if (!t->no_nft && t->lacks.egress)
		bnd_note(&s->findings, "lacks", "netdev egress");
	s->legacy =
	    t->legacy ? bnd_legacy_layer(s->mode, &t->xt) : BND_LAYER_FAILED;
	if (s->legacy != BND_LAYER_USED && s->legacy != BND_LAYER_UNUSED)
		bnd_note(&s->findings, "lacks", "legacy tables: %s",
		    t->xt.err.kind != BND_E_NONE ? t->xt.err.text
						 : "not of both families");
	s->sealed = bnd_seal_layers_hold(s);
	s->no = !s->sealed;
}

/* What the host has decides what the mode needs: bridges. */
static int
read_links(struct bnd_seal *s, struct bnd_err *err)
{
	SCOPED_NL struct bnd_nl rt = BND_NL_CLOSED;

	if (bnd_nl_open(&rt, NETLINK_ROUTE, err) == -1)
		return -1;
	return bnd_links_read(&rt, &s->links, err);
}

int
bnd_seal_can(enum bnd_mode mode, struct bnd_seal *s, struct bnd_err *err)
{
	struct trial *t = mmap(NULL, sizeof(*t), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int r;

	if (t == MAP_FAILED)
		return bnd_fail_errno(err, "memory");
	s->mode = mode;
	r = read_links(s, err);
	if (r == 0)
		r = run_trial(mode, t, err);
	if (r == 0)
		judge(t, s);
	(void)munmap(t, sizeof(*t));
	return r;
}

int
bnd_seal_preview(const struct bnd_root *root, enum bnd_mode mode,
    int (*put)(void *ctx, const char *text), void *ctx, struct bnd_err *err)
{
	const struct bnd_seal_order order = { .mode = mode, .txn = "" };

	SCOPED_FREE struct bnd_seal *s = calloc(1, sizeof *s);
	struct bnd_job j = { .root = root, .order = &order, .s = s };
	struct bnd_rules_in in;
	struct bnd_state st;
	int r;

	if (s == NULL)
		return bnd_fail_errno(err, "preview");
	r = bnd_job_open(&j, err);
	if (r == 0) {
		s->mode = mode;
		if (mode == BND_MODE_NONE &&
		    bnd_state_load(root, &st, err) == -1)
			st.effective = BND_LOCKDOWN;
		if (mode == BND_MODE_NONE)
			s->mode = st.effective;
		bnd_job_load_list(&j);
		r = bnd_links_read(&j.rt, &s->links, err);
	}
	if (r == 0) {
		in = bnd_job_rules(&j);
		r = bnd_rules_text(&in, put, ctx, err);
		if (r == 0)
			r = bnd_xt_text(&in, put, ctx, err);
	}
	bnd_job_close(&j);
	bnd_seal_free(s);
	return r;
}
