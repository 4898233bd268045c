/* seal-netns.c: the other network namespaces' part in a run of the seal */
/* SPDX-License-Identifier: ISC */
#include "seal-netns.h"

#include <stdlib.h>
#include <sys/wait.h>

#include "netns-keep.h"
#include "netns.h"
#include "scope.h"

/*
 * What did not come back there is said even if the rest is good.  What is kept
 * from sending is said by a check too, which has nothing against it.
 */
static void
tell(struct bnd_seal *s, const struct bnd_netns_sum *sum, bool fix,
    const struct bnd_notes *said, struct bnd_notes *notes)
{
	struct bnd_notes *to = sum->good ? &s->findings : notes;

	for (size_t i = 0; i < said->n; i++)
		bnd_note(to, "namespace", "%s", said->note[i].text);
	to->lost += said->lost;
	s->no |= fix && sum->good && said->n > 0;
}

static bool
sweep(struct bnd_job *j, bool fix, struct bnd_notes *notes)
{
	SCOPED_FREE struct bnd_notes *said = calloc(1, sizeof *said);
	struct bnd_netns_sum sum = { 0 };
	struct bnd_seal *s = j->s;
	struct bnd_err why = { 0 };

	s->namespaces = BND_LAYER_UNUSED;
	if (s->mode < BND_TRUSTED && !bnd_netns_any_kept(j->root))
		/* cppcheck-suppress memleak ; it is SCOPED_FREE */
		return true;
	if (said == NULL)
		return false;
	if (bnd_netns_sweep(j, fix, &sum, said, &why) == -1)
		bnd_note(said, "namespace", "%s", why.text);
	tell(s, &sum, fix, said, notes);
	if (s->sweeper > 0)
		(void)waitpid(s->sweeper, NULL, 0);
	s->sweeper = sum.sweeper;
	s->abroad_seen = sum.seen;
	s->abroad = s->mode < BND_TRUSTED && fix ? 0 : sum.held;
	s->downed += sum.downed;
	s->raised += sum.raised;
	if (!sum.good)
		s->namespaces = BND_LAYER_FAILED;
	else if (s->mode >= BND_TRUSTED)
		s->namespaces = BND_LAYER_USED;
	/* A repair, as opposed to a change of mode, has mended something. */
	if (fix && sum.changed > 0 && j->order->txn == NULL &&
	    s->mode >= BND_TRUSTED) {
		s->drifted = true;
		bnd_note(&s->findings, "namespace", "%u were not sealed",
		    sum.changed);
	}
	return sum.good;
}

bool
bnd_job_settle_namespaces(struct bnd_job *j, struct bnd_notes *notes)
{
	return sweep(j, true, notes);
}

bool
bnd_job_judge_namespaces(struct bnd_job *j, struct bnd_notes *notes)
{
	return sweep(j, false, notes);
}
