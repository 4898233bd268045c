/* approver.c: one spelling for each enrolment */
/* SPDX-License-Identifier: ISC */
#include "approver.h"

#include "fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char again[BND_ENROLL_MAX + 1];
	uint8_t log_id[BND_ID_LEN];
	struct bnd_approver a;
	size_t len = 0;

	if (bnd_approver_from_json(fuzz_str(data, size), &a, NULL) == 0)
		must(a.name[0] != 0);
	if (bnd_approver_from_text(fuzz_str(data, size), &a, log_id, NULL) != 0)
		return 0;
	must(bnd_approver_text(&a, log_id, again, &len, NULL) == 0);
	must(len == size && memcmp(again, data, len) == 0);
	return 0;
}
