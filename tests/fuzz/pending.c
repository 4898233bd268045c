/* pending.c: one spelling for who was asked */
/* SPDX-License-Identifier: ISC */
#include "pending.h"

#include "fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bnd_pending p;
	char again[BND_PENDING_MAX];
	size_t len = 0;

	if (bnd_pending_unpack(fuzz_str(data, size), &p, NULL) != 0)
		return 0;
	must(p.n <= BND_APPROVERS_MAX);
	must(bnd_pending_pack(&p, again, &len, NULL) == 0);
	must(len == size && memcmp(again, data, len) == 0);
	return 0;
}
