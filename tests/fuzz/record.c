/* record.c: what a line says lies inside it */
/* SPDX-License-Identifier: ISC */
#include "record.h"

#include "fuzz/fuzz.h"
#include "json-read.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bnd_str line = fuzz_str(data, size), body;
	struct bnd_record r;
	uint8_t link[BND_HASH_LEN];
	char out[BND_BODY_MAX + 1];
	size_t len = 0;

	if (bnd_record_parse(line, &r, NULL) != 0)
		return 0;
	must(r.m_len <= size && r.link_len <= size);
	bnd_record_link(line, &r, link);
	(void)bnd_record_signed_by(line, &r, r.nk);
	(void)bnd_record_body_is_whole(&r);
	if (r.redacted)
		return 0;
	must(r.body.p >= line.p && r.body.p + r.body.len <= line.p + size);
	must(bnd_json_valid(r.body));
	if (bnd_body_fit(r.body, 512, 3, out, &len, NULL) != 0)
		return 0;
	body = (struct bnd_str){ out, len };
	must(len <= 512 && bnd_json_valid(body));
	return 0;
}
