/* policy.c: bad configuration is the strictest there is */
/* SPDX-License-Identifier: ISC */
#include "policy.h"

#include "fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bnd_policy p;
	struct bnd_err err = { 0 };

	if (bnd_policy_parse("fuzz", fuzz_str(data, size), &p, &err) == 0) {
		must(p.usb_hub_depth <= 5);
		return 0;
	}
	must(!p.usb_filter && p.usb_keep == BND_USB_KEEP_AUTO);
	must(p.floor == BND_LOCKDOWN && p.require_audit);
	must(strncmp(err.text, "fuzz", 4) == 0);
	return 0;
}
