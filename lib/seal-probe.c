/* seal-probe.c: the seal shown by packets, not by its rules alone */
/* SPDX-License-Identifier: ISC */
/*
 * The probe's wire is a real link that is up, which in AIRGAP is an alarm.  Who
 * reads links is kept from reading that one by a lock, and by nothing else: no
 * file says which link is to be overlooked, so no file can hide one.  Whoever
 * holds that lock for ever makes others wait for as long as a probe may take,
 * and then they judge every link there is.
 */
#include "seal-probe.h"

#include <stdio.h>

#include "link.h"
#include "lock.h"
#include "probe.h"
#include "scope.h"
#include "seal-rules.h"
#include "seal-steps.h"

#define KEEP_OFF_MS 2500 /* as long as a probe may take */
#define BEGIN_MS    200	 /* nobody reads links for longer */

int
bnd_probe_keep_off(const struct bnd_root *root)
{
	struct bnd_err none = { 0 };

	return bnd_lock(root, BND_PROBE_LOCK, true, false, KEEP_OFF_MS, &none);
}

/* What the hooks that this kernel has must stop; the commit has found out. */
static uint32_t
judged(const struct bnd_job *j)
{
	const uint32_t out = BND_PROBE_BIT(BND_PROBE_OUT_L2) |
	    BND_PROBE_BIT(BND_PROBE_OUT_L2_V4) | BND_PROBE_BIT(BND_PROBE_OTHER);
	bool frames = !j->no_nft && !j->lacks.family[BND_NETDEV];
	uint32_t kinds = BND_PROBE_ALL;

	if (!frames || j->lacks.egress)
		kinds &= ~out;
	if (!frames)
		kinds &= ~BND_PROBE_FRAMES;
	if (!frames && (j->no_nft || j->lacks.family[BND_ARP]))
		kinds &= ~BND_PROBE_ARP;
	return kinds;
}

struct order {
	struct bnd_job *job;
	struct bnd_probe probe;
};

static int
hook(void *ctx, struct bnd_err *err)
{
	struct order *o = ctx;

	if (bnd_job_commit(o->job, err) == -1)
		return -1;
	o->probe.judged = judged(o->job);
	return 0;
}

static void
fail(struct bnd_seal *s, const char *what)
{
	struct bnd_err why = { 0 };

	bnd_note(&s->findings, "probe", "%s", what);
	(void)bnd_fail(&why, BND_E_ENFORCER, "%s", what);
	s->probe = BND_LAYER_FAILED;
	s->sealed = false;
	bnd_seal_fail(s, &why);
}

static void
conclude(struct bnd_seal *s, const struct bnd_probe *p)
{
	char list[160], text[200];

	bnd_probe_list(p->passed, list, sizeof(list));
	switch ((int)p->result) {
	case BND_PROBED_TIGHT:
		s->probe = BND_LAYER_USED;
		if (p->passed != 0)
			bnd_note(&s->uncovered, "probe",
			    "while a link is up: %s", list);
		if (!p->v6)
			bnd_note(&s->uncovered, "probe", "IPv4 alone");
		break;
	case BND_PROBED_ABSENT:
		s->probe = BND_LAYER_ABSENT;
		bnd_note(
		    &s->uncovered, "probe", "cannot be had: %s", p->why.text);
		break;
	case BND_PROBED_LEAKS:
		s->leaks = true;
		(void)snprintf(
		    text, sizeof(text), "packets pass the seal: %s", list);
		fail(s, text);
		break;
	default:
		(void)snprintf(text, sizeof(text), "the probe failed: %.170s",
		    p->why.text);
		fail(s, text);
	}
}

/* The rules of the links there are now, without the wire; read back again. */
static bool
unhook(struct bnd_job *j, struct bnd_err *why)
{
	if (bnd_job_commit(j, why) == -1)
		return false;
	if (bnd_job_look(j, &j->s->findings, why))
		return true;
	if (why->kind == BND_E_NONE)
		(void)bnd_fail(why, BND_E_ENFORCER,
		    "the seal is not as it was before the probe");
	return false;
}

bool
bnd_job_probe(struct bnd_job *j)
{
	const struct bnd_rules_in in = bnd_job_rules(j);
	struct order o = { .job = j,
		.probe = { .hooked = bnd_nft_input(&in, &j->lacks).every,
		    .hook = hook,
		    .ctx = &o } };
	struct bnd_err why = { 0 };
	SCOPED_FD int lock =
	    bnd_lock(j->root, BND_PROBE_LOCK, true, true, BEGIN_MS, &why);

	/* What keeps the lock from us keeps nothing sealed from being shown. */
	if (lock == -1)
		bnd_note(&j->s->uncovered, "probe", "%s", why.text);
	bnd_probe_run(&o.probe, &j->rt);
	j->s->probe_ms = o.probe.ms;
	conclude(j->s, &o.probe);
	if (!unhook(j, &why))
		fail(j->s, why.text);
	return j->s->probe != BND_LAYER_FAILED;
}
