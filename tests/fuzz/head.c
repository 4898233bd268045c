/* head.c: a slot that is good packs to the same bytes */
/* SPDX-License-Identifier: ISC */
#include "head.h"

#include "fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t bytes[BND_HEAD_LEN];
	uint8_t again[BND_SLOT_LEN];
	struct bnd_head h;

	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, data, size < sizeof(bytes) ? size : sizeof(bytes));
	bnd_head_unpack(bytes, &h);
	must(h.s >= -1 && h.s <= 1 && h.o >= -1 && h.o <= 1);
	for (size_t i = 0; i < 2; i++) {
		if (!h.good[i])
			continue;
		bnd_slot_pack(&h.slot[i], again);
		must(memcmp(again, bytes + i * BND_SLOT_GAP, sizeof(again)) ==
		    0);
	}
	return 0;
}
