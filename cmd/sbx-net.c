/* sbx-net.c: what a run with net allow has besides: names pinned, and a relay */
/* SPDX-License-Identifier: ISC */
#include "box-attest-relay.h"
#include "box-cglimit.h"
#include "box-listen.h"
#include "box-resolve.h"
#include "sbx-go.h"
#include "scope.h"

int
sbx_pin(struct sbx *s, struct bnd_err *err)
{
	s->job.relay = bnd_dial_any(&s->policy);
	if (!s->job.relay)
		return 0;
	s->r.dials = &s->dials;
	return bnd_resolve(&s->policy, s->deadline_ms, &s->dials, err);
}

/* The payload's share of the CPU, where v2 has that; no other limit. */
static int
make_leaf(struct sbx *s, struct bnd_err *err)
{
	struct bnd_box_policy *p = bnd_box_pool_policy(&s->pool, err);

	if (p == NULL ||
	    bnd_cg_make_relay(&s->host, s->lease.n, &s->relay_cg, err) == -1)
		return -1;
	s->has_relay_cg = true;
	if ((s->cg.v2_rows & BND_CG_BIT(BND_CG_CPU)) == 0)
		return 0;
	s->relay_cg.v2_rows = s->cg.v2_rows;
	p->num[BND_BOX_MEM] = p->num[BND_BOX_SWAP] = p->num[BND_BOX_PIDS] =
	    BND_BOX_TOP;
	p->num[BND_BOX_CPU] = s->policy.num[BND_BOX_CPU];
	if (bnd_cg_limit(&s->relay_cg, p, err) == -1)
		return -1;
	return bnd_cg_attest(&s->relay_cg, p, err);
}

/* Else v1's leaf of the payload for it, which there is if it has a limit. */
static int
cpu_tasks(const struct sbx *s)
{
	for (size_t i = 0; i < s->cg.n; i++)
		if ((s->cg.v1[i].rows & BND_CG_BIT(BND_CG_CPU)) != 0)
			return s->cg.v1[i].tasks;
	return -1;
}

int
sbx_start_relay(struct sbx *s, struct bnd_err *err)
{
	struct bnd_relay_plan plan = { .dials = &s->dials,
		.id = s->job.init_id,
		.tasks = cpu_tasks(s),
		.time_ms = s->policy.num[BND_BOX_TIME],
		.landlock_abi = s->job.landlock_abi,
		.deadline_ms = s->deadline_ms };

	if (!bnd_dial_any(&s->policy))
		return 0;
	s->relay.listener = bnd_listen_take(s->run.hand, s->run.init, err);
	bnd_close_fd(&s->run.hand);
	if (s->relay.listener == -1)
		return -1;
	if (bnd_listen_where(s->relay.listener, &s->relay.inode,
		&s->relay.space, err) == -1 ||
	    make_leaf(s, err) == -1) {
		bnd_close_fd(&s->relay.listener);
		return -1;
	}
	plan.cgroup = s->relay_cg.leaf;
	if (bnd_relay_start(&s->relay, &plan, err) == -1)
		return -1;
	bnd_box_loop_relay(s->loop, s->relay.fd);
	return 0;
}

int
sbx_attest_relay(struct sbx *s, struct bnd_err *err)
{
	if (!bnd_dial_any(&s->policy))
		return 0;
	return bnd_attest_relay(&s->attest, &s->job, &s->run, &s->relay, &s->cg,
	    &s->relay_cg, &s->r.seen, err);
}

int
sbx_end_relay(struct sbx *s, struct bnd_err *err)
{
	int rc = 0;

	bnd_relay_stop(&s->relay, &s->r.net);
	if (!s->has_relay_cg)
		return 0;
	if (bnd_cg_remove(&s->host, &s->relay_cg, err) == -1)
		rc = -1;
	bnd_cg_close(&s->relay_cg);
	return rc;
}
