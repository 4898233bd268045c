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
