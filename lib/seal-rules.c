/* seal-rules.c: the rules of a run: committed, and read back */
/* SPDX-License-Identifier: ISC */
#include "seal-rules.h"

#include <errno.h>
#include <string.h>

#include "flow.h"
#include "nft-compare.h"
#include "nft.h"
#include "ruletext.h"
#include "seal-legacy.h"
#include "seal-tried.h"

#define ROUNDS_MAX 5

/* nfnetlink without nf_tables behind it does not know the question. */
static bool
lacks_nft(struct bnd_job *j, const struct bnd_err *err)
{
	if (j->nf.fd != -1 && err->errnum == EINVAL)
		j->no_nft = true;
	return j->no_nft;
}

static int
without_nft(struct bnd_job *j, struct bnd_err *err)
{
	for (enum bnd_family f = BND_INET; f < BND_FAMILIES; f++)
		j->lacks.family[f] = true;
	j->lacks.egress = true;
	bnd_job_consult(j);
	return bnd_links_read(&j->rt, &j->s->links, err);
}

/* One round: generation, state, links, batch.  errnum ERESTART: once more. */
static int
commit_round(struct bnd_job *j, bool forced, struct bnd_err *err)
{
	struct bnd_err why = { 0 };
	struct bnd_rules_in in;
	uint32_t gen = 0;

	if (bnd_nft_generation(&j->nf, &gen, err) == -1)
		return -1;
	bnd_job_consult(j);
	bnd_job_refresh_try(j);
	/* Without its links a seal still stops IP, ARP and bridges. */
	if (bnd_links_read(&j->rt, &j->s->links, &why) == -1 &&
	    (j->loosening || bnd_job_has_list(j->s->mode))) {
		*err = why;
		return -1;
	}
	in = bnd_job_rules(j);
	if (!j->primed && !j->loosening && !j->hook)
		bnd_flow_prime(&in, &j->nf);
	j->primed = true;
	return bnd_nft_commit(
	    &j->nf, &in, forced ? NULL : &gen, &j->lacks, err);
}

int
bnd_job_commit(struct bnd_job *j, struct bnd_err *err)
{
	unsigned i;

	for (i = 0; i < ROUNDS_MAX; i++) {
		if (j->no_nft)
			return without_nft(j, err);
		j->s->rounds++;
		if (commit_round(j, false, err) == 0)
			return 0;
		if (lacks_nft(j, err))
			continue;
		/* ENOENT: a link went away or was renamed under us. */
		if (err->errnum != ERESTART && err->errnum != ENOENT)
			return -1;
	}
	if (j->loosening || j->hook || j->tried)
		return -1;
	j->s->forced = true;
	return commit_round(j, true, err);
}

struct wants {
	bool family[BND_FAMILIES];
	bool egress;
};

static int
want_chain(void *ctx, const struct bnd_chain *c, struct bnd_err *err)
{
	struct wants *w = ctx;

	(void)err;
	w->family[c->family] = true;
	w->egress |= c->hook == BND_EGRESS;
	return 0;
}

static int
want_rule(void *ctx, const struct bnd_chain *c, const struct bnd_rule *r,
    struct bnd_err *err)
{
	(void)ctx;
	(void)c;
	(void)r;
	(void)err;
	return 0;
}

static enum bnd_layer
layer(bool wanted, bool lacking, bool differs)
{
	if (differs)
		return BND_LAYER_FAILED;
	if (!wanted)
		return BND_LAYER_UNUSED;
	return lacking ? BND_LAYER_ABSENT : BND_LAYER_USED;
}

/* What the mode cannot do without (net-seal(8), LAYERS). */
static bool
needed(const struct bnd_seal *s, enum bnd_family f)
{
	size_t i;

	/* One packet engine for both IP families; TRUSTED needs the newer. */
	if (f == BND_INET)
		return s->mode == BND_TRUSTED ||
		    (s->mode > BND_OPEN && s->legacy != BND_LAYER_USED);
	if (s->mode == BND_TRUSTED && f != BND_BRIDGE)
		return true;
	if (f != BND_BRIDGE || !bnd_job_has_list(s->mode))
		return false;
	for (i = 0; i < s->links.n; i++)
		if (strcmp(s->links.id[i].kind, "bridge") == 0)
			return true;
	return false;
}

