/* seal-can.c: whether this kernel can do a mode, and its rules as text */
/* SPDX-License-Identifier: ISC */
#include "seal.h"

#include <errno.h>
#include <linux/if_arp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nft.h"
#include "ruletext.h"
#include "scope.h"
#include "seal-rules.h"
#include "state.h"

/* In a network namespace of its own; what lacks is the exit status. */
static int
try_mode(enum bnd_mode mode)
{
	static const struct bnd_netlist none;
	/* The one link there is stands for an outer one. */
	const struct bnd_rules_link link = {
		.index = 1, .type = ARPHRD_ETHER, .name = "lo"
	};
	struct bnd_rules_in in = { mode, &none, &link, 1 };
	SCOPED_NL struct bnd_nl nl = BND_NL_CLOSED;
	struct bnd_nft_lacks lacks = { 0 };
	struct bnd_err err = { 0 };
	enum bnd_family f;
	int bits = 0;

	if (unshare(CLONE_NEWNET) == -1)
		return 254;
	if (bnd_nl_open(&nl, NETLINK_NETFILTER, &err) == -1 ||
	    bnd_nft_commit(&nl, &in, NULL, &lacks, &err) == -1)
		return 253;
	for (f = BND_INET; f < BND_FAMILIES; f++)
		bits |= lacks.family[f] ? 1 << f : 0;
	return bits | (lacks.egress ? 1 : 0);
}

int
bnd_seal_can(enum bnd_mode mode, struct bnd_seal *s, struct bnd_err *err)
{
	enum bnd_family f;
	int status = 0;
	pid_t pid = fork();

	if (pid == -1)
		return bnd_fail_errno(err, "fork");
	if (pid == 0)
		_exit(try_mode(mode));
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return bnd_fail_errno(err, "wait");
	s->mode = mode;
	if (!WIFEXITED(status) || WEXITSTATUS(status) == 254)
		return bnd_fail(
		    err, BND_E_SYS, "cannot try it in a network namespace");
	if (WEXITSTATUS(status) == 253) {
		bnd_note(&s->findings, "inet", "the kernel refuses the rules");
		s->no = true;
		return 0;
	}
	for (f = BND_INET; f < BND_FAMILIES; f++)
		if ((WEXITSTATUS(status) & 1 << f) != 0) {
			s->family[f] = BND_LAYER_ABSENT;
			bnd_note(
			    &s->findings, "lacks", "%s", bnd_family_name(f));
		}
	if ((WEXITSTATUS(status) & 1) != 0) {
		s->egress = BND_LAYER_ABSENT;
		bnd_note(&s->findings, "lacks", "netdev egress");
	}
	s->sealed = bnd_seal_layers_hold(s);
	s->no = !s->sealed;
	return 0;
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
	}
	bnd_job_close(&j);
	bnd_seal_free(s);
	return r;
}
