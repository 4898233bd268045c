/* state.c: a state that is read is the state that was written */
/* SPDX-License-Identifier: ISC */
#include "state.h"

#include "fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bnd_str text = fuzz_str(data, size);
	struct bnd_state s;
	char again[BND_STATE_MAX];
	size_t len = 0;

	if (bnd_state_unpack(text, &s, NULL) != 0)
		return 0;
	must(s.effective >= s.mode || s.phase != BND_STABLE);
	must(bnd_state_pack(&s, again, &len, NULL) == 0);
	must(len == size && memcmp(again, data, len) == 0);
	return 0;
}
