/* typed.c: whether a mode that admits no token or stick can be left by typing */
/* SPDX-License-Identifier: ISC */
#include "typed.h"

#include <stdio.h>
#include <stdlib.h>

#include "policy.h"
#include "scope.h"
#include "tier.h"
#include "verify.h"

static unsigned
persons_who_type(const struct bnd_ledger *l)
{
	unsigned mask = 0;

	for (unsigned i = 0; i < l->approvers; i++) {
		if (l->approver[i].pub.kind == BND_KEY_PASSPHRASE)
			mask |= 1U << i;
	}
	return bnd_approver_persons(l->approver, l->approvers, mask);
}

/* An unusable bnd.conf is told by others; the floor stands in any case. */
static struct bnd_tier
tier_of(
    const struct bnd_root *root, const struct bnd_ledger *l, enum bnd_mode m)
{
	struct bnd_tier tier =
	    bnd_challenge_tier(BND_ACTION_LOOSEN, m, bnd_ledger_persons(l));
	struct bnd_policy policy;

	if (bnd_policy_load(root, &policy, NULL) == 0)
		tier = bnd_tier_raised(tier, &policy, BND_ACTION_LOOSEN, m);
	return tier;
}

bool
bnd_typed_is_short(const struct bnd_root *root, enum bnd_mode m,
    char say[static BND_TYPED_MAX])
{
	const struct bnd_verify job = { .root = root, .structure_only = true };
	SCOPED_FREE struct bnd_verdict *v = calloc(1, sizeof(*v));
	struct bnd_tier tier;
	unsigned have;

	if (m < BND_COLDROOM || v == NULL || bnd_verify(&job, v, NULL) != 0 ||
	    !v->ledger.begun)
		return false;
	tier = tier_of(root, &v->ledger, m);
	have = persons_who_type(&v->ledger);
	/* Passphrases are no way out where bnd.conf takes none. */
	if (tier.offline || have >= tier.need)
		return false;
	(void)snprintf(say, BND_TYPED_MAX,
	    "%s admits no token and no stick: of the %u who must approve to "
	    "leave it %u can by passphrase; the others type a signature made "
	    "elsewhere",
	    bnd_mode_name(m), tier.need, have);
	return true;
}
