/* challenge.c: one spelling for each challenge */
/* SPDX-License-Identifier: ISC */
#include "challenge.h"

#include "fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char again[BND_CHALLENGE_MAX + 1], phrase[BND_CHALLENGE_PHRASE];
	struct bnd_str text = fuzz_str(data, size);
	struct bnd_challenge c;
	size_t len = 0;

	if (bnd_challenge_unpack(text, &c, NULL) != 0)
		return 0;
	must(bnd_challenge_pack(&c, again, &len, NULL) == 0);
	must(len == size && memcmp(again, data, len) == 0);
	bnd_challenge_phrase(&c, text, phrase);
	must(strlen(phrase) < sizeof(phrase));
	return 0;
}
