/* radio.c: what is kept of radios reads back; any event leaves a whole list */
/* SPDX-License-Identifier: ISC */
#include "radio.h"

#include <string.h>

#include "fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bnd_radios r, again;
	static char text[BND_RADIO_MAX * 64];
	size_t len = 0;

	r = (struct bnd_radios){ 0 };
	for (size_t at = 0; at + 8 <= size; at += 8)
		must(bnd_radio_event(&r, data + at, 8));
	must(r.n <= BND_RADIO_MAX);
	for (size_t i = 0; i < r.n; i++)
		must(bnd_radio_find(&r, r.v[i].index) == &r.v[i]);
	if (!bnd_radios_parse(fuzz_str(data, size), &r))
		return 0;
	must(bnd_radios_print(&r, text, sizeof(text), &len));
	must(bnd_radios_parse((struct bnd_str){ text, len }, &again));
	must(again.n == r.n);
	for (size_t i = 0; i < r.n; i++)
		must(strcmp(again.v[i].name, r.v[i].name) == 0 &&
		    again.v[i].soft == r.v[i].soft);
	return 0;
}
