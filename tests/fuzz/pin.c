/* pin.c: a pin that is read points into itself */
/* SPDX-License-Identifier: ISC */
#include "pin.h"

#include "fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bnd_pin_anchor a;
	struct bnd_pin pin;
	uint8_t id[BND_ID_LEN];
	bool attr;

	if (bnd_pin_peek(fuzz_str(data, size), id, &attr, NULL) != 0)
		attr = false;
	if (bnd_pin_parse(fuzz_str(data, size), &pin, NULL) != 0)
		return 0;
	for (size_t i = 0; bnd_pin_anchor(&pin, i, &a); i++)
		must(i < BND_PIN_MAX);
	return 0;
}
