/* json.c: what is valid can be walked, and no more */
/* SPDX-License-Identifier: ISC */
#include "json-read.h"

#include "fuzz/fuzz.h"

static void
walk(struct bnd_str value, unsigned depth)
{
	struct bnd_str key, val;

	must(depth < 16);
	for (size_t i = 0; bnd_json_at(value, i, &key, &val); i++) {
		must(
		    val.p >= value.p && val.p + val.len <= value.p + value.len);
		must(val.len < value.len);
		walk(val, depth + 1);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bnd_str json = fuzz_str(data, size), val;
	char text[64];
	uint8_t bin[16];
	uint64_t n;
	bool b;

	if (!bnd_json_valid(json))
		return 0;
	if (size > 0 && (data[0] == '{' || data[0] == '['))
		walk(json, 0);
	if (size == 0 || data[0] != '{' || !bnd_json_get(json, "a", &val))
		return 0;
	(void)bnd_json_get_str(json, "a", text, sizeof(text));
	(void)bnd_json_get_u64(json, "a", &n);
	(void)bnd_json_get_bool(json, "a", &b);
	(void)bnd_json_get_b64(json, "a", bin, sizeof(bin));
	return 0;
}
