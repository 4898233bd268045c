/* seal-check.c: the kernel beside the mode, and a link that came */
/* SPDX-License-Identifier: ISC */
#include "seal.h"

#include "scope.h"
#include "seal-netns.h"
#include "seal-probe.h"
#include "seal-radio.h"
#include "seal-reach.h"
#include "seal-rules.h"
#include "seal-steps.h"
#include "seal-tried.h"

static void
check(struct bnd_job *j)
{
	struct bnd_err why = { 0 };
	bool hold = false;

	if (bnd_job_rules_hold(j, &j->s->findings, &hold, &why) == -1)
		bnd_seal_fail(j->s, &why);
	bnd_job_judge_links(j->s);
	hold &= bnd_job_judge_radios(j, &j->s->findings);
	hold &= bnd_job_judge_namespaces(j, &j->s->findings);
	if (!bnd_job_judge_bypasses(j) && j->s->mode == BND_TRUSTED)
		hold = false;
	if (j->over && bnd_job_has_list(j->s->mode)) {
		bnd_note(&j->s->findings, "try",
		    "a list was tried, not confirmed, and not taken back yet");
		hold = false;
	}
	j->s->sealed = hold && j->s->link != BND_LAYER_FAILED;
	j->s->trying = j->tried;
	j->s->no |= !j->s->sealed;
	bnd_job_list_waiting(j);
	bnd_job_list_uncovered(j);
}

int
bnd_seal_check(const struct bnd_root *root, const struct bnd_seal_order *order,
    struct bnd_seal *s, struct bnd_err *err)
{
	struct bnd_job j = { .root = root, .order = order, .s = s };
	SCOPED_FD int lock = -1, off = -1;
	struct bnd_err why = { 0 };

	if (bnd_job_open(&j, err) == -1) {
		bnd_job_close(&j);
		return -1;
	}
	if (order->txn == NULL)
		bnd_job_wait(root);
	bnd_job_consult(&j);
	bnd_job_load_list(&j);
	/* Its rules may not have been loaded yet. */
	if (j.tried && bnd_seal_lock(root, &lock, &why) == 0)
		bnd_job_load_list(&j);
	off = bnd_probe_keep_off(root);
	check(&j);
	bnd_job_close(&j);
	return 0;
}

/* ---- hook ---- */

/* A link that is not here any more may have gone to another namespace. */
static void
look_elsewhere(struct bnd_job *j)
{
	struct bnd_err why = { 0 };

	if (bnd_job_settle_namespaces(j, &j->s->findings))
		return;
	(void)bnd_fail(&why, BND_E_ENFORCER,
	    "another network namespace is not as it should be");
	j->s->sealed = false;
	bnd_seal_fail(j->s, &why);
}

static void
hook(struct bnd_job *j, unsigned index)
{
	const struct bnd_link *l = bnd_links_find(&j->s->links, index);

	/* First of all; from COLDROOM on whatever comes, be it real or not. */
	if (j->s->mode >= BND_AIRGAP)
		bnd_job_take_down(j, 0);
	if (j->s->mode >= BND_COLDROOM && l != NULL && !l->real)
		bnd_job_take_down(j, index);
	if (!bnd_job_stands(j))
		bnd_job_tighten(j);
	else if (l == NULL && index != 0)
		look_elsewhere(j);
	bnd_job_finish(j);
	bnd_job_end_try(j);
	j->s->trying = j->tried;
}

int
bnd_seal_hook(const struct bnd_root *root, unsigned index, struct bnd_seal *s,
    struct bnd_err *err)
{
	static const struct bnd_seal_order effective = { 0 };

	struct bnd_job j = { .root = root,
		.order = &effective,
		.s = s,
		.hook = true,
		.index = index };
	SCOPED_FD int lock = -1, off = -1;
	struct bnd_err why = { 0 };

	if (bnd_job_open(&j, err) == -1) {
		bnd_job_close(&j);
		return -1;
	}
	bnd_job_wait(root);
	if (bnd_seal_lock(root, &lock, &why) == -1)
		bnd_note(&s->findings, "lock", "%s", why.text);
	off = bnd_probe_keep_off(root);
	bnd_job_consult(&j);
	if (s->mode == BND_OPEN) {
		s->sealed = true;
	} else if (bnd_links_read(&j.rt, &s->links, &why) == -1) {
		bnd_seal_fail(s, &why);
	} else {
		bnd_job_load_list(&j);
		hook(&j, index);
	}
	bnd_job_close(&j);
	return 0;
}

/* ---- probe ---- */

static void
probe(struct bnd_job *j)
{
	struct bnd_err why = { 0 };

	j->s->sealed = bnd_job_look(j, &j->s->findings, &why);
	if (why.kind != BND_E_NONE)
		bnd_seal_fail(j->s, &why);
	bnd_job_judge_links(j->s);
	/* A seal that is not as it should be is mended first. */
	j->s->no |= !j->s->sealed;
	if (j->s->sealed && j->s->mode >= BND_TRUSTED)
		(void)bnd_job_probe(j);
	j->s->tripped = j->s->leaks && j->s->mode < BND_LOCKDOWN;
}

int
bnd_seal_probe(
    const struct bnd_root *root, struct bnd_seal *s, struct bnd_err *err)
{
	static const struct bnd_seal_order effective = { 0 };

	struct bnd_job j = { .root = root, .order = &effective, .s = s };
	SCOPED_FD int lock = -1;

	if (bnd_job_open(&j, err) == -1) {
		bnd_job_close(&j);
		return -1;
	}
	bnd_job_wait(root);
	if (bnd_seal_lock(root, &lock, err) == -1) {
		bnd_job_close(&j);
		return -1;
	}
	bnd_job_consult(&j);
	bnd_job_load_list(&j);
	probe(&j);
	bnd_job_close(&j);
	return 0;
}