void
bnd_seal_name_lacks(const struct bnd_seal *s, struct bnd_notes *notes)
{
	enum bnd_family f;

	for (f = BND_INET; f < BND_FAMILIES; f++)
		if (s->family[f] == BND_LAYER_ABSENT && needed(s, f))
			bnd_note(notes, "lacks", "nf_tables family %s%s",
			    bnd_family_name(f),
			    f == BND_INET && s->mode != BND_TRUSTED
				? ", or xtables of IPv4 and IPv6"
				: "");
	if (s->egress == BND_LAYER_ABSENT && s->mode == BND_TRUSTED)
		bnd_note(notes, "lacks", "netdev egress");
}

bool
bnd_seal_layers_hold(const struct bnd_seal *s)
{
	enum bnd_family f;

	for (f = BND_INET; f < BND_FAMILIES; f++)
		if (s->family[f] == BND_LAYER_FAILED ||
		    (s->family[f] == BND_LAYER_ABSENT && needed(s, f)))
			return false;
	return s->legacy != BND_LAYER_FAILED &&
	    (s->egress != BND_LAYER_ABSENT || s->mode != BND_TRUSTED);
}

/* Compare the kernel's rules with those of the links as they are now. */
static int
compare_nft(struct bnd_job *j, struct bnd_notes *notes, struct bnd_err *err)
{
	bool differs[BND_FAMILIES] = { false };
	struct wants w = { 0 };
	const struct bnd_rules_sink sink = { want_chain, want_rule, &w };
	struct bnd_rules_in in;
	enum bnd_family f;
	int r = 0;

	if (bnd_links_read(&j->rt, &j->s->links, err) == -1)
		return -1;
	in = bnd_job_rules(j);
	if (bnd_rules_render(&in, &sink, err) == -1)
		return -1;
	if (!j->no_nft)
		r = bnd_nft_compare(
		    &j->nf, &in, &j->lacks, differs, notes, err);
	if (r == -1 && lacks_nft(j, err))
		r = 0;
	for (f = BND_INET; f < BND_FAMILIES; f++)
		j->s->family[f] =
		    layer(w.family[f], j->no_nft || j->lacks.family[f],
			r == -1 ? w.family[f] : differs[f]);
	j->s->egress = layer(w.egress,
	    j->no_nft || j->lacks.egress || j->lacks.family[BND_NETDEV],
	    r == 0 && differs[BND_NETDEV]);
	return r;
}

static bool
nft_differs(const struct bnd_seal *s)
{
	enum bnd_family f;

	for (f = BND_INET; f < BND_FAMILIES; f++)
		if (s->family[f] == BND_LAYER_FAILED)
			return true;
	return false;
}

static bool
lacks_anything(const struct bnd_nft_lacks *l)
{
	enum bnd_family f;

	for (f = BND_INET; f < BND_FAMILIES; f++)
		if (l->family[f])
			return true;
	return l->egress || l->every;
}

/*
 * What is not there may be what this kernel does not have: whoever has not
 * committed anything must ask before it calls that a difference.
 */
static int
look_at_nft(struct bnd_job *j, struct bnd_notes *notes, struct bnd_err *err)
{
	size_t before = notes->n, lost = notes->lost;
	struct bnd_err none = { 0 };

	if (compare_nft(j, notes, err) == -1)
		return -1;
	if (!nft_differs(j->s) || j->probed)
		return 0;
	j->probed = true;
	if (bnd_nft_probe(&j->nf, j->every, &j->lacks, &none) == -1 ||
	    !lacks_anything(&j->lacks))
		return 0;
	notes->n = before;
	notes->lost = lost;
	return compare_nft(j, notes, err);
}

int
bnd_job_rules_hold(
    struct bnd_job *j, struct bnd_notes *notes, bool *hold, struct bnd_err *err)
{
	int r = look_at_nft(j, notes, err);
	bool same = bnd_job_legacy_look(j, notes, err);

	*hold = r == 0 && same && bnd_seal_layers_hold(j->s);
	if (*hold || r == -1 || !same || nft_differs(j->s))
		return r;
	/* What the kernel does not have no repair will bring. */
	bnd_seal_name_lacks(j->s, notes);
	if (err->kind != BND_E_NONE)
		return -1;
	return bnd_fail(err, BND_E_ENFORCER, "this kernel cannot do %s",
	    bnd_mode_name(j->s->mode));
}
