/* seal-radio.c: the radios' part in a run of the seal */
/* SPDX-License-Identifier: ISC */
#include "seal-radio.h"

#include "radio.h"

/*
 * Who switches on what we had blocked has changed the seal.  check says so by
 * itself; the hook mends it at once and has to keep the evidence.
 */
static void
tell_of_tampering(struct bnd_job *j)
{
	bnd_note(&j->s->findings, "radio", "a blocked one was switched on");
	j->s->drifted = true;
	j->s->tripped = j->s->mode < BND_LOCKDOWN;
	j->s->no = true;
}

static void
put_back(struct bnd_job *j)
{
	size_t before = j->s->findings.n;
	struct bnd_radio_result res;
	struct bnd_err why = { 0 };

	if (bnd_radios_return(j->root, &res, &j->s->findings, &why) == -1)
		bnd_note(&j->s->findings, "radio", "%s", why.text);
	j->s->no |= j->s->findings.n > before;
}

void
bnd_job_settle_radios(struct bnd_job *j)
{
	struct bnd_notes passing = { 0 };
	struct bnd_radio_result res;
	struct bnd_err why = { 0 };

	if (j->s->mode < BND_AIRGAP) {
		put_back(j);
		return;
	}
	/* What is not blocked is said when all of it is read back. */
	if (bnd_radios_block(j->root, &res, &passing, &why) == -1)
		bnd_seal_fail(j->s, &why);
	else if (res.was_ours && j->hook)
		tell_of_tampering(j);
}

bool
bnd_job_judge_radios(struct bnd_job *j, struct bnd_notes *notes)
{
	struct bnd_radio_result res = { 0 };
	struct bnd_err why = { 0 };

	j->s->radio = BND_LAYER_UNUSED;
	if (j->s->mode < BND_AIRGAP)
		return true;
	if (bnd_radios_look(j->root, &res, notes, &why) == -1) {
		bnd_note(notes, "radio", "%s", why.text);
		res.open = true;
	}
	if (!res.none)
		j->s->radio = res.open ? BND_LAYER_FAILED : BND_LAYER_USED;
	return !res.open;
}
