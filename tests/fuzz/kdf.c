/* kdf.c: parameters that are read are those that were written, and no cheaper */
/* SPDX-License-Identifier: ISC */
#include "kdf.h"

#include "fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bnd_str text = fuzz_str(data, size);
	char again[BND_KDF_MAX];
	struct bnd_kdf k;
	size_t len = 0;

	if (bnd_kdf_unpack(text, &k, NULL) != 0)
		return 0;
	must(k.ops >= BND_STRETCH_OPS_MIN && k.ops <= BND_STRETCH_OPS_MAX);
	must(k.mem >= BND_STRETCH_MEM_MIN && k.mem <= BND_STRETCH_MEM_MAX);
	must(bnd_kdf_pack(&k, again, &len, NULL) == 0);
	must(len == size && memcmp(again, data, len) == 0);
	return 0;
}
