/* probe.c: any frame is of one kind, and of none that only the host sees */
/* SPDX-License-Identifier: ISC */
#include "probe-frame.h"

#include "fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t random[BND_PROBE_RANDOM] = "bnd";
	struct bnd_probe_plan plan;
	enum bnd_probe_kind k;

	bnd_probe_plan(random, &plan);
	k = bnd_probe_classify(&plan, data, size);
	must(k > BND_PROBE_NONE && k <= BND_PROBE_OTHER);
	must(bnd_probe_marked(&plan, data, size) < BND_PROBE_KINDS);
	return 0;
}
