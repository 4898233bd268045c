/* relay.c: one spelling for what the helper says, none that means yes by chance */
/* SPDX-License-Identifier: ISC */
#include "relay.h"

#include "fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char again[BND_RELAY_MAX];
	struct bnd_said s;
	size_t len;

	if (!bnd_relay_unpack(fuzz_str(data, size), &s)) {
		must(s.ruling == BND_RULING_TROUBLE);
		return 0;
	}
	must(bnd_relay_pack(&s, again, &len));
	must(len == size && memcmp(again, data, len) == 0);
	must(s.ruling != BND_RULING_OK ||
	    (size == 10 && memcmp(data, "verdict ok", 10) == 0));
	return 0;
}
