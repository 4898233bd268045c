/* ledger.c: what the chain says so far */
/* SPDX-License-Identifier: ISC */
#include "ledger.h"

#include <string.h>

void
bnd_ledger_start(struct bnd_ledger *l)
{
	memset(l, 0, sizeof(*l));
}

unsigned
bnd_ledger_persons(const struct bnd_ledger *l)
{
	return bnd_approver_persons(l->approver, l->approvers, ~0U);
}

int
bnd_ledger_find(
    const struct bnd_ledger *l, const uint8_t id[static BND_APPROVER_ID_LEN])
{
	for (unsigned i = 0; i < l->approvers; i++)
		if (memcmp(l->approver[i].id, id, BND_APPROVER_ID_LEN) == 0)
			return (int)i;
	return -1;
}

void
bnd_ledger_add(struct bnd_ledger *l, const struct bnd_approver *a, uint64_t seq,
    int64_t real_us)
{
	if (l->approvers == BND_APPROVERS_MAX || l->keys == BND_KEYS_MAX)
		return;
	memcpy(l->known[l->keys++], a->id, sizeof(a->id));
	l->approver[l->approvers] = *a;
	l->use[l->approvers++] = (struct bnd_key_use){
		.counter = a->pop.counter,
		.enrolled = seq,
		.worked = seq,
		.enrolled_us = real_us,
		.worked_us = real_us,
	};
}

void
bnd_ledger_drop(struct bnd_ledger *l, unsigned i)
{
	unsigned behind = l->approvers - i - 1;

	memmove(&l->approver[i], &l->approver[i + 1],
	    behind * sizeof(l->approver[0]));
	memmove(&l->use[i], &l->use[i + 1], behind * sizeof(l->use[0]));
	l->approvers--;
}

void
bnd_signer_of(const struct bnd_approver *a, struct bnd_signer *s)
{
	memcpy(s->name, a->name, sizeof(s->name));
	memcpy(s->person, a->person, sizeof(s->person));
	s->kind = a->pub.kind;
}

bool
bnd_bound_is_over(const struct bnd_bound *b, const char *boot, uint64_t boot_us)
{
	return b->until_us != 0 &&
	    (strcmp(b->boot, boot) != 0 || boot_us >= b->until_us);
}
