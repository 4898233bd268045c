/* succeeds.c: what a successor says of the log before is spelled in one way */
/* SPDX-License-Identifier: ISC */
#include "succeeds.h"

#include "fuzz/fuzz.h"
#include "json-read.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char subject[BND_CHALLENGE_SUBJECT + 1], again[4096];
	struct bnd_str json = fuzz_str(data, size);
	struct bnd_succeeds s;
	struct bnd_json j;

	if (!bnd_json_valid(json) || !bnd_succeeds_from_json(json, &s))
		return 0;
	must(s.mode < BND_LOCKDOWN && s.origins <= BND_APPROVERS_MAX);
	bnd_succeeds_subject(&s, subject);
	bnd_json_begin(&j, again, sizeof(again));
	bnd_succeeds_to_json(&s, &j, NULL);
	must(bnd_json_end(&j));
	must(bnd_str_is(json, again));
	return 0;
}
