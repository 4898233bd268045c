/* seal-reach.c: what can pass the seal by, and what waits for its link */
/* SPDX-License-Identifier: ISC */
#include "seal-reach.h"

#include <stdlib.h>

#include "behind.h"
#include "bypass-judge.h"
#include "bypass.h"
#include "offload.h"
#include "flowtable.h"
#include "scope.h"
#include "uncovered.h"

static bool
judge_flowtables(struct bnd_job *j)
{
	struct bnd_flowtables *f = calloc(1, sizeof *f);
	struct bnd_err why = { 0 };
	bool good = false;

	if (f == NULL || bnd_flowtables_read(&j->nf, f, &why) == -1)
		bnd_note(&j->s->findings, "bypass",
		    "flowtables cannot be listed: %s",
		    f != NULL ? why.text : "out of memory");
	else
		good = bnd_flowtables_judge(
		    f, j->s->mode, &j->s->findings, &j->s->uncovered);
	free(f);
	return good;
}

/* Links that are down, or whose every frame is dropped, have nothing to rewrite. */
static bool
judge_behind(struct bnd_job *j)
{
	struct bnd_behind b = { 0 };
	struct bnd_err why = { 0 };

	if (j->s->mode != BND_TRUSTED)
		return true;
	if (bnd_behind_read(&j->nf, &b, &why) == -1)
		bnd_note(&j->s->findings, "bypass",
		    "chains of egress cannot be listed: %s", why.text);
	else if (b.n > 0)
		bnd_note(&j->s->findings, "bypass",
		    "egress chain %s, and %u more, may come after the seal",
		    b.name, b.n - 1);
	else
		return true;
	return false;
}

bool
bnd_job_judge_bypasses(struct bnd_job *j)
{
	SCOPED_FREE struct bnd_bypasses *b = calloc(1, sizeof *b);
	struct bnd_err why = { 0 };
	bool good = false;

	if (j->s->mode == BND_OPEN)
		return true;
	if (b != NULL && bnd_bypass_read(&j->rt, &j->s->links, b, &why) == 0)
		good = bnd_bypass_judge(b, j->s->mode, &j->list->list,
		    &j->s->links, &j->s->findings, &j->s->uncovered);
	else
		bnd_note(&j->s->findings, "bypass", "cannot be listed: %s",
		    b != NULL ? why.text : "out of memory");
	good &= judge_flowtables(j);
	good &= judge_behind(j);
	return good || j->s->mode != BND_TRUSTED;
}

void
bnd_job_list_uncovered(struct bnd_job *j)
{
	struct bnd_seal *s = j->s;

	if (s->mode < BND_TRUSTED)
		return;
	if (s->legacy == BND_LAYER_ABSENT &&
	    s->family[BND_INET] == BND_LAYER_USED)
		bnd_note(&s->uncovered, "legacy",
		    "no legacy tables for both families: the rules stand in nf_tables alone");
	if (s->legacy == BND_LAYER_USED &&
	    s->family[BND_INET] == BND_LAYER_ABSENT)
		bnd_note(&s->uncovered, "nf_tables",
		    "none here: the rules stand in the legacy tables alone");
	bnd_uncovered_list(j->root, &s->findings, &s->uncovered);
	bnd_offload_list(&j->rt, &s->links, &s->uncovered);
}

void
bnd_job_list_waiting(struct bnd_job *j)
{
	struct bnd_rules_in in = bnd_job_rules(j);
	size_t i;

	for (i = 0; bnd_job_has_list(j->s->mode) && i < j->list->list.lines;
	     i++) {
		const struct bnd_line *line = &j->list->list.line[i];
		const struct bnd_linkname *link;
		const char *why = bnd_rules_why_waiting(&in, line, &link);

		if (why != NULL)
			bnd_note(&j->s->waiting, "waiting",
			    "line %u for %s%s%s: %s", line->number, link->name,
			    link->kind[0] != '\0' ? "/" : "", link->kind, why);
	}
}
