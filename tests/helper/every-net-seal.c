/* every-net-seal.c: the shipped net-seal with a libnftnl that writes prefixes */
/* SPDX-License-Identifier: ISC */
#include "../../cmd/net-seal.c"

#include "nft-rule.h"

/* tests/links.mk has this called in place of the real one. */
bool __wrap_bnd_nft_writes_every(void);

bool
__wrap_bnd_nft_writes_every(void)
{
	return true;
}
