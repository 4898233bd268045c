/* try.c: the file of a try is read as it was written, or not at all */
/* SPDX-License-Identifier: ISC */
#include "try.h"

#include "fuzz/fuzz.h"

#define HEAD_LEN    (sizeof("bnd-try/1 ") - 1 + 2 * BND_HASH_LEN + 1)
#define SIZE_MAX_IN 8192

/* What is accepted is written again to the same bytes, and is never for long. */
static void
check(struct bnd_str text)
{
	static char again[BND_TRY_HEAD + SIZE_MAX_IN];
	struct bnd_state s = { .phase = BND_STABLE };
	struct bnd_now now = { .boot_us = 1000000 };
	struct bnd_str list = { NULL, 0 };
	struct bnd_err err = { 0 };
	struct bnd_try t;
	size_t len = 0;

	if (bnd_try_unpack(text, &t, &list, &err) != 0)
		return;
	must(list.p >= text.p && list.p + list.len == text.p + text.len);
	must(bnd_try_pack(&t, list, again, &len, &err) == 0);
	must(len == text.len && memcmp(again, text.p, len) == 0);
	s.gen = t.gen;
	s.mode = s.effective = t.mode;
	memcpy(now.boot, t.boot, sizeof(now.boot));
	must(!bnd_try_is_live(&t, &s, &now) ||
	    (t.until_us > now.boot_us &&
		t.until_us - now.boot_us <= BND_TRY_MAX_S * UINT64_C(1000000)));
}

/* As it is, and with the digest that no fuzzer finds. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char buf[HEAD_LEN + SIZE_MAX_IN];
	uint8_t digest[BND_HASH_LEN];
	char hex[2 * BND_HASH_LEN + 1];

	if (size > SIZE_MAX_IN)
		return 0;
	check(fuzz_str(data, size));
	bnd_hash("bnd-net-try-v1", NULL, 0, data, size, digest);
	bnd_text_to_hex(digest, sizeof(digest), hex);
	(void)snprintf(buf, HEAD_LEN, "bnd-try/1 %s", hex);
	buf[HEAD_LEN - 1] = '\n';
	memcpy(buf + HEAD_LEN, data, size);
	check((struct bnd_str){ buf, HEAD_LEN + size });
	return 0;
}
