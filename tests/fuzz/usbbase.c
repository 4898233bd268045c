/* usbbase.c: a baseline that reads prints as the same bytes */
/* SPDX-License-Identifier: ISC */
#include "usb-baseline.h"

#include "fuzz/fuzz.h"

static void
one_known(const struct bnd_usb_baseline *b, size_t i)
{
	struct bnd_usb_device d = { 0 };
	bool taken;

	memcpy(d.identity, b->known[i].identity, sizeof(d.identity));
	memcpy(d.place, b->known[i].place, sizeof(d.place));
	must(bnd_usb_baseline_find(b, &d, &taken) != NULL && !taken);
	must(bnd_usb_baseline_of(b, d.identity) != NULL);
	d.twins = (unsigned)b->n;
	must(bnd_usb_baseline_find(b, &d, &taken) == NULL && taken);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[BND_USB_BASELINE_MAX + 1];
	SCOPED_USB_BASELINE struct bnd_usb_baseline b = { 0 };
	struct bnd_err err = { 0 };
	size_t len;

	if (bnd_usb_baseline_parse("f", fuzz_str(data, size), &b, &err) != 0) {
		must(b.n == 0 && b.known == NULL && b.text == NULL);
		must(
		    err.kind == BND_E_INPUT && strncmp(err.text, "f:", 2) == 0);
		return 0;
	}
	must(b.n <= BND_USB_BASELINE_LINES);
	must(bnd_usb_baseline_print(&b, text, sizeof(text), &len));
	must(len == size && memcmp(text, data, size) == 0);
	for (size_t i = 0; i < b.n; i++)
		one_known(&b, i);
	return 0;
}
