/* lease.c: one spelling of a lease, and nothing absolute is made up */
/* SPDX-License-Identifier: ISC */
#include "box-lease-text.h"

#include "fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bnd_lease_text t;
	static char again[BND_LEASE_MAX];
	char path[BND_LEASE_PATHS][BND_BOX_PATH];
	size_t n = bnd_lease_salvage(fuzz_str(data, size), path), len = 0;

	must(n <= BND_LEASE_PATHS);
	for (size_t i = 0; i < n; i++)
		must(path[i][0] == '/' && strlen(path[i]) < BND_BOX_PATH);
	if (bnd_lease_unpack(fuzz_str(data, size), &t, NULL) != 0)
		return 0;
	must(t.cgroups <= BND_LEASE_PATHS);
	must(bnd_lease_pack(&t, again, sizeof(again), &len, NULL) == 0);
	must(len == size && memcmp(again, data, len) == 0);
	return 0;
}
